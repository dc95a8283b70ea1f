import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from dianabot.kernel.bus import Consequence, Consumers
from dianabot.kernel.bus.lanes import ATTEMPTS, BATCH, back_off
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope, lane_of, subject_of
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from tests.proof.stage import Aired, Alarmed, Noted, Stage, running, seeing, until

Effect = Callable[[Tx, Envelope], Awaitable[None]]

LONGER_THAN_ANY_WAIT = 30.0


class Moody:
    """An effect that sees, and fails afterwards where it is told to."""

    def __init__(self, failing: Callable[[Envelope], bool], *, failure: str | None = None) -> None:
        self.failing = failing
        self.failure = failure
        self.calls = 0

    async def __call__(self, tx: Tx, event: Envelope) -> None:
        await seeing("ears")(tx, event)
        self.calls += 1
        if self.failing(event):
            if self.failure is not None:
                await tx.run(self.failure)
            raise ValueError(event.data)


def hearing(effect: Effect, **more: bool) -> Consumers:
    return Consumers((Consequence("ears", "proof.noted", effect, **more),))  # type: ignore[arg-type]  # only flags are given


async def same_lane(stage: Stage, number: int) -> list[MemberId]:
    """Members whose facts share a lane."""
    lanes: dict[int, list[MemberId]] = {}
    for member in await stage.members(64 * number):
        lanes.setdefault(lane_of(subject_of(member)), []).append(member)
    return max(lanes.values(), key=len)[:number]


async def test_effect_and_acknowledgement_are_one(postgres_dsn: str) -> None:
    moody = Moody(lambda _: True)
    async with Stage(postgres_dsn, hearing(moody)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        await stage.bus.drain()
        assert moody.calls > 0
        assert await stage.seen() == [], "an effect without its acknowledgement is undone"
        assert await stage.count("deliveries") == 1
        moody.failing = lambda _: False
        stage.time.advance(LONGER_THAN_ANY_WAIT)
        await stage.bus.drain()
        assert await stage.seen() == [(f"member:{ana}", 1)]
        assert await stage.at_rest()


async def test_while_one_waits_her_later_ones_wait_and_others_go_on(postgres_dsn: str) -> None:
    moody = Moody(lambda event: event.data["n"] == 1)
    async with Stage(postgres_dsn, hearing(moody)) as stage:
        await stage.watch()
        ana, eva = await same_lane(stage, 2)
        await stage.happen(Noted(member=ana, n=1), Noted(member=ana, n=2))
        await stage.happen(Noted(member=eva, n=10))
        await stage.happen(Noted(member=ana, n=3))
        await stage.happen(Noted(member=eva, n=11))
        await stage.bus.drain()
        assert await stage.seen() == [(f"member:{eva}", 10), (f"member:{eva}", 11)]
        moody.failing = lambda _: False
        stage.time.advance(0.5)
        await stage.bus.drain()
        assert len(await stage.seen()) == 2, "nothing runs before its back-off has passed"
        stage.time.advance(LONGER_THAN_ANY_WAIT)
        await stage.bus.drain()
        assert (await stage.seen())[2:] == [(f"member:{ana}", n) for n in (1, 2, 3)]


async def test_one_failure_in_a_batch_costs_only_itself(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, hearing(Moody(lambda event: event.data["n"] == 4))) as stage:
        await stage.watch()
        people = await same_lane(stage, 9)
        for number, member in enumerate(people):
            await stage.happen(Noted(member=member, n=number))
        await stage.bus.drain()
        assert sorted(n for _, n in await stage.seen()) == [0, 1, 2, 3, 5, 6, 7, 8]
        assert await stage.rows("SELECT event_data->>'n', attempts FROM deliveries") == [("4", 1)]


async def test_after_three_attempts_it_is_a_dead_letter_and_said_so(postgres_dsn: str) -> None:
    moody = Moody(lambda event: event.data["n"] == 1)
    async with Stage(postgres_dsn, hearing(moody)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1), Noted(member=ana, n=2))
        for _ in range(ATTEMPTS):
            assert await stage.count("dead_letters") == 0
            await stage.bus.drain()
            stage.time.advance(LONGER_THAN_ANY_WAIT)
        [letter] = await stage.rows("SELECT consumer, attempts, reason, error, event_id FROM dead_letters")
        assert letter[:4] == ("ears", 3, "failed", f"ValueError({{'n': 1, 'member': {ana}}})")
        assert await stage.count("dead_letters", "trace LIKE '%raise ValueError(event.data)%'") == 1
        told = "SELECT causation_id, event_data->>'consumer' FROM event_logs WHERE event_type LIKE 'system.%'"
        assert await stage.rows(told) == [(letter[4], "ears")]
        await stage.bus.drain()
        assert await stage.seen() == [(f"member:{ana}", 2)], "her later events go on"


async def test_the_death_of_a_death_notice_does_not_echo(postgres_dsn: str) -> None:
    async def deaf(_: Tx, event: Envelope) -> None:
        raise ValueError(event.event_type)

    everything = (
        Consequence("ears", "proof.noted", deaf),
        Consequence("alerts", "system.event_processing_failed", deaf),
    )
    async with Stage(postgres_dsn, Consumers(everything)) as stage:
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana))
        for _ in range(3 * ATTEMPTS):
            await stage.bus.drain()
            stage.time.advance(LONGER_THAN_ANY_WAIT)
        assert await stage.at_rest()
        assert await stage.rows("SELECT consumer FROM dead_letters ORDER BY id") == [("ears",), ("alerts",)]
        assert await stage.count("event_logs") == 2


def raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION USING errcode = '{code}'; END $$"


NOT_ATTEMPTS = {
    "deadlock": raising("40P01"),
    "serialization": raising("40001"),
    "lost connection": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.mark.parametrize("failure", NOT_ATTEMPTS.values(), ids=NOT_ATTEMPTS.keys())
async def test_what_nobody_is_to_blame_for_is_no_attempt(postgres_dsn: str, failure: str) -> None:
    moody = Moody(lambda _: True, failure=failure)
    async with Stage(postgres_dsn, hearing(moody)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=1))
        async with running(stage.bus):
            await until(lambda: _is(moody.calls))
            for _ in range(2 * ATTEMPTS):
                before = moody.calls
                await until(lambda before=before: _advanced(stage, moody, before))  # type: ignore[misc]  # mypy cannot type a lambda's default
            assert await stage.rows("SELECT attempts FROM deliveries") == [(0,)]
            moody.failing = lambda _: False
            await until(lambda: _let_pass(stage))
        assert await stage.seen() == [(f"member:{ana}", 1)]
        assert await stage.count("dead_letters") == 0


async def test_a_consequence_that_is_too_slow_is_given_up(postgres_dsn: str) -> None:
    moody = Moody(lambda _: True, failure="SELECT pg_sleep(5)")
    async with Stage(postgres_dsn, hearing(moody), statement_timeout=0.05) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana))
        for _ in range(ATTEMPTS):
            await stage.bus.drain()
            stage.time.advance(LONGER_THAN_ANY_WAIT)
        assert await stage.count("dead_letters", "error LIKE 'QueryCanceled%'") == 1


async def test_a_member_who_is_busy_waits_and_holds_up_nobody(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, hearing(seeing("ears"))) as stage:
        await stage.watch()
        ana, eva = await same_lane(stage, 2)
        await stage.happen(Noted(member=ana, n=1), Noted(member=eva, n=2), Noted(member=ana, n=3))
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            await tx.value(int, "SELECT 1")
            await stage.bus.drain()
            assert await stage.seen() == [(f"member:{eva}", 2)]
        await stage.bus.drain()
        assert (await stage.seen())[1:] == [(f"member:{ana}", 1), (f"member:{ana}", 3)]


async def test_one_by_one_nobody_is_overtaken_who_was_skipped(postgres_dsn: str) -> None:
    """The first of her events is passed over because she is busy: the second must not run in this round either."""
    async with Stage(postgres_dsn) as other:
        hold, let_go = asyncio.Event(), asyncio.Event()
        holders: list[asyncio.Task[None]] = []

        async def keep_busy(member: MemberId) -> None:
            async with other.begin() as tx:
                await tx.lock_members(member)
                await tx.value(int, "SELECT 1")
                hold.set()
                await let_go.wait()

        async def effect(tx: Tx, event: Envelope) -> None:
            if event.data["n"] != 2:
                await seeing("ears")(tx, event)
            elif not holders:
                holders.append(asyncio.create_task(keep_busy(ana)))
                await other.somebody_waits()
                raise ValueError
            else:
                let_go.set()
                await holders[0]

        async with Stage(postgres_dsn, hearing(effect)) as stage:
            await stage.watch()
            ana, eva = await same_lane(stage, 2)
            await stage.happen(Noted(member=ana, n=1))
            await stage.happen(Noted(member=eva, n=2))
            await stage.happen(Noted(member=ana, n=3))
            for _ in range(ATTEMPTS):
                await stage.bus.drain()
            assert hold.is_set()
            assert await stage.seen() == [(f"member:{ana}", 1), (f"member:{ana}", 3)]


async def test_consumers_that_lock_shared_rows_run_singly(postgres_dsn: str) -> None:
    async def effect(tx: Tx, _: Envelope) -> None:
        await tx.send("INSERT INTO seen (n) VALUES (pg_current_xact_id()::text::bigint)")

    async with Stage(postgres_dsn, hearing(effect, singly=True)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(*(Noted(member=ana, n=n) for n in range(5)))
        await stage.bus.drain()
        assert await stage.rows("SELECT count(*), count(DISTINCT n) FROM seen") == [(5, 5)]


async def test_the_urgent_go_before_others_but_never_before_their_own_past(postgres_dsn: str) -> None:
    both = Consumers(
        (Consequence("ears", "proof.noted", seeing("ears")), Consequence("ears", "proof.alarmed", seeing("ears")))
    )
    async with Stage(postgres_dsn, both, workers=1) as stage:
        await stage.watch()
        *crowd, eva = await same_lane(stage, 5)
        for n in range(BATCH):
            await stage.happen(*(Noted(member=member, n=n) for member in crowd))
        await stage.happen(Noted(member=eva, n=1))
        await stage.happen(Alarmed(member=eva, n=2), Noted(member=eva, n=3))
        async with running(stage.bus):
            await until(stage.at_rest)
        seen = await stage.seen()
        eva_at = [place for place, (subject, _) in enumerate(seen) if subject == f"member:{eva}"]
        assert [seen[place][1] for place in eva_at] == [1, 2, 3]
        assert eva_at[1] <= 2, "the alarm waits for nothing but her own past"


async def test_another_subject_can_be_concerned(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as plain:
        ana, eva = await plain.members(2)
    to_eva = Consequence("ears", "proof.noted", seeing("ears"), concerns=lambda _: subject_of(eva))
    async with Stage(postgres_dsn, Consumers((to_eva,))) as stage:
        await stage.watch()
        await stage.happen(Noted(member=ana, n=1))
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            await tx.value(int, "SELECT 1")
            await stage.bus.drain()
        assert await stage.seen() == [(f"member:{eva}", 1)]


async def test_subjects_without_a_member_are_served_too(postgres_dsn: str) -> None:
    aired = Consumers((Consequence("ears", "proof.*", seeing("ears")),))
    async with Stage(postgres_dsn, aired) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.happen(Aired(channel=4, n=1), Noted(member=ana, n=2), Aired(channel=4, n=3))
        await stage.bus.drain()
        assert sorted(await stage.seen()) == [("channel:4", 1), ("channel:4", 3), (f"member:{ana}", 2)]


async def test_two_processes_double_nothing_and_keep_the_order(postgres_dsn: str) -> None:
    consumers = Consumers(tuple(Consequence(name, "proof.noted", seeing(name)) for name in ("ears", "eyes")))
    clock = SystemClock()
    async with (
        Stage(postgres_dsn, consumers, clock=clock, process="one") as one,
        Stage(postgres_dsn, consumers, clock=clock, process="two") as two,
    ):
        await one.watch()
        people = await one.members(20)
        async with running(one.bus, two.bus):
            for n in range(40):
                await one.happen(*(Noted(member=member, n=n) for member in people))
            await until(one.at_rest)
        for consumer in ("ears", "eyes"):
            seen = await one.seen(consumer)
            assert len(seen) == 800
            for member in people:
                assert [n for subject, n in seen if subject == f"member:{member}"] == list(range(40))


def test_the_back_off_grows_and_keeps_failures_out_of_step() -> None:
    assert back_off(1, 0.0) == timedelta(seconds=1)
    assert back_off(1, 1.0) == timedelta(seconds=1.5)
    assert back_off(2, 0.0) == timedelta(seconds=4)


async def _is(value: object) -> object:
    return value


async def _advanced(stage: Stage, moody: Moody, before: int) -> bool:
    stage.time.advance(0.5)
    return moody.calls > before


async def _let_pass(stage: Stage) -> bool:
    stage.time.advance(0.5)
    try:
        return await stage.at_rest()
    except Unavailable:
        return False
