"""An update as it comes off the wire: whose it is, what kind it is, and how it is kept. Nothing is believed of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from dianabot.kernel import log
from dianabot.telegram.store import Came, Open

LOG = log.get(__name__)

FIRST: Final = frozenset({"pre_checkout_query"})
"""Telegram waits ten seconds for these."""
_BIGGEST: Final = 2**63 - 1
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False, allow_nan=False).encode


@dataclass(slots=True, eq=False)
class Job:
    """An update that this process answers for, and how it is going."""

    update_id: int
    queue: int
    said: Mapping[str, Any]
    urgent: bool
    received_at: datetime
    correlation_id: UUID
    attempts: int = 0
    """As stored: raised before the work, so that whoever finds it knows that it was tried."""
    begun: bool = False
    """Its attempts were raised for the try that is at work or waits to go on."""
    done: bool = False
    """Its act was written when it came here, in this process or another, and its answer may not have got through."""
    cut: bool = False
    """It was at work when this process was told to stop."""
    pauses: int = 0
    """How often it has waited for something that was away."""

    @property
    def kind(self) -> str:
        return kind_of(self.said)

    @property
    def again(self) -> bool:
        """It was at work before: what it asks may be done, and unanswered."""
        return self.done or self.attempts > 1 or self.pauses > 0

    @property
    def code(self) -> str:
        """Short enough to be read out; finds the log line and the dead letter."""
        return self.correlation_id.hex[-8:]

    @property
    def chat(self) -> int | None:
        return private_chat(self.said)

    @classmethod
    def of(cls, kept: Open, correlation_id: UUID) -> Self:
        said = json.loads(kept.raw)
        about = kept.update_id, kept.queue, said, bool(kept.urgent), kept.received_at, correlation_id
        return cls(*about, attempts=kept.attempts, done=kept.done)


def sorted_out(came: Iterable[object]) -> tuple[list[tuple[Came, Mapping[str, Any]]], int | None]:
    """What can be kept, each once, and the highest id seen at all, beyond which the offset may move."""
    kept: dict[int, tuple[Came, Mapping[str, Any]]] = {}
    highest: int | None = None
    for said in came:
        if not isinstance(said, dict) or type(update_id := said.get("update_id")) is not int:
            LOG.warning("update_without_id", kind=type(said).__name__)
            continue
        highest = update_id if highest is None else max(highest, update_id)
        if 0 <= update_id <= _BIGGEST:
            kept.setdefault(update_id, (as_kept(update_id, said), said))
    return list(kept.values()), highest


def as_kept(update_id: int, said: Mapping[str, Any]) -> Came:
    try:
        raw = _ENCODE(said)
    except (ValueError, RecursionError):  # Python reads more than JSON is
        raw = _ENCODE({"update_id": update_id, "unstorable": True})
    return Came(update_id, queue_of(said), raw, int(kind_of(said) in FIRST))


def jobs(kept: Sequence[tuple[Came, Mapping[str, Any]]], at: datetime, ids: Iterable[UUID]) -> list[Job]:
    return [
        Job(came.update_id, came.queue, said, bool(came.urgent), at, correlation_id)
        for (came, said), correlation_id in zip(kept, ids, strict=False)
    ]


def kind_of(said: Mapping[str, Any]) -> str:
    """The one key beside the id; a made-up one cannot flood the metrics, whoever counts by it limits the kinds."""
    return next((name for name in said if name != "update_id"), "")


def queue_of(said: Mapping[str, Any]) -> int:
    """Whose turn it waits for: the person, else the chat, else that of everything anonymous."""
    content = _content(said)
    for name in ("from", "user", "chat"):
        number = _id(content.get(name))
        if number is not None:
            return number
    return 0


def private_chat(said: Mapping[str, Any]) -> int | None:
    """Where kind words can be said, if it came out of a private conversation."""
    content = _content(said)
    message = content.get("message")
    for holder in (content, message if isinstance(message, dict) else {}):
        chat = holder.get("chat")
        if isinstance(chat, dict) and chat.get("type") == "private":
            return _id(chat)
    return None


def language_code(said: Mapping[str, Any]) -> str | None:
    """What Telegram says the person speaks: for words before anything is known of her."""
    person = _content(said).get("from")
    code = person.get("language_code") if isinstance(person, dict) else None
    return code if isinstance(code, str) else None


def _content(said: Mapping[str, Any]) -> Mapping[str, Any]:
    content = said.get(kind_of(said))
    return content if isinstance(content, dict) else {}


def _id(found: object) -> int | None:
    number = found.get("id") if isinstance(found, dict) else None
    return number if type(number) is int and -_BIGGEST <= number <= _BIGGEST else None
