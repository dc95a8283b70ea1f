import asyncio
from datetime import timedelta

import pytest

from dianabot.kernel.bus import Consequence, Consumers
from dianabot.kernel.bus.lanes import ATTEMPTS
from dianabot.kernel.events import Envelope, subject_of
from dianabot.kernel.timers import AT_ONCE, cancel_timer, fire_due, keep_timer, set_timer
from dianabot.kernel.tx import AnnouncedWithoutLock, Tx
from tests.proof.stage import START, Noted, Stage, seeing

RINGING = Consumers((Consequence("bell", "timer.ring", seeing("bell")),))
HOUR = timedelta(hours=1)


async def ring(stage: Stage, n: int, seconds: float, *, key: str = "bell", subject: str = "channel:1") -> None:
    async with stage.begin() as tx:
        await set_timer(tx, key, START + timedelta(seconds=seconds), kind="ring", subject=subject, data={"n": n})


async def test_a_timer_rings_when_it_is_due_and_once(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        await ring(stage, 1, 60)
        stage.time.advance(59.9)
        await stage.bus.drain()
        assert await stage.seen() == []
        stage.time.advance(0.1)
        for _ in range(3):
            await stage.bus.drain()
        assert await stage.seen() == [("channel:1", 1)]
        assert await stage.count("timers") == 0


async def test_it_is_undone_with_the_transaction_that_set_it(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        with pytest.raises(KeyError):
            async with stage.begin() as tx:
                await set_timer(tx, "bell", START, kind="ring", subject="system")
                raise KeyError
        assert await stage.count("timers") == 0


async def test_it_acts_under_the_members_lock_and_in_the_chain_that_set_it(postgres_dsn: str) -> None:
    async def tell(tx: Tx, event: Envelope) -> None:
        tx.announce(Noted(member=ana, n=event.data["n"]))

    async with Stage(postgres_dsn, Consumers((Consequence("bell", "timer.ring", tell),))) as stage:
        ana, eva = await stage.members(2)
        cause = stage.cause()
        async with stage.transactions.begin(cause) as tx:
            await set_timer(tx, "bell", START, kind="ring", subject=subject_of(ana), data={"n": 5})
        await stage.bus.drain()
        assert await stage.rows("SELECT user_id, correlation_id FROM event_logs") == [(ana, cause.correlation_id)]
        with pytest.raises(AnnouncedWithoutLock):
            async with stage.begin() as tx:
                tx.announce(Noted(member=eva))


async def test_set_again_it_moves(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        await ring(stage, 1, 60)
        await ring(stage, 2, 120)
        stage.time.advance(60)
        await stage.bus.drain()
        assert await stage.seen() == []
        stage.time.advance(60)
        await stage.bus.drain()
        assert await stage.seen() == [("channel:1", 2)]


async def test_cancelled_it_is_silent(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        await ring(stage, 1, 60)
        async with stage.begin() as tx:
            await cancel_timer(tx, "bell")
        stage.time.advance(90)
        await stage.bus.drain()
        assert await stage.seen() == []


async def test_a_periodic_timer_rings_once_after_a_gap_and_keeps_its_beat(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        async with stage.begin() as tx:
            await keep_timer(tx, "hourly", START + HOUR, kind="ring", subject="system", every=HOUR)
        stage.time.advance(5.5 * 3600)
        await stage.bus.drain()
        await stage.bus.drain()
        assert len(await stage.seen()) == 1
        assert await stage.rows("SELECT due_at FROM timers") == [(START + 6 * HOUR,)]
        stage.time.advance(0.5 * 3600)
        await stage.bus.drain()
        assert len(await stage.seen()) == 2


async def test_a_periodic_timer_that_runs_is_left_as_it_is(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        for first in (HOUR, 3 * HOUR):
            async with stage.begin() as tx:
                await keep_timer(tx, "hourly", START + first, kind="ring", subject="system", every=HOUR)
        assert await stage.rows("SELECT due_at FROM timers") == [(START + HOUR,)]


async def test_two_that_tick_at_once_fire_each_timer_once(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        for n in range(30):
            await ring(stage, n, 0, key=f"bell {n}", subject=f"channel:{n}")
        both_look = asyncio.Barrier(2)

        async def tick() -> int:
            async with stage.begin() as tx:
                await both_look.wait()
                fired = await fire_due(tx, {"ring": "bell"})
                await both_look.wait()
                return fired

        assert sum(await asyncio.gather(tick(), tick())) == 30
        await stage.bus.drain()
        assert sorted(n for _, n in await stage.seen()) == list(range(30))


async def test_a_kind_that_nobody_here_hears_is_left_for_those_who_do(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        async with stage.begin() as tx:
            await set_timer(tx, "later", START, kind="future", subject="system")
        await stage.bus.drain()
        assert await stage.count("timers", "kind = 'future'") == 1
        assert await stage.at_rest()


async def test_more_than_one_handful_fires_in_one_look(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, RINGING) as stage:
        await stage.watch()
        async with stage.begin() as tx:
            for n in range(2 * AT_ONCE + 1):
                await set_timer(tx, f"bell {n}", START, kind="ring", subject=f"channel:{n}", data={"n": n})
        await stage.bus.drain()
        assert sorted(n for _, n in await stage.seen()) == list(range(2 * AT_ONCE + 1))


async def test_a_consequence_of_time_that_fails_is_tried_again_and_then_given_up(postgres_dsn: str) -> None:
    async def broken(_: Tx, __: Envelope) -> None:
        raise ValueError

    async with Stage(postgres_dsn, Consumers((Consequence("bell", "timer.ring", broken),))) as stage:
        await ring(stage, 1, 0)
        for _ in range(ATTEMPTS):
            await stage.bus.drain()
            stage.time.advance(30)
        assert await stage.rows("SELECT event_type, attempts FROM dead_letters") == [("timer.ring", ATTEMPTS)]
        assert await stage.at_rest()
