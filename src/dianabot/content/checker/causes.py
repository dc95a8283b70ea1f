"""Everything that gives something, each with a bit of its own, so that "what may have happened" is one number."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

from dianabot.content.engine import Gifts, Story, gifts_of
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.gifts import Change


@dataclass(frozen=True, slots=True)
class Mixture:
    """A combination, or an item that is used: a cause that needs no place, only what it is made of."""

    bit: int
    of: tuple[int, ...]
    """For each ingredient the causes that give it."""


@dataclass
class Causes:
    """Decisions taken, fragments completed, hints combined, items used."""

    story: Story
    growth: LevelsRules
    bits: dict[str, int] = field(default_factory=dict)
    """By `decision:hall.open`, `fragment:hall`, `combination:moon`, `item:locket`."""
    gifts: dict[int, Gifts] = field(default_factory=dict)
    """Only of causes that give something."""
    givers: dict[tuple[str, str], int] = field(default_factory=dict)
    """(kind, key) -> the causes that give it, as one number."""
    mixtures: list[Mixture] = field(default_factory=list)

    def __post_init__(self) -> None:
        for scene in self.story.scenes.values():
            self._add(f"fragment:{scene.key}", scene.gifts, ("fragment", scene.key))
            for choice in scene.choices:
                self._add(f"decision:{choice.key}", choice.gifts, ("decision", choice.key))
        for key, reward in self.story.combinations.items():
            self._add(f"combination:{key}", gifts_of(reward))
        for key, reward in self.story.uses.items():
            if reward:
                self._add(f"item:{key}", gifts_of(reward))
        for combination in self.story.world.combinations:
            of = tuple(self.givers.get(("hint", hint), 0) for hint in combination.hints)
            self.mixtures.append(Mixture(self.bits[f"combination:{combination.key}"], of))
        for key, reward in self.story.uses.items():
            if reward:
                self.mixtures.append(Mixture(self.bits[f"item:{key}"], (self.givers.get(("item", key), 0),)))

    def _add(self, name: str, gifts: Gifts, *gives: tuple[str, str]) -> None:
        if name in self.bits:
            return
        bit = self.bits[name] = 1 << len(self.bits)
        given = [*gives, *(("hint", key) for key in gifts.hints), *(("unlocked", key) for key in gifts.unlocks)]
        given += [("item", key) for key, _ in gifts.items]
        given += [("variable", name) for name, _, _ in gifts.changes]
        for each in given:
            self.givers[each] = self.givers.get(each, 0) | bit
        if gifts != Gifts():
            self.gifts[bit] = gifts

    def closed(self, had: int) -> int:
        """With everything that can be made of it."""
        if not self.mixtures:
            return had
        while True:
            before = had
            for mixture in self.mixtures:
                if not had & mixture.bit and all(had & ingredient for ingredient in mixture.of):
                    had |= mixture.bit
            if had == before:
                return had

    def mixed_changes(self, had: int) -> Iterator[Change]:
        """Of variables, by what was combined or used."""
        for mixture in self.mixtures:
            if had & mixture.bit and mixture.bit in self.gifts:
                yield from self.gifts[mixture.bit].changes

    def quantity(self, had: int, item: str) -> int:
        """How many of it these causes give at most."""
        if item in self.story.unique:
            return int(bool(had & self.givers.get(("item", item), 0)))
        return sum(
            number
            for bit in bits_in(had & self.givers.get(("item", item), 0))
            for key, number in self.gifts[bit].items
            if key == item
        )

    @cached_property
    def passing(self) -> int:
        """What gives an item that is used up: it may be gone again."""
        used_up = (self.givers.get(("item", item.key), 0) for item in self.story.world.items if item.consumable)
        return reduce(or_, used_up, 0)

    def level(self, had: int) -> int:
        """The level that these causes make at most."""
        facts = self.growth.xp
        xp = sum(gifts.xp for bit, gifts in self.gifts.items() if had & bit)
        for fact, groups in self._once.items():
            xp += facts.get(fact, 0) * sum(bool(had & group) for group in groups)
        xp += facts.get("user.registered", 0) + facts.get("admin.subscription_started", 0) * self.joins
        return 1 + bisect_right(self.growth.thresholds, xp)

    @cached_property
    def highest(self) -> int:
        return len(self.growth.thresholds) + 1

    @cached_property
    def _once(self) -> dict[str, list[int]]:
        """Facts that come once for each of these groups of causes."""
        scenes = self.story.scenes.values()
        done = {scene.key: self.bits[f"fragment:{scene.key}"] for scene in scenes}
        came: dict[str, int] = {}
        levels: dict[int, int] = {}
        for scene in scenes:
            levels[scene.fragment.level] = levels.get(scene.fragment.level, 0) | done[scene.key]
            for choice in scene.choices:
                came[choice.to] = came.get(choice.to, 0) | self.bits[f"decision:{choice.key}"]
        return {
            "narrative.fragment_completed": [*done.values()],
            "narrative.secret_discovered": [came.get(scene.key, 0) for scene in scenes if scene.fragment.secret],
            "narrative.content_unlocked": [mask for (kind, _), mask in self.givers.items() if kind == "unlocked"],
            "gamification.item_acquired": [*self._acquired()],
            "narrative.hint_unlocked": [mask for (kind, _), mask in self.givers.items() if kind == "hint"],
            "narrative.level_completed": [*levels.values()],
            "narrative.story_completed": [done[scene.key] for scene in scenes if scene.fragment.ending],
        }

    @cached_property
    def joins(self) -> bool:
        """Whether there is a club that a reader may enter."""
        return bool(self.story.world.plans) or any(gifts.vip_days for gifts in self.gifts.values())

    def _acquired(self) -> Iterator[int]:
        """A unique item comes once, any other with everything that gives it."""
        for (kind, key), mask in self.givers.items():
            if kind == "item":
                yield from (mask,) if key in self.story.unique else bits_in(mask)

    def besitos(self, had: int, kind: str = "") -> int:
        wanted = had & self._all(kind)
        return sum(gifts.besitos for bit, gifts in self.gifts.items() if wanted & bit)

    def _all(self, kind: str) -> int:
        if kind not in self._kinds:
            self._kinds[kind] = sum(bit for name, bit in self.bits.items() if name.startswith(kind))
        return self._kinds[kind]

    @cached_property
    def _kinds(self) -> dict[str, int]:
        return {}


def bits_in(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit
