"""Who a member is, what she is called and what she may: without a database."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.errors import Refusal

Language = Literal["es", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

Role = Literal["fan", "reader", "moderator", "admin", "owner"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From the least to the most."""

LONGEST_NAME: Final = 64


class MembersRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pending_input_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """How long the next free text of a person still means what she was asked for."""
    activity_seconds: Annotated[int, Field(ge=10, le=3600)] = 60
    """The last activity is written at most this often."""


class NoSuchMember(Refusal):
    """Nobody has this number."""


class AlreadyErased(Refusal):
    """Her data was erased before; there is nothing left to act on."""


class BotsNotWelcome(Refusal):
    """Members are people."""


class UnknownTimeZone(Refusal):
    """Nothing on the map is called so."""


class WhichTimeZone(Refusal):
    """Several zones may have been meant."""

    choices: list[str]


class NothingAsked(Refusal):
    """No answer is awaited from her, or it came too late."""


class RoleTooHigh(Refusal):
    """Nobody grants, or takes from, above what she is herself."""

    role: str
    yours: str


class MayNotGrantRoles(Refusal):
    """Roles are granted by admins and owners."""

    yours: str


class RoleTooLow(Refusal):
    """This act is for others."""

    needed: str
    yours: str


class LastOwner(Refusal):
    """There is always somebody who owns the place."""


def rank(role: Role) -> int:
    return ROLES.index(role)


def language_of(code: str | None, otherwise: Language) -> Language:
    """Telegram's language code ("es-MX") as one that the bot speaks."""
    spoken = (code or "").replace("_", "-").partition("-")[0].casefold()
    return next((language for language in LANGUAGES if language == spoken), otherwise)


def clean_name(written: str | None) -> str | None:
    """One line that can be stored and shown: no NUL, control or invisible characters, of a sane length."""
    kept = "".join(map(_shown, (written or "")[: LONGEST_NAME * 8]))
    return " ".join(kept.split())[:LONGEST_NAME].rstrip(" \u200d") or None


def clean_username(written: str | None) -> str | None:
    """Telegram's own form; anything else did not come from Telegram."""
    name = written or ""
    good = name.isascii() and name.replace("_", "").isalnum() and len(name) <= LONGEST_NAME
    return name if good else None


def _shown(char: str) -> str:
    if char.isspace():
        return " "
    hidden = unicodedata.category(char).startswith("C") and char != "\u200d"  # joins the parts of one emoji
    return "" if hidden else char


@dataclass(frozen=True)
class Contact:
    """A person as Telegram shows her, made fit to be stored and shown."""

    telegram_id: int
    first_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_name", clean_name(self.first_name))
        object.__setattr__(self, "username", clean_username(self.username))
        object.__setattr__(self, "language_code", clean_name(self.language_code))


def refuse_grant(giver: Role, before: Role, after: Role) -> None:
    """Refuse unless `giver` may turn a `before` into an `after`; among equals only owners may."""
    if rank(giver) < rank("admin"):
        raise MayNotGrantRoles(giver)
    if rank(after) > rank(giver):
        raise RoleTooHigh(after, giver)
    if rank(before) > rank(giver) or (before == giver != "owner"):
        raise RoleTooHigh(before, giver)


@dataclass(frozen=True, slots=True)
class Engagement:
    """When she was last here, and for how many local days in a row."""

    last_active_at: datetime
    last_day: date | None
    streak: int


def active(before: Engagement, at: datetime, zone: str, rules: MembersRules) -> Engagement | None:
    """What to write down for an activity at that instant; None when too little has changed to write."""
    today = at.astimezone(ZoneInfo(zone)).date()
    due = at - before.last_active_at >= timedelta(seconds=rules.activity_seconds)
    new_day = before.last_day is None or today > before.last_day
    if not due and not new_day:
        return None
    return Engagement(
        max(at, before.last_active_at),
        today if new_day else before.last_day,
        _streak(before, today) if new_day else before.streak,
    )


def _streak(before: Engagement, today: date) -> int:
    return before.streak + 1 if before.last_day == today - timedelta(days=1) else 1
