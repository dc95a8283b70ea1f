"""What may have happened, and what must have, when a reader first comes to each fragment.

A careful too-much: a way is followed as soon as it cannot be shown to be shut, so what is called impossible is so.
Besitos, VIP days and time are taken to be had by waiting or paying; `means` asks about them.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from dianabot.content.checker.causes import Causes
from dianabot.content.checker.terms import ALWAYS, VIP, Literal, Term, Terms, TooMany, all_of, contradiction, terms
from dianabot.content.checker.values import Values, only
from dianabot.content.engine import Choice, Scene, Story
from dianabot.content.graph import knots


@dataclass(frozen=True, slots=True)
class Point:
    """A reader's possible pasts at one place."""

    may: int
    must: int
    values: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Ways:
    """Which ways there are, with what each asks."""

    own: Mapping[str, Terms]
    """By decision: its own requirement."""
    enter: Mapping[str, Terms]
    """By fragment: what entering it asks."""
    whole: Mapping[str, Terms]
    """By decision: both together."""
    out: Mapping[str, tuple[Choice, ...]]
    """By fragment: its decisions that can be taken, as `Story.ways`."""
    locks: Mapping[str, Terms]
    """By path: each requirement by itself."""
    unread: tuple[str, ...]
    """Paths of those that have too many alternatives, taken to be possible."""

    @property
    def edges(self) -> dict[str, list[str]]:
        return {key: [choice.to for choice in choices] for key, choices in self.out.items()}


def ways_of(story: Story, causes: Causes) -> Ways:
    locks: dict[str, Terms] = {}
    unread: list[str] = []
    parts: list[Scene | Choice] = [*story.scenes.values(), *chain(*story.ways.values())]
    for each in parts:
        path = f"{each.path}.requirement"
        try:
            locks[path] = terms(each.requirement)
        except TooMany:
            locks[path] = ALWAYS
            unread.append(path)
    enter = {key: _entering(scene, locks[f"{scene.path}.requirement"], causes) for key, scene in story.scenes.items()}
    own, whole = {}, {}
    for choice in chain(*story.ways.values()):
        path = f"{choice.path}.requirement"
        own[choice.key] = whole[choice.key] = locks[path]
        try:
            whole[choice.key] = all_of([locks[path], enter[choice.to]])
        except TooMany:
            unread.append(path)
    return Ways(own, enter, whole, story.ways, locks, tuple(unread))


def _entering(scene: Scene, asked: Terms, causes: Causes) -> Terms:
    if asked != ALWAYS and ("unlocked", scene.key) in causes.givers:
        asked = (*asked, (Literal("unlocked", scene.key),))
    return tuple((*term, VIP) for term in asked) if scene.fragment.vip else asked


@dataclass
class Judge:
    """Whether something can hold at a point."""

    causes: Causes
    patient: bool = True
    """Days bring experience too, so that every level comes."""
    _contradictions: dict[Term, str | None] = field(default_factory=dict)

    def possible(self, alternatives: Terms, point: Point) -> bool:
        return any(self.failing(term, point) is None for term in alternatives)

    def failing(self, term: Term, point: Point) -> Literal | None:
        """The first thing of it that cannot hold here."""
        if not term:
            return None
        if self.contradiction(term) is not None:
            return term[0]
        failed = next((each for each in term if each.kind != "variable" and not self._can(each, point)), None)
        return failed or _failing_variable(term, point)

    def contradiction(self, term: Term) -> str | None:
        if term not in self._contradictions:
            self._contradictions[term] = contradiction(term, self.causes.story.world.languages)
        return self._contradictions[term]

    def _can(self, literal: Literal, point: Point) -> bool:
        givers = self.causes.givers.get((literal.kind, literal.key), 0)
        match literal.kind:
            case "hint" | "fragment" | "decision" | "unlocked":
                return bool(point.may & givers) if literal.yes else not point.must & givers
            case "item" if isinstance(literal.need, int):
                had = point.may if literal.yes else point.must & ~self.causes.passing
                return (self.causes.quantity(had, literal.key) >= literal.need) == literal.yes
            case "level" if literal.yes and isinstance(literal.need, int):
                most = self.causes.highest if self.patient else self.causes.level(point.may)
                return literal.need <= most
            case _:
                return True


def _failing_variable(term: Term, point: Point) -> Literal | None:
    asked: dict[str, list[Literal]] = {}
    for literal in term:
        if literal.kind == "variable":
            asked.setdefault(literal.key, []).append(literal)
    for name, literals in asked.items():
        values = point.values.get(name)
        if values is not None and not values.meeting(literals):
            return literals[0]
    return None


@dataclass
class Flow:
    """The points of all fragments that can be reached."""

    story: Story
    causes: Causes
    ways: Ways
    judge: Judge
    points: dict[str, Point] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    """Decisions that can be taken."""

    def run(self, had: int = 0) -> "Flow":
        """Spread from the entry until nothing changes; `had` is what earlier readings may have left."""
        entry = self.story.entry
        if entry is None:
            return self
        initial = {name: only(value) for name, value in self.story.initial.items()}
        self.points = {entry.key: self._arrived(entry, Point(self.causes.closed(had), 0, initial))}
        waiting, listed = deque([entry.key]), {entry.key}
        while waiting:
            here = waiting.popleft()
            listed.discard(here)
            for choice in self.ways.out[here]:
                point = self.points[here]
                if not self.judge.possible(self.ways.whole[choice.key], point):
                    continue
                self.opened.add(choice.key)
                after = self._after(self.story.scenes[here], choice, point)
                if self._met(choice.to, after) and choice.to not in listed:
                    waiting.append(choice.to)
                    listed.add(choice.to)
        return self

    def reread(self) -> "Flow":
        """However often the story is begun again: what one reading leaves may open more in the next."""
        flow = self
        while True:
            further = Flow(self.story, self.causes, self.ways, self.judge).run(flow.everything)
            if further.everything == flow.everything:
                return further
            flow = further

    @property
    def everything(self) -> int:
        """All that may have happened to somebody."""
        had = 0
        for point in self.points.values():
            had |= point.may
        return had

    def knots(self) -> list[list[str]]:
        """Groups of fragments that lead to each other, each before those that it leads to."""
        return knots(
            {key: [choice.to for choice in self.ways.out[key] if choice.key in self.opened] for key in self.points}
        )

    def _after(self, scene: Scene, choice: Choice, point: Point) -> Point:
        bits = self.causes.bits[f"decision:{choice.key}"] | self.causes.bits[f"fragment:{scene.key}"]
        values = dict(point.values)
        for change in choice.changes:
            if change[0] in values:
                values[change[0]] = values[change[0]].after(change)
        for change in (*choice.gifts.changes, *scene.gifts.changes):  # given once: so it may be, or has been before
            if change[0] in values:
                values[change[0]] = values[change[0]].joined(values[change[0]].after(change))
        return self._arrived(self.story.scenes[choice.to], Point(point.may | bits, point.must | bits, values))

    def _arrived(self, scene: Scene, point: Point) -> Point:
        """An ending is completed by being reached; what can be combined or used may have been."""
        bit = self.causes.bits[f"fragment:{scene.key}"] if scene.fragment.ending else 0
        before = point.may | bit
        may = self.causes.closed(before)
        values = dict(point.values)
        changes = scene.gifts.changes if bit else ()
        for change in (*changes, *self.causes.mixed_changes(may)):
            if change[0] in values:
                values[change[0]] = values[change[0]].joined(values[change[0]].after(change))
        return Point(may, point.must | bit, values)

    def _met(self, key: str, after: Point) -> bool:
        """Join what is known of a fragment with one more way to it; whether that changed anything."""
        before = self.points.get(key)
        if before is None:
            self.points[key] = after
            return True
        values = {name: known.joined(after.values[name]) for name, known in before.values.items()}
        joined = Point(before.may | after.may, before.must & after.must, values)
        self.points[key] = joined
        return joined != before
