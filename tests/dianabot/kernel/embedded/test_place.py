"""Where the data lies, who may reach it, and what is said when it cannot be used."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from dianabot.kernel.embedded import default_data, servers
from dianabot.kernel.embedded.place import FIRST_START_NEEDS, NEXT_START_NEEDS, disk_full, prepare
from dianabot.kernel.embedded.user import server_user
from dianabot.kernel.errors import OperatorError

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can step down to somebody else")


def test_a_full_disk_is_told_before_anything_is_written(data: Path) -> None:
    with pytest.raises(OperatorError, match=rf"The disk with {data} is full \(199 MB are free, 200 MB are needed"):
        prepare(data, free=lambda _: FIRST_START_NEEDS - 1)
    assert list(data.iterdir()) == []


def test_data_that_exists_needs_little_room_to_start(data: Path) -> None:
    (data / "postgres").mkdir()
    (data / "postgres" / "PG_VERSION").touch()
    assert prepare(data, free=lambda _: NEXT_START_NEEDS).data == data
    with pytest.raises(OperatorError, match="31 MB are free, 32 MB are needed") as told:
        prepare(data, free=lambda _: NEXT_START_NEEDS - 1)
    assert told.value.exit_code == 3


def test_the_sockets_lie_in_the_data_directory(data: Path) -> None:
    assert prepare(data).sockets == data / "sockets"


def test_a_path_that_is_too_long_for_sockets_gets_a_short_private_folder(
    room: Path, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(room))
    place = prepare(long)
    assert place.sockets.parent in {room, Path("/tmp")}
    assert len(os.fsencode(place.postgres_socket)) < 104
    assert place.sockets.stat().st_mode & 0o777 == 0o700
    assert place.sockets.stat().st_uid == place.run_as.uid
    assert prepare(long).sockets == place.sockets, "the next start must find what outlived this one"
    place.sockets.rmdir()


@pytest.mark.parametrize("taken", ["link", "open"])
def test_a_short_folder_that_somebody_else_prepared_is_not_used(
    room: Path, long: Path, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    place = prepare(long)
    folder = place.sockets
    folder.rmdir()
    if taken == "link":
        folder.symlink_to(room)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    os.chown(folder, place.run_as.uid, -1, follow_symlinks=False)
    with pytest.raises(OperatorError, match=r"too long for a socket \(.* has \d+ bytes.*shorter path"):
        prepare(long)
    folder.unlink() if taken == "link" else folder.rmdir()


@pytest.mark.drill
@pytest.mark.slow
async def test_the_servers_answer_on_a_path_that_is_too_long_for_sockets(long: Path) -> None:
    async with servers(long) as mine:
        assert mine.owner
        assert mine.valkey_url
        assert str(long) not in mine.valkey_url
        folder = Path(mine.valkey_url.removeprefix("unix://")).parent
    assert not _exists(folder), "nothing is left behind outside the data directory"


def test_a_file_in_the_place_of_the_folder_is_told(room: Path) -> None:
    (room / "file").touch()
    for data in (room / "file", room / "file" / "below"):
        with pytest.raises(OperatorError, match=r"file is a file, and the data needs a folder"):
            prepare(data)


def test_a_folder_that_may_not_be_written_is_told(room: Path, as_nobody: Callable[[Callable[[], object]], str]) -> None:
    data = room / "data"
    data.mkdir(mode=0o555)
    assert "cannot be written (permission denied)" in as_nobody(lambda: prepare(data))


def test_a_database_of_another_user_is_told(data: Path, as_nobody: Callable[[Callable[[], object]], str]) -> None:
    (data / "postgres").mkdir(mode=0o700)
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of somebody else")
    assert "belongs to the user with id 0, and you are nobody" in as_nobody(lambda: prepare(data))


@only_root
def test_as_root_the_servers_are_the_owner_of_the_data(data: Path) -> None:
    run_as = server_user(data)
    assert (run_as.name, run_as.steps_down) == ("nobody", True)
    place = prepare(data)
    assert place.valkey.stat().st_uid == pwd.getpwnam("nobody").pw_uid


@only_root
def test_as_root_a_folder_that_is_closed_to_that_user_is_refused_and_left_as_it_was(closed: Path) -> None:
    (closed / "data").mkdir()
    with pytest.raises(OperatorError, match=rf"to whom {closed} is closed: set DIANABOT_DATA.*\(chown \w+ {closed}\)"):
        prepare(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert list((closed / "data").iterdir()) == []


@only_root
def test_as_root_a_closed_default_gives_way_with_a_notice_and_a_chosen_folder_does_not(
    room: Path, closed: Path
) -> None:
    place, notice = default_data(None, default=closed / "data", fallback=room / "fallback")
    assert place == room / "fallback"
    assert notice
    assert f"to whom {closed} is closed. Set DIANABOT_DATA" in notice
    assert default_data(closed / "data", fallback=room / "fallback") == (closed / "data", None)
    assert default_data(None, default=room / "data", fallback=room / "fallback") == (room / "data", None)
    assert not (closed / "data").exists()


@only_root
@pytest.mark.drill
@pytest.mark.slow
async def test_as_root_in_a_folder_of_root_the_servers_run_as_somebody_else(room: Path) -> None:
    (room / "data").mkdir()
    async with servers(room / "data", valkey=False):
        assert _owner(room / "data" / "postgres") != 0
        assert _owner(Path("/proc", _postmaster(room))) == _owner(room / "data" / "postgres")
    assert _owner(room / "data") == 0, "what existed keeps its owner"


def test_a_disk_that_fills_up_ends_with_the_same_sentence() -> None:
    assert str(disk_full(Path("/srv/data"), "PostgreSQL could not write")) == (
        "The disk with /srv/data is full (PostgreSQL could not write): free some space and start again."
    )


@pytest.fixture
def long(room: Path) -> Path:
    folder = room / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    return own(folder / "data")


@pytest.fixture
def closed(room: Path) -> Path:
    (room / "closed").mkdir(mode=0o700)
    return room / "closed"


@pytest.fixture
def as_nobody() -> Callable[[Callable[[], object]], str]:
    """What is said to somebody without rights: as root, in a child that gave root up."""

    def said(act: Callable[[], object]) -> str:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            with os.fdopen(write, "w") as out:
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setuid(pwd.getpwnam("nobody").pw_uid)
                try:
                    act()
                except OperatorError as error:
                    out.write(str(error))
                out.flush()
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        return text

    return said


def own(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder


def _postmaster(room: Path) -> str:
    return (room / "data" / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0]


def _owner(path: Path) -> int:
    return path.stat().st_uid


def _exists(path: Path) -> bool:
    return path.exists()
