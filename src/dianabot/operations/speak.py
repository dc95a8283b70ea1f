"""Lucien speaks: an event calls for a template, its hour comes, and his words are written from memory."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dianabot.kernel import log
from dianabot.kernel.events import Envelope, member_of
from dianabot.kernel.ids import MemberId
from dianabot.kernel.timers import set_timer
from dianabot.members import Profile
from dianabot.narrative.lucien import Due, Memory, Unsayable, spoken_of
from dianabot.operations.listen import LUCIEN
from dianabot.operations.standing import standing
from dianabot.operations.unit import Unit
from dianabot.vocabulary.missing import missing
from dianabot.vocabulary.requirement import kinds_named, parse
from dianabot.vocabulary.standing import CLUB, DECISIONS, HINTS, ITEMS, LEVEL, PURSE, VARIABLES

LOG = log.get(__name__)

KIND_OF = {
    "besitos": PURSE,
    "level": LEVEL,
    "vip": CLUB,
    "vars": VARIABLES,
    "chose": DECISIONS,
    "has_hint": HINTS,
    "has_item": ITEMS,
}
"""The part of her standing that each name of a template speaks of."""
READ_AS = {
    PURSE: "besitos",
    LEVEL: "level",
    VARIABLES: "variables",
    DECISIONS: "decisions",
    HINTS: "hints",
    ITEMS: "items",
}
"""What the memory calls it."""


async def call_lucien(unit: Unit, event: Envelope) -> None:
    """Plan what this event calls for; what is due at once is said at once."""
    member = member_of(event.subject)
    assert member is not None, "he hears of members only"
    called = await unit.lucien.called_by(event.event_type, event.data)
    if not called:
        return
    profile = await unit.members.profile(member)
    if profile.erased_at is not None:
        return
    zone = _zone(unit, profile)
    for one in called:
        requirement = parse(dict(one.requirement))
        if missing(requirement, await standing(unit, member, kinds_named(requirement))):
            continue
        planned = await unit.lucien.plan(member, one, cause=str(event.event_id), values=event.data, zone=zone)
        if planned is None:
            continue
        message, due_at = planned
        if due_at <= unit.tx.at:
            await _speak(unit, profile, message)
        else:
            await _wait(unit, member, message, due_at)


async def speak(unit: Unit, event: Envelope) -> None:
    """A planned hour has come."""
    member = member_of(event.subject)
    assert member is not None, "his hours are about members"
    profile = await unit.members.profile(member)
    message = int(event.data["message"])
    if profile.erased_at is None:
        await _speak(unit, profile, message)


async def _speak(unit: Unit, profile: Profile, message: int) -> None:
    member = profile.id
    due = await unit.lucien.due(member, message, language=profile.language)
    if due is None:
        return
    later = await unit.lucien.put_off(member, message, _zone(unit, profile))
    if later is not None:
        await _wait(unit, member, message, later)
        return
    try:
        words = await unit.lucien.speak(member, message, due, await _memory(unit, profile, due))
    except Unsayable as fault:  # of this template alone: whatever else the event calls for is said
        LOG.warning("lucien_cannot_say", user_id=member, template=due.template, version=due.version, error=str(fault))
        await unit.lucien.drop(member, message)
        return
    LOG.info("lucien_spoke", user_id=member, template=due.template, silent=not words)


async def _memory(unit: Unit, profile: Profile, due: Due) -> Memory:
    """Only what this template speaks of is looked up."""
    assert due.body is not None
    kinds = {KIND_OF[name] for name in spoken_of(due.body) if name in KIND_OF}
    stands = await standing(unit, profile.id, kinds)
    known: dict[str, Any] = {READ_AS[kind]: stands.parts[kind] for kind in kinds - {CLUB}}
    if CLUB in kinds:
        known["vip"] = stands.club.vip
    return Memory(name=profile.first_name or "", event=due.event, **known)


async def _wait(unit: Unit, member: MemberId, message: int, until: datetime) -> None:
    await set_timer(
        unit.tx, f"lucien:{message}", until, kind=LUCIEN, subject=f"member:{member}", data={"message": message}
    )


def _zone(unit: Unit, profile: Profile) -> ZoneInfo:
    return ZoneInfo(profile.time_zone or unit.rules.time_zone)
