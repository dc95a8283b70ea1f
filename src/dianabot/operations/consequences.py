"""Event to effect: the whole table of causes.

A row says who acts (the consumer), on what, and how. The effect runs once, in order per member, in the transaction that
acknowledges the event. What a row may not do is wait for the world outside.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dianabot.kernel import log
from dianabot.kernel.events import Envelope, Fact, member_of
from dianabot.operations.unit import Unit

LOG = log.get(__name__)


@dataclass(frozen=True)
class Row:
    consumer: str
    on: str
    effect: Callable[[Unit, Envelope], Awaitable[None]]
    concerns: Callable[[Fact], str] | None = None
    singly: bool = False


async def note_activity(unit: Unit, event: Envelope) -> None:
    """Whatever she did, she was here: `last_active_at` (at most once a minute) and her days in a row."""
    member = member_of(event.subject)
    assert member is not None, "user.* is about a member"
    noted = await unit.members.record_activity(member, event.timestamp, zone=unit.rules.creator.time_zone)
    LOG.info("activity", user_id=member, event_type=event.event_type, noted=noted)


CONSEQUENCES: tuple[Row, ...] = (Row("members", "user.*", note_activity),)

UNHEARD: frozenset[str] = frozenset(
    {"admin.rules_changed", "coordinator.requirements_failed", "system.event_processing_failed"}
)
"""Facts without a consequence of their own; the log, the stream and later readers have them all the same."""
