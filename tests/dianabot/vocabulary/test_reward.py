"""What a reward may say, and how rewards add up."""

from dataclasses import dataclass
from typing import ClassVar, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.vocabulary.document import Json, Place, WrongDocument
from dianabot.vocabulary.gift import Gift
from dianabot.vocabulary.gifts import GIFTS
from dianabot.vocabulary.reward import Reward, dump, parse


@dataclass(frozen=True)
class Amount(Gift):
    amount: int

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        if type(value) is not int:
            place.wrong("wrong_type", "whole_number")
            return None
        return cls(value)

    def write(self) -> Json:
        return self.amount

    def plus(self, other: Self) -> Self:
        return type(self)(self.amount + other.amount)


@dataclass(frozen=True)
class Coins(Amount):
    key: ClassVar[str] = "coins"


@dataclass(frozen=True)
class Points(Amount):
    key: ClassVar[str] = "points"


KNOWN: dict[str, type[Gift]] = {"coins": Coins, "points": Points}

documents = st.dictionaries(st.sampled_from(["coins", "points"]), st.integers(1, 1000))
rewards = documents.map(lambda document: parse(document, known=KNOWN))


def test_the_empty_reward_is_valid_and_gives_nothing() -> None:
    assert parse({}) == Reward()
    assert not Reward()
    assert parse({"coins": 1}, known=KNOWN)


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ([], [("reward", "wrong_type", "object")]),
        ({"coins": "5", "gems": 1}, [
            ("reward.coins", "wrong_type", "whole_number"), ("reward.gems", "unknown_key", "coins, points")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_path(document: object, problems: list[tuple[str, str, str]]) -> None:
    with pytest.raises(WrongDocument) as refused:
        parse(document, at="reward", known=KNOWN)

    assert [tuple(problem.values()) for problem in refused.value.problems] == problems
    assert refused.value.document == "reward"


@pytest.mark.parametrize("key", ["achievements", "missions", "unlock_experiences", "access"])
def test_a_gift_that_nobody_can_give_yet_is_refused(key: str) -> None:
    assert key not in GIFTS
    with pytest.raises(WrongDocument):
        parse({key: 1})


@given(documents)
def test_what_is_written_back_is_read_the_same(document: dict[str, int]) -> None:
    assert dump(parse(document, known=KNOWN)) == document


@given(rewards, rewards, rewards)
def test_rewards_add_up_in_any_order(one: Reward, two: Reward, three: Reward) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Reward() == one


def test_gifts_of_one_kind_become_one() -> None:
    assert Reward((Coins(2),)) + Reward((Coins(3), Points(1))) == Reward((Coins(5), Points(1)))
