import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dianabot.kernel.embedded import Scratch
from tests.dianabot.processes import Ran, ask, data_folder

Ask = Callable[..., Ran]


@pytest.fixture
def dianabot(module_dsn: str, servers: Scratch, tmp_path: Path) -> Ask:
    """The command, on the database of this file of tests."""
    stands = {"DATABASE_URL": module_dsn, "REDIS_URL": servers.valkey_url or "", "DIANABOT_DATA": tmp_path / "data"}

    def run(*words: str, typed: str = "", **variables: object) -> Ran:
        return ask(*words, typed=typed, **{**stands, **variables})

    return run


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
