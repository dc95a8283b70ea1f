"""Kill -9 while Lucien writes to many: nobody hears the same twice, and what may be lost is on the list."""

import asyncio
import signal
from typing import Any

import pytest

from dianabot.kernel.db import Database
from tests.dianabot.telegram.stage import house_for, settings_for
from tests.dianabot.telegram.test_killed import bot_process
from tests.dianabot.telegram.working import AT_REST, publish
from tests.telesim.home import Home, home

pytestmark = [pytest.mark.drill, pytest.mark.slow]

PEOPLE, KILLS = 30, (1, 8, 16, 24)
SAID = "Entró por la puerta."
TEMPLATE = {"key": "in", "on": "narrative.decision_taken", "where": {"decision": "door.in"}, "text": {"es": SAID}}
QUEUED = "SELECT count(*) FROM telegram_sends WHERE kind = 'lucien'"
WAITING = "SELECT count(*) FROM telegram_sends WHERE state IN ('waiting', 'sending')"


async def count(db: Database, sql: str) -> int:
    return await db.one(int, sql) or 0


async def bot_messages(sim: Home, person: int) -> list[dict[str, Any]]:
    return [one for one in await sim.messages(person, limit=100) if one["from"]["is_bot"]]


async def test_each_hears_his_words_once_or_a_person_is_told(postgres_dsn: str) -> None:
    async with home() as sim, Database(postgres_dsn) as db:
        async with house_for(settings_for(sim, postgres_dsn)) as house:
            await publish(house, TEMPLATE)
        people = [int((await sim.control("POST", "people", {"first_name": f"P{n}"})).body["id"]) for n in range(PEOPLE)]
        process = await bot_process(postgres_dsn, sim)
        async with asyncio.timeout(120):
            for person in people:
                await sim.says(person, "/start")
                await sim.says(person, "/historia")
            for person in people:
                while len(page := await bot_messages(sim, person)) < 2:
                    await asyncio.sleep(0.01)
                await sim.act(person, "tap", message_id=page[-1]["message_id"], label="Entrar")
            for kill in KILLS:
                while await count(db, QUEUED) < kill:
                    await asyncio.sleep(0.002)
                process.send_signal(signal.SIGKILL)
                await process.wait()
                process = await bot_process(postgres_dsn, sim)
            while await count(db, AT_REST) or await count(db, WAITING):
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        await process.wait()

        times = {person: sum(SAID in one["text"] for one in await bot_messages(sim, person)) for person in people}
        unknown = set(await db.all(int, "SELECT chat_id FROM telegram_sends WHERE state = 'unknown'"))
        assert set(times.values()) <= {0, 1}
        assert {person for person, heard in times.items() if heard == 0} <= unknown
        assert await count(db, "SELECT count(*) FROM lucien_messages WHERE state = 'sent'") == PEOPLE
        assert await count(db, "SELECT count(*) FROM dead_letters") == 0
