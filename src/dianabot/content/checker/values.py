"""What a story variable may be: a few values, or, once they are many, a span of whole numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from dianabot.content.checker.terms import Literal, meets, witnesses
from dianabot.vocabulary.gifts import Change, changed
from dianabot.vocabulary.keys import MOST, Value

MOST_VALUES = 48


@dataclass(frozen=True, slots=True)
class Values:
    """`few`, and every whole number of `span`, if there is one."""

    few: frozenset[tuple[type, Value]] = frozenset()
    """With their types: True is not 1."""
    span: tuple[int, int] | None = None

    def joined(self, other: "Values") -> "Values":
        if self == other:
            return self
        few = self.few | other.few
        spans = [span for span in (self.span, other.span) if span is not None]
        span = (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None
        return Values(few, span).widened(self)

    def widened(self, before: "Values") -> "Values":
        """A variable that keeps growing is taken to grow for ever, so that looking at a loop ends."""
        if self.span is None and len(self.few) <= MOST_VALUES:
            return self
        numbers = [value for kind, value in self.few if kind is int and isinstance(value, int)]
        low, high = self.span or (MOST, -MOST)
        low, high = min([low, *numbers]), max([high, *numbers])
        known = [value for kind, value in before.few if kind is int and isinstance(value, int)]
        old_low, old_high = before.span or (min(known, default=low), max(known, default=high))
        low = -MOST if low < old_low else low
        high = MOST if high > old_high else high
        return Values(frozenset(each for each in self.few if each[0] is not int), (low, high) if low <= high else None)

    def after(self, change: Change) -> "Values":
        _, sign, value = change
        if sign == "=":
            return only(value)
        few = frozenset(_typed(changed({"v": old}, [("v", "+", value)])["v"]) for _, old in self.few)
        if self.span is None or not isinstance(value, int):
            return Values(few, self.span)
        low, high = self.span
        return Values(few, (max(-MOST, low + value), min(MOST, high + value)))

    def meeting(self, literals: Iterable[Literal]) -> bool:
        """Whether one of them meets all these comparisons."""
        literals = list(literals)
        if any(all(meets(value, each) for each in literals) for _, value in self.few):
            return True
        if self.span is None:
            return False
        low, high = self.span
        tried = [low, high, *(each for each in witnesses(literals) if type(each) is int)]
        return any(low <= value <= high and all(meets(value, each) for each in literals) for value in tried)

    def said(self) -> str:
        few = sorted((str(value).lower() if kind is bool else str(value)) for kind, value in self.few)
        if self.span is not None:
            low, high = (("…" if abs(end) == MOST else str(end)) for end in self.span)
            few.append(f"{low} – {high}")
        return ", ".join(few[:8]) + (" …" if len(few) > 8 else "")


def only(value: Value) -> Values:
    return Values(frozenset({_typed(value)}))


def _typed(value: Value) -> tuple[type, Value]:
    return type(value), value
