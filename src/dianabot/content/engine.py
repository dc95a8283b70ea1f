"""A world read for playing: documents parsed once, drafts left out, and what does not parse named.

The player and the checker judge with the same pure rules as the bot: `missing`, `changed`, rewards once per cause.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from dianabot.content.finding import Finding
from dianabot.vocabulary import requirement as requirements
from dianabot.vocabulary import reward as rewards
from dianabot.vocabulary.document import Place, WrongDocument
from dianabot.vocabulary.gifts import Besitos, Change, Hints, Items, SetVariables, UnlockFragments, Xp
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.reward import Reward
from dianabot.vocabulary.world import Decision, Document, Fragment, World

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Gifts:
    """What a reward holds, unpacked."""

    besitos: int = 0
    xp: int = 0
    vip_days: int = 0
    items: tuple[tuple[str, int], ...] = ()
    hints: tuple[str, ...] = ()
    unlocks: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


def gifts_of(reward: Reward) -> Gifts:
    found: dict[str, object] = {}
    for gift in reward.gifts:
        match gift:
            case Besitos(number) | Xp(number):
                found[gift.key] = number
            case Items(quantities):
                found["items"] = quantities
            case UnlockFragments(keys):
                found["unlocks"] = keys
            case Hints(keys):
                found["hints"] = keys
            case SetVariables(changes):
                found["changes"] = changes
            case _:
                found[gift.key] = getattr(gift, "number", 0)
    return Gifts(**found)  # type: ignore[arg-type]  # each gift's value stands under its own field


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision, read."""

    key: str
    """`fragment.decision`"""
    path: str
    decision: Decision
    requirement: Requirement
    reward: Reward
    gifts: Gifts
    changes: tuple[Change, ...]

    @property
    def fragment(self) -> str:
        """Where it stands."""
        return self.key.partition(".")[0]

    @property
    def to(self) -> str:
        return self.decision.to


@dataclass(frozen=True, slots=True)
class Scene:
    """A fragment, read."""

    key: str
    path: str
    fragment: Fragment
    requirement: Requirement
    reward: Reward
    gifts: Gifts
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The published part of a world. `entry` is the first fragment that says it is one."""

    world: World
    scenes: Mapping[str, Scene]
    ways: Mapping[str, tuple[Choice, ...]]
    """By fragment: its decisions that lead somewhere, and of several for one result of its challenge the first."""
    entry: Scene | None
    combinations: Mapping[str, Reward]
    uses: Mapping[str, Reward]
    """By item: what using it gives."""
    told: Mapping[str, Requirement]
    """By template: when Lucien speaks."""
    initial: Mapping[str, Value]
    unique: frozenset[str]
    """Items of which a second is not added."""
    problems: tuple[Finding, ...]


def read(world: World) -> Story:
    """Read every document; one that is wrong counts as empty and is among the problems."""
    problems: list[Finding] = []
    scenes = [_scene(fragment, problems) for fragment in world.fragments]
    published = {scene.key: scene for scene in reversed(scenes) if not scene.fragment.draft}
    ordered = {scene.key: scene for scene in scenes if published.get(scene.key) is scene}
    return Story(
        world,
        ordered,
        {key: tuple(_ways(scene, published)) for key, scene in ordered.items()},
        next((scene for scene in ordered.values() if scene.fragment.entry), None),
        {each.key: _reward(each.reward, f"combinations.{each.key}.reward", problems) for each in world.combinations},
        {item.key: _reward(item.unlocks, f"items.{item.key}.unlocks", problems) for item in world.items},
        {
            each.key: _requirement(each.requirement, f"templates.{each.key}.requirement", problems)
            for each in world.templates
        },
        {variable.name: variable.initial for variable in world.variables},
        frozenset(item.key for item in world.items if item.unique),
        tuple(problems),
    )


def _ways(scene: Scene, published: Mapping[str, Scene]) -> Iterator[Choice]:
    results: set[str] = set()
    for choice in scene.choices:
        taken_by = choice.decision.taken_by
        if choice.to in published and taken_by not in results:
            yield choice
            results |= {taken_by} - {"tap"}


def _scene(fragment: Fragment, problems: list[Finding]) -> Scene:
    path = f"fragments.{fragment.key}"
    reward = _reward(fragment.reward, f"{path}.reward", problems)
    requirement = _requirement(fragment.requirement, f"{path}.requirement", problems)
    choices = tuple(_choice(fragment.key, decision, problems) for decision in fragment.decisions)
    return Scene(fragment.key, path, fragment, requirement, reward, gifts_of(reward), choices)


def _choice(fragment: str, decision: Decision, problems: list[Finding]) -> Choice:
    path = f"fragments.{fragment}.decisions.{decision.key}"
    requirement = _requirement(decision.requirement, f"{path}.requirement", problems)
    reward = _reward(decision.reward, f"{path}.reward", problems)
    changes = _changes(decision.variables, f"{path}.variables", problems)
    return Choice(
        f"{fragment}.{decision.key}", path, decision, requirement, reward, gifts_of(reward), changes
    )  # fmt: skip


def _requirement(document: Document, path: str, problems: list[Finding]) -> Requirement:
    return _read(lambda: requirements.parse(document, at=path), Requirement(), problems)


def _reward(document: Document, path: str, problems: list[Finding]) -> Reward:
    return _read(lambda: rewards.parse(document, at=path), Reward(), problems)


def _changes(document: Document, path: str, problems: list[Finding]) -> tuple[Change, ...]:
    if not document:
        return ()

    def parse() -> tuple[Change, ...]:
        place = Place(path)
        gift = SetVariables.read(document, place)
        place.refuse_if_wrong("variables")
        return gift.changes if gift is not None else ()

    return _read(parse, (), problems)


def _read(parse: Callable[[], Read], otherwise: Read, problems: list[Finding]) -> Read:
    try:
        return parse()
    except WrongDocument as wrong:
        problems += [
            Finding("wrong_document", "error", each["path"], {"fault": each["fault"], "expected": each["expected"]})
            for each in wrong.problems
        ]
        return otherwise
