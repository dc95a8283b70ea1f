"""One step in the story, whoever takes it: judged whole, paid, written, rewarded, in one transaction."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import MemberFact
from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import Choice, Here, Step, Target
from dianabot.operations.requirements import require
from dianabot.operations.rewards import grant
from dianabot.operations.unit import Unit
from dianabot.vocabulary.conditions import MinBesitos
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.reward import Reward, dump


class DecisionClosed(MemberFact):
    """`TOMAR_DECISION` has ended: the act, its rewards and its unlocks are all done."""

    event_type: ClassVar[str] = "coordinator.decision_taken"
    decision: str
    entered: str


class AccessDenied(MemberFact):
    """She tried what is for the club."""

    event_type: ClassVar[str] = "coordinator.access_denied"
    fragment: str


class ConversionOpportunity(MemberFact):
    """She wanted something that the club would give her."""

    event_type: ClassVar[str] = "analytics.conversion_opportunity"
    fragment: str


class VipOnly(Refusal):
    """What she tried to open is for the club."""

    fragment: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a decision led to, and what it brought and cost."""

    decision: str
    """As `fragment.decision`."""
    choice: str
    """Its text, as the story was written."""
    entered: str
    visit: int
    """The one that begins."""
    cost: int
    given: dict[str, Any]
    """A reward's document: all that was given now."""


async def take(unit: Unit, member: MemberId, here: Here, choice: Choice) -> Taken:
    """Take that way, or refuse with everything that is missing for it."""
    target = choice.target
    await admit(unit, member, target)
    price = Requirement((MinBesitos(choice.cost),)) if choice.cost else Requirement()
    await require(unit, member, Requirement(every=(choice.requirement, target_requirement(target), price)))
    decision = f"{here.key}.{choice.key}"
    if choice.cost:
        await unit.wallet.spend(member, choice.cost, reason=Reason.STORY, reference=f"decision:{decision}")
    step = await unit.fragments.decide(member, here, choice)
    given = await _reward(unit, member, decision, choice, step)
    unit.tx.announce(DecisionClosed(member=member, decision=decision, entered=target.key))
    return Taken(decision, choice.text, target.key, step.visit, choice.cost, dump(given))


async def admit(unit: Unit, member: MemberId, target: Target) -> None:
    """What is for the club is refused to everybody else, and the facts stand."""
    if target.vip and not (await unit.subscriptions.club(member)).vip:
        raise VipOnly(target.key).announcing(
            AccessDenied(member=member, fragment=target.key), ConversionOpportunity(member=member, fragment=target.key)
        )


def target_requirement(target: Target) -> Requirement:
    """Whoever has unlocked it may enter, whatever it requires."""
    return Requirement() if target.unlocked else target.requirement


async def complete(unit: Unit, member: MemberId, step: Step) -> Reward:
    """Give what completing fragments is worth; what was given now."""
    given = Reward()
    for completed in step.completed:
        if completed.reward and await grant(unit, member, completed.reward, f"fragment:{completed.key}"):
            given += completed.reward
    return given


async def _reward(unit: Unit, member: MemberId, decision: str, choice: Choice, step: Step) -> Reward:
    given = Reward()
    if choice.reward and not choice.taken and await grant(unit, member, choice.reward, f"decision:{decision}"):
        given += choice.reward
    return given + await complete(unit, member, step)
