"""What Lucien may be given to say, and when he keeps quiet: without a database.

A template is a small part of Jinja: words, values, conditions and plurals. Loops, macros and calls of anything but its
memory are refused when it is published, so that rendering always ends at once and reaches nothing else.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.errors import Refusal
from dianabot.vocabulary.condition import Ref

Hour = Annotated[int, Field(ge=0, le=23)]


class LucienRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet_from: Hour = 22
    """From this hour, in her time zone, he writes to nobody unasked."""
    quiet_until: Hour = 9
    """Until this hour. The same as `quiet_from`: no quiet hours."""
    lapses_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 72
    """What could not be said for so long is not said any more."""


class NoSuchMessage(Refusal):
    """Nobody has such a message."""


class Unsayable(Exception):  # noqa: N818 - says what happened
    """A template that cannot be said to this reader, and why: its fault, not hers."""


Value = bool | int | str
Kinds = frozenset[type]
"""What a value may be: `int` (which true and false are too), `str`, `NoneType`; nothing when it is not known."""

NAMES: Final = frozenset({"name", "besitos", "level", "vip", "event", "vars", "chose", "has_hint", "has_item"})
"""What a template may speak of."""
ASKS: Final[Mapping[str, str]] = {"chose": "decision", "has_hint": "hint", "has_item": "item"}
"""Questions to the memory, and the kind of key that each is asked with."""
FILTERS: Final = frozenset({"plural", "upper", "lower", "capitalize"})
"""What may be made of a value."""
_WORDS_OF: Final[Mapping[str, int]] = {"plural": 2}
"""How many words each filter is given; all others none."""
_INSIDE: Final = frozenset({"vars", "event", *ASKS})
"""These are no words by themselves: something is asked of them."""
SET_APART: Final[Mapping[str, str]] = {mark: chr(0xE000 + ord(mark)) for mark in "*_|>{"}
"""What stands in his words for each character of her name that would be an author's mark there."""
_APART: Final = str.maketrans(dict(SET_APART))
_TOGETHER: Final = str.maketrans({apart: mark for mark, apart in SET_APART.items()})

DEEPEST: Final = 30
"""So deep may brackets, conditions and sums lie in one another: that can be read wherever he speaks."""
_LONGEST: Final = 16
"""Signs of a number."""
_UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")
"""What no message can hold."""

_NOT_KNOWN: Final[Kinds] = frozenset()
_NUMBER: Final[Kinds] = frozenset({int})
_TEXT: Final[Kinds] = frozenset({str})
_OWN: Final[Mapping[str, Kinds]] = {"name": _TEXT, "besitos": _NUMBER, "level": _NUMBER, "vip": _NUMBER}
_MADE: Final[Mapping[type[nodes.Node], Kinds]] = {
    nodes.Sub: _NUMBER, nodes.Neg: _NUMBER, nodes.Not: _NUMBER, nodes.Compare: _NUMBER, nodes.Call: _NUMBER,
    nodes.Concat: _TEXT,
}  # fmt: skip
_ORDER: Final = frozenset({"lt", "lteq", "gt", "gteq"})
_SIGNS: Final[Mapping[type[nodes.Expr], str]] = {nodes.Add: "+", nodes.Sub: "-", nodes.Neg: "-"}

_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Name, nodes.Const, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Getattr, nodes.Call, nodes.Filter, nodes.Add, nodes.Sub,
    nodes.Neg, nodes.Concat,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a template, and in which of its lines."""

    fault: str
    """`syntax`, `too_deep`, `not_allowed` or `unknown_name`."""
    what: str
    line: int


@dataclass(frozen=True, slots=True)
class Uses:
    """What a template speaks of: names, keys of the world, fields of the event; and what is wrong with it."""

    names: frozenset[str] = frozenset()
    refs: frozenset[Ref] = frozenset()
    event: frozenset[str] = frozenset()
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """What he knows of her at the moment in which he speaks."""

    name: str
    besitos: int = 0
    level: int = 1
    vip: bool = False
    variables: Mapping[str, Value] = field(default_factory=dict)
    decisions: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    items: Mapping[str, int] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)


def _plural(count: int, one: str, other: str) -> str:
    return one if count == 1 else other


class _Sandbox(ImmutableSandboxedEnvironment):
    """Only `vars` and `event` have anything inside, which is what they hold, also when it is called `items`."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)


_SANDBOX: Final = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_SANDBOX.filters = {name: _SANDBOX.filters[name] for name in FILTERS - {"plural"}} | {"plural": _plural}
_SANDBOX.globals = {}
_SANDBOX.tests = {}


def read(template: str, variables: Mapping[str, type] | None = None, event: Mapping[str, Kinds] | None = None) -> Uses:
    """What it speaks of, and everything that is wrong with it.

    `variables` are the story's and their kinds, `event` what the event carries that calls for it.
    """
    try:
        beyond = _too_much(template)
        tree = _SANDBOX.parse("" if beyond else template)
    except TemplateSyntaxError as error:
        return Uses(wrong=(Wrong("syntax", error.message or "", error.lineno),))
    except RecursionError:
        return Uses(wrong=(Wrong("too_deep", str(DEEPEST), 1),))
    beyond = beyond or _too_deep(tree)
    if beyond is not None:
        return Uses(wrong=(beyond,))
    known = {"vars": {name: _counted(kind) for name, kind in (variables or {}).items()}, "event": event or {}}
    uses = _walked(tree, [Wrong("not_allowed", what, line) for what, line in _unfit(tree, known)])
    return uses if uses.wrong else replace(uses, wrong=_uncompiled(template))


def _too_much(template: str) -> Wrong | None:
    """What is counted before it is parsed: brackets leave no node behind, and not every number can be read."""
    depth = 0
    for line, kind, value in _SANDBOX.lex(template):
        if kind == "operator":
            depth += (value in "([{") - (value in ")]}")
            if depth > DEEPEST:
                return Wrong("too_deep", str(DEEPEST), line)
        elif kind == "integer" and len(value) > _LONGEST:
            return Wrong("not_allowed", f"{value[:_LONGEST]}…", line)
    return None


def _too_deep(tree: nodes.Template) -> Wrong | None:
    level: list[nodes.Node] = [tree]
    for _ in range(DEEPEST):
        level = [inside for node in level for inside in node.iter_child_nodes()]
    return Wrong("too_deep", str(DEEPEST), level[0].lineno) if level else None


@lru_cache(maxsize=4096)
def _uncompiled(template: str) -> tuple[Wrong, ...]:
    try:
        _compiled(template)
    except (SyntaxError, RecursionError, ValueError, MemoryError) as error:
        return (Wrong("syntax", str(error), 1),)
    return ()


def _walked(tree: nodes.Template, wrong: list[Wrong]) -> Uses:
    refs: set[Ref] = set()
    fields: set[str] = set()
    names: set[str] = set()
    asked_of = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    asked_of |= {id(node.node) for node in tree.find_all(nodes.Call)}
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            wrong.append(Wrong("not_allowed", type(node).__name__.lower(), node.lineno))
        elif isinstance(node, nodes.Name):
            names.add(node.name)
            if node.name not in NAMES:
                wrong.append(Wrong("unknown_name", node.name, node.lineno))
            elif node.name in _INSIDE and id(node) not in asked_of:
                wrong.append(Wrong("not_allowed", node.name, node.lineno))
        elif isinstance(node, nodes.Filter):
            wrong += _wrong_filter(node)
        elif isinstance(node, nodes.Getattr):
            _read_attribute(node, refs, fields, wrong)
        elif isinstance(node, nodes.Call):
            _read_question(node, refs, wrong)
    return Uses(frozenset(names), frozenset(refs), frozenset(fields), tuple(wrong))


def _wrong_filter(node: nodes.Filter) -> list[Wrong]:
    if node.name not in FILTERS:
        return [Wrong("unknown_name", node.name, node.lineno)]
    fits = len(node.args) == _WORDS_OF.get(node.name, 0) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
    return [] if fits and node.node is not None else [Wrong("not_allowed", f"|{node.name}(…)", node.lineno)]


def _read_attribute(node: nodes.Getattr, refs: set[Ref], fields: set[str], wrong: list[Wrong]) -> None:
    of = node.node.name if isinstance(node.node, nodes.Name) else None
    if of == "vars":
        refs.add(Ref("variable", node.attr))
    elif of == "event":
        fields.add(node.attr)
    else:
        wrong.append(Wrong("not_allowed", f".{node.attr}", node.lineno))


def _read_question(node: nodes.Call, refs: set[Ref], wrong: list[Wrong]) -> None:
    asked = node.node.name if isinstance(node.node, nodes.Name) else ""
    [key] = node.args if len(node.args) == 1 else [None]
    more = node.kwargs or node.dyn_args or node.dyn_kwargs
    if asked in ASKS and isinstance(key, nodes.Const) and isinstance(key.value, str) and not more:
        refs.add(Ref(ASKS[asked], key.value))
    else:
        wrong.append(Wrong("not_allowed", f"{asked}(…)", node.lineno))


def _unfit(tree: nodes.Template, known: Mapping[str, Mapping[str, Kinds]]) -> Iterator[tuple[str, int]]:
    """Each sum and comparison that may not work out, each text that cannot be kept, and its line."""
    for text in tree.find_all(nodes.Const):
        if isinstance(text.value, str) and _UNKEPT.search(text.value):
            yield ascii(text.value), text.lineno
    for node in tree.find_all((nodes.Add, nodes.Sub, nodes.Neg, nodes.Compare)):
        if isinstance(node, nodes.Compare):
            if not _compares(node, known):
                yield "/".join(operand.op for operand in node.ops), node.lineno
        elif isinstance(node, nodes.UnaryExpr | nodes.BinExpr):
            kinds = _of_all([node.node] if isinstance(node, nodes.UnaryExpr) else [node.left, node.right], known)
            if not (kinds <= _NUMBER or (kinds <= _TEXT and isinstance(node, nodes.Add))):
                yield _SIGNS[type(node)], node.lineno


def _compares(node: nodes.Compare, known: Mapping[str, Mapping[str, Kinds]]) -> bool:
    """Texts with texts, numbers with numbers; whether they are equal may always be asked."""
    left = _kinds(node.expr, known)
    for operand in node.ops:
        right = _kinds(operand.expr, known)
        both = left | right
        if operand.op in {"in", "notin"} and not both <= _TEXT:
            return False
        if operand.op in _ORDER and not (both <= _TEXT or both <= _NUMBER):
            return False
        left = right
    return True


def _kinds(node: nodes.Expr, known: Mapping[str, Mapping[str, Kinds]]) -> Kinds:
    if isinstance(node, nodes.Const):
        return _counted(type(node.value))
    if isinstance(node, nodes.Name):
        return _OWN.get(node.name, _NOT_KNOWN)
    if isinstance(node, nodes.Getattr):
        of = node.node.name if isinstance(node.node, nodes.Name) else ""
        return known.get(of, {}).get(node.attr, _NOT_KNOWN)
    return _of_all(_one_of(node), known) | _MADE.get(type(node), _NOT_KNOWN)


def _one_of(node: nodes.Expr) -> list[nodes.Expr]:
    """What it may come to, or at least the kind of."""
    if isinstance(node, nodes.Add | nodes.And | nodes.Or):
        return [node.left, node.right]
    if isinstance(node, nodes.CondExpr):
        return [node.expr1, node.expr2 or nodes.Const(None)]
    if isinstance(node, nodes.Filter):
        return node.args if node.name == "plural" else [nodes.Const("")]
    return []


def _of_all(parts: Iterable[nodes.Expr], known: Mapping[str, Mapping[str, Kinds]]) -> Kinds:
    return _NOT_KNOWN.union(*(_kinds(part, known) for part in parts))


def _counted(kind: type) -> Kinds:
    return _NUMBER if issubclass(kind, int | float) else frozenset({kind})


def spoken_of(template: str) -> frozenset[str]:
    """The names in it, for which he searches his memory; a template with which something is wrong is `Unsayable`."""
    uses = read(template)
    for wrong in uses.wrong:
        raise Unsayable(f"{wrong.fault} in row {wrong.line}: {wrong.what}")
    return uses.names


def render(template: str, memory: Memory) -> str:
    """His words; only what `read` finds nothing wrong with is ever rendered.

    Her name is never formatting: `as_written` puts it back. What she has may be of another kind than when the template
    was checked, or gone: then it is `Unsayable`.
    """
    said: dict[str, str | int | bool | Mapping[str, Any] | Callable[[str], bool]] = {
        "name": memory.name.translate(_APART),
        "besitos": memory.besitos,
        "level": memory.level,
        "vip": memory.vip,
        "event": memory.event,
        "vars": memory.variables,
        "chose": lambda key: key in memory.decisions,
        "has_hint": lambda key: key in memory.hints,
        "has_item": lambda key: memory.items.get(key, 0) > 0,
    }
    try:
        return _compiled(template).render(said).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Unsayable(repr(error)) from error


def as_written(words: str) -> str:
    """His words with her name as she writes it: where they are read as they stand."""
    return words.translate(_TOGETHER)


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    return _SANDBOX.from_string(template)


def may_speak_at(at: datetime, zone: ZoneInfo, rules: LucienRules) -> datetime:
    """The first moment from `at` on that is not in her quiet hours."""
    here = at.astimezone(zone)
    begin, end = rules.quiet_from, rules.quiet_until
    quiet = begin <= here.hour < end if begin < end else begin != end and (here.hour >= begin or here.hour < end)
    if not quiet:
        return at
    morning = here.date() if here.hour < end else here.date() + timedelta(days=1)
    return datetime.combine(morning, time(end), zone).astimezone(at.tzinfo)
