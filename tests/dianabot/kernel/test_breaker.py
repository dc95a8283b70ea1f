"""The fuse, as a table: what happened on the left, the state it leads to on the right."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.kernel.breaker import Breaker, BreakerOpen, State
from dianabot.kernel.clock import ManualClock


async def call(breaker: Breaker, outcome: str) -> str:
    """One call with that outcome; says `left alone` when the breaker did not let it through."""
    errors: dict[str, BaseException] = {
        "fails": ConnectionError(),
        "late": TimeoutError(),
        "answers no": ValueError(),
        "cancelled": asyncio.CancelledError(),
    }
    try:
        async with breaker:
            if outcome in errors:
                raise errors[outcome]
    except BreakerOpen:
        return "left alone"
    except (OSError, ValueError, asyncio.CancelledError):
        return outcome
    return outcome


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("", State.CLOSED),
        ("fails " * 4, State.CLOSED),
        ("fails " * 5, State.OPEN),
        ("late " * 5, State.OPEN),
        ("fails " * 4 + "ok " + "fails " * 4, State.CLOSED),
        ("fails " * 4 + "answers_no " + "fails " * 4, State.CLOSED),
        ("answers_no " * 9, State.CLOSED),
        ("cancelled " * 9, State.CLOSED),
        ("fails " * 4 + "cancelled " + "fails", State.OPEN),
        ("fails " * 5 + "29.9", State.OPEN),
        ("fails " * 5 + "30", State.HALF_OPEN),
        ("fails " * 5 + "30 ok", State.CLOSED),
        ("fails " * 5 + "30 answers_no", State.CLOSED),
        ("fails " * 5 + "30 fails", State.OPEN),
        ("fails " * 5 + "30 fails 29.9", State.OPEN),
        ("fails " * 5 + "30 cancelled", State.HALF_OPEN),
        ("fails " * 5 + "30 cancelled ok", State.CLOSED),
        ("fails " * 5 + "30 ok " + "fails " * 4, State.CLOSED),
        ("fails " * 5 + "30 ok " + "fails " * 5, State.OPEN),
    ],
)
async def test_what_happened_leads_to(story: str, state: State) -> None:
    clock = ManualClock()
    breaker = Breaker("target", clock)
    for step in story.split():
        if step[0].isdigit():
            clock.advance(float(step))
        else:
            assert await call(breaker, step.replace("_", " ")) != "left alone"
    assert breaker.state is state


async def test_an_open_breaker_sends_nothing_and_says_how_long() -> None:
    clock = ManualClock()
    breaker = Breaker("telegram", clock, failures=1, rest=30)
    await call(breaker, "fails")
    clock.advance(10)
    with pytest.raises(BreakerOpen, match=r"telegram is left alone for another 20\.0 s") as told:
        async with breaker:
            pytest.fail("it was let through")
    assert (told.value.name, told.value.wait, breaker.wait) == ("telegram", 20.0, 20.0)


async def test_half_open_lets_one_call_try_while_the_others_are_left_alone() -> None:
    clock = ManualClock()
    breaker = Breaker("target", clock, failures=1)
    await call(breaker, "fails")
    clock.advance(30)
    inside, answer = asyncio.Event(), asyncio.Event()

    async def trial() -> None:
        async with breaker:
            inside.set()
            await answer.wait()

    trying = asyncio.create_task(trial())
    await inside.wait()
    assert {await call(breaker, "ok") for _ in range(3)} == {"left alone"}
    answer.set()
    await trying
    assert breaker.state is State.CLOSED
    assert await call(breaker, "ok") == "ok"


@pytest.mark.parametrize("outcome", ["ok", "fails"])
async def test_a_call_from_before_the_fuse_blew_decides_nothing(outcome: str) -> None:
    clock = ManualClock()
    breaker = Breaker("target", clock, failures=1)
    inside, answer = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with breaker:
            inside.set()
            await answer.wait()
            if outcome == "fails":
                raise ConnectionError

    old = asyncio.create_task(slow())
    await inside.wait()
    await call(breaker, "fails")
    clock.advance(20)
    answer.set()
    await asyncio.gather(old, return_exceptions=True)
    seen = [breaker.state]
    clock.advance(10)
    assert [*seen, breaker.state] == [State.OPEN, State.HALF_OPEN]


async def test_only_declared_failures_count() -> None:
    breaker = Breaker("target", ManualClock(), failures=1, counts=(ValueError,))
    await call(breaker, "fails")
    seen = [breaker.state]
    await call(breaker, "answers no")
    assert [*seen, breaker.state] == [State.CLOSED, State.OPEN]


async def test_what_is_ignored_says_nothing() -> None:
    clock = ManualClock()
    breaker = Breaker("target", clock, failures=2, ignores=(ValueError,))
    for outcome in ["fails", "answers no", "fails"]:
        await call(breaker, outcome)
    seen = [breaker.state]
    clock.advance(30)
    await call(breaker, "answers no")
    assert [*seen, breaker.state] == [State.OPEN, State.HALF_OPEN]
    assert await call(breaker, "ok") == "ok"


async def test_every_change_is_told_once() -> None:
    told: list[tuple[str, State]] = []
    clock = ManualClock()
    breaker = Breaker("target", clock, failures=2, changed=lambda name, state: told.append((name, state)))
    for outcome in ["ok", "fails", "ok", "fails", "fails", "fails"]:
        await call(breaker, outcome)
    clock.advance(30)
    await call(breaker, "ok")
    assert told == [("target", s) for s in (State.CLOSED, State.OPEN, State.HALF_OPEN, State.CLOSED)]


@given(st.lists(st.one_of(st.sampled_from(["ok", "fails", "answers no", "cancelled"]), st.floats(0.1, 40))))
def test_a_target_that_fails_is_asked_at_most_five_times_and_then_once_in_half_a_minute(
    story: list[str | float],
) -> None:
    clock = ManualClock()
    breaker = Breaker("target", clock)
    asked: list[tuple[float, str]] = []

    async def play() -> None:
        for step in story:
            if isinstance(step, float):
                clock.advance(step)
            elif await call(breaker, step) != "left alone":
                asked.append((clock.monotonic(), step))

    asyncio.run(play())
    failed_in_a_row: list[float] = []
    for at, outcome in asked:
        if outcome in {"ok", "answers no"}:
            failed_in_a_row = []
        elif outcome == "fails":
            failed_in_a_row.append(at)
        if len(failed_in_a_row) > 5:
            assert failed_in_a_row[-1] - failed_in_a_row[-2] >= 30 - 1e-6
