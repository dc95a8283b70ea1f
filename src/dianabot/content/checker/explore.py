"""Every branch walked, with what matters of each reader's past: who would be stuck, and what never comes together.

Two readers who differ only in what no requirement asks for are the same. Whoever needs besitos, a level, VIP days or a
certain time is taken to have them. From an ending on, the story is read again. A number that may come back to what is
asked is followed however far it goes. The walk ends at a bound, which is said.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from dianabot.content.checker.causes import bits_in
from dianabot.content.checker.flow import Flow, Judge, Point
from dianabot.content.checker.locks import where
from dianabot.content.checker.terms import Literal, comparison
from dianabot.content.checker.values import only
from dianabot.content.engine import Choice, Gifts
from dianabot.content.finding import Finding
from dianabot.vocabulary.gifts import Change, changed
from dianabot.vocabulary.keys import MOST, Value

MOST_STATES = 10_000

State: TypeAlias = tuple[str, int, tuple[Value, ...], bool]
"""Fragment, causes that matter, variables that matter, and whether it is read again."""


@dataclass
class Exploration:
    flow: Flow
    bound: int = MOST_STATES
    came: dict[State, tuple[State, str] | None] = field(default_factory=dict)
    """Every state with how it was come to first."""
    opened: dict[str, bool] = field(default_factory=dict)
    """Decisions that somebody can take, and whether only when reading again."""
    stuck: dict[str, State] = field(default_factory=dict)
    """By fragment: a state in which nothing goes on."""
    late: dict[str, tuple[Choice, State]] = field(default_factory=dict)
    """By decision of those whose time is over: a state in which it is shut, as all the others are by then."""
    complete: bool = True
    rises: Counter[str] = field(default_factory=Counter)
    """By variable: how far it can rise at most in one reading; going round and round, without end."""
    falls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.judge = Judge(self.flow.causes)
        literals = [each for terms in self.flow.ways.whole.values() for term in terms for each in term]
        self.names = sorted({each.key for each in literals if each.kind == "variable"} & self.flow.story.initial.keys())
        self._count_steps()
        self.hurried = {
            key: [choice for choice in self.flow.ways.out[key] if choice.decision.taken_by == "late"]
            for key, scene in self.flow.story.scenes.items()
            if scene.fragment.challenge is not None and scene.fragment.challenge.seconds is not None
            if not scene.fragment.ending
        }
        self.spans = {name: self._span(name, literals) for name in self.names}
        self.relevant = self._relevant({(each.kind, each.key) for each in literals})

    def _span(self, name: str, literals: list[Literal]) -> tuple[int, int]:
        """Beyond it a number makes no difference: it can never come back to what is asked."""
        asked = [value for each in literals if each.kind == "variable" and each.key == name
                 and type(value := comparison(each)[1]) is int] or [0]  # fmt: skip
        return min(asked) - 1 - self.rises[name], max(asked) + 1 + self.falls[name]

    def _count_steps(self) -> None:
        changes = [(change, 1) for gifts in self.flow.causes.gifts.values() for change in gifts.changes]
        for group in map(set, self.flow.knots()):
            for choice in (choice for key in group for choice in self.flow.ways.out[key]):
                times = MOST if choice.to in group else 1
                changes += [(change, times) for change in choice.changes if choice.key in self.flow.opened]
        for (name, sign, value), times in changes:
            if sign == "+" and isinstance(value, int):
                (self.rises if value > 0 else self.falls)[name] += abs(value) * times

    def _relevant(self, asked: set[tuple[str, str]]) -> int:
        causes = self.flow.causes
        asked = asked | {("variable", name) for name in self.names}
        found = 0
        for each in asked:
            found |= causes.givers.get(each, 0)
        while True:  # what makes what matters, matters
            more = found
            for mixture in causes.mixtures:
                if more & mixture.bit:
                    for ingredient in mixture.of:
                        more |= ingredient
            if more == found:
                return found
            found = more

    def run(self) -> "Exploration":
        entry = self.flow.story.entry
        if entry is None:
            return self
        again: deque[int] = deque()
        self._walk([self._state(entry.key, 0, self._fresh(), again=False)], again)
        begun = {0}
        starts = []
        for had in again:
            if had not in begun:
                begun.add(had)
                starts.append(self._state(entry.key, had, self._fresh(), again=True))
        self._walk(starts, deque())
        return self

    def _fresh(self) -> dict[str, Value]:
        return {name: self.flow.story.initial[name] for name in self.names}

    def _walk(self, starts: list[State], finished: deque[int]) -> None:
        waiting = deque(start for start in starts if self._fits(start, None))
        while waiting:
            state = waiting.popleft()
            if self.flow.story.scenes[state[0]].fragment.ending:
                finished.append(state[1])
            taken = set()
            for choice, after in self._steps(state):
                taken.add(choice.key)
                self.opened.setdefault(choice.key, state[3])
                if self._fits(after, (state, choice.key)):
                    waiting.append(after)
            if not taken and not self.flow.story.scenes[state[0]].fragment.ending:
                self.stuck.setdefault(state[0], state)
            for choice in self.hurried.get(state[0], ()):
                if choice.key not in taken:
                    self.late.setdefault(choice.key, (choice, state))

    def _fits(self, state: State, come: tuple[State, str] | None) -> bool:
        if state in self.came:
            return False
        if len(self.came) >= self.bound:
            self.complete = False
            return False
        self.came[state] = come
        return True

    def _steps(self, state: State) -> Iterator[tuple[Choice, State]]:
        key, had, values, again = state
        variables = dict(zip(self.names, values, strict=True))
        point = Point(had, had, {name: only(value) for name, value in variables.items()})
        for choice in self.flow.ways.out[key]:
            if self.judge.possible(self.flow.ways.whole[choice.key], point):
                yield choice, self._after(key, choice, had, variables, again=again)

    def _after(self, key: str, choice: Choice, had: int, variables: dict[str, Value], *, again: bool) -> State:
        causes = self.flow.causes
        after = self._changed(variables, choice.changes)
        for bit in (causes.bits[f"decision:{choice.key}"], causes.bits[f"fragment:{key}"]):
            if not had & bit:
                after = self._changed(after, causes.gifts.get(bit, Gifts()).changes)
            had |= bit & self.relevant
        return self._state(choice.to, had, after, again=again)

    def _state(self, key: str, had: int, variables: dict[str, Value], *, again: bool) -> State:
        """Having arrived: an ending is completed, and what can be made of what she has is made."""
        causes = self.flow.causes
        arrived = had
        if self.flow.story.scenes[key].fragment.ending:
            arrived |= causes.bits[f"fragment:{key}"] & self.relevant
        arrived = causes.closed(arrived) & self.relevant
        for bit in bits_in(arrived & ~had):
            variables = self._changed(variables, causes.gifts.get(bit, Gifts()).changes)
        return key, arrived, tuple(variables[name] for name in self.names), again

    def _changed(self, variables: dict[str, Value], changes: tuple[Change, ...]) -> dict[str, Value]:
        mattering = [change for change in changes if change[0] in variables]
        if not mattering:
            return variables
        after = changed(variables, mattering)
        return {name: _bounded(value, self.spans[name]) for name, value in after.items()}

    def how(self, state: State) -> str:
        """The decisions that lead there, the last ones if they are many."""
        taken: list[str] = []
        come = self.came[state]
        while come is not None:
            before, decision = come
            taken.append(decision)
            come = self.came[before]
        return ("… " if len(taken) > 6 else "") + " → ".join(reversed(taken[:6]))


def _bounded(value: Value, span: tuple[int, int]) -> Value:
    return value if isinstance(value, bool | str) else max(span[0], min(span[1], value))


def explored(exploration: Exploration, said: set[str]) -> Iterator[Finding]:
    """`said`: decisions of which it is known already that a first reading does not open them."""
    flow = exploration.flow
    yield from _stuck(exploration)
    walked = {state[0] for state in exploration.came}
    for key in walked if exploration.complete else ():
        for choice in flow.ways.out[key]:
            if choice.key in said or exploration.opened.get(choice.key) is False:
                continue
            if choice.key in exploration.opened:
                yield Finding("only_again", "note", where(choice), {"decision": choice.key})
            else:
                yield Finding("never_together", "warning", where(choice), {"decision": choice.key})
    if not exploration.complete:
        yield Finding("explored_partly", "note", "fragments", {"states": exploration.bound})


def _stuck(exploration: Exploration) -> Iterator[Finding]:
    """Of a decision that nothing ever opens it is known already."""
    flow = exploration.flow
    for key, state in exploration.stuck.items():
        scene = flow.story.scenes[key]
        if flow.ways.out[key] and all(choice.key in flow.opened for choice in flow.ways.out[key]):
            yield Finding("stuck", "warning", scene.path, {"fragment": key, "how": exploration.how(state) or "·"})
    for choice, state in exploration.late.values():
        if choice.key in flow.opened and choice.fragment not in exploration.stuck:
            values = {"fragment": choice.fragment, "how": exploration.how(state) or "·"}
            yield Finding("stuck", "warning", where(choice), values)
