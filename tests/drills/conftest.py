from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dianabot.processes import data_folder
from tests.drills.stage import free_ports


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def port() -> int:
    """The first of four in a row: web, bot, worker, simulator."""
    return free_ports()
