"""One process of the chaos: people who act, and the bus that follows. It may be killed at any moment."""

import asyncio
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.errors import Refusal, Unavailable
from dianabot.kernel.ids import MemberId
from dianabot.worker import Worker
from tests.proof.all_parts import PARTS
from tests.proof.forks import tell_what_holds_us_up, until_told
from tests.proof.house import House
from tests.proof.parts import Ask
from tests.proof.stage import Pieces

PEOPLE_AT_ONCE = 3
COMMON_EVERY = 0.1
ASKED_TWICE = 0.08
COMMON = 0.05
PAUSE = 0.1
STOPPING_TAKES = 10.0


@dataclass(frozen=True)
class Life:
    """Which process, and the how-manieth in its place. The same life asks the same things."""

    seed: int
    slot: int
    number: int
    dsn: str
    valkey_url: str | None
    journals: Path
    people: list[MemberId]
    pieces: Pieces

    @property
    def journal(self) -> Path:
        return self.journals / f"{self.slot:02}.{self.number:05}"

    @property
    def before(self) -> Path:
        return self.journals / f"{self.slot:02}.{self.number - 1:05}"


def live(life: Life) -> None:
    """Until told to end, or killed."""
    random.seed(f"{life.seed} {life.slot} {life.number}")
    asyncio.run(_live(life))


async def _live(life: Life) -> None:
    told = until_told()
    process = f"{life.slot}-{life.number}"
    house = House(
        life.dsn,
        PARTS,
        valkey_url=life.valkey_url,
        clock=SystemClock(),
        process=process,
        pieces=life.pieces,
        size=7,
        unlimited=True,
    )
    async with house:
        worker = Worker(house.bus, house.valkey)
        await worker.start()
        rules = asyncio.create_task(house.rules.run())
        crowd = Crowd(house, life, told)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(crowd.finish_what_was_begun())
            for person in range(PEOPLE_AT_ONCE):
                tasks.create_task(crowd.act(person))
        tell_what_holds_us_up(STOPPING_TAKES)
        rules.cancel()
        await worker.stop()


class Crowd:
    def __init__(self, house: House, life: Life, told: asyncio.Event) -> None:
        self._house = house
        self._life = life
        self._told = told
        self._journal = os.open(life.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def act(self, person: int) -> None:
        chance = random.Random(f"{self._life.seed} {self._life.slot} {self._life.number} {person}")
        number = 0
        while not self._told.is_set():
            number += 1
            key = f"{self._life.slot}.{self._life.number}.{person}.{number}"
            if chance.random() < COMMON:
                key = f"common.{int(self._house.clock.monotonic() / COMMON_EVERY)}"
            twice = chance.random() < ASKED_TWICE
            await asyncio.gather(*(self._ask(key) for _ in range(1 + twice)))

    async def finish_what_was_begun(self) -> None:
        """Ask again what the one before in this place had asked when it was killed."""
        for key in unanswered(self._life.before):
            await self._ask(key)

    async def _ask(self, key: str) -> None:
        ask = ask_of(key, self._life)
        self._note("ask", key, None)
        said = None
        while said is None and not self._told.is_set():
            said = await self._attempt(ask, key)
        if said is not None:
            self._note(*said)

    async def _attempt(self, ask: Ask, key: str) -> tuple[str, str, Any] | None:
        """What came of it; None when PostgreSQL was away and the same key asks again."""
        try:
            outcome = await self._house.coordinator.run(ask.act, key=key, member=ask.member, actor=ask.actor)
        except Refusal as refusal:
            return "answer", key, refusal.to_json()
        except Unavailable:
            await asyncio.sleep(PAUSE * random.random())
            return None
        except Exception as defect:  # noqa: BLE001 - whatever it is, it is what we look for
            return "defect", key, repr(defect)
        return "answer", key, {"done": type(ask.act).outcome_type().dump_python(outcome, mode="json")}

    def _note(self, what: str, key: str, said: Any) -> None:
        """One write a line, so that a kill tears at most the last."""
        os.write(self._journal, json.dumps((what, key, said)).encode() + b"\n")


def ask_of(key: str, life: Life) -> Ask:
    """What that key asks for, in every process and in every life."""
    chance = random.Random(f"{life.seed} {key}")
    choosers = [chooser for part in PARTS for chooser in part.asks]
    return chance.choice(choosers)(chance, life.people)


def unanswered(journal: Path) -> list[str]:
    if not journal.exists():
        return []
    asked: dict[str, None] = {}
    for line in journal.read_bytes().split(b"\n"):
        try:
            what, key, _ = json.loads(line)
        except ValueError:
            continue
        if what == "ask":
            asked[key] = None
        else:
            asked.pop(key, None)
    return list(asked)
