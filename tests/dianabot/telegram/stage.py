"""The bot as it runs, on a real database, against the simulator: what its tests stand on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.settings import Settings
from dianabot.telegram.app import TelegramPart
from dianabot.telegram.ingest.arrival import sorted_out
from dianabot.wiring import House, build
from telesim.world.scene import TOKEN
from tests.telesim.home import Home, home

DEADLINE = 60.0
Message = dict[str, Any]


@dataclass
class Stage:
    sim: Home
    house: House
    settings: Settings
    part: TelegramPart

    async def person(self, first_name: str = "Ana", language_code: str = "es") -> int:
        """Somebody who came in by /start, and has been answered."""
        somebody = await self.stranger(first_name, language_code)
        await self.says(somebody, "/start")
        return somebody

    async def stranger(self, first_name: str = "Ana", language_code: str = "es") -> int:
        answer = await self.sim.control("POST", "people", {"first_name": first_name, "language_code": language_code})
        return int(answer.body["id"])

    async def says(self, person: int, text: str) -> Message:
        """Write to the bot; its first answer."""
        said = await self.sim.says(person, text)
        return await self.next_from_bot(person, said)

    async def next_from_bot(self, person: int, after: int) -> Message:
        async with asyncio.timeout(DEADLINE):
            while True:
                for message in await self.sim.messages(person, after=after, wait=5):
                    if message["from"]["is_bot"]:
                        return message

    async def taps(self, person: int, message: Message, label: str) -> tuple[Message, dict[str, Any]]:
        """Press a button by its label; what is shown afterwards, in place or newer, and what the tap was answered."""
        before = face(message)
        said = await self.sim.act(person, "tap", message_id=message["message_id"], label=label)
        async with asyncio.timeout(DEADLINE):
            while True:
                newest = (await self.sim.messages(person))[-1]
                if newest["message_id"] != message["message_id"] or face(newest) != before:
                    return newest, said
                await asyncio.sleep(0.005)

    async def turns(self, person: int, message: Message, label: str) -> Message:
        """Press a button that turns the page; the next one, which comes below."""
        await self.sim.act(person, "tap", message_id=message["message_id"], label=label)
        return await self.next_from_bot(person, message["message_id"])

    async def column(self, sql: str, *values: Any) -> list[Any]:
        return await self.house.db.all(lambda one: one, sql, *values)  # type: ignore[arg-type]  # any callable makes a row

    async def value(self, sql: str, *values: Any) -> Any:
        found = await self.column(sql, *values)
        return found[0] if found else None

    async def until(self, sql: str, wanted: Callable[[Any], bool]) -> Any:
        """Wait for a fact in the database."""
        async with asyncio.timeout(DEADLINE):
            while not wanted(found := await self.value(sql)):
                await asyncio.sleep(0.01)
        return found

    async def calls(self, method: str) -> list[dict[str, Any]]:
        answer = await self.sim.control("GET", "calls")
        return [call for call in answer.body if call["method"].lower() == method.lower()]

    async def until_called(self, method: str, times: int = 1) -> dict[str, Any]:
        """Wait until the bot has called it so often; the last such call."""
        async with asyncio.timeout(DEADLINE):
            while len(calls := await self.calls(method)) < times:
                await asyncio.sleep(0.01)
        return calls[-1]

    async def raw(self, update: dict[str, Any]) -> None:
        """An update that no simulated person can cause, kept as if it had been polled."""
        kept = sorted_out([update])[0]
        await self.part._desk.keep(kept)


def face(message: Message) -> tuple[Any, ...]:
    """What changes when it is made to show something else."""
    return tuple(message.get(part) for part in ("edit_date", "text", "caption", "reply_markup"))


def settings_for(sim: Home, dsn: str, **more: Any) -> Settings:
    return Settings(_env_file=None, bot_token=TOKEN, bot_api_url=sim.address, database_url=dsn, **more)


@asynccontextmanager
async def house_for(settings: Settings, *, valkey: str | None = None) -> AsyncIterator[House]:
    assert settings.database_url is not None
    dsn = settings.database_url.get_secret_value()
    async with build(settings, dsn, valkey, SystemClock(), role="bot", works=True) as house:
        beating = asyncio.create_task(house.presence.run())
        try:
            yield house
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating


def part_of(house: House, **more: Any) -> TelegramPart:
    return TelegramPart(
        house.settings,
        process=house.process,
        clock=house.clock,
        db=house.db,
        valkey=house.valkey,
        rules=house.rules,
        coordinator=house.coordinator,
        **more,
    )


@asynccontextmanager
async def stage(dsn: str, *, valkey: str | None = None, pace: Any = None, **more: Any) -> AsyncIterator[Stage]:
    async with home() as sim:
        settings = settings_for(sim, dsn, **more)
        async with house_for(settings, valkey=valkey) as house:
            part = part_of(house, pace=pace)
            await part.start()
            try:
                yield Stage(sim, house, settings, part)
            finally:
                await part.stop()
