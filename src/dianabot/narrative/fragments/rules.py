"""Where a reader stands, where her steps lead, and how her answers are judged: without a database."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.errors import Refusal
from dianabot.vocabulary import reward
from dianabot.vocabulary.gifts import Change, SetVariables, changed
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.reward import Reward
from dianabot.vocabulary.world import Challenge

TakenBy: TypeAlias = Literal["tap", "right", "wrong", "late"]
Result: TypeAlias = Literal["right", "wrong", "late"]
PREVIEW: Final = 200
"""Letters of a text that stand before a closed door."""


class StoryRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_visit_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """A visit counts no more than this as time spent: she may have put her phone away."""
    lost_after_days: Annotated[int, Field(ge=1, le=365)] = 14
    """Whoever has stood in a fragment for so long, without its being an ending, has been lost there."""


class StoryNotOpen(Refusal):
    """No story is published, or it has no entry."""


class NotReading(Refusal):
    """She has not begun to read."""


class NoSuchFragment(Refusal):
    """Nothing that she may read is called so."""

    key: str


class NoSuchDecision(Refusal):
    """Where she stands, this way on does not exist, or no longer."""

    fragment: str


class StaleChoice(Refusal):
    """A button of an earlier visit. `chosen` is the text of what she chose then, if she chose."""

    fragment: str
    chosen: str | None


class NothingToAnswer(Refusal):
    """There is no challenge where she stands."""

    fragment: str


@dataclass(frozen=True, slots=True)
class Target:
    """A published fragment as a place to go to, and what she has had to do with it."""

    id: int
    key: str
    level: int
    vip: bool
    secret: bool
    ending: bool
    requirement: Requirement
    """To enter it."""
    reward: Reward
    """Given when it is completed."""
    unlocked: bool
    """She may enter it, whatever it requires."""
    visits: int
    completed: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A way on that is open to readers: its target is published."""

    id: int
    key: str
    text: str
    taken_by: TakenBy
    hidden: bool
    """Not shown while it is locked."""
    cost: int
    changes: tuple[Change, ...]
    requirement: Requirement
    reward: Reward
    """Given the first time it is taken."""
    target: Target


@dataclass(frozen=True, slots=True)
class Here:
    """Where she stands, whole."""

    visit: int
    visited_at: datetime
    tries: int
    """At the challenge, in this visit."""
    own: Mapping[str, Value]
    """The story variables that she has touched."""
    levels_done: tuple[int, ...]
    id: int
    key: str
    title: str
    text: str
    picture: str | None
    """The sha256 of its picture."""
    level: int
    level_name: str | None
    ending: bool
    secret: bool
    vip: bool
    published: bool
    reward: Reward
    """Given when it is completed."""
    challenge: Challenge | None
    completed: bool
    visits: int
    choices: tuple[Choice, ...]
    """In the author's order; those of a challenge too."""
    moved_from: str | None = None
    """The fragment in which she stood, if it is no longer published and she has just been moved."""
    came: "Step | None" = field(default=None, compare=False)
    """The step that put her here just now without a decision: what it completes is to be rewarded."""

    @property
    def taps(self) -> tuple[Choice, ...]:
        """Those that are buttons."""
        return tuple(choice for choice in self.choices if choice.taken_by == "tap")

    @property
    def late_from(self) -> datetime | None:
        """From when on anything she does here takes the way of the late."""
        if self.challenge is None or self.challenge.seconds is None or self.way("late") is None:
            return None
        return self.visited_at + timedelta(seconds=self.challenge.seconds)

    @property
    def tries_left(self) -> int:
        return max(0, self.challenge.tries - self.tries) if self.challenge else 0

    def late_way(self, at: datetime) -> Choice | None:
        """The one that anything she does here takes, once her time is over."""
        return None if self.late_from is None or at < self.late_from else self.way("late")

    def way(self, result: Result) -> Choice | None:
        """The decision that a result takes; whoever is late has failed, unless the author says otherwise."""
        ways = {choice.taken_by: choice for choice in reversed(self.choices)}
        return ways.get(result) or (ways.get("wrong") if result == "late" else None)


@dataclass(frozen=True, slots=True)
class Answer:
    """How her answer was judged. `way` is the decision to take now; None: nothing moves, she may try again."""

    result: Result
    way: Choice | None
    tries_left: int


@dataclass(frozen=True, slots=True)
class Completed:
    """A fragment completed for the first time, and what that is worth."""

    key: str
    reward: Reward


@dataclass(frozen=True, slots=True)
class Step:
    """One step of hers, and what it brings about."""

    left: str | None
    entered: Target
    visit: int
    """The one that begins."""
    choice: Choice | None
    """None: she came here without a decision."""
    completed: tuple[Completed, ...]
    levels: tuple[int, ...]
    """Completed for the first time."""
    secret: bool
    """A secret, discovered now."""
    ending: bool
    """An ending, reached for the first time."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What she chose in a visit."""

    visit: int
    fragment: str
    title: str
    decision: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A fragment, to be read once more."""

    key: str
    title: str
    text: str
    picture: str | None
    level: int
    vip: bool
    chosen: str | None
    """What she chose there last."""
    visits: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How a fragment begins."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Stranded:
    """A reader in what is no longer published; `why` is `author`, `completed` or `entry`."""

    member: int
    stands_in: str
    to: str | None
    """None: there is no entry any more."""
    why: str


@dataclass(frozen=True, slots=True)
class Published:
    key: str
    what: str
    """`added`, `changed` or `retired`."""


def step(here: Here | None, target: Target, choice: Choice | None) -> Step:
    """What follows from going there, by that decision or without any."""
    completed = {}
    levels = set()
    if here is not None and choice is not None:
        if not here.completed:
            completed[here.key] = here.reward
        if target.level > here.level:
            levels.add(here.level)
    if target.ending:
        levels.add(target.level)
        if not target.completed:
            completed.setdefault(target.key, target.reward)
    done = () if here is None else here.levels_done
    return Step(
        left=here.key if here is not None and here.visit else None,
        entered=target,
        visit=1 if here is None else here.visit + 1,
        choice=choice,
        completed=tuple(Completed(key, reward) for key, reward in completed.items()),
        levels=tuple(sorted(levels.difference(done))),
        secret=target.secret and not target.visits,
        ending=target.ending and not target.completed,
    )


def walked(here: Here | None, step: Step, seconds: int) -> list[dict[str, Any]]:
    """Her progress in the fragments of this step: at most two rows, and one where she comes back to the same."""
    entered = {"fragment_id": step.entered.id, "completed": step.entered.ending, "visits": 1, "seconds": 0}
    if here is None or step.left is None:
        return [entered]
    decision = None if step.choice is None else step.choice.id
    left = {"fragment_id": here.id, "completed": decision is not None, "decision_id": decision, "seconds": seconds}
    if here.id == step.entered.id:
        return [{**entered, **left, "completed": left["completed"] or entered["completed"]}]
    return [{**left, "visits": 0}, entered]


def time_spent(since: datetime, at: datetime, rules: StoryRules) -> int:
    """Seconds of one visit, within reason."""
    return max(0, min(int((at - since).total_seconds()), rules.longest_visit_minutes * 60))


def touched(own: Mapping[str, Value], variables: Mapping[str, Value], changes: tuple[Change, ...]) -> dict[str, Value]:
    """Her variables after these changes; what she has never touched keeps following its initial value."""
    after = changed(variables, changes)
    return {**own, **{name: after[name] for name, _, _ in changes}}


def changes_of(document: Mapping[str, Any]) -> tuple[Change, ...]:
    """Of a decision: `{met_diana: true, trust: "+1"}`."""
    gifts = reward.parse({SetVariables.key: document}).gifts if document else ()
    return tuple(change for gift in gifts if isinstance(gift, SetVariables) for change in gift.changes)


def beginning(text: str) -> str:
    """Its first paragraph, or as many whole words of that as make a preview."""
    first = text.strip().partition("\n\n")[0]
    if len(first) <= PREVIEW:
        return first
    cut = first[: PREVIEW - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.") + "…"


def judge(here: Here, given: str | int, at: datetime) -> Answer:
    """Judge a riddle's words or the number of a quiz's option (in the author's order).

    A wrong answer takes its way with the last try, and never where the author has made none.
    """
    challenge = here.challenge
    if challenge is None or challenge.kind == "timed":
        raise NothingToAnswer(here.key)
    if late := here.late_way(at):
        return Answer("late", late, here.tries_left)
    if _is_right(challenge, given):
        return Answer("right", here.way("right"), here.tries_left)
    left = max(0, here.tries_left - 1)
    return Answer("wrong", None if left else here.way("wrong"), left)


def _is_right(challenge: Challenge, given: str | int) -> bool:
    if challenge.kind == "quiz":
        return given == 0
    right = {plain(answer) for answers in challenge.answers.values() for answer in answers}
    return plain(str(given)) in right


def plain(words: str) -> str:
    """Words as answers are compared: without case, accents, punctuation and spaces."""
    apart = unicodedata.normalize("NFKD", words.casefold())
    return "".join(char for char in apart if char.isalnum()) or "".join(apart.split())
