"""Readers in the chaos: they decide, answer, combine and try the club while the story is published under them."""

import random

from dianabot.kernel.ids import MemberId
from dianabot.operations.answer_challenge import AnswerChallenge
from dianabot.operations.begin_again import BeginAgain
from dianabot.operations.combine_hints import Combine
from dianabot.operations.coordinator import Operation
from dianabot.operations.decide import Decide, decide
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.publish import Publish
from dianabot.operations.read_on import ReadOn
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.steps import Taken
from dianabot.operations.unit import Act, Unit, Who
from tests.proof.house import House
from tests.proof.parts import Ask, Part
from tests.proof.story_invariants import INVARIANTS
from tests.proof.tale import publish, tale

DECISIONS = 15
VISITS = 40
READERS = 25
"""Few enough that each comes far."""


class Wander(Act[Taken]):
    """Take some way from where she stands: what is asked depends on the key alone, where it leads on her place."""

    n: int


async def wander(unit: Unit, who: Who, act: Wander) -> Taken:
    here = await unit.fragments.begin(who.locked)
    ways = here.choices
    choice = ways[act.n % len(ways)]
    return await decide(unit, who, Decide(decision=choice.id, visit=here.visit))


def _wander(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(Wander(n=chance.randrange(10**6)), chance.choice(people[:READERS]))


def _tap(chance: random.Random, people: list[MemberId]) -> Ask:
    """Mostly a button of a page that she has left."""
    act = Decide(decision=chance.randint(1, DECISIONS), visit=chance.randint(1, VISITS))
    return Ask(act, chance.choice(people))


def _answer(chance: random.Random, people: list[MemberId]) -> Ask:
    text = chance.choice(("la luna", "el sol"))
    return Ask(AnswerChallenge(visit=chance.randint(1, VISITS), text=text), chance.choice(people))


def _read(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(chance.choice((ReadOn(), ReadOn(), BeginAgain())), chance.choice(people))


def _combine(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(Combine(hints=chance.choice((["key", "map"], ["map", "key"], ["map"]))), chance.choice(people))


def _club(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(chance.choice((StartTrial(), EnterVip(fragment="salon"))), chance.choice(people))


def _publish(chance: random.Random, _: list[MemberId]) -> Ask:
    return Ask(Publish(world=tale(cellar=chance.random() < 0.5)), None, "operator")


async def begin(house: House) -> None:
    await publish(house)


STORY = Part(
    "story",
    asks=(*[_wander] * 14, _tap, _tap, _answer, _read, _combine, _club, _club, _publish),
    invariants=INVARIANTS,
    begin=begin,
    operations=(Operation("PROBAR_PASO", Wander, wander, asks_first=True),),
)
