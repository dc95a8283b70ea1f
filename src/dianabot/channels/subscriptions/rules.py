"""How long she belongs to the club: without a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.errors import Refusal
from dianabot.vocabulary.standing import Club

LONGEST: Final = timedelta(days=36_525)
"""For ever, as far as anybody here is concerned: a hundred years."""


class ClubRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grace_days: Annotated[int, Field(ge=0, le=60)] = 3
    """So long after its end a subscription still opens what is for the club."""
    trial_days: Annotated[int, Field(ge=1, le=365)] = 3
    """How long somebody may try the club, once."""


class TrialUsed(Refusal):
    """The club can be tried once."""


class AlreadyVip(Refusal):
    """She is in the club: there is nothing to try."""


@dataclass(frozen=True, slots=True)
class Span:
    """A subscription or a trial, its days of grace not counted."""

    start: datetime
    end: datetime
    trial: bool


def club(span: Span | None, at: datetime, grace_days: int) -> Club:
    if span is None:
        return Club(vip=False)
    return Club(vip=at < span.end + timedelta(days=grace_days), until=span.end)


def extended(span: Span | None, days: int, at: datetime, *, vip: bool) -> Span:
    """Days added to the end, or to now when the end is past; nothing is ever cut off."""
    if days < 1:
        message = f"nobody joins for {days!r} days"
        raise ValueError(message)
    begin = at if span is None else max(span.end, at)
    latest = max(begin, at + LONGEST)
    end = min(begin + timedelta(days=min(days, LONGEST.days)), latest)
    return Span(span.start if span is not None and vip else at, end, trial=False)


def tried(span: Span | None, at: datetime, tunable: ClubRules) -> Span:
    """A trial that begins now, unless she has had one or is in the club."""
    if span is not None and span.trial:
        raise TrialUsed
    if club(span, at, tunable.grace_days).vip:
        raise AlreadyVip
    return Span(at, at + timedelta(days=tunable.trial_days), trial=True)
