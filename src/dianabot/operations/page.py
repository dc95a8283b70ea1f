"""The page that a reader has open, as a screen shows it: what is told, which ways lead on, and what each still asks.

It decorates; whoever acts is judged again inside the transaction that acts.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dianabot.channels.subscriptions import PlanOffer
from dianabot.kernel.ids import MemberId
from dianabot.members import Language
from dianabot.narrative.fragments import Choice, Here
from dianabot.narrative.fragments import Page as Told
from dianabot.operations.requirements import with_ways
from dianabot.operations.standing import standing
from dianabot.operations.steps import asked
from dianabot.operations.unit import Unit
from dianabot.vocabulary.missing import FOUND, ONE_OF, THINGS, Missing, missing
from dianabot.vocabulary.requirement import kinds_named
from dianabot.vocabulary.standing import CLUB, Standing

VIP = Missing("vip_required", need=True, have=False)
Names = Mapping[tuple[str, str], str]
"""(kind, key) -> what people call it."""


@dataclass(frozen=True, slots=True)
class Way:
    """A choice, and everything that she lacks for it; nothing: it is open."""

    choice: Choice
    lacks: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Page:
    here: Here
    ways: tuple[Way, ...]
    """Those that are shown: a hidden one only once it is open. When her time is over, that of the late alone."""
    closed: bool
    """It is for the club, and she is not in it (any more)."""
    seconds_left: int | None
    """Of a challenge that does not wait for ever; 0: her time is over."""
    tries_left: int | None
    """Of a challenge at which she can fail; None: she may try for ever."""

    @property
    def awaits_words(self) -> bool:
        """It is a riddle, and she may still answer it."""
        challenge = self.here.challenge
        return challenge is not None and challenge.kind == "riddle" and self.seconds_left != 0 and not self.closed


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands before a fragment of the club: how it begins, and the ways in."""

    key: str
    title: str
    text: str
    plans: tuple[PlanOffer, ...]
    trial_days: int | None
    """How long she may try it; None: she has, or nobody may."""


async def page(unit: Unit, member: MemberId, language: Language) -> Page | None:
    """None: she has not begun, or her page is gone; `LEER_HISTORIA` mends both."""
    here = await unit.fragments.glance(member, language)
    if here is None:
        return None
    late, late_from = here.late_way(unit.tx.at), here.late_from
    taps = here.taps if late is None else (late,)
    stands = await standing(unit, member, _kinds(taps))
    ways = [Way(choice, lacks(choice, stands)) for choice in taps]
    shown = tuple(way for way in ways if way.choice is late or not (way.choice.hidden and way.lacks))
    left = None if late_from is None else max(0, math.ceil((late_from - unit.tx.at).total_seconds()))
    tries = None if here.way("wrong") is None else here.tries_left
    return Page(here, shown, closed=here.vip and not stands.club.vip, seconds_left=left, tries_left=tries)


async def page_again(unit: Unit, member: MemberId, language: Language, key: str) -> Told | None:
    """A page that she has visited, to be read once more; None while it is for the club, and she is not in it."""
    told, club = await unit.tx.together(
        unit.fragments.read_again(member, key, language), unit.subscriptions.club(member)
    )
    return None if told.vip and not club.vip else told


async def why_shut(
    unit: Unit, member: MemberId, language: Language, visit: int, decision: int
) -> tuple[Way, Names] | None:
    """One way of the page she has open, with the ways to get what it asks; None when it is not there any more.

    When her time for it is over and the way of the late is locked, it is that one: any tap would take it.
    """
    here = await unit.fragments.glance(member, language)
    if here is None or here.visit != visit:
        return None
    late = here.late_way(unit.tx.at)
    choice = next((one for one in (*here.taps, late) if one and one.id == decision), None)
    if choice is None:
        return None
    stands = await standing(unit, member, _kinds([choice] if late is None else [choice, late]))
    if late is not None and lacks(late, stands):
        choice = late
    lacking = lacks(choice, stands)
    told = [await with_ways(unit, member, one) for one in lacking]
    return Way(choice, tuple(told)), await names(unit, language, things(told))


def lacks(choice: Choice, stands: Standing) -> tuple[Missing, ...]:
    """Everything at once, as whoever takes it is judged; the club among the rest."""
    found = missing(asked(choice), stands)
    if choice.target.vip and not stands.club.vip:
        found.append(VIP)
    return tuple(dict.fromkeys(found))


async def wall(unit: Unit, member: MemberId, language: Language, key: str) -> Wall:
    """For somebody who is not in the club; `NoSuchFragment` when there is nothing behind it."""
    preview = await unit.fragments.preview(key, language)
    plans = await unit.subscriptions.offers(language)
    used = await unit.members.trial_used(member)
    return Wall(key, preview.title, preview.text, tuple(plans), None if used else unit.rules.club.trial_days)


async def names(unit: Unit, language: Language, wanted: Iterable[tuple[str, str]]) -> Names:
    """What people call these things; each is (kind, key)."""
    keys: dict[str, list[str]] = {}
    for kind, key in sorted(wanted):
        keys.setdefault(kind, []).append(key)
    askers = {
        "item": unit.mochila.names,
        "fragment": unit.fragments.titles,
        "decision": unit.fragments.choice_texts,
        "hint": unit.hints.titles,
    }
    return {
        (kind, key): name for kind, named in keys.items() for key, name in (await askers[kind](named, language)).items()
    }


def things(lacking: Iterable[Missing]) -> set[tuple[str, str]]:
    """Of the world, that are missing, and the places where they are found."""
    found: set[tuple[str, str]] = set()
    for one in lacking:
        if one.what == ONE_OF:
            found |= {thing for option in one.options for thing in things(option)}
        elif one.what in THINGS and one.which is not None:
            found.add((THINGS[one.what], one.which))
        if one.what in FOUND:
            found |= {("fragment", way.which) for way in one.ways if way.kind == "fragment"}
    return found


def _kinds(choices: Iterable[Choice]) -> set[str]:
    return {CLUB}.union(*(kinds_named(asked(choice)) for choice in choices))
