"""ACCEDER_NARRATIVA_VIP: into a fragment of the club, or the wall before it."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from dianabot.kernel.events import MemberFact
from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.read_on import Opened
from dianabot.operations.requirements import require
from dianabot.operations.steps import admit, complete, target_requirement
from dianabot.operations.unit import Act, Unit, Who


class VipContentAccessed(MemberFact):
    """She has entered a fragment of the club."""

    event_type: ClassVar[str] = "analytics.vip_content_accessed"
    fragment: str


class EnterVip(Act[Opened]):
    """A fragment by its key. Refused with `VipOnly`, or with everything else that is missing."""

    fragment: Annotated[str, StringConstraints(max_length=64)]


async def enter_vip(unit: Unit, who: Who, act: EnterVip) -> Opened:
    """A way leads there from where she stands, she has unlocked it, or she was there before."""
    member = who.locked
    target = await unit.fragments.find(member, act.fragment)
    await admit(unit, member, target)
    await require(unit, member, target_requirement(target))
    here = await unit.fragments.begin(member)
    if here.key == target.key:
        return Opened(here.key, here.visit)
    reachable = target.unlocked or target.visits > 0
    if not target.vip or not reachable:
        raise NoSuchFragment(act.fragment)
    step = await unit.fragments.enter(member, act.fragment)
    await complete(unit, member, step)
    unit.tx.announce(VipContentAccessed(member=member, fragment=target.key))
    return Opened(target.key, step.visit)
