from collections.abc import AsyncIterator

import pytest

from telesim.clock import ManualClock
from tests.telesim.home import LUCIA, Home, home


@pytest.fixture
async def sim() -> AsyncIterator[Home]:
    """A fresh world whose clocks stand still until the test moves them."""
    async with home(clock=ManualClock()) as running:
        yield running


@pytest.fixture
async def chat(sim: Home) -> Home:
    """The same, where Lucía has started the bot and nothing waits."""
    await sim.says(LUCIA, "/start")
    await sim.updates()
    return sim
