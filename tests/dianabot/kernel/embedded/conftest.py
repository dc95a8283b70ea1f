"""A data directory that the servers can reach whoever runs the tests, and owners that can be killed."""

import asyncio
import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dianabot.kernel.embedded import servers
from dianabot.kernel.embedded.process import alive
from dianabot.kernel.embedded.scratch import quick_folder

OWNER = """
import asyncio, json, sys
from pathlib import Path
from dianabot.kernel.embedded import servers

async def main(data, role):
    async with servers(Path(data), role=role) as running:
        print(json.dumps([running.dsn, running.valkey_url, running.owner]), flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass
class Other:
    """Another DianaBot on the same data."""

    process: "subprocess.Popen[str]"
    dsn: str
    valkey_url: str | None
    owner: bool

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder with a short path that everybody may enter; what still runs in it ends with it."""
    with _room() as folder:
        yield folder


@pytest.fixture
def data(room: Path) -> Path:
    """An empty data directory; as root, of somebody else, so that no user has to be made."""
    return own_folder(room / "data")


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    with _room() as folder:
        asyncio.run(_first_start(own_folder(folder / "data")))
        yield folder / "data"


@pytest.fixture
def used(prepared: Path, room: Path) -> Path:
    """A data directory after its first start; copied, because making one takes most of a second."""
    subprocess.run(["cp", "-a", prepared, room / "data"], check=True)
    return room / "data"


@pytest.fixture
def begin() -> Iterator[Callable[[Path, str], Other]]:
    """Start another DianaBot and wait until its servers answer."""
    with ExitStack() as stack:

        def start(data: Path, role: str) -> Other:
            process = subprocess.Popen(
                [sys.executable, "-c", OWNER, str(data), role],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout
            for line in process.stdout:
                if line.startswith("["):
                    return Other(process, *json.loads(line))
            pytest.fail("The other one did not start.")

        yield start


def own_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder


@contextlib.contextmanager
def _room() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dianabot-test-", dir=quick_folder()))
    folder.chmod(0o711)
    yield folder
    for noted in folder.glob("*/postgres/postmaster.pid"):
        _end(noted.read_text(encoding="utf-8").splitlines())
    for run in folder.glob("*/run.json"):
        _kill(json.loads(run.read_text(encoding="utf-8"))["valkey_pid"], signal.SIGKILL)
    shutil.rmtree(folder)


def _end(noted: list[str]) -> None:
    """A killed server that is not started again leaves a small segment of shared memory with nobody."""
    _kill(int(noted[0]), signal.SIGQUIT)
    if not alive(int(noted[0])) and (ipcrm := shutil.which("ipcrm")):
        subprocess.run([ipcrm, "-m", noted[6].split()[1]], capture_output=True, check=False)


def _kill(pid: int | None, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, number)


async def _first_start(data: Path) -> None:
    async with servers(data, valkey=False):
        pass
    local = data / "postgres" / "local.conf"
    local.write_text("dynamic_shared_memory_type = mmap  # so that killed servers leave nothing outside\n")
