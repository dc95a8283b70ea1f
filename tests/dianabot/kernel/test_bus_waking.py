import asyncio
import contextlib
import os
from pathlib import Path
from urllib.parse import quote, unquote

from dianabot.kernel.bus import Consequence, Consumers, Hints, Tail, fan_out, heard, spare
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.tx import UNWANTED, Woken
from dianabot.kernel.valkey import Valkey
from dianabot.worker import Worker
from tests.proof.stage import Aired, Alarmed, Noted, Stage, running, see_all, seeing, tails_may_read, until

HEARD = Consumers(
    (Consequence("ears", "proof.noted", seeing("ears")),),
    (Tail("tail", ("proof.aired",), lambda tx, events: see_all(tx, "tail", events)),),
)
CUT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_hint_is_enough_and_the_poll_is_not_waited_for(postgres_dsn: str) -> None:
    woken: list[Woken] = []
    async with Stage(postgres_dsn, HEARD, wake=woken.extend) as stage:
        await stage.watch()
        [ana] = await stage.members()
        async with running(stage.bus):
            await until(lambda: stage.count("tails"))
            await stage.happen(Noted(member=ana, n=1))
            [hint] = woken
            await tails_may_read(stage.db)  # a hint that finds them held up by another test would not be repeated
            stage.bus.wake(hint)
            await until(stage.at_rest)
        assert stage.clock.monotonic() == 0.0, "nobody's clock moved"
        assert await stage.seen() == [(f"member:{ana}", 1)]


async def test_without_a_hint_the_poll_finds_it(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        await stage.watch()
        [ana] = await stage.members()
        async with running(stage.bus):
            await until(lambda: stage.count("tails"))
            await stage.happen(Noted(member=ana, n=1), Aired(channel=1, n=2))
            await until(lambda: _rest_in_time(stage))
            await until(lambda: stage.count("seen", "consumer = 'tail'"))
        assert len(await stage.seen()) == 2


async def test_a_hint_for_somebody_else_is_no_concern_of_ours(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD) as stage:
        stage.bus.wake(Woken("somebody", 3, urgent=True))
        await stage.bus.drain()


async def test_what_it_has_no_use_for_is_not_handed_to_it_and_wakes_nobody(postgres_dsn: str) -> None:
    woken: list[Woken] = []
    sparing = Consumers((
        *(Consequence("ears", event, seeing("ears")) for event in ("proof.noted", "proof.alarmed")),
        Consequence("eyes", "proof.noted", seeing("eyes")),
    ))  # fmt: skip
    async with Stage(postgres_dsn, sparing, wake=woken.extend) as stage:
        await stage.watch()
        [ana] = await stage.members()

        async def happens(*spared: str) -> set[tuple[str, bool]]:
            """Who is woken by the same facts, and whether it is urgent."""
            async with stage.begin() as tx:
                await spare(tx, "ears", spared)
            woken.clear()
            async with stage.begin() as tx:
                tx.unwanted = frozenset(await tx.value(list, f"SELECT {UNWANTED}") or ())
                await tx.lock_members(ana)
                tx.announce(Noted(member=ana, n=1))
                tx.announce(Alarmed(member=ana, n=2))
            return {(one.consumer, one.urgent) for one in woken}

        assert await happens() == {("ears", False), ("ears", True), ("eyes", False)}
        assert await happens("proof.noted") == {("ears", True), ("eyes", False)}
        assert await happens("proof.alarmed") == {("ears", False), ("eyes", False)}
        assert await happens("proof.noted", "proof.alarmed") == {("eyes", False)}
        await stage.bus.drain()
        assert [n for _, n in await stage.seen("ears")] == [1, 2, 2, 1]
        assert [n for _, n in await stage.seen("eyes")] == [1, 1, 1, 1]


async def test_what_one_process_announces_wakes_another_through_valkey(postgres_dsn: str, valkey_url: str) -> None:
    real = SystemClock()
    announcing, listening = (Valkey(valkey_url, real, timeout=10.0) for _ in range(2))
    hints = Hints(announcing)
    async with (
        Stage(postgres_dsn, HEARD) as stage,  # its clock stands: only a hint can wake it
        Stage(postgres_dsn, HEARD, clock=real, wake=lambda woken: hints.publish(list(woken))) as other,
    ):
        await stage.watch()
        [ana] = await stage.members()
        worker = Worker(stage.bus, listening)
        await worker.start()
        await until(lambda: stage.count("tails"))
        await until(lambda: _announce_until_heard(other, stage, Noted(member=ana, n=1)))
        assert stage.clock.monotonic() == 0.0
        await worker.check()
        await worker.stop()
    await hints.close()
    await announcing.close()
    await listening.close()


async def test_whoever_acts_and_goes_has_told_the_others(valkey_url: str) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    joined = asyncio.Event()
    going, staying = (Valkey(valkey_url, SystemClock(), timeout=10.0) for _ in range(2))
    listening = asyncio.create_task(
        staying.subscribe("wake:ears", hear=lambda _, message: told.put_nowait(message), joined=joined.set)
    )
    async with asyncio.timeout(10):
        await joined.wait()
        hints, busy = Hints(going), asyncio.all_tasks()
        hints.publish([Woken("ears", 7, urgent=False)])
        await hints.close()
        assert asyncio.all_tasks() == busy, "nobody is still telling"
        await going.close()
        assert await told.get() == "7"
    listening.cancel()
    await asyncio.wait([listening])
    await staying.close()


def test_a_hint_travels_as_a_lane_and_a_mark() -> None:
    assert heard("wake:ears", "7") == Woken("ears", 7, urgent=False)
    assert heard("wake:ears", "7!") == Woken("ears", 7, urgent=True)


async def test_programs_outside_hear_every_event_by_its_type(postgres_dsn: str, valkey_url: str) -> None:
    clock = SystemClock()
    valkey = Valkey(valkey_url, clock, timeout=10.0)
    told: list[tuple[str, str]] = []
    joined: list[bool] = []
    async with Stage(postgres_dsn, Consumers(tails=(fan_out(valkey),)), clock=clock) as stage:
        listener = Worker(stage.bus, valkey)
        await listener.start()
        await until(lambda: stage.count("tails"))

        async def hear() -> None:
            await valkey.subscribe(
                "dianabot:events:proof.*", hear=lambda *said: told.append(said), joined=lambda: joined.append(True)
            )

        ear = asyncio.create_task(hear())
        await until(lambda: _truth(joined))
        await stage.happen(Aired(channel=1, n=5))
        await until(lambda: _truth(told))
        ear.cancel()
        await asyncio.gather(ear, return_exceptions=True)
        await listener.stop()
    await valkey.close()
    assert told[0][0] == "dianabot:events:proof.aired"
    assert '"n": 5' in told[0][1]


async def test_postgresql_away_at_the_start_is_waited_out(postgres_dsn: str, tmp_path: Path) -> None:
    """The way to the server appears only after the bus has begun."""
    before, _, folder = postgres_dsn.partition("host=")
    way = Path("/tmp") / f"way-{os.getpid()}-{tmp_path.name[-8:]}"
    async with Stage(postgres_dsn, HEARD) as near:
        await near.watch()
        far = Stage(f"{before}host={quote(str(way), safe='')}", HEARD, wait=0.2)
        async with far as stage, running(stage.bus):
            await until(lambda: _bus_waits(stage))
            way.symlink_to(unquote(folder))
            try:
                await until(lambda: _tail_saw(near, stage))
            finally:
                way.unlink()


async def test_every_connection_cut_at_once_only_delays(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, HEARD, clock=SystemClock()) as stage, Stage(postgres_dsn, HEARD, size=1) as near:
        await near.watch()
        people = await near.members(5)
        async with running(stage.bus):
            for n in range(20):
                await near.happen(*(Noted(member=member, n=n) for member in people))
                if n % 5 == 0:
                    await near.rows(CUT_OTHERS)
            await until(near.at_rest)
        seen = await near.seen()
        for member in people:
            assert [n for subject, n in seen if subject == f"member:{member}"] == list(range(20))


async def _rest_in_time(stage: Stage) -> bool:
    stage.time.advance(0.1)
    return await stage.at_rest()


async def _announce_until_heard(announcer: Stage, listener: Stage, fact: Noted) -> bool:
    """A hint may be lost while the listener is still joining: then another is given."""
    await announcer.happen(fact)
    with contextlib.suppress(TimeoutError):
        await until(lambda: _lanes_at_rest(listener), seconds=0.5)
        return True
    return False


async def _lanes_at_rest(stage: Stage) -> bool:
    """Of its tails nothing is asked: they linger by a clock that stands."""
    return not await stage.count("deliveries")


async def _truth(value: object) -> object:
    return value


async def _bus_waits(stage: Stage) -> bool:
    """Its start has failed at least once, and it is asleep until the next try."""
    stage.time.advance(0.0)
    return bool(stage.time._sleepers)


async def _tail_saw(near: Stage, stage: Stage) -> bool:
    stage.time.advance(0.1)
    if not await near.count("tails"):
        return False
    await near.happen(Aired(channel=1, n=3))
    return await near.count("seen") > 0
