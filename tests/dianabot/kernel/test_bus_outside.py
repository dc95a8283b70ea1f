import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal

import pytest

from dianabot.kernel.breaker import BreakerOpen
from dianabot.kernel.bus import Consumers, Outside
from dianabot.kernel.bus.lanes import ATTEMPTS
from dianabot.kernel.bus.outside import LEASE
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.events import Envelope, subject_of
from dianabot.kernel.tx import Tx
from tests.proof.stage import SEE, Noted, Stage, running, until

LONG = 60.0


class FarSide:
    """What lies outside: it remembers every call, and answers as it is told."""

    def __init__(self, answer: Callable[[Envelope], Awaitable[Any]] | None = None) -> None:
        self.calls: list[int] = []
        self.answer = answer
        self.in_flight: dict[str, int] = {}
        self.most_at_once = 0

    async def was_called(self) -> bool:
        return bool(self.calls)

    async def __call__(self, event: Envelope) -> Any:
        self.calls.append(event.data["n"])
        self.in_flight[event.subject] = self.in_flight.get(event.subject, 0) + 1
        self.most_at_once = max(self.most_at_once, self.in_flight[event.subject])
        try:
            await asyncio.sleep(0)
            return await self.answer(event) if self.answer else event.data["n"] * 10
        finally:
            self.in_flight[event.subject] -= 1


async def settle(tx: Tx, event: Envelope, result: Any) -> None:
    await tx.send(SEE, "outside", event.subject, event.event_type, result)


def reaching(
    call: FarSide,
    *,
    repeat: Literal["safe", "never"] = "safe",
    settled: Callable[[Tx, Envelope, Any], Awaitable[None]] = settle,
    wanted_for: timedelta = timedelta(hours=1),
) -> Consumers:
    return Consumers(
        outsides=(
            Outside(
                "outside", "proof.noted", call, settled, repeat=repeat, wanted_for=wanted_for, not_attempts=(OSError,)
            ),
        )
    )


async def test_what_came_of_the_call_is_written_with_its_acknowledgement(postgres_dsn: str) -> None:
    async def announce(tx: Tx, event: Envelope, result: Any) -> None:
        await settle(tx, event, result)
        if event.data["n"] < 2:
            tx.announce(Noted(member=ana, n=event.data["n"] + 1))

    far = FarSide()
    async with Stage(postgres_dsn, reaching(far, settled=announce)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        await stage.bus.drain()
        assert far.calls == [1, 2]
        assert await stage.seen() == [(f"member:{ana}", 10), (f"member:{ana}", 20)]
        cause, effect = await stage.rows("SELECT event_id, causation_id FROM event_logs ORDER BY seq")
        assert effect[1] == cause[0]


async def test_one_is_in_flight_per_subject_and_subjects_go_side_by_side(postgres_dsn: str) -> None:
    everybody = asyncio.Barrier(3)

    async def together(event: Envelope) -> int:
        if event.data["n"] == 0:
            await everybody.wait()
        return 1

    far = FarSide(together)
    async with Stage(postgres_dsn, reaching(far)) as stage:
        await stage.watch()
        for member in await stage.members(3):
            await stage.happen(*(Noted(member=member, n=n) for n in range(3)))
        await stage.bus.drain()
        assert far.most_at_once == 1
        assert far.calls == [0, 0, 0, 1, 1, 1, 2, 2, 2]


async def test_whoever_leases_waits_for_nobody(postgres_dsn: str) -> None:
    """Two that lease at once would else wait for each other's rows."""
    far = FarSide()
    async with Stage(postgres_dsn, reaching(far), statement_timeout=0.5) as stage:
        await stage.watch()
        for n, member in enumerate(await stage.members(3)):
            await stage.happen(Noted(member=member, n=n))
        async with stage.begin() as tx:
            await tx.value(int, "SELECT seq FROM deliveries WHERE event_data->>'n' = '1' FOR UPDATE")
            await stage.bus.drain()
            assert sorted(far.calls) == [0, 2]
        await stage.bus.drain()
        assert sorted(far.calls) == [0, 1, 2]


async def test_a_definite_no_counts_and_after_three_the_next_goes_on(postgres_dsn: str) -> None:
    async def refuse_one(event: Envelope) -> int:
        if event.data["n"] == 1:
            raise ValueError
        return 0

    far = FarSide(refuse_one)
    async with Stage(postgres_dsn, reaching(far)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1), Noted(member=ana, n=2))
        for _ in range(ATTEMPTS + 1):
            await stage.bus.drain()
            stage.time.advance(20)
        assert far.calls == [1] * ATTEMPTS + [2]
        assert await stage.rows("SELECT reason, attempts FROM dead_letters") == [("failed", ATTEMPTS)]
        assert await stage.at_rest()


FAR_SIDE_AWAY = [TimeoutError(), ConnectionResetError(), BreakerOpen("far", 1.0)]


@pytest.mark.parametrize("failure", FAR_SIDE_AWAY, ids=repr)
async def test_while_the_far_side_is_away_it_waits_for_as_long_as_it_is_wanted(
    postgres_dsn: str, failure: Exception
) -> None:
    async def away(_: Envelope) -> int:
        raise failure

    far = FarSide(away)
    async with Stage(postgres_dsn, reaching(far, wanted_for=timedelta(minutes=5))) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        for _ in range(2 * ATTEMPTS):
            await stage.bus.drain()
            stage.time.advance(20)
        assert len(far.calls) == 2 * ATTEMPTS
        assert await stage.rows("SELECT attempts FROM deliveries") == [(0,)]
        stage.time.advance(600)
        await stage.bus.drain()
        assert len(far.calls) == 2 * ATTEMPTS, "what nobody wants any more is not done"
        assert await stage.rows("SELECT reason FROM dead_letters") == [("lapsed",)]


async def cut_off(stage: Stage, far: FarSide) -> None:
    """As a kill in the middle of the call leaves it."""
    work = asyncio.create_task(stage.bus.drain())
    await until(far.was_called)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.mark.parametrize(("repeat", "calls"), [("safe", 2), ("never", 1)])
async def test_a_call_cut_off_is_repeated_only_where_that_is_safe(
    postgres_dsn: str, repeat: Literal["safe", "never"], calls: int
) -> None:
    async def hang(_: Envelope) -> int:
        await asyncio.Event().wait()
        return 0

    far = FarSide(hang)
    async with Stage(postgres_dsn, reaching(far, repeat=repeat)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        await cut_off(stage, far)
        far.answer = None
        await stage.bus.drain()
        assert far.calls == [1], "a lease holds as long as its holder may live"
        stage.time.advance(LEASE.total_seconds() + 1)
        await stage.bus.drain()
        await stage.bus.drain()
        assert far.calls == [1] * calls
        assert await stage.count("dead_letters", "reason = 'unknown'") == 2 - calls
        assert await stage.count("seen") == calls - 1
        assert await stage.at_rest()


async def test_who_lost_the_lease_settles_nothing(postgres_dsn: str) -> None:
    late = asyncio.Event()

    async def slow(_: Envelope) -> int:
        await late.wait()
        return 1

    first, second = FarSide(slow), FarSide()
    async with (
        Stage(postgres_dsn, reaching(first), process="one") as one,
        Stage(postgres_dsn, reaching(second), process="two", clock=one.clock) as two,
    ):
        await one.watch()
        [ana] = await one.members()
        await one.happen(Noted(member=ana, n=1))
        work = asyncio.create_task(one.bus.drain())
        await until(lambda: _called(first))
        one.time.advance(LEASE.total_seconds() + 1)
        await two.bus.drain()
        assert second.calls == [1]
        late.set()
        await work
        assert await one.seen() == [(subject_of(ana), 10)], "only what the present holder learnt counts"


async def test_a_defect_while_settling_is_an_attempt_where_a_repeat_is_safe(postgres_dsn: str) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError

    far = FarSide()
    async with Stage(postgres_dsn, reaching(far, settled=broken)) as stage:
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        for _ in range(ATTEMPTS + 1):
            await stage.bus.drain()
            stage.time.advance(20)
        assert far.calls == [1] * ATTEMPTS
        assert await stage.rows("SELECT reason FROM dead_letters") == [("failed",)]


async def test_a_defect_while_settling_sets_aside_what_must_not_be_repeated(postgres_dsn: str) -> None:
    async def broken_for_one(tx: Tx, event: Envelope, result: Any) -> None:
        if event.data["n"] == 1:
            raise ValueError
        await settle(tx, event, result)

    far = FarSide()
    async with Stage(postgres_dsn, reaching(far, repeat="never", settled=broken_for_one)) as stage:
        await stage.watch()
        for n, member in enumerate(await stage.members(3)):
            await stage.happen(Noted(member=member, n=n))
        for _ in range(ATTEMPTS):
            await stage.bus.drain()
            stage.time.advance(LONG)
        assert sorted(far.calls) == [0, 1, 2]
        assert sorted(n for _, n in await stage.seen()) == [0, 20], "the others are settled all the same"
        assert await stage.rows("SELECT reason, event_data->>'n' FROM dead_letters") == [("unknown", "1")]


async def test_an_answer_outlives_a_lost_connection(postgres_dsn: str) -> None:
    cuts = 2

    async def cut_first(tx: Tx, event: Envelope, result: Any) -> None:
        nonlocal cuts
        cuts -= 1
        if cuts >= 0:
            await tx.run("SELECT pg_terminate_backend(pg_backend_pid())")
        await settle(tx, event, result)

    far = FarSide()
    async with Stage(postgres_dsn, reaching(far, repeat="never", settled=cut_first)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        work = asyncio.create_task(stage.bus.drain())
        await until(lambda: _advance_until(stage, work))
        assert far.calls == [1]
        assert await stage.seen() == [(subject_of(ana), 10)]


async def test_two_processes_call_each_once(postgres_dsn: str) -> None:
    far, clock = FarSide(), SystemClock()
    async with (
        Stage(postgres_dsn, reaching(far), clock=clock, process="one") as one,
        Stage(postgres_dsn, reaching(far), clock=clock, process="two") as two,
    ):
        await one.watch()
        people = await one.members(10)
        async with running(one.bus, two.bus):
            for n in range(10):
                await one.happen(*(Noted(member=member, n=n) for member in people))
            await until(one.at_rest)
        assert far.most_at_once == 1
        assert sorted(far.calls) == sorted(list(range(10)) * 10)
        for member in people:
            mine = [n for subject, n in await one.seen() if subject == subject_of(member)]
            assert mine == [n * 10 for n in range(10)]


async def _called(far: FarSide) -> bool:
    return bool(far.calls)


async def _advance_until(stage: Stage, work: asyncio.Task[None]) -> bool:
    stage.time.advance(0.5)
    return work.done()
