"""A deed is rewarded once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Self

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.operations.combine_hints import Combine
from dianabot.operations.rewards import GIVERS, grant
from dianabot.operations.rulebook import Rules
from dianabot.operations.unit import Unit
from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.gift import Gift
from dianabot.vocabulary.gifts import GIFTS
from dianabot.vocabulary.reward import Reward
from dianabot.vocabulary.world import World
from tests.dianabot.operations.reading import reader, take
from tests.proof.house import House
from tests.proof.stage import Stage
from tests.proof.tale import publish, tale


@dataclass(frozen=True)
class Shells(Gift):
    """Until a slice can give something, a gift of our own."""

    key: ClassVar[str] = "shells"
    number: int

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        raise NotImplementedError

    def write(self) -> Json:
        return self.number

    def plus(self, other: Self) -> Self:
        raise NotImplementedError


REWARD = Reward((Shells(5),))


class Beach:
    """Where shells are given, and remembered."""

    def __init__(self) -> None:
        self.given: list[tuple[MemberId, int, str]] = []

    async def give(self, _: Unit, member: MemberId, gift: Shells, cause: str) -> Shells:
        self.given.append((member, gift.number, cause))
        return gift


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def reward(stage: Stage, beach: Beach, member: MemberId, cause: str) -> bool:
    async with stage.begin() as tx:
        return await grant(Unit(tx, Rules()), member, REWARD, cause, givers={"shells": beach.give})


async def test_once_per_cause_and_member(stage: Stage) -> None:
    ana, eva = await stage.members(2)
    beach = Beach()

    answers = [
        await reward(stage, beach, ana, "decision:1"),
        await reward(stage, beach, ana, "decision:1"),
        await reward(stage, beach, eva, "decision:1"),
        await reward(stage, beach, ana, "decision:2"),
    ]

    assert answers == [True, False, True, True]
    assert beach.given == [(ana, 5, "decision:1"), (eva, 5, "decision:1"), (ana, 5, "decision:2")]


async def test_two_at_once_give_once(stage: Stage) -> None:
    [ana] = await stage.members()
    beach = Beach()

    answers = await asyncio.gather(*(reward(stage, beach, ana, "decision:1") for _ in range(4)))

    assert sorted(answers) == [False, False, False, True]
    assert len(beach.given) == 1


async def test_an_empty_reward_gives_nothing_and_leaves_no_trace(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        assert await grant(Unit(tx, Rules()), ana, Reward(), "decision:1")

    assert await stage.count("rewards_given") == 0
    assert await reward(stage, Beach(), ana, "decision:1")


async def test_what_was_given_is_what_came_and_not_what_she_has_already(postgres_dsn: str) -> None:
    again = {"items": {"moon": 1}, "hints": ["key"], "unlock_fragments": ["attic"]}
    first = {**again, "items": {"lantern": 1, "moon": 1}, "hints": ["key", "map"], "besitos": 3}
    story = tale().model_dump(mode="json")
    story["fragments"][0]["decisions"][0]["reward"] = first
    story["fragments"][1]["decisions"][2]["reward"] = again
    story["fragments"][1]["reward"] = {}
    story["combinations"][0]["reward"] = {**again, "besitos": 5}
    async with House(postgres_dsn) as house:
        await publish(house, World.model_validate(story))
        ana = await reader(house)
        assert (await take(house, ana, "open")).given == first
        assert (await take(house, ana, "turn")).given == {}
        act = Combine(hints=["key", "map"])
        assert (await house.coordinator.run(act, key="join", member=ana, actor="member")).given == {"besitos": 5}


def test_whatever_can_be_promised_can_be_given() -> None:
    assert GIFTS.keys() == GIVERS.keys()
