"""Valkey killed, stopped, deaf or absent: nobody waits long, nothing raises, and it comes back by itself."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
import structlog
import uvloop

from dianabot.kernel.breaker import State
from dianabot.kernel.clock import ManualClock, SystemClock
from dianabot.kernel.valkey import Script, Valkey
from tests.dianabot.kernel.own_valkey import Impatient, Server, until

pytestmark = pytest.mark.slow

TIME_OUT = 0.25
Answer = TypeVar("Answer")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server.running() as running:
        yield running


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def valkey(server: Server, clock: ManualClock) -> AsyncIterator[Valkey]:
    client = Valkey(server.url, clock)
    yield client
    await client.close()


async def nothing_from(valkey: Valkey) -> bool:
    """Every question is asked at once, and each is answered with nothing."""
    answers = await asyncio.gather(
        valkey.get("x"),
        valkey.set("x", "1", seconds=1),
        valkey.delete("x"),
        valkey.publish("c", "m"),
        valkey.publish_all([("c", "m"), ("c", "n")]),
        valkey.batch(("GET", "x"), ("GET", "y")),
        valkey.run(Script("return 1"), ["x"]),
        valkey.ping(),
    )
    return answers == [None, False, False, False, False, None, None, False]


async def in_time(*calls: Awaitable[Answer]) -> list[Answer]:
    """The answers, if all are there by the time-out and a little more.

    A plain timer is the measure, and not a watch: when the machine stands still, it does so for both.
    """
    asked = [asyncio.ensure_future(call) for call in calls]
    await asyncio.wait(asked, timeout=TIME_OUT + 0.1)
    for _ in range(100):
        await asyncio.sleep(0)
    late = [call for call in asked if not call.done()]
    for call in late:
        call.cancel()
    assert not late
    return [call.result() for call in asked]


async def test_without_an_address_everything_is_nothing() -> None:
    valkey = Valkey(None, ManualClock())
    assert valkey.away
    assert await nothing_from(valkey)
    subscription = asyncio.create_task(valkey.subscribe("c", hear=lambda *_: None))
    await asyncio.sleep(0)
    assert not subscription.done()
    subscription.cancel()
    await valkey.close()


async def test_a_killed_server_is_nothing_and_is_asked_again_half_a_minute_later(
    server: Server, valkey: Valkey, clock: ManualClock
) -> None:
    await valkey.set("x", "1", seconds=60)
    server.kill()
    assert await nothing_from(valkey)
    states = [valkey.away]
    server.start()
    assert await valkey.get("x") is None
    clock.advance(30)
    states.append(valkey.away)
    assert await valkey.set("x", "2", seconds=60)
    assert await valkey.get("x") == "2"
    assert [*states, valkey.away] == [True, False, False]


async def test_going_and_coming_are_told_once(server: Server, valkey: Valkey, clock: ManualClock) -> None:
    with structlog.testing.capture_logs() as told:
        await valkey.ping()
        server.kill()
        for _ in range(3):
            await nothing_from(valkey)
            clock.advance(30)
        server.start()
        assert await valkey.ping()
    said = [line["event"] for line in told]
    assert said == ["valkey did not answer"] * 4 + ["valkey is away: working without it", "valkey is back"]


async def test_a_server_replaced_between_two_calls_is_costs_one_call_at_most(server: Server, valkey: Valkey) -> None:
    await asyncio.gather(*(valkey.ping() for _ in range(40)))
    server.kill()
    server.start()
    assert [await valkey.ping() for _ in range(40)].count(False) <= 1


async def test_a_server_that_stands_still_costs_each_caller_its_time_out_and_then_nothing(
    server: Server, valkey: Valkey, clock: ManualClock
) -> None:
    await valkey.batch(*(("SET", f"k{n}", n) for n in range(50)))
    server.signal(signal.SIGSTOP)
    assert await in_time(*(valkey.get("k0") for _ in range(100))) == [None] * 100
    quick = asyncio.ensure_future(nothing_from(valkey))
    for _ in range(20):
        await asyncio.sleep(0)
    assert quick.done()
    assert quick.result()
    server.signal(signal.SIGCONT)
    clock.advance(30)
    assert await valkey.get("k1") == "1"
    assert await asyncio.gather(*(valkey.get(f"k{n}") for n in range(50))) == [str(n) for n in range(50)]


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_port_that_takes_the_connection_and_says_nothing_costs_no_more(*, accepts: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        full = [] if accepts else [socket.create_connection(deaf.getsockname()) for _ in range(1)]
        valkey = Valkey("redis://{}:{}/0".format(*deaf.getsockname()), ManualClock())
        assert await in_time(nothing_from(valkey)) == [True]
        await valkey.close()
        for connection in full:
            connection.close()


@pytest.mark.parametrize("url", ["unix:///nowhere/s", "redis://127.0.0.1:1/0", "unix://:wrong@{socket}?db=0"])
async def test_a_wrong_address_or_password_is_nothing(url: str, server: Server) -> None:
    valkey = Valkey(url.format(socket=server.socket), ManualClock())
    assert await nothing_from(valkey)
    assert valkey.away
    await valkey.close()


async def test_a_server_that_refuses_to_write_is_nothing(valkey: Valkey) -> None:
    await valkey.batch(("CONFIG", "SET", "maxmemory", "1"))
    assert not await valkey.set("x", "1", seconds=60)
    assert await valkey.get("x") is None


async def test_a_delay_of_our_own_is_not_held_against_valkey(server: Server) -> None:
    valkey = Valkey(server.url, SystemClock())
    await valkey.ping()
    server.signal(signal.SIGSTOP)
    calls = [asyncio.create_task(valkey.get("x")) for _ in range(8)]
    await asyncio.sleep(0.01)
    time.sleep(0.6)  # noqa: ASYNC251 - this process is busy with itself
    assert await asyncio.gather(*calls) == [None] * 8
    assert valkey.breaker.state is State.CLOSED
    server.signal(signal.SIGCONT)
    assert await valkey.ping()
    await valkey.close()


@pytest.mark.drill
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_killed_under_load_the_work_goes_on(loop: Callable[[], asyncio.AbstractEventLoop], server: Server) -> None:
    async def work() -> int:
        clock = ManualClock()
        valkey = Valkey(server.url, clock)
        answered, going = 0, True

        async def caller(number: int) -> None:
            nonlocal answered
            while going:
                stored = (await in_time(valkey.set(f"k{number}", "x", seconds=60)))[0]
                answered += stored
                if not stored:
                    await asyncio.sleep(0.001)

        callers = [asyncio.create_task(caller(number)) for number in range(64)]
        for number in [signal.SIGKILL, signal.SIGSTOP] * 3:
            target = answered + 200
            await until(lambda target=target: answered >= target)  # type: ignore[misc]  # bound for this round
            server.signal(number)
            await until(lambda: valkey.away)
            await asyncio.to_thread(server.end)
            await asyncio.to_thread(server.start)
            clock.advance(30)
        going = False
        await asyncio.gather(*callers)
        await valkey.close()
        return answered

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(asyncio.wait_for(work(), 120)) >= 1200


class Ears:
    """What one subscription heard, and how often it had to join."""

    def __init__(self, valkey: Valkey, *names: str) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.joins: asyncio.Queue[None] = asyncio.Queue()
        self.task = asyncio.create_task(
            valkey.subscribe(
                *names,
                hear=lambda _, message: self.heard.put_nowait(message),
                joined=lambda: self.joins.put_nowait(None),
            )
        )

    async def end(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@pytest.mark.parametrize("way", ["killed", "stands still"])
async def test_a_subscription_comes_back_by_itself_and_says_that_there_was_a_gap(way: str, server: Server) -> None:
    clock = Impatient()
    valkey = Valkey(server.url, clock, quiet=0.05)
    ears = Ears(valkey, "c")
    async with asyncio.timeout(60):
        await ears.joins.get()
        server.signal(signal.SIGKILL if way == "killed" else signal.SIGSTOP)
        await until(lambda: len(clock.slept) >= 2)
        if way == "killed":
            server.end()
            server.start()
        else:
            server.signal(signal.SIGCONT)
        await ears.joins.get()
        assert await valkey.publish("c", "again")
        assert await ears.heard.get() == "again"
    await ears.end()
    await valkey.close()


async def test_a_subscription_keeps_trying_with_growing_pauses_that_end() -> None:
    clock = Impatient()
    ears = Ears(Valkey("unix:///nowhere/s", clock), "c")
    await until(lambda: len(clock.slept) >= 12)
    await ears.end()
    longest = [0.05 * 2**attempt for attempt in range(7)] + [5.0] * 5
    assert all(0.5 * most <= slept <= most for slept, most in zip(clock.slept, longest, strict=False))
    assert len(set(clock.slept)) == len(clock.slept)


async def test_a_subscription_that_was_back_begins_with_short_pauses_again(server: Server) -> None:
    clock = Impatient()
    ears = Ears(Valkey(server.url, clock), "c")
    async with asyncio.timeout(60):
        await ears.joins.get()
        server.kill()
        await until(lambda: len(clock.slept) >= 6)
        server.start()
        await ears.joins.get()
        before = len(clock.slept)
        server.kill()
        await until(lambda: len(clock.slept) > before)
    await ears.end()
    assert clock.slept[before] <= 0.05
