"""Kill -9 in the middle of 500 updates: each gets at least one answer, and no effect happens twice."""

import asyncio
import signal
import sys
from collections import Counter

import pytest

from dianabot.kernel.db import Database
from tests.telesim.home import Home, home

pytestmark = [pytest.mark.drill, pytest.mark.slow]

PEOPLE, EACH, KILLS = 50, 10, 3
ANSWERED = "SELECT count(*) FROM telegram_updates WHERE state = 'answered'"
DEAD = "SELECT count(*) FROM dead_letters"


async def bot_process(dsn: str, sim: Home) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.dianabot.telegram.lonely_bot", dsn, sim.address)
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)


async def answered(db: Database, number: int) -> None:
    async with asyncio.timeout(60):
        while (await db.one(int, ANSWERED) or 0) < number:
            await asyncio.sleep(0.005)


async def test_each_update_is_answered_and_takes_effect_once(postgres_dsn: str) -> None:
    async with home() as sim, Database(postgres_dsn) as db:
        people = [int((await sim.control("POST", "people", {"first_name": f"P{n}"})).body["id"]) for n in range(PEOPLE)]
        said = 0
        for number in range(EACH):
            for person in people:
                await sim.says(person, "/start" if number == 0 else f"palabra {number}")
                said += 1
        assert said == 500

        for kill in range(1, KILLS + 1):
            process = await bot_process(postgres_dsn, sim)
            await answered(db, kill * 100)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        process = await bot_process(postgres_dsn, sim)
        await answered(db, said)
        process.send_signal(signal.SIGKILL)
        await process.wait()

        assert await db.one(int, DEAD) == 0
        for person in people:
            answers = [one["text"] for one in await sim.messages(person, limit=100) if one["from"]["is_bot"]]
            assert len(answers) >= EACH
            assert sum("Soy" in text or "soy" in text or "alegría" in text for text in answers) >= 1
        assert await db.one(int, "SELECT count(*) FROM users") == PEOPLE
        facts = await db.all(str, "SELECT event_type FROM event_logs")
        assert Counter(facts) == {
            "user.registered": PEOPLE,
            "user.command_executed": PEOPLE,
            "user.activity": PEOPLE * (EACH - 1),
        }
