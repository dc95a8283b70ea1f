"""Facts, and the envelope in which they travel.

A fact is a past-tense Pydantic model of ids and plain values, never names or texts, so that the log can be kept for
ever. Changes to a fact are additive.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from dianabot.kernel.ids import MemberId

LANES = 64


class Priority(IntEnum):
    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


class Fact(BaseModel):
    """Something that happened. A subclass with an `event_type` of its own joins the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: ClassVar[str]
    priority: ClassVar[Priority] = Priority.NORMAL
    version: ClassVar[int] = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "event_type" in cls.__dict__:
            known = CATALOGUE.setdefault(cls.event_type, cls)
            assert known.__qualname__ == cls.__qualname__, f"two facts are called {cls.event_type}"

    @property
    def subject(self) -> str:
        """Whom or what the fact is about; order is kept per subject."""
        return "system"

    @property
    def about(self) -> MemberId | None:
        """The member who must be locked by whoever announces this."""
        return None


class MemberFact(Fact):
    member: MemberId

    @property
    def subject(self) -> str:
        return subject_of(self.member)

    @property
    def about(self) -> MemberId | None:
        return self.member


CATALOGUE: dict[str, type[Fact]] = {}


def subject_of(member: MemberId) -> str:
    return f"member:{member}"


def member_of(subject: str) -> MemberId | None:
    kind, _, number = subject.partition(":")
    return MemberId(int(number)) if kind == "member" else None


def lane_of(subject: str) -> int:
    """The lane of a subject, the same in every process and on every server."""
    return zlib.crc32(subject.encode()) % LANES


@dataclass(frozen=True, slots=True)
class Envelope:
    """A fact as it lies in the log, or as it is delivered (then `subject` is whom the consequence is about)."""

    seq: int
    event_id: UUID
    event_type: str
    data: dict[str, Any]
    timestamp: datetime
    subject: str
    user_id: int | None
    actor: str
    operation: str | None
    correlation_id: UUID
    causation_id: UUID | None
    priority: int
    version: int

    @property
    def fact(self) -> Fact:
        return CATALOGUE[self.event_type].model_validate(self.data)


@dataclass(frozen=True)
class Routes:
    """Which lane consumers hear which fact, and whom the consequence concerns if not the fact's own subject."""

    heard: Mapping[str, Mapping[str, Callable[[Fact], str] | None]] = field(default_factory=dict)

    def of(self, fact: Fact) -> dict[str, str]:
        """Consumer -> subject under whose lock it acts."""
        return {
            consumer: fact.subject if concerns is None else concerns(fact)
            for consumer, concerns in self.heard.get(fact.event_type, {}).items()
        }
