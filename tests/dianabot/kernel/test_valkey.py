"""The client on a real server; what happens without one stands in test_without_valkey.py."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.valkey import Script, Valkey


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Valkey]:
    client = Valkey(valkey_url, SystemClock(), connections=4, timeout=10.0)
    yield client
    await client.close()


@pytest.fixture
def name() -> str:
    return f"probe:{uuid.uuid4()}"


async def test_what_is_set_is_there_until_it_is_deleted(valkey: Valkey, name: str) -> None:
    assert await valkey.get(name) is None
    assert await valkey.set(name, "mañana", seconds=60)
    assert await valkey.get(name) == "mañana"
    assert await valkey.delete(name)
    assert await valkey.get(name) is None
    assert await valkey.delete()
    assert await valkey.ping()


async def test_what_is_set_goes_by_itself(valkey: Valkey, name: str) -> None:
    await valkey.set(name, "x", seconds=0.02)

    async def gone() -> bool:
        return await valkey.get(name) is None

    await until(gone)


async def test_a_batch_answers_in_order_and_is_nothing_when_one_part_is_wrong(valkey: Valkey, name: str) -> None:
    assert await valkey.batch(("SET", name, 1), ("INCRBY", name, 5), ("GET", name)) == [True, 6, "6"]
    assert await valkey.batch(("LPUSH", name, "x"), ("GET", name)) is None
    assert await valkey.batch(("LPUSH", name, "x")) is None
    assert await valkey.get(name) == "6"


async def test_a_script_runs_whether_the_server_knows_it_or_not(valkey: Valkey, name: str) -> None:
    script = Script(f"return {{KEYS[1], ARGV[1], ARGV[2], '{uuid.uuid4()}'}}")
    for _ in range(2):
        assert (await valkey.run(script, [name], 7, "x"))[:3] == [name, "7", "x"]  # type: ignore[index]  # it answered
    assert (await valkey.batch(("SCRIPT", "EXISTS", script.sha))) == [[True]]
    assert await valkey.batch(("SCRIPT", "FLUSH")) is not None
    assert (await valkey.run(script, [name], 7, "x"))[:1] == [name]  # type: ignore[index]  # it answered


async def test_more_callers_than_connections_take_turns(valkey: Valkey, name: str) -> None:
    await valkey.set(name, "x", seconds=60)
    assert set(await asyncio.gather(*(valkey.get(name) for _ in range(100)))) == {"x"}


async def test_a_cancelled_call_leaves_the_next_one_its_own_answer(valkey: Valkey, name: str) -> None:
    await valkey.batch(("SET", f"{name}:a", "a"), ("SET", f"{name}:b", "b"))
    for turns in range(30):
        call = asyncio.create_task(valkey.get(f"{name}:a"))
        for _ in range(turns):
            await asyncio.sleep(0)
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            assert await call == "a"
        assert await valkey.get(f"{name}:b") == "b"


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await fact():
                return
            await asyncio.sleep(0.005)


class Ears:
    """What one subscription heard, and a way to wait for it."""

    def __init__(self, valkey: Valkey, *names: str) -> None:
        self.heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.joined = asyncio.Event()
        self.task = asyncio.create_task(
            valkey.subscribe(*names, hear=lambda *said: self.heard.put_nowait(said), joined=self.joined.set)
        )

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(60):
            await self.joined.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(60):
            return await self.heard.get()


async def test_who_joined_hears_channels_and_patterns_in_order(valkey: Valkey, name: str) -> None:
    async with Ears(valkey, f"{name}:one", f"{name}:many.*") as ears:
        assert await valkey.publish(f"{name}:one", "1")
        assert await valkey.publish_all([(f"{name}:many.a", "2"), (f"{name}:other", "no"), (f"{name}:many.b", "3")])
        assert await valkey.publish_all([])
        heard = [await ears.next() for _ in range(3)]
    assert heard == [(f"{name}:one", "1"), (f"{name}:many.a", "2"), (f"{name}:many.b", "3")]


async def test_a_subscription_to_patterns_alone_or_channels_alone_works(valkey: Valkey, name: str) -> None:
    async with Ears(valkey, f"{name}*") as patterns, Ears(valkey, f"{name}x") as channels:
        await valkey.publish(f"{name}x", "1")
        assert await patterns.next() == await channels.next() == (f"{name}x", "1")


async def test_what_is_said_while_joining_is_heard(valkey: Valkey, name: str) -> None:
    """Every message that the server says somebody received, between the answers to the names or behind them."""
    ears = Ears(valkey, f"{name}:first", *(f"{name}:{number}" for number in range(500)), f"{name}:f*")
    received = 0
    while not ears.joined.is_set() or not received:
        answer = await valkey.batch(("PUBLISH", f"{name}:first", "x"))
        assert answer is not None
        received += answer[0]
    for _ in range(received):
        assert await ears.next() == (f"{name}:first", "x")
    assert ears.heard.empty()
    await ears.__aexit__()


async def test_a_quiet_subscription_asks_whether_the_server_lives_and_stays(valkey_url: str, name: str) -> None:
    valkey = Valkey(valkey_url, SystemClock(), quiet=0.01)

    async def pings() -> int:
        answer = await valkey.batch(("INFO", "commandstats"))
        assert answer is not None
        return int(answer[0].get("cmdstat_ping", {"calls": 0})["calls"])

    async with Ears(valkey, name) as ears:
        before = await pings()

        async def asked_thrice() -> bool:
            return await pings() >= before + 3

        await until(asked_thrice)
        await valkey.publish(name, "still there")
        assert await ears.next() == (name, "still there")
    await valkey.close()
