"""ACCEDER_NARRATIVA_VIP: into a fragment of the club, or the wall before it."""

from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.asks import ContentKey
from dianabot.operations.steps import Opened, VipContentAccessed, admit, enter, required, take
from dianabot.operations.unit import Act, Unit, Who


class EnterVip(Act[Opened]):
    """A fragment by its key. Refused with `VipOnly`, or with everything else that is missing."""

    fragment: ContentKey


async def enter_vip(unit: Unit, who: Who, act: EnterVip) -> Opened:
    """By the decision that leads there from where she stands, or freely, if she was there before or has unlocked it."""
    member = who.locked
    target = await unit.fragments.find(member, act.fragment)
    if not target.vip:
        raise NoSuchFragment(act.fragment)
    here = await unit.fragments.here(member, who.language)
    if here is not None and here.key != target.key:
        way = next((one for one in here.taps if one.target.key == target.key), None)
        if way is not None:
            choice = await unit.fragments.choose(member, here, here.visit, way.id, who.language)
            taken = await take(unit, member, here, choice)
            return Opened(taken.entered, taken.visit)
    await admit(unit, member, target, required(target))
    if here is not None and here.key == target.key:
        opened = Opened(here.key, here.visit, here.moved_from)
    elif target.unlocked or target.visits:
        opened = await enter(unit, member, target)
    else:
        raise NoSuchFragment(act.fragment)
    unit.tx.announce(VipContentAccessed(member=member, fragment=target.key))
    return opened
