"""No update is lost, none is worked off twice with effect, and none holds up the others."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.ingest.arrival import Job, sorted_out
from dianabot.telegram.ingest.desk import Desk, Hands
from dianabot.telegram.request import NotSent
from dianabot.telegram.routes import Unreadable
from dianabot.telegram.store import Updates

BOT = 42
ROWS = "SELECT update_id, state, attempts, leased_by FROM telegram_updates ORDER BY update_id"
OPEN = "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')"
LETTERS = "SELECT seq, reason, attempts, event_data::text, error FROM dead_letters ORDER BY seq"
SORRY = "SELECT chat_id, kind, arguments->>'code' FROM telegram_sends"
HERE = "INSERT INTO processes (name, role, seen_at, clock_seconds) VALUES ($1, 'bot', $2, 0)"


class SlowClock(SystemClock):
    """Pauses are a hundredth as long, so that patience can be watched."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


class Kitchen:
    """A desk whose work is whatever the test says."""

    def __init__(self, db: Database, process: str, places: int = 256) -> None:
        self.clock = SlowClock()
        self.served: list[int] = []
        self.together: list[set[int]] = []
        self.told_away: list[int] = []
        self.hands: dict[int, Callable[[], Awaitable[None]]] = {}
        self._at_work: set[int] = set()
        self.updates = Updates(db, BOT, process)
        hands = Hands(self._serve, self._tell_away)
        self.desk = Desk(self.updates, hands, self.clock, alive_seconds=3.0, places=places)

    async def _serve(self, job: Job) -> None:
        self.served.append(job.update_id)
        self._at_work.add(job.update_id)
        self.together.append(set(self._at_work))
        try:
            hand = self.hands.get(job.update_id)
            if hand is not None:
                await hand()
            else:
                await asyncio.sleep(0)
        finally:
            self._at_work.discard(job.update_id)

    async def _tell_away(self, job: Job) -> None:
        self.told_away.append(job.update_id)

    async def gets(self, *said: dict[str, Any]) -> None:
        await self.desk.keep(sorted_out(said)[0])

    def fails(self, update: int, *errors: Exception) -> None:
        """The first tries end so, the next one well."""
        left = list(errors)

        async def hand() -> None:
            if left:
                raise left.pop(0)

        self.hands[update] = hand


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    async with Database(postgres_dsn) as database:
        yield database


@asynccontextmanager
async def kitchen(db: Database, process: str = "here", **more: Any) -> AsyncIterator[Kitchen]:
    found = Kitchen(db, process, **more)
    await db.run(HERE, process, found.clock.real() + timedelta(hours=1))
    yield found
    await found.desk.stop(1.0)


async def rows(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return await db.all(lambda *columns: columns, sql)  # type: ignore[arg-type]  # any callable makes a row


async def all_worked_off(db: Database) -> None:
    async with asyncio.timeout(60):
        while (await rows(db, OPEN))[0][0]:
            await asyncio.sleep(0.005)


def text(update_id: int, person: int = 1) -> dict[str, Any]:
    chat = {"id": person, "type": "private"}
    return {"update_id": update_id, "message": {"from": {"id": person}, "chat": chat, "text": "hola"}}


async def test_an_update_is_stored_tried_and_answered(db: Database) -> None:
    async with kitchen(db) as here:
        await here.gets(text(1), text(2, person=2))
        await all_worked_off(db)

        assert sorted(here.served) == [1, 2]
        assert await rows(db, ROWS) == [(1, "answered", 1, "here"), (2, "answered", 1, "here")]


async def test_a_duplicate_is_worked_off_once(db: Database) -> None:
    async with kitchen(db) as here:
        await here.gets(text(1), text(1), text(2))
        await here.gets(text(2), text(3))
        await all_worked_off(db)
        await here.gets(text(1), text(2), text(3), text(4))
        await all_worked_off(db)

        assert here.served == [1, 2, 3, 4]


async def test_what_was_stored_without_our_learning_of_it_is_worked_off(db: Database) -> None:
    """The reply of the INSERT was lost, and Telegram sends the same updates again."""
    async with kitchen(db) as here:
        kept = sorted_out([text(1), text(2)])[0]
        await here.updates.keep([came for came, _ in kept], here.clock.real())

        await here.gets(text(1), text(2), text(3))
        await all_worked_off(db)

        assert here.served == [1, 2, 3]


async def test_a_failing_update_is_tried_three_times_and_set_aside_while_others_go_on(db: Database) -> None:
    async with kitchen(db) as here:
        here.fails(1, *[ValueError("a defect")] * 9)
        await here.gets(text(1), text(2), text(3, person=2))
        await all_worked_off(db)

        assert here.served.count(1) == 3
        assert here.served.index(3) < 3, "somebody else does not wait"
        assert here.served[-1] == 2, "her own next message does, and is not lost"
        [(seq, reason, attempts, raw, error)] = await rows(db, LETTERS)
        assert (seq, reason, attempts, error) == (1, "failed", 3, "ValueError('a defect')")
        assert '"hola"' in raw
        [(chat, kind, code)] = await rows(db, SORRY)
        assert (chat, kind, len(code)) == (1, "sorry", 8)


async def test_a_failure_that_passes_is_no_failure(db: Database) -> None:
    async with kitchen(db) as here:
        here.fails(1, ValueError("once"), ValueError("twice"))
        await here.gets(text(1))
        await all_worked_off(db)

        assert await rows(db, LETTERS) == []
        assert await rows(db, ROWS) == [(1, "answered", 3, "here")]


async def test_an_update_that_cannot_be_read_is_set_aside_at_once(db: Database) -> None:
    async with kitchen(db) as here:
        here.fails(1, *[Unreadable("no such form")] * 9)
        await here.gets(text(1), text(2))
        await all_worked_off(db)

        assert here.served == [1, 2]
        assert [letter[:2] for letter in await rows(db, LETTERS)] == [(1, "unreadable")]


@pytest.mark.parametrize("away", [Unavailable("PostgreSQL"), NetworkError("torn"), NotSent("resting", 0.1)])
async def test_what_is_away_is_no_attempt_and_is_waited_for(db: Database, away: Exception) -> None:
    async with kitchen(db) as here:
        here.fails(1, *[away] * 7)
        await here.gets(text(1), text(2))
        await all_worked_off(db)

        assert here.served == [1] * 8 + [2]
        assert await rows(db, LETTERS) == []
        assert here.told_away == ([1] * 7 if isinstance(away, Unavailable) else [])


async def test_telegrams_definite_no_is_an_attempt(db: Database) -> None:
    async with kitchen(db) as here:
        here.fails(1, *[BadRequest("can't parse entities")] * 9)
        await here.gets(text(1))
        await all_worked_off(db)

        assert len(here.served) == 3


async def test_an_answer_that_nobody_takes_for_an_hour_is_given_up(db: Database) -> None:
    async with kitchen(db) as here:
        here.fails(1, *[NetworkError("torn")] * 3)
        [(came, said)] = sorted_out([text(1)])[0]
        await here.updates.keep([came], here.clock.real() - timedelta(hours=2))
        await db.run("UPDATE telegram_updates SET leased_by = ''")
        await here.desk.take_over()
        await all_worked_off(db)

        assert said
        assert here.served == [1]
        assert await rows(db, LETTERS) == []


async def test_what_a_dead_process_left_is_taken_over_and_the_suspects_run_alone(db: Database) -> None:
    dead = Updates(db, BOT, "dead")
    async with kitchen(db) as here:
        kept = sorted_out([text(update, person=update) for update in range(1, 9)])[0]
        await dead.keep([came for came, _ in kept], here.clock.real())
        await dead.begin([1, 2, 3])
        assert here.served == []

        await here.desk.take_over()
        await all_worked_off(db)

        assert sorted(here.served) == list(range(1, 9))
        assert here.served[:3] == [1, 2, 3]
        assert here.together[:3] == [{1}, {2}, {3}]
        assert {row[2] for row in await rows(db, ROWS) if row[0] <= 3} == {2}


async def test_what_a_living_process_works_on_is_left_to_it(db: Database) -> None:
    async with kitchen(db, "there") as there, kitchen(db, "here") as here:
        kept = sorted_out([text(1)])[0]
        await there.updates.keep([came for came, _ in kept], there.clock.real())

        await here.desk.take_over()

        assert here.served == []
        assert await rows(db, ROWS) == [(1, "new", 0, "there")]
        await db.run("UPDATE telegram_updates SET state = 'answered'")


async def test_an_update_that_ends_its_process_is_the_only_one_blamed(db: Database) -> None:
    """Three processes die of it; whoever stood beside it the first time runs alone and is done.

    Whether those behind it were begun before a process died is a matter of chance.
    """
    kept = sorted_out([text(update, person=update) for update in range(1, 6)])[0]
    async with kitchen(db, "last") as last:
        first = Updates(db, BOT, "first")
        await first.keep([came for came, _ in kept], last.clock.real())
        await first.begin([1, 2, 3])  # and dies
        for life in ("second", "third"):
            await die_of(2, Kitchen(db, life))
        await last.desk.take_over()
        await all_worked_off(db)

        assert [letter[:3] for letter in await rows(db, LETTERS)] == [(2, "unfinished", 3)]
        states = {row[0]: (row[1], row[2]) for row in await rows(db, ROWS)}
        assert {update: states[update] for update in (1, 2, 3)} == {
            1: ("answered", 2),
            2: ("dead", 3),
            3: ("answered", 2),
        }
        assert [states[update][0] for update in (4, 5)] == ["answered", "answered"]
        assert 2 not in last.served


async def die_of(poison: int, process: Kitchen) -> None:
    """Take over, and end without a word while at work on that update."""
    at_it = asyncio.Event()

    async def hand() -> None:
        at_it.set()
        await asyncio.Event().wait()

    process.hands[poison] = hand
    working = asyncio.create_task(process.desk.take_over())
    await at_it.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_later_update_waits_for_an_earlier_one_of_another_process(db: Database) -> None:
    async with kitchen(db, "there") as there, kitchen(db, "here") as here:
        held = asyncio.Event()
        there.hands[1] = held.wait  # type: ignore[assignment]  # its answer is not looked at
        await there.gets(text(1))
        await here.gets(text(2), text(3, person=2))
        async with asyncio.timeout(60):
            while 3 not in here.served:
                await asyncio.sleep(0.005)
        assert here.served == [3]
        assert (2, "new", 0, "here") in await rows(db, ROWS), "waiting is no attempt"

        held.set()
        await all_worked_off(db)

        assert here.served == [3, 2]


async def test_a_stopping_process_hands_everything_back(db: Database) -> None:
    async with kitchen(db, "here", places=1) as here:
        forever = asyncio.Event()
        here.hands[1] = forever.wait  # type: ignore[assignment]  # as above
        await here.gets(text(1), text(2), text(3, person=2))
        async with asyncio.timeout(60):
            while not here.served:
                await asyncio.sleep(0)
        await here.desk.stop(0.01)

        assert await rows(db, ROWS) == [(1, "new", 1, ""), (2, "new", 0, ""), (3, "new", 0, "")]
    async with kitchen(db, "next") as then:
        await then.desk.take_over()
        await all_worked_off(db)

        assert sorted(then.served) == [1, 2, 3]


async def test_answered_updates_are_kept_for_two_days(db: Database) -> None:
    async with kitchen(db) as here:
        now = here.clock.real()
        for update, age in ((1, 47), (2, 49), (3, 49)):
            [(came, _)] = sorted_out([text(update)])[0]
            await here.updates.keep([came], now - timedelta(hours=age))
        await here.updates.answered([1, 2])

        await here.desk._clean()

        assert [row[0] for row in await rows(db, ROWS)] == [1, 3]
        await db.run("UPDATE telegram_updates SET state = 'answered'")


async def test_strange_contents_are_kept_all_the_same(db: Database) -> None:
    deep: dict[str, Any] = {}
    for _ in range(3000):
        deep = {"a": deep}
    strange: list[dict[str, Any]] = [
        {"update_id": 1, "message": {"text": "\x00\ud800", "from": {"id": 2**80}}},
        {"update_id": 2, "message": {"number": float("nan")}},
        {"update_id": 3, "message": deep},
        {"update_id": 4, "message": [1, 2], "from": 5},
        {"update_id": 5},
        {"update_id": 6, "message": {"from": {"id": "x"}, "chat": None}},
    ]
    async with kitchen(db) as here:
        await here.gets(*strange)
        await all_worked_off(db)

        assert sorted(here.served) == [1, 2, 3, 4, 5, 6]
