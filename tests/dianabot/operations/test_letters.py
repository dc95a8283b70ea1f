"""Who may deal with events given up or missed, and what becomes of two who deal with the same one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from dianabot.kernel.bus.letters import NoSuchLetter
from dianabot.members import RoleTooLow
from dianabot.operations.letters import DropLetter, ReplayEvents, RetryLetter, drop_letter, replay_events, retry_letter
from dianabot.operations.rulebook import Rules
from dianabot.operations.unit import Act, Unit, Who
from tests.proof.samples import LETTER
from tests.proof.stage import START, Stage

OPERATOR = Who("cli")
Verb = Callable[[Unit, Who, Any], Awaitable[object]]


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def letter(stage: Stage) -> int:
    [ana] = await stage.members()
    [(number,)] = await stage.rows(LETTER, "{}", START, f"member:{ana}", ana)
    return int(number)


@pytest.mark.parametrize("first", [retry_letter, drop_letter])
@pytest.mark.parametrize("second", [retry_letter, drop_letter])
async def test_of_two_who_deal_with_one_letter_the_second_is_told_that_it_is_gone(
    stage: Stage, first: Verb, second: Verb
) -> None:
    number = await letter(stage)
    acts: dict[Verb, Act[Any]] = {
        retry_letter: RetryLetter(letter=number),
        drop_letter: DropLetter(letter=number, reason="old"),
    }

    async def deal(verb: Verb) -> None:
        async with stage.begin() as tx:
            await verb(Unit(tx, Rules()), OPERATOR, acts[verb])

    async with stage.begin() as tx:
        await first(Unit(tx, Rules()), OPERATOR, acts[first])
        late = asyncio.create_task(deal(second))
        await stage.somebody_waits()
    with pytest.raises(NoSuchLetter):
        await late
    assert await stage.count("audit_log") == 1
    assert await stage.count("deliveries") == (1 if first is retry_letter else 0)


@pytest.mark.parametrize(
    ("verb", "act"),
    [
        (retry_letter, RetryLetter(letter=1)),
        (drop_letter, DropLetter(letter=1, reason="old")),
        (replay_events, ReplayEvents(consumer="ears", since=START)),
    ],
)
async def test_it_is_for_those_in_charge(stage: Stage, verb: Verb, act: Act[Any]) -> None:
    await letter(stage)
    [fan] = await stage.members()
    with pytest.raises(RoleTooLow):
        async with stage.begin() as tx:
            await tx.lock_members(fan)
            await verb(Unit(tx, Rules()), Who(f"member:{fan}", fan), act)
    assert await stage.count("dead_letters") == 1
