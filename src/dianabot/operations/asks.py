"""What can be asked of one slice alone: the typed inputs of those operations. (Other acts stand with their verbs.)"""

import math
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints

from dianabot.kernel.ids import MemberId
from dianabot.members import Contact, Language, Registered, Role, RoleChange
from dianabot.operations.unit import Act


def storable(written: object) -> object:
    """Text as PostgreSQL can hold it, whatever was typed: no NUL, no half characters."""
    if not isinstance(written, str):
        return written
    return written.encode("utf-8", "ignore").decode().replace("\x00", "")


def storable_json(value: object) -> object:
    """The same for every text inside. NaN and infinity are numbers to Python's JSON, not to PostgreSQL's."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be kept")
    if isinstance(value, dict):
        return {storable(key): storable_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable_json(inner) for inner in value]
    return storable(value)


Words = Annotated[str, BeforeValidator(storable)]
Reasoning = Annotated[Words, StringConstraints(max_length=1000, strip_whitespace=True)]
ContentKey = Annotated[Words, StringConstraints(max_length=100)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
"""Of a row or a visit, as PostgreSQL can hold it."""
Values = Annotated[JsonValue, BeforeValidator(storable_json)]


class Register(Act[Registered]):
    """First contact. Who she is is personal and not stored; by which link she came is kept."""

    personal: ClassVar[frozenset[str]] = frozenset({"contact"})
    contact: Contact
    payload: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    """What the link said that she started the bot by, if it said anything."""


class Attend(Act[None]):
    """Only to have been here: what is done beside it is all that happens."""


class ChooseLanguage(Act[None]):
    language: Language


class ChooseTimeZone(Act[str]):
    """Outcome: the zone. Refused with `WhichTimeZone` or `UnknownTimeZone`."""

    personal: ClassVar[frozenset[str]] = frozenset({"written"})
    written: Words


class AnswerTimeZone(Act[str]):
    """The same as an answer to the question: taken once, and only while the question stands (`NothingAsked`)."""

    personal: ClassVar[frozenset[str]] = frozenset({"written"})
    written: Words


class ChooseSilence(Act[None]):
    """Whether Lucien keeps from writing to her unasked."""

    silent: bool


class ExpectInput(Act[None]):
    """Her next free text means this."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    values: Annotated[dict[str, JsonValue], BeforeValidator(storable_json)] = Field(default_factory=dict)


class ForgetInput(Act[None]):
    """She need not answer any more."""


class MarkBlocked(Act[bool]):
    """Telegram refused a message with 403. Outcome: whether that was news."""


class RecogniseOwner(Act[bool]):
    """She is the one whom `OWNER_TELEGRAM_ID` names. Outcome: whether that was news."""


class GrantRole(Act[RoleChange]):
    """Asked with the member who receives the role; `by` none is the operator at the command line."""

    role: Role
    by: MemberId | None = None
    reason: Reasoning = ""


class Erase(Act[None]):
    """Her personal data goes, for good."""
