"""Never more than so many in any window, whatever happens to Valkey."""

import asyncio
import itertools
import random
import secrets
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianabot.kernel import metrics
from dianabot.kernel.clock import ManualClock
from dianabot.kernel.errors import Refusal
from dianabot.kernel.limits import _REMEMBERED, Limit, Limits, TooMany
from dianabot.kernel.valkey import Valkey
from tests.dianabot.kernel.own_valkey import Server
from tests.proof.stage import START

THREE_A_MINUTE = Limit(3, 60)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def valkey(valkey_url: str, clock: ManualClock) -> AsyncIterator[Valkey]:
    client = Valkey(valkey_url, clock, timeout=10.0)
    yield client
    await client.close()


@pytest.fixture
def member() -> int:
    return secrets.randbits(40)


STORIES = [
    # what is done: t = take, a number = seconds that pass; what take answers
    ("t t t", [0, 0, 0]),
    ("t t t t", [0, 0, 0, 60]),
    ("t 10 t 10 t 10 t", [0, 0, 0, 30]),
    ("t 10 t 10 t 40 t", [0, 0, 0, 0]),
    ("t 10 t 10 t 39.999 t", [0, 0, 0, 0.001]),
    ("t t t 30 t t t 30 t t t t", [0, 0, 0, 30, 30, 30, 0, 0, 0, 60]),
    ("t t 59 t t 1 t t t", [0, 0, 0, 1, 0, 0, 59]),
]


@pytest.mark.parametrize("where", ["in Valkey", "in the process", "after a flush"])
@pytest.mark.parametrize(("story", "answers"), STORIES)
async def test_a_window_slides(
    where: str, story: str, answers: list[float], valkey: Valkey, clock: ManualClock, member: int
) -> None:
    limits = Limits(Valkey(None, clock) if where == "in the process" else valkey, clock)
    answered = []
    for step in story.split():
        if step != "t":
            clock.advance(float(step))
            continue
        if where == "in Valkey":  # another process each time: only what they share can stop it
            limits = Limits(valkey, clock)
        elif where == "after a flush":
            await valkey.delete(f"limit:decide:{member}")
        answered.append(await limits.take("decide", member, THREE_A_MINUTE))
    assert answered == answers


@pytest.mark.parametrize("where", ["in Valkey", "in the process"])
async def test_a_clock_that_is_put_back_shuts_nobody_out_until_the_hour_comes_again(
    where: str, valkey: Valkey, clock: ManualClock, member: int
) -> None:
    limits = Limits(Valkey(None, clock) if where == "in the process" else valkey, clock)
    clock.advance(3600)
    for _ in range(3):
        assert await limits.take("probe", member, THREE_A_MINUTE) == 0
    clock.advance(-3600)
    assert not limits.is_full("probe", member, THREE_A_MINUTE)
    assert [await limits.take("probe", member, THREE_A_MINUTE) for _ in range(4)] == [0, 0, 0, 60]


async def test_people_and_acts_are_counted_apart_and_the_key_goes_by_itself(
    valkey: Valkey, clock: ManualClock, member: int
) -> None:
    limits = Limits(valkey, clock)
    once = Limit(1, 60)
    takes = [("react", member), ("decide", member), ("react", member + 1), ("react", member)]
    assert [await limits.take(act, who, once) for act, who in takes] == [0, 0, 0, 60]
    lives = await valkey.batch(("PTTL", f"limit:react:{member}"))
    assert lives is not None
    assert 0 < lives[0] <= 60_000


@pytest.mark.parametrize("away", [True, False])
async def test_those_who_come_at_once_are_counted_one_by_one(
    valkey: Valkey, clock: ManualClock, member: int, *, away: bool
) -> None:
    limits = Limits(Valkey(None, clock) if away else valkey, clock)
    answers = await asyncio.gather(*(limits.take("react", member, THREE_A_MINUTE) for _ in range(20)))
    assert sorted(answers) == [0] * 3 + [60] * 17


async def test_a_limit_that_is_lowered_holds_at_once(valkey: Valkey, clock: ManualClock, member: int) -> None:
    for valkey_or_none in (valkey, Valkey(None, clock)):
        limits = Limits(valkey_or_none, clock)
        for _ in range(3):
            await limits.take("react", member, THREE_A_MINUTE)
            clock.advance(10)
        shared = Limits(valkey_or_none, clock) if valkey_or_none is valkey else limits
        assert await shared.take("react", member, Limit(1, 60)) == 50
        assert await shared.take("react", member, Limit(2, 60)) == 40
        clock.advance(60)


async def test_a_refused_try_is_not_counted(valkey: Valkey, clock: ManualClock, member: int) -> None:
    once = Limit(1, 60)
    mine, yours = Limits(valkey, clock), Limits(valkey, clock)
    await mine.take("buy", member, once)
    clock.advance(30)
    assert await yours.take("buy", member, once) == 30
    clock.advance(30)
    assert await yours.take("buy", member, once) == 0


async def test_too_many_is_a_refusal_with_whole_seconds(clock: ManualClock) -> None:
    limits = Limits(Valkey(None, clock), clock)
    await limits.require("buy", 7, Limit(1, 60))
    clock.advance(0.75)
    with pytest.raises(TooMany) as refused:
        await limits.require("buy", 7, Limit(1, 60))
    assert refused.value.to_json() == {"refused": "TooMany", "act": "buy", "wait": 60}
    assert Refusal.from_json(refused.value.to_json()) == refused.value


async def test_refusals_are_counted_by_act(clock: ManualClock) -> None:
    limits = Limits(Valkey(None, clock), clock)
    act = f"probe{secrets.token_hex(4)}"
    for _ in range(3):
        await limits.take(act, 7, Limit(1, 60))
    assert f'limits_refused_total{{act="{act}"}} 2.0' in metrics.exposition().decode()


async def test_without_valkey_an_act_with_its_own_count_asks_the_database(valkey: Valkey, clock: ManualClock) -> None:
    asked: list[tuple[int, Limit]] = []
    waits = iter([0.0, 12.0, 0.0])

    async def bought(member: int, limit: Limit) -> float:
        asked.append((member, limit))
        return next(waits)

    hourly, who = Limit(5, 3600), secrets.randbits(40)
    limits = Limits(Valkey(None, clock), clock, {"buy": bought})
    assert [await limits.take("buy", who, hourly) for _ in range(3)] == [0, 12, 0]
    assert await limits.take("react", who, hourly) == 0
    assert await Limits(valkey, clock, {"buy": bought}).take("buy", who, hourly) == 0
    assert asked == [(who, hourly)] * 3


async def test_what_the_database_cannot_answer_takes_no_place(clock: ManualClock) -> None:
    async def broken(_member: int, _limit: Limit) -> float:
        raise ConnectionError

    limits = Limits(Valkey(None, clock), clock, {"buy": broken})
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await limits.take("buy", 7, Limit(1, 60))


async def test_going_over_to_the_process_while_valkey_is_killed_lets_nobody_start_anew(clock: ManualClock) -> None:
    with Server.running() as server:
        valkey = Valkey(server.url, clock)
        limits = Limits(valkey, clock)
        before = [await limits.take("buy", 7, THREE_A_MINUTE) for _ in range(2)]
        server.kill()
        during = [await limits.take("buy", 7, THREE_A_MINUTE) for _ in range(2)]
        server.start()
        clock.advance(30)
        assert await valkey.ping()
        after = await limits.take("buy", 7, THREE_A_MINUTE)
        assert (before, during, after) == ([0, 0], [0, 60], 30)
        await valkey.close()


async def test_the_process_remembers_no_more_than_it_should(clock: ManualClock) -> None:
    limits = Limits(Valkey(None, clock), clock)
    for who in [*range(_REMEMBERED), 0, *range(_REMEMBERED, _REMEMBERED + 5)]:
        await limits.take("react", who, Limit(1, 60))
    assert len(limits._windows) == _REMEMBERED
    assert [await limits.take("react", who, Limit(1, 60)) for who in (0, _REMEMBERED, 1)] == [60, 60, 0]


async def test_a_place_that_was_forgotten_meanwhile_need_not_be_given_back(clock: ManualClock) -> None:
    async def forgets(_member: int, _limit: Limit) -> float:
        limits._windows.clear()
        return 1.0

    limits = Limits(Valkey(None, clock), clock, {"buy": forgets})
    assert await limits.take("buy", 7, Limit(1, 60)) == 1.0


@pytest.mark.parametrize(("count", "seconds"), [(0, 60), (-1, 60), (1, 0)])
def test_a_limit_that_allows_nothing_is_no_limit(count: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="allows nothing"):
        Limit(count, seconds)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # an address, and every member is a new one
)
@given(
    steps=st.lists(
        st.one_of(st.sampled_from(["mine", "yours", "both"]), st.integers(1, 4000).map(lambda ms: ms / 1000)),
        max_size=60,
    ),
    limit=st.builds(Limit, st.integers(1, 4), st.sampled_from([0.5, 2.0, 5.0])),
    fate=st.sampled_from(["shared", "alone", "alone and flushed"]),
    seed=st.integers(0, 2**32),
)
def test_there_are_never_more_than_so_many_in_any_window(
    valkey_url: str, steps: list[str | float], limit: Limit, fate: str, seed: int
) -> None:
    """Of two processes while they share Valkey, and of each alone whatever Valkey forgets."""
    chance, member = random.Random(seed), secrets.randbits(60)

    async def play() -> None:
        clock = ManualClock()
        valkey = Valkey(None if fate == "alone" else valkey_url, clock)
        mine, yours = Limits(valkey, clock), Limits(valkey, clock)
        allowed: list[float] = []
        for step in steps:
            if isinstance(step, float):
                clock.advance(step)
                continue
            if fate == "alone and flushed" and chance.random() < 0.5:
                await valkey.delete(f"limit:x:{member}")
            who = [mine] if fate != "shared" or step == "mine" else [yours] if step == "yours" else [mine, yours]
            waits = await asyncio.gather(*(limits.take("x", member, limit) for limits in who))
            allowed += [clock.monotonic()] * waits.count(0.0)
            if fate != "shared" and waits[0] > 0:
                clock.advance(waits[0])
                assert fate == "alone and flushed" or await mine.take("x", member, limit) == 0
                allowed += [clock.monotonic()] if fate != "alone and flushed" else []
        for first, later in zip(allowed, itertools.islice(allowed, limit.count, None), strict=False):
            assert later - first >= limit.seconds - 1e-6
        await valkey.close()

    asyncio.run(play())


async def test_whether_a_window_is_full_can_be_asked_without_counting() -> None:
    clock = ManualClock(START)
    limits = Limits(Valkey(None, clock), clock)
    limit = Limit(2, 60)
    for full in (False, False, True):
        assert limits.is_full("decision", 1, limit) is limits.is_full("decision", 1, limit) is full
        await limits.take("decision", 1, limit)
    assert not limits.is_full("decision", 2, limit)
    clock.advance(61)
    assert not limits.is_full("decision", 1, limit)
