"""ACCEDER_NARRATIVA_VIP: into a fragment of the club, or the wall before it."""

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import Choice, Here, NoSuchFragment, NotReading, Target
from dianabot.operations.asks import ContentKey, Number
from dianabot.operations.standing import standing
from dianabot.operations.steps import Opened, VipContentAccessed, admit, arrive, asked, enter, required, take
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.missing import missing
from dianabot.vocabulary.requirement import Requirement, kinds_named
from dianabot.vocabulary.standing import CLUB


class EnterVip(Act[Opened]):
    """By the way that she tapped, in the visit in which it was shown; by the fragment's key where there was none.

    Refused with `VipOnly`, or with everything else that is missing.
    """

    fragment: ContentKey = ""
    decision: Number | None = None
    visit: Number = 0


async def enter_vip(unit: Unit, who: Who, act: EnterVip) -> Opened:
    """Freely, if she was there before or has unlocked it; else by the way that she tapped.

    By the key alone the way that leads there is taken only if it is the one and asks for nothing but the club: if
    there is something to choose or to pay, she stays where she is, to do so.
    """
    member = who.locked
    here = await unit.fragments.here(member, who.language)
    if act.decision is None:
        return await _by_key(unit, who, here, act.fragment)
    if here is None:
        raise NotReading
    way = await unit.fragments.choose(member, here, act.visit, act.decision, who.language)
    if way.taken_by == "tap" and _is_hers(way.target):
        return await _freely(unit, member, here, way.target)
    return await _by(unit, member, here, way)


async def _by_key(unit: Unit, who: Who, here: Here | None, key: str) -> Opened:
    member = who.locked
    target = await unit.fragments.find(member, key)
    if not target.vip:
        raise NoSuchFragment(key)
    if _is_hers(target) or here is None:
        return await _freely(unit, member, here, target)
    ways = [way for way in here.taps if way.target.key == key]
    stands = await standing(unit, member, {CLUB}.union(*(kinds_named(asked(way)) for way in ways)))
    is_open = {way.id: stands.club.vip and not missing(asked(way), stands) for way in ways}
    seen = [way for way in ways if is_open[way.id] or not way.hidden]
    if not seen:
        raise NoSuchFragment(key)
    await admit(unit, member, target, Requirement())
    if len(seen) > 1 or seen[0].cost or not is_open[seen[0].id]:
        return await arrive(unit, member, here)
    way = await unit.fragments.choose(member, here, here.visit, seen[0].id, who.language)
    return await _by(unit, member, here, way)


async def _by(unit: Unit, member: MemberId, here: Here, way: Choice) -> Opened:
    taken = await take(unit, member, here, way)
    return Opened(taken.entered, taken.visit, taken=taken)


async def _freely(unit: Unit, member: MemberId, here: Here | None, target: Target) -> Opened:
    """Where she stands she stays."""
    if not _is_hers(target):
        raise NoSuchFragment(target.key)
    await admit(unit, member, target, required(target))
    opened = None if here is None else await arrive(unit, member, here)
    if opened is None or opened.fragment != target.key:
        opened = await enter(unit, member, target)
    unit.tx.announce(VipContentAccessed(member=member, fragment=target.key))
    return opened


def _is_hers(target: Target) -> bool:
    """She was there before, or has unlocked it."""
    return target.unlocked or target.visits > 0
