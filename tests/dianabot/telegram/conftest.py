from collections.abc import AsyncIterator

import pytest

from tests.dianabot.telegram.stage import Stage, stage


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    """The bot, polling the simulator, with nothing between it and its answers."""
    async with stage(postgres_dsn) as running:
        yield running
