"""One made-up reader, who walks through a story in memory by the bot's own rules."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dianabot.content.engine import Choice, Gifts, Scene, Story, gifts_of
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.gifts import changed
from dianabot.vocabulary.missing import ONE_OF, Missing, missing
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.standing import (
    CLUB,
    DECISIONS,
    FRAGMENTS,
    HINTS,
    ITEMS,
    LEVEL,
    PERSON,
    PURSE,
    VARIABLES,
    Club,
    Person,
    Standing,
)

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE: Final = 60
"""Days that she waits for one thing at most."""
EMPTY: Final = Requirement()


@dataclass(slots=True)
class Reader:
    story: Story
    growth: LevelsRules
    joins: bool
    """Whether she joins the club when it stands in her way."""
    scene: Scene
    language: str
    day: int = 0
    xp: int = 0
    earned: int = 0
    spent: int = 0
    caused: set[str] = field(default_factory=set)
    unlocked: set[str] = field(default_factory=set)
    levels: set[int] = field(default_factory=set)
    """Those of the story that she has behind her."""
    visits: Counter[str] = field(default_factory=Counter)
    parts: dict[str, Any] = field(default_factory=dict)
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.parts |= {PERSON: Person(self.language), CLUB: Club(vip=False), PURSE: 0, LEVEL: 1, ITEMS: {},
                       FRAGMENTS: frozenset(), DECISIONS: frozenset(), VARIABLES: dict(self.story.initial),
                       HINTS: frozenset()}  # fmt: skip
        self.standing = Standing(BEGINNING, self.parts)
        self._happened("user.registered")
        self._enter(self.scene)

    def lacking(self, choice: Choice) -> list[Missing]:
        """What the decision and the fragment behind it ask for together, its price included."""
        target = self.story.scenes[choice.to]
        found = [] if choice.requirement == EMPTY else missing(choice.requirement, self.standing)
        if target.requirement != EMPTY and target.key not in self.unlocked:
            found += missing(target.requirement, self.standing)
        if target.fragment.vip and not self.standing.club.vip:
            found.append(Missing("vip_required", need=True, have=False))
        if self.parts[PURSE] < choice.decision.cost:
            found.append(Missing("min_besitos", choice.decision.cost, self.parts[PURSE]))
        return found

    def decide(self, choice: Choice) -> None:
        left = self.scene
        self.parts[PURSE] -= choice.decision.cost
        self.spent += choice.decision.cost
        if choice.changes:
            self.parts[VARIABLES] = changed(self.parts[VARIABLES], choice.changes)
        if choice.key not in self.parts[DECISIONS]:
            self.parts[DECISIONS] |= {choice.key}
            self._give(choice.gifts)
        self._complete(left)
        if self.story.scenes[choice.to].fragment.level > left.fragment.level:
            self._finish(left.fragment.level)
        self._enter(self.story.scenes[choice.to])

    def wait(self, lacking: Iterable[Missing]) -> bool:
        """Do what a person can do about it: join the club, let days go by. Whether that is any use."""
        plain = [each for one in lacking for each in self._easiest(one)]
        longest = self._longest(plain)
        if longest is None or longest > PATIENCE:
            return False
        if longest:
            self.day += longest
            self.parts[PURSE] += longest * self.story.world.economy.daily_besitos
            self.parts[PERSON] = Person(self.language, streak=self.day)
            self.standing = Standing(BEGINNING + timedelta(days=self.day), self.parts)
            self._learn(longest * self.story.world.economy.daily_xp)
        if any(each.what == "vip_required" for each in plain):
            self._join()
        return True

    def _easiest(self, lacking: Missing) -> list[Missing]:
        """Of several ways the shortest."""
        if lacking.what != ONE_OF:
            return [lacking]
        ways = [[each for one in option for each in self._easiest(one)] for option in lacking.options]
        possible = [(longest, way) for way in ways if (longest := self._longest(way)) is not None]
        return min(possible, key=lambda one: one[0])[1] if possible else [lacking]

    def _longest(self, lacking: Iterable[Missing]) -> int | None:
        """Days until all of it is there, waited for side by side; None when waiting does not help."""
        days = [self._days(each) for each in lacking]
        return None if None in days else max((each for each in days if each is not None), default=0)

    def _days(self, lacking: Missing) -> int | None:
        economy, thresholds = self.story.world.economy, self.growth.thresholds
        days: int | None = None
        match lacking.what, lacking.need:
            case _ if lacking.opposite:
                pass
            case "vip_required", True if self.joins:
                days = 0
            case "min_besitos", int(need):
                days = _divided(need - int(self.parts[PURSE]), economy.daily_besitos)
            case "min_level", int(need) if need <= len(thresholds) + 1:
                days = _divided(thresholds[need - 2] - self.xp, economy.daily_xp)
            case "min_streak", int(need):
                days = need - self.day
            case "from", str(need):
                days = max(0, -((self.standing.at - datetime.fromisoformat(need)) // timedelta(days=1)))
        return days

    def mix(self) -> None:
        """Combine every hint that goes together, and use what opens something."""
        for combination in self.story.world.combinations:
            cause = f"combination:{combination.key}"
            if cause not in self.caused and self.parts[HINTS].issuperset(combination.hints):
                self.caused.add(cause)
                self._give(gifts_of(self.story.combinations[combination.key]))
        for item, reward in self.story.uses.items():
            if reward and f"item:{item}" not in self.caused and self.parts[ITEMS].get(item):
                self.caused.add(f"item:{item}")
                self._give(gifts_of(reward))

    def _enter(self, scene: Scene) -> None:
        self.scene = scene
        self.visits[scene.key] += 1
        if scene.fragment.secret and self.visits[scene.key] == 1:
            self._happened("narrative.secret_discovered")
        if scene.fragment.ending:
            self._finish(scene.fragment.level)
            self._complete(scene)
            if self.visits[scene.key] == 1:
                self._happened("narrative.story_completed")

    def _finish(self, level: int) -> None:
        if level not in self.levels:
            self.levels.add(level)
            self._happened("narrative.level_completed")

    def _complete(self, scene: Scene) -> None:
        if scene.key not in self.parts[FRAGMENTS]:
            self.parts[FRAGMENTS] |= {scene.key}
            self._happened("narrative.fragment_completed")
            self._give(scene.gifts)

    def _give(self, gifts: Gifts) -> None:
        if gifts.besitos:
            self._earn(gifts.besitos)
        if gifts.items:
            self._pocket(gifts)
        if gifts.hints:
            new = frozenset(gifts.hints) - self.parts[HINTS]
            self.parts[HINTS] |= new
            for _ in new:
                self._happened("narrative.hint_unlocked")
        for key in set(gifts.unlocks) - self.unlocked:
            self.unlocked.add(key)
            self._happened("narrative.content_unlocked")
        if gifts.changes:
            self.parts[VARIABLES] = changed(self.parts[VARIABLES], gifts.changes)
        if gifts.vip_days:
            self._join()
        self._learn(gifts.xp)

    def _pocket(self, gifts: Gifts) -> None:
        items = dict(self.parts[ITEMS])
        for item, number in gifts.items:
            if item not in self.story.unique or item not in items:
                self._happened("gamification.item_acquired")
            items[item] = 1 if item in self.story.unique else items.get(item, 0) + number
        self.parts[ITEMS] = items

    def _join(self) -> None:
        if not self.standing.club.vip:
            self.parts[CLUB] = Club(vip=True)
            self._happened("admin.subscription_started")

    def _earn(self, besitos: int) -> None:
        self.earned += besitos
        self.parts[PURSE] += besitos

    def _happened(self, fact: str) -> None:
        self._learn(self.growth.xp.get(fact, 0))

    def _learn(self, xp: int) -> None:
        if not xp:
            return
        self.xp += xp
        level = 1 + bisect_right(self.growth.thresholds, self.xp)
        if level > self.parts[LEVEL]:
            self._earn(self.growth.besitos_per_level * (level - self.parts[LEVEL]))
            self.parts[LEVEL] = level


def _divided(short: int, daily: int) -> int | None:
    """Days until so much more is there."""
    if short <= 0:
        return 0
    return -(-short // daily) if daily else None
