import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from dianabot.kernel.bus import Consequence, Consumers
from dianabot.kernel.bus.store import LOGGED
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import AnnouncedWithoutLock, NotCommitted, Tx
from tests.proof.stage import START, Aired, Noted, Stage, seeing, until

HEARD = Consumers((Consequence("ears", "proof.noted", seeing("ears")),))
BAD = "SELECT 1 / 0"


async def test_a_committed_fact_is_logged_and_delivered(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        [ana] = await stage.members()
        await stage.happen(Noted(member=ana, n=7))
        assert await stage.count("event_logs", f"user_id = {ana} AND event_data->>'n' = '7'") == 1
        assert await stage.count("deliveries", f"consumer = 'ears' AND subject = 'member:{ana}'") == 1


async def test_a_fact_whose_cause_is_undone_never_was(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        [ana] = await stage.members()
        with pytest.raises(KeyError):
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                tx.announce(Noted(member=ana))
                await tx.write_facts()
                raise KeyError
        assert await stage.count("event_logs") == 0
        assert await stage.count("deliveries") == 0


async def test_a_fact_about_a_member_nobody_locked_is_refused(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        ana, eva = await stage.members(2)
        with pytest.raises(AnnouncedWithoutLock):
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                tx.announce(Noted(member=eva))
        assert await stage.count("event_logs") == 0


async def test_a_member_made_here_counts_as_locked(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        async with stage.begin() as tx:
            new = MemberId(
                await tx.value(
                    int,
                    "INSERT INTO users (telegram_id, language, created_at, last_active_at) "
                    "VALUES (5, 'es', $1, $1) RETURNING id",
                    tx.at,
                )
                or 0
            )
            tx.created_member(new)
            tx.announce(Noted(member=new))
        assert await stage.count("event_logs", f"user_id = {new}") == 1


async def swallow_in_value(tx: Tx) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await tx.value(int, BAD)


async def swallow_in_run(tx: Tx) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await tx.run(BAD)


async def swallow_unread(tx: Tx) -> None:
    await tx.send(BAD)


async def swallow_and_go_on(tx: Tx) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await tx.value(int, BAD)
    await tx.send("SELECT 1")


@pytest.mark.parametrize("swallow", [swallow_in_value, swallow_in_run, swallow_unread, swallow_and_go_on])
async def test_a_swallowed_error_never_commits(postgres_dsn: str, swallow: Callable[[Tx], Awaitable[None]]) -> None:
    async with Stage(postgres_dsn, HEARD, size=1) as stage:
        [ana] = await stage.members()
        with pytest.raises((NotCommitted, psycopg.Error)) as failure:
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                tx.announce(Noted(member=ana))
                await swallow(tx)
        assert not isinstance(failure.value, Unavailable)
        assert await stage.count("event_logs") == 0
        await stage.happen(Noted(member=ana))
        assert await stage.count("event_logs") == 1, "the connection serves the next one"


async def test_a_members_facts_are_numbered_in_the_order_of_her_commits(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        [ana] = await stage.members()
        first_holds, first_may_end = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                assert await tx.value(int, "SELECT 1") == 1
                tx.announce(Noted(member=ana, n=1))
                first_holds.set()
                await first_may_end.wait()

        async def second() -> None:
            await first_holds.wait()
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                tx.announce(Noted(member=ana, n=2))

        both = asyncio.gather(first(), second())
        await first_holds.wait()
        await stage.somebody_waits()
        first_may_end.set()
        await both
        numbers = "SELECT (event_data->>'n')::int FROM event_logs ORDER BY seq"
        assert await stage.db.all(int, numbers) == [1, 2]


async def test_a_look_cannot_write(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            async with stage.transactions.look(stage.cause()) as tx:
                await tx.run("DELETE FROM timers")


async def test_a_look_sees_one_moment(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage, stage.transactions.look(stage.cause()) as tx:
        before = await tx.value(int, "SELECT count(*) FROM users")
        await stage.members()
        assert await tx.value(int, "SELECT count(*) FROM users") == before


async def test_what_follows_from_an_event_carries_its_chain(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        await stage.happen(Aired(channel=3))
        async with stage.begin() as tx:
            event = await tx.one(Envelope, LOGGED, None, None, 1)
            assert event is not None
            with tx.caused_by(event):
                tx.announce(Aired(channel=3, n=2))
            tx.announce(Aired(channel=3, n=3))
        caused, fresh = await stage.rows(
            "SELECT correlation_id, causation_id FROM event_logs WHERE seq > 1 ORDER BY seq"
        )
        assert caused == (event.correlation_id, event.event_id)
        assert fresh[0] != event.correlation_id
        assert fresh[1] is None


async def test_the_instant_is_that_of_the_application(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage:
        await stage.happen(Aired(channel=1))
        assert await stage.count("event_logs", f"timestamp = '{START.isoformat()}'") == 1


async def test_a_deadlock_is_told_as_a_conflict(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage:
        ana, eva = await stage.members(2)
        met = asyncio.Barrier(2)

        async def lock(first: MemberId, then: MemberId) -> None:
            async with stage.begin() as tx:
                await tx.lock_members(first)
                await tx.value(int, "SELECT 1")
                await met.wait()
                await tx.lock_members(then)

        ends = await asyncio.gather(lock(ana, eva), lock(eva, ana), return_exceptions=True)
        assert sorted(isinstance(end, CONFLICTS) for end in ends) == [False, True]
        assert None in ends


async def test_a_server_that_is_away_is_unavailable() -> None:
    async with Stage("host=/nowhere user=nobody dbname=none", wait=0.3) as stage:
        with pytest.raises(Unavailable):
            async with stage.begin():
                raise AssertionError


async def test_a_connection_lost_in_the_middle_is_unavailable(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage, Stage(postgres_dsn) as other:
        [ana] = await stage.members()
        with pytest.raises(Unavailable):
            async with stage.begin() as tx:
                await tx.lock_members(ana)
                tx.announce(Noted(member=ana))
                pid = await tx.value(int, "SELECT pg_backend_pid()")
                await other.db.run("SELECT pg_terminate_backend($1)", pid)
                await tx.value(int, "SELECT 1")
        assert await stage.count("event_logs") == 0


DEFECTS = {
    "a statement that takes too long": "SELECT count(*) FROM generate_series(1, 1000000000)",
    "a value too long for its index": "INSERT INTO timers SELECT string_agg(random()::text, ''), '2026-01-01', '', '', "
    "'{}', NULL, gen_random_uuid() FROM generate_series(1, 100000)",
}


@pytest.mark.parametrize("sql", DEFECTS.values(), ids=DEFECTS.keys())
async def test_a_statement_at_fault_is_not_taken_for_a_lost_server(postgres_dsn: str, sql: str) -> None:
    """Else the bus would try it for ever, and hold up whoever comes behind it."""
    async with Stage(postgres_dsn, statement_timeout=0.3) as stage:
        with pytest.raises(psycopg.Error):
            async with stage.begin() as tx:
                await tx.run(sql)


async def _asleep(tx: Tx) -> None:
    await tx.value(int, "SELECT 1 FROM pg_sleep(20)")


async def _asleep_in_a_row(tx: Tx) -> None:
    await tx.send("SELECT pg_sleep(20)")
    await tx.send("SELECT 1")
    await tx.run("SELECT 2")


async def _asleep_at_the_commit(tx: Tx) -> None:
    await tx.send("SELECT pg_sleep(20)")


@pytest.mark.parametrize("sleep", [_asleep, _asleep_in_a_row, _asleep_at_the_commit])
@pytest.mark.parametrize("cut", [False, True], ids=["in order", "and the connection lost"])
async def test_who_is_cancelled_ends_cancelled(
    postgres_dsn: str, sleep: Callable[[Tx], Awaitable[None]], *, cut: bool
) -> None:
    """Not as `Unavailable`, which a loop that waits for PostgreSQL would take for a reason to go on."""
    sleeping = "datname = current_database() AND wait_event = 'PgSleep'"
    async with Stage(postgres_dsn) as stage, Stage(postgres_dsn) as near:

        async def work() -> None:
            async with stage.begin() as tx:
                await sleep(tx)

        task = asyncio.create_task(work())
        await until(lambda: near.count("pg_stat_activity", sleeping))
        task.cancel()
        if cut:
            await near.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {sleeping}")  # noqa: S608 - ours
        async with asyncio.timeout(60):
            [end] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError)
        assert await stage.count("users") == 0, "the pool serves the next one"


async def test_a_cancellation_that_comes_with_the_answer_is_not_lost(postgres_dsn: str) -> None:
    """As `asyncio.wait_for` loses it before Python 3.12: here by an effect that swallows it."""

    reached = asyncio.Event()

    async def work(stage: Stage) -> None:
        async with stage.begin() as tx:
            await tx.value(int, "SELECT 1")
            reached.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async with Stage(postgres_dsn) as stage:
        task = asyncio.create_task(work(stage))
        await reached.wait()
        task.cancel()
        [end] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError)


async def test_one_statement_asked_again_before_its_answer_is_read_has_each_its_own(postgres_dsn: str) -> None:
    asked = "SELECT $1::int + $2::int"
    async with Stage(postgres_dsn) as stage:
        for _ in range(2):  # the second time by cursors that have answered before
            async with stage.begin() as tx:
                await tx.send(asked, 1, 1)
                first, second = await tx.ask(asked, 1, 2), await tx.ask(asked, 2, 2)
                await tx.send(asked, 1, 4)
                third = await tx.ask(asked, 3, 3)
                assert [await answer.column(int) for answer in (second, third, first)] == [[4], [6], [3]]
