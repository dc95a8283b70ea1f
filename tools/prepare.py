"""Make `.venv` ready to run or to develop, from the lock files and nothing else.

Stands on Python alone, because it runs before anything is installed. The second time it compares one hash and is done.
"""

import fcntl
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ("run",), "dev": ("run", "dev")}


def main(wanted: str) -> int:
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two targets at once: the second finds it done
        if not is_ready(wanted):
            prepare(wanted)
    return 0


def is_ready(wanted: str) -> bool:
    """Whoever may develop may also run."""
    return any(
        stamp(level).is_file() and stamp(level).read_text() == state(level)
        for level in ("run", "dev")
        if level in {wanted, "dev"}
    )


def stamp(level: str) -> Path:
    return VENV / f".ready-{level}"


def state(level: str) -> str:
    """All that the environment was made from; the place too, since scripts in it hold their path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = [
        str(ROOT),
        repr(project["project"]),
        repr(project["build-system"]),
        (VENV / "pyvenv.cfg").read_text(),
        Path(__file__).read_text(),
        *((ROOT / "requirements" / f"{name}.txt").read_text() for name in ("build", *LOCKS[level])),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def prepare(wanted: str) -> None:
    say(f"Preparing .venv with Python {sys.version.split()[0]} (a minute or two the first time)")
    if not fits():
        make_environment()
    say("  1/3 the installer")
    install_installer()
    say("  2/3 what the lock files name")
    install(*(word for name in LOCKS[wanted] for word in ("-r", f"requirements/{name}.txt")), "--require-hashes")
    say("  3/3 dianabot itself")
    install("--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(wanted).write_text(state(wanted))
    say("Prepared.")


def fits() -> bool:
    """Whether the environment that is there was made in this place, for this Python, and still runs."""
    activate = VENV / "bin" / "activate"
    if not PYTHON.exists() or not activate.is_file() or str(VENV) not in activate.read_text():
        return False
    ours = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return succeeds(PYTHON, "-S", "-c", ours, quiet=True)


def make_environment() -> None:
    try:
        importlib.import_module("venv")
        importlib.import_module("ensurepip")  # Debian ships the one without the other
    except ImportError:
        stop("Python's venv module is missing: install the package python3-venv, then run the same command again.")
    base = getattr(sys, "_base_executable", sys.executable)  # ours may be the one that is replaced
    shutil.rmtree(VENV, ignore_errors=True)
    if not succeeds(base, "-m", "venv", VENV):
        stop("The environment .venv could not be made here (see above).")


def install_installer() -> None:
    """`uv` from the PATH, or by pip: either way the version that the lock file names ends up in `.venv`."""
    wanted = ("--require-hashes", "-r", "requirements/build.txt")
    uv = shutil.which("uv")
    if uv and succeeds(uv, "pip", "install", "--quiet", "--python", PYTHON, *wanted):
        return
    if not succeeds(PYTHON, "-m", "pip", "--version", quiet=True) and not succeeds(PYTHON, "-m", "ensurepip"):
        stop("There is no pip in .venv: run `make clean`, then the same command again.")
    pip(*wanted)


def install(*words: str) -> None:
    """By uv; where it cannot (an index known to pip alone, a home that cannot be written), by pip.

    Both compile what they install: where Python may not write, every start would do so again, which takes a second.
    """
    how = ("--compile-bytecode",) if sys.stderr.isatty() else ("--compile-bytecode", "--quiet")
    if not succeeds(VENV / "bin" / "uv", "pip", "install", *how, "--python", PYTHON, *words):
        say("  uv could not; trying with pip")
        pip(*words)


def pip(*words: str) -> None:
    if not succeeds(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words):
        stop(
            "Installing failed (see above). Is the package index reachable? "
            "If a package has no file for this Python yet, name an older one: make demo PYTHON=python3.11"
        )


def succeeds(*command: str | Path, quiet: bool = False) -> bool:
    return subprocess.run(command, cwd=ROOT, capture_output=quiet, check=False).returncode == 0


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    say(sentence)
    sys.exit(3)


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        stop("Interrupted; the same command goes on where it stopped.")
