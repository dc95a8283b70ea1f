"""Telegram's speed limits, kept in common by all processes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dianabot.kernel.clock import ManualClock, SystemClock
from dianabot.kernel.valkey import Valkey
from dianabot.telegram.sender.pace import NotYet, Pace, Turns

PACE = Pace(per_second=10.0, burst=10, chat_per_second=1.0, chat_burst=3, group_per_minute=4.0)
SLOW = Pace(per_second=0.1, burst=10, chat_per_second=0.1, chat_burst=3, group_per_minute=4.0)
"""Nothing comes back while a busy machine takes its time: Valkey counts by a clock of its own."""


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Valkey]:
    found = Valkey(valkey_url, SystemClock(), timeout=10.0)
    yield found
    await found.close()


async def taken(turns: Turns, chats: range | list[int]) -> list[int]:
    """Those that may go now."""
    return [chat for chat in chats if await turns.free(chat) == 0]


async def test_two_processes_share_one_budget(valkey: Valkey) -> None:
    here, there = (Turns(valkey, SystemClock(), 42, SLOW) for _ in range(2))

    first, second = await taken(here, range(1, 4)), await taken(there, range(4, 30))

    assert first == [1, 2, 3]
    assert len(second) == 2, "unasked sends use half the burst, together"
    keys = await valkey.batch(("KEYS", "send:42:*"))
    assert keys is not None
    assert "send:42:all" in keys[0]


async def test_answers_may_use_what_unasked_sends_must_leave(valkey: Valkey) -> None:
    turns = Turns(valkey, ManualClock(), 42, SLOW)  # whoever had to wait would wait for ever
    await taken(turns, range(1, 30))

    async with asyncio.timeout(60):
        await turns.wait(77)


async def test_one_chat_gets_a_burst_of_answers_and_then_waits(valkey: Valkey) -> None:
    clock = ManualClock()
    turns = Turns(valkey, clock, 42, PACE)
    for _ in range(3):
        await turns.wait(5)

    waiting = [asyncio.create_task(turns.wait(5)) for _ in range(2)]
    done, _ = await asyncio.wait(waiting, timeout=0.2)
    assert not done
    with pytest.raises(NotYet) as later:
        await turns.wait(5)
    assert 0.5 < later.value.wait < 3.0
    assert await turns.free(6) == 0, "another chat does not wait"

    clock.advance(2.0)
    await asyncio.gather(*waiting)


async def test_unasked_sends_come_to_a_chat_one_by_one(valkey: Valkey) -> None:
    turns = Turns(valkey, SystemClock(), 42, SLOW)

    assert await turns.free(5) == 0
    assert 5.0 < await turns.free(5) <= 10.0


async def test_a_group_has_its_own_measure(valkey: Valkey) -> None:
    turns = Turns(valkey, SystemClock(), 42, PACE)

    assert await taken(turns, [-5] * 6) == [-5, -5]
    assert await turns.free(-5) > 10


async def test_a_chat_that_telegram_wants_left_alone_is(valkey: Valkey) -> None:
    turns = Turns(valkey, SystemClock(), 42, PACE)
    await turns.rest(5, 9.0)

    assert 8.0 < await turns.free(5) <= 9.0
    assert await turns.free(6) == 0


async def test_without_valkey_each_process_takes_half() -> None:
    clock = ManualClock()
    turns = Turns(Valkey(None, clock), clock, 42, PACE)
    assert await turns.free(5) == 0
    assert await turns.free(5) == 2.0

    went = 0
    for tenth in range(100):
        went += len(await taken(turns, [100 + tenth]))
        clock.advance(0.1)
    assert 45 <= went <= 60, "5 a second, and the burst"

    await turns.rest(7, 9.0)
    assert await turns.free(7) == pytest.approx(9.0)


async def test_without_a_pace_nobody_waits() -> None:
    clock = ManualClock()
    turns = Turns(Valkey(None, clock), clock, 42, None)

    for _ in range(500):
        await turns.wait(5)
    assert await turns.free(5) == 0
