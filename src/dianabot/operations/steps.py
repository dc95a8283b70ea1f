"""One step in the story, whoever takes it: judged whole, paid, written, rewarded, in one transaction."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import MemberFact
from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import Choice, Here, Step, Target
from dianabot.operations.requirements import refuse, with_ways
from dianabot.operations.rewards import Deed, claim, give
from dianabot.operations.standing import standing
from dianabot.operations.unit import Unit
from dianabot.vocabulary.conditions import MinBesitos
from dianabot.vocabulary.gifts import Besitos
from dianabot.vocabulary.missing import missing
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.requirement import Requirement, kinds_named
from dianabot.vocabulary.reward import Reward, dump
from dianabot.vocabulary.standing import CLUB


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


class VipContentAccessed(MemberFact):
    """She has entered a fragment of the club."""

    event_type: ClassVar[str] = "analytics.vip_content_accessed"
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
    """Its text."""
    entered: str
    visit: int
    """The one that begins."""
    cost: int
    given: dict[str, Any]
    """A reward's document: all that was given now."""
    secret: bool = False
    """Where it led is a secret, and she has found it now."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The fragment in which she stands; `moved_from` is one that is gone, from which she was moved just now."""

    fragment: str
    visit: int
    moved_from: str | None = None
    given: dict[str, Any] = field(default_factory=dict)
    """As in `Taken`, where she came here without a decision; and so is the next."""
    secret: bool = False
    taken: Taken | None = None
    """The decision by which she came here just now."""


async def take(unit: Unit, member: MemberId, here: Here, choice: Choice) -> Taken:
    """Take that way, or refuse with everything that is missing for it.

    What it asks is looked up and what follows from it is written in one round trip: a refusal takes it all back.
    """
    decision = f"{here.key}.{choice.key}"
    _, (step, new), _ = await unit.tx.together(
        admit(unit, member, choice.target, asked(choice)),
        _walk(unit, member, here, choice, f"decision:{decision}"),
        _open_purse(unit, member, choice.reward, choice.target.reward, here.reward),
    )
    if choice.cost:
        await unit.wallet.spend(member, choice.cost, reason=Reason.STORY, reference=f"decision:{decision}")
    given = await give(unit, member, new)
    unit.tx.announce(DecisionClosed(member=member, decision=decision, entered=step.entered.key))
    if choice.target.vip:
        unit.tx.announce(VipContentAccessed(member=member, fragment=step.entered.key))
    return Taken(decision, choice.text, step.entered.key, step.visit, choice.cost, dump(given), step.secret)


async def enter(unit: Unit, member: MemberId, target: Target) -> Opened:
    """Go there without a decision, once it is judged that she may."""
    return await _opened(unit, member, await unit.fragments.enter(member, target.key))


async def arrive(unit: Unit, member: MemberId, here: Here) -> Opened:
    """Where she stands, with what it brings if she was put there just now."""
    if here.came is None:
        return Opened(here.key, here.visit)
    return await _opened(unit, member, here.came, here.moved_from)


async def admit(unit: Unit, member: MemberId, target: Target, wanted: Requirement) -> None:
    """Refuse with the wall of the club, or with all that she lacks for what is wanted of her."""
    stands = await standing(unit, member, kinds_named(wanted) | ({CLUB} if target.vip else set()))
    if target.vip and not stands.club.vip:
        raise VipOnly(target.key).announcing(
            AccessDenied(member=member, fragment=target.key), ConversionOpportunity(member=member, fragment=target.key)
        )
    refuse(member, [await with_ways(unit, member, each) for each in missing(wanted, stands)])


def asked(choice: Choice) -> Requirement:
    """What a decision asks, what its target requires and what it costs; the club stands before all of it."""
    price = Requirement((MinBesitos(choice.cost),) if choice.cost else ())
    return Requirement(every=(choice.requirement, price, required(choice.target)))


def required(target: Target) -> Requirement:
    """Whoever has unlocked it may enter, whatever it requires."""
    return Requirement() if target.unlocked else target.requirement


async def _walk(unit: Unit, member: MemberId, here: Here, choice: Choice, cause: str) -> tuple[Step, list[Deed]]:
    """The step itself, and the deeds that are rewarded for the first time by it."""
    step = await unit.fragments.decide(member, here, choice)
    return step, await claim(unit, member, [Deed(cause, choice.reward), *_completed(step)])


async def _opened(unit: Unit, member: MemberId, step: Step, moved_from: str | None = None) -> Opened:
    given = await give(unit, member, await claim(unit, member, _completed(step)))
    return Opened(step.entered.key, step.visit, moved_from, dump(given), step.secret)


async def _open_purse(unit: Unit, member: MemberId, *rewards: Reward) -> None:
    """Look into it now if besitos may come: the wallet remembers."""
    if any(gift.key == Besitos.key for reward in rewards for gift in reward.gifts):
        await unit.wallet.besitos(member)


def _completed(step: Step) -> list[Deed]:
    return [Deed(f"fragment:{completed.key}", completed.reward) for completed in step.completed]
