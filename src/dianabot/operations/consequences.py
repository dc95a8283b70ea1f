"""Event to effect: the whole table of causes.

A row says who acts (the consumer), on what, and how. The effect runs once, in order per member, in the transaction that
acknowledges the event. What a row may not do is wait for the world outside.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from dianabot.kernel import log
from dianabot.kernel.events import Envelope, Fact, member_of
from dianabot.narrative.fragments import FragmentCompleted, FragmentVisited
from dianabot.operations.listen import HEARS, LUCIEN
from dianabot.operations.recount import READERSHIP
from dianabot.operations.rewards import grant
from dianabot.operations.rulebook import EARNS_XP, LEVELS
from dianabot.operations.speak import call_lucien, speak
from dianabot.operations.unit import Unit
from dianabot.vocabulary.gifts import Besitos
from dianabot.vocabulary.reward import Reward

LOG = log.get(__name__)


@dataclass(frozen=True)
class Row:
    consumer: str
    on: str
    effect: Callable[[Unit, Envelope], Awaitable[None]]
    concerns: Callable[[Fact], str] | None = None
    singly: bool = False


@dataclass(frozen=True)
class Summing:
    """What is summed up over all members, from the log's first event on and some seconds behind them.

    So nobody waits for a row that all share, and what was summed up can be summed up anew.
    """

    consumer: str
    on: tuple[str, ...]
    effect: Callable[[Unit, Sequence[Envelope]], Awaitable[None]]
    behind: float = 5.0


async def note_activity(unit: Unit, event: Envelope) -> None:
    """Whatever she did, she was here: `last_active_at` (at most once a minute) and her days in a row."""
    member = member_of(event.subject)
    assert member is not None, "user.* is about a member"
    noted = await unit.members.record_activity(member, event.timestamp, zone=unit.rules.creator.time_zone)
    LOG.info("activity", user_id=member, event_type=event.event_type, noted=noted)


async def gain_experience(unit: Unit, event: Envelope) -> None:
    """What happened to her is worth the points that the rulebook says."""
    member = member_of(event.subject)
    assert member is not None, "experience is a member's"
    points = unit.rules.levels.xp.get(event.event_type, 0)
    if points:
        await unit.levels.add_xp(member, points, cause=event.event_type)


async def count_readers(unit: Unit, events: Sequence[Envelope]) -> None:
    """How often each fragment is read and completed, and how long it is stayed with."""
    await unit.fragments.count(
        fact for event in events if isinstance(fact := event.fact, FragmentVisited | FragmentCompleted)
    )


async def reward_level(unit: Unit, event: Envelope) -> None:
    """Each level brings besitos, once."""
    member = member_of(event.subject)
    assert member is not None, "levels are reached by members"
    if unit.rules.levels.besitos_per_level:
        reward = Reward((Besitos(unit.rules.levels.besitos_per_level),))
        await grant(unit, member, reward, f"level:{event.data['level']}")


CONSEQUENCES: tuple[Row, ...] = (
    Row("members", "user.*", note_activity),
    *(Row(LEVELS, on, gain_experience) for on in EARNS_XP),
    Row(LEVELS, "gamification.level_reached", reward_level),
    *(Row(LUCIEN, on, call_lucien) for on in HEARS),
    Row(LUCIEN, f"timer.{LUCIEN}", speak),
)

SUMS: tuple[Summing, ...] = (
    Summing(READERSHIP, ("narrative.fragment_visited", "narrative.fragment_completed"), count_readers),
)

UNHEARD: frozenset[str] = frozenset({
    "admin.content_published",
    "admin.rules_changed",
    "admin.subscription_extended",
    "admin.vip_status_changed",
    "analytics.conversion_opportunity",
    "analytics.vip_content_accessed",
    "coordinator.access_denied",
    "coordinator.decision_taken",
    "coordinator.requirements_failed",
    "gamification.besitos_earned",
    "gamification.besitos_spent",
    "system.event_processing_failed",
    "system.fraud_flagged",
})  # fmt: skip
"""Facts without a consequence of their own; the log, the stream and later readers have them all the same."""
