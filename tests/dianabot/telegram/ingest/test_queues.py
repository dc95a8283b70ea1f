"""Each in order, all side by side, and nobody takes more than one place."""

import asyncio
from datetime import UTC, datetime

import pytest

from dianabot.kernel.clock import ManualClock
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.ids import uuid7
from dianabot.telegram.ingest.arrival import Job
from dianabot.telegram.ingest.queues import STUCK_SECONDS, Queues

AT = datetime(2026, 1, 1, tzinfo=UTC)


def job(update_id: int, queue: int, *, urgent: bool = False) -> Job:
    return Job(update_id, queue, {"update_id": update_id, "message": {}}, urgent, AT, uuid7(AT))


class Bench:
    """Queues whose work waits until it is let go."""

    def __init__(self, **limits: int) -> None:
        self.clock = ManualClock()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.at_work: dict[int, asyncio.Future[float | None]] = {}
        self.most = 0
        self.behind: list[Job] = []
        self.away = 0
        self.queues = Queues(self._work, self._fetch, self.clock, **limits)

    async def _work(self, one: Job) -> float | None:
        self.begun.append(one.update_id)
        gate: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self.at_work[one.update_id] = gate
        self.most = max(self.most, len(self.at_work))
        try:
            pause = await gate
        finally:
            del self.at_work[one.update_id]
        if pause is None:
            self.ended.append(one.update_id)
        return pause

    async def _fetch(self, queue: int, after: int, most: int) -> list[Job]:
        if self.away:
            self.away -= 1
            raise Unavailable
        return [one for one in self.behind if one.queue == queue and one.update_id > after][:most]

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def let_go(self, *updates: int, pause: float | None = None) -> None:
        for update in updates:
            self.at_work[update].set_result(pause)
        await self.settle()

    async def let_all_go(self) -> None:
        await self.settle()
        while self.at_work:
            await self.let_go(*self.at_work)


async def test_one_persons_updates_run_one_after_another() -> None:
    bench = Bench()
    for update in (1, 2, 3):
        bench.queues.add(job(update, queue=7))
    await bench.settle()
    assert bench.begun == [1]

    await bench.let_all_go()

    assert bench.ended == [1, 2, 3]
    assert bench.most == 1
    assert bench.queues.count == 0


async def test_256_persons_are_served_side_by_side() -> None:
    bench = Bench()
    for person in range(300):
        bench.queues.add(job(person, queue=person))
    await bench.settle()

    assert len(bench.at_work) == 256
    await bench.let_all_go()
    assert len(bench.ended) == 300


async def test_a_noisy_person_takes_one_place_and_waits_for_her_next_turn() -> None:
    bench = Bench(places=2)
    for update in range(100):
        bench.queues.add(job(update, queue=1))
    bench.queues.add(job(100, queue=2))
    bench.queues.add(job(101, queue=3))
    await bench.settle()
    assert sorted(bench.begun) == [0, 100]

    await bench.let_go(0)

    assert bench.begun[2] == 101, "the third person comes before the noisy one's second message"
    await bench.let_all_go()


async def test_what_is_urgent_waits_for_no_place_and_no_line() -> None:
    bench = Bench(places=1)
    bench.queues.add(job(1, queue=1))
    bench.queues.add(job(2, queue=1, urgent=True))
    await bench.settle()

    assert bench.begun == [1, 2]
    await bench.let_all_go()


async def test_what_waits_for_something_gives_its_place_away_and_keeps_its_order() -> None:
    bench = Bench(places=1)
    for update, person in ((1, 1), (2, 1), (3, 2)):
        bench.queues.add(job(update, queue=person))
    await bench.settle()

    await bench.let_go(1, pause=5.0)
    assert bench.begun == [1, 3]
    await bench.let_go(3)
    assert bench.begun == [1, 3], "her second message does not overtake her first"

    bench.clock.advance(5.1)
    await bench.settle()
    assert bench.begun == [1, 3, 1]
    await bench.let_all_go()
    assert bench.ended == [3, 1, 2]


async def test_only_the_head_of_a_long_line_is_in_memory() -> None:
    bench = Bench(deep=3)
    bench.behind = [job(update, queue=1) for update in range(10)]
    for one in bench.behind[:8]:
        bench.queues.add(one)
    assert bench.queues.count == 3
    bench.away = 1

    await bench.let_all_go()
    bench.clock.advance(1.0)
    await bench.let_all_go()

    assert bench.ended == list(range(10)), "what came while the rest was fetched too, each once"
    assert bench.queues.count == 0
    bench.queues.add(job(11, queue=1))
    await bench.let_all_go()
    assert bench.ended[-1] == 11


async def test_too_much_in_memory_closes_the_door_until_half_of_it_is_gone() -> None:
    bench = Bench(most=4)
    for person in range(4):
        bench.queues.add(job(person, queue=person))
    await bench.settle()
    room = [bench.queues.has_room]
    for person in range(2):
        await bench.let_go(person)
        room.append(bench.queues.has_room)

    assert room == [False, False, True]
    await bench.let_all_go()


async def test_what_was_taken_over_comes_before_what_is_newer() -> None:
    bench = Bench()
    for update in (5, 9, 3, 7):
        bench.queues.add(job(update, queue=1))
    await bench.let_all_go()

    assert bench.ended == [3, 5, 7, 9]


async def test_nothing_runs_beside_what_runs_alone() -> None:
    bench = Bench()
    bench.queues.add(job(1, queue=1))
    await bench.settle()

    async def alone() -> list[int]:
        async with bench.queues.paused():
            bench.queues.add(job(2, queue=2))
            await bench.settle()
            return list(bench.at_work)

    running = asyncio.create_task(alone())
    await bench.settle()
    assert not running.done()
    await bench.let_go(1)

    assert await running == []
    await bench.let_all_go()
    assert bench.ended == [1, 2]


@pytest.mark.parametrize("polite", [True, False])
async def test_stopping_finishes_what_runs_and_hands_back_the_rest(*, polite: bool) -> None:
    bench = Bench(places=1)
    for update, person in ((1, 1), (2, 1), (3, 2)):
        bench.queues.add(job(update, queue=person))
    await bench.settle()

    stopping = asyncio.create_task(bench.queues.stop(60.0 if polite else 0.01))
    await bench.settle()
    if polite:
        await bench.let_go(1)
    left = await stopping

    assert [one.update_id for one in left] == ([2, 3] if polite else [1, 2, 3])
    assert bench.begun == [1]
    assert not bench.at_work


async def test_a_defect_in_the_work_holds_nobody_up_for_ever() -> None:
    bench = Bench()
    bench.queues.add(job(1, 7))
    bench.queues.add(job(2, 7))
    await bench.settle()
    bench.at_work[1].set_exception(RuntimeError("a defect"))
    await bench.settle()
    assert bench.begun == [1], "she waits a moment before it is tried again"
    bench.clock.advance(STUCK_SECONDS)
    await bench.settle()
    await bench.let_go(1)
    await bench.let_go(2)
    assert bench.ended == [1, 2]
    assert bench.queues.count == 0
