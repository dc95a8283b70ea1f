"""The stage with a worker beside the bot: what follows from a tap happens too, on the database and in the chat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from dianabot.kernel.clock import SystemClock
from dianabot.operations.change_rules import ChangeRule
from dianabot.operations.publish import Publish
from dianabot.vocabulary.world import Template, World
from dianabot.wiring import House
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.stage import Stage, house_for, stage
from tests.proof.stage import running

IN_ALL = "SELECT count(*) FROM deliveries"
AT_REST = f"SELECT ({IN_ALL}) + (SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done'))"  # noqa: S608 - ours


@asynccontextmanager
async def working(
    dsn: str, *templates: dict[str, Any], world: World = WORLD, worker: bool = True
) -> AsyncIterator[Stage]:
    """The cottage, or another world, with what Lucien says there; quiet hours he has when a test gives him some."""
    async with stage(dsn) as bot:
        await publish(bot.house, *templates, world=world)
        if not worker:
            yield bot
            return
        async with running(bot.house.bus):
            yield bot


async def publish(house: House, *templates: dict[str, Any], world: World = WORLD) -> None:
    told = world.model_copy(update={"templates": [Template.model_validate(one) for one in templates]})
    await house.coordinator.run(Publish(world=told), key="publish", member=None, actor="test")
    for end in ("quiet_from", "quiet_until"):
        await rule(house, f"lucien.{end}", 0)


@asynccontextmanager
async def another_worker(bot: Stage) -> AsyncIterator[None]:
    """A process of its own share, which knows nothing of what the first one was at."""
    dsn = bot.settings.database_url
    assert dsn is not None
    async with house_for(bot.settings) as house:
        clock = bot.house.clock
        assert isinstance(clock, SystemClock)
        house.clock.move_to(clock.offset)
        async with running(house.bus):
            yield


async def rule(house: House, path: str, value: Any) -> None:
    """From now on, in this process too."""
    change = ChangeRule(path=path, value=value)
    await house.coordinator.run(change, key=f"rule:{path}:{value}", member=None, actor="test")
    await house.rules.load()


async def at_rest(bot: Stage) -> None:
    """Every update is answered and nothing is left that follows from one."""
    await bot.until(AT_REST, lambda left: left == 0)


async def facts(bot: Stage, correlation: UUID) -> list[dict[str, Any]]:
    columns = "seq, event_id, event_type, operation, actor, causation_id, event_data"
    names = columns.split(", ")
    return await bot.house.db.all(
        lambda *values: dict(zip(names, values, strict=True)),  # type: ignore[arg-type]  # any callable makes a row
        f"SELECT {columns} FROM event_logs WHERE correlation_id = $1 ORDER BY seq",  # noqa: S608 - ours
        correlation,
    )


async def hears(bot: Stage, person: int, words: str) -> list[dict[str, Any]]:
    """Wait until she has been written this; every message of hers that says it."""
    async with asyncio.timeout(60):
        while not (found := await heard(bot, person, words)):
            await asyncio.sleep(0.01)
    return found


async def heard(bot: Stage, person: int, words: str) -> list[dict[str, Any]]:
    said = [one for one in await bot.sim.messages(person, limit=100) if one["from"]["is_bot"]]
    return [one for one in said if words in one.get("text", "")]
