"""ACCEDER_NARRATIVA_VIP: into a fragment of the club, or the wall before it."""

from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.asks import ContentKey
from dianabot.operations.steps import Opened, VipContentAccessed, admit, enter, take
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.requirement import Requirement


class EnterVip(Act[Opened]):
    """A fragment by its key. Refused with `VipOnly`, or with everything else that is missing."""

    fragment: ContentKey


async def enter_vip(unit: Unit, who: Who, act: EnterVip) -> Opened:
    """By the decision that leads there from where she stands, or freely, if she was there before or has unlocked it."""
    member = who.locked
    target = await unit.fragments.find(member, act.fragment)
    here = await unit.fragments.here(member, who.language)
    if not target.vip:
        raise NoSuchFragment(act.fragment)
    if here is not None and here.key == target.key:
        await admit(unit, member, target, Requirement())
        unit.tx.announce(VipContentAccessed(member=member, fragment=target.key))
        return Opened(here.key, here.visit, here.moved_from)
    choice = next((one for one in here.taps if one.target.key == target.key), None) if here else None
    if here is not None and choice is not None:
        taken = await take(unit, member, here, choice)
        return Opened(taken.entered, taken.visit)
    visit = await enter(unit, member, target)
    if not (target.unlocked or target.visits):
        raise NoSuchFragment(act.fragment)
    return Opened(target.key, visit)
