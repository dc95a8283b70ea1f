"""Everything about a world that would disappoint a reader or its author, before anybody reads it."""

from collections.abc import Iterator
from dataclasses import replace

from dianabot.content.checker.causes import Causes
from dianabot.content.checker.challenges import challenges
from dianabot.content.checker.explore import MOST_STATES, Exploration, explored
from dianabot.content.checker.flow import Flow, Judge, ways_of
from dianabot.content.checker.locks import by_use, locks, unsaid
from dianabot.content.checker.means import means
from dianabot.content.checker.references import references, unused
from dianabot.content.checker.shape import combinations, duplicates, shape
from dianabot.content.checker.surprises import surprises
from dianabot.content.checker.templates import templates
from dianabot.content.checker.texts import clubs, written
from dianabot.content.engine import Story, read
from dianabot.content.finding import Finding, located
from dianabot.content.sources import Sources
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.gifts import Besitos, Xp
from dianabot.vocabulary.world import World


def check(
    world: World, sources: Sources | None = None, *, growth: LevelsRules | None = None, bound: int = MOST_STATES
) -> list[Finding]:
    """The gravest first. `growth` is how the house makes levels; `bound` how many situations are walked through."""
    story = read(world)
    found = [*story.problems, *duplicates(story), *combinations(world), *references(story), *unused(story)]
    found += [*templates(story), *challenges(story), *written(world), *clubs(world)]
    found += _played(story, growth or LevelsRules(), bound)
    unknown = {
        (one.values["kind"], one.values["key"]) for one in found if one.code in {"unknown_reference", "names_draft"}
    }
    found = [
        one
        for one in found
        if one.code != "nothing_gives" or (one.values["what"], one.values["key"]) not in unknown  # said once is enough
    ]
    different = {(one.code, one.path, *map(str, one.values.items())): one for one in found}
    return located(different.values(), sources)


def _played(story: Story, growth: LevelsRules, bound: int) -> Iterator[Finding]:
    first = _flow(story, growth)
    yield from shape(story, first.ways)
    yield from surprises(story, first.ways)
    again = first.reread()
    yield from locks(first, again)
    yield from means(first, again)
    yield from unsaid(again)
    used = {gift.key for reward in story.uses.values() for gift in reward.gifts} - {Besitos.key}
    if used - {Xp.key if again.judge.patient else ""}:  # else no lock asks for it
        yield from by_use(again, _flow(replace(story, uses={}), growth).reread())
    shut = {choice.key for choices in story.ways.values() for choice in choices} - first.opened
    yield from explored(Exploration(again, bound).run(), shut)


def _flow(story: Story, growth: LevelsRules) -> Flow:
    """Of a first reading."""
    causes = Causes(story, growth)
    return Flow(story, causes, ways_of(story, causes), Judge(causes, story.world.economy.daily_xp > 0)).run()
