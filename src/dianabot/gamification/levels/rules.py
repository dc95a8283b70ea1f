"""What experience is worth: points for facts, and the levels that they make. Without a database."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dianabot.vocabulary.keys import MOST

EventType: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=60)]
Points: TypeAlias = Annotated[int, Field(ge=0, le=100_000)]
Threshold: TypeAlias = Annotated[int, Field(ge=1, le=MOST)]


def _rising(thresholds: tuple[int, ...]) -> tuple[int, ...]:
    if any(after <= before for before, after in pairwise(thresholds)):
        raise PydanticCustomError("rising", "each level needs more than the one before")
    return thresholds


class LevelsRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    thresholds: Annotated[tuple[Threshold, ...], Field(min_length=1, max_length=200), AfterValidator(_rising)] = (
        100, 250, 450, 700, 1000, 1400, 1900, 2500, 3200, 4000, 5000, 6200, 7600, 9200, 11_000, 13_000, 15_500,
        18_500, 22_000,
    )  # fmt: skip
    """Experience with which level 2, level 3 and so on begins; the last one is the highest level."""
    xp: dict[EventType, Points] = {
        "narrative.fragment_completed": 10,
        "narrative.secret_discovered": 25,
        "narrative.hint_unlocked": 15,
        "narrative.level_completed": 50,
        "narrative.story_completed": 100,
    }
    """Experience that each fact is worth to whom it happens; 0 or no entry: none."""
    besitos_per_level: Annotated[int, Field(ge=0, le=100_000)] = 25
    """Given for each level that is reached."""


@dataclass(frozen=True, slots=True)
class Level:
    """Where she stands, and with how much experience the next level begins; none when there is no higher one."""

    level: int
    xp: int
    next_at: int | None


def standing(xp: int, kept: int, thresholds: tuple[int, ...]) -> Level:
    """A level that was reached is kept, also when the thresholds are raised later."""
    level = max(kept, 1 + bisect_right(thresholds, xp))
    return Level(level, xp, thresholds[level - 1] if level <= len(thresholds) else None)
