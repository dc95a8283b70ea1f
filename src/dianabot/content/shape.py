"""From plain data to a world: whatever is wrong is named, and the rest is read as if it were not there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dianabot.content.finding import Finding
from dianabot.content.parsing import Loc
from dianabot.content.sources import Sources
from dianabot.vocabulary.document import Fault
from dianabot.vocabulary.world import Language, World

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[tuple[Language, ...]] = tuple(World.model_fields["languages"].get_default(call_default_factory=True))
SECTIONS: Final = tuple(name for name, one in World.model_fields.items() if get_origin(one.annotation) is list)[1:]
"""`levels`, `fragments`, `items`, …: those that any file of a pack may hold."""
_NAMED_BY: Final = {"levels": "number", "variables": "name"}
UNFINISHED: Final = "…"
"""Stands for a text that is missing, so that the rest can be checked."""
_TRIES: Final = 30
Lines = Mapping[Loc, tuple[str, int]]


def shaped(document: dict[str, Any], lines: Lines) -> tuple[World, Sources, list[Finding]]:
    """The world, where all of it was written, and what was wrong. `document` is mended in place."""
    listed = document.get("languages")
    known = [one for one in listed if one in LANGUAGES] if isinstance(listed, list) else []
    language = known[0] if known else DEFAULT[0]
    _spread(World, document, language)
    paths = {loc: path_of(document, loc) for loc in lines}
    sources = Sources({path: lines[loc] for loc, path in reversed(paths.items())})
    findings: list[Finding] = []
    twice = list(_decisions_twice(paths, lines))
    for attempt in range(_TRIES):
        try:
            return World.model_validate(document), sources, [*twice, *findings]
        except ValidationError as error:
            faults: dict[tuple[Loc, str], ErrorDetails] = {}
            for fault in sorted(error.errors(), key=lambda one: not one["type"].endswith("_type")):
                faults[_real(document, fault["loc"]), _missing(fault)] = fault  # of alternatives the one that came near
            if not attempt:
                found = (_finding(document, fault, sources) for fault in faults.values())
                findings = list({(one.path, *one.values.values()): one for one in found}.values())
            _mend(document, faults, language)
    return World(key="unreadable", title={language: UNFINISHED}), sources, [*twice, *findings]


def _decisions_twice(paths: Mapping[Loc, str], lines: Lines) -> Iterator[Finding]:
    """Named where the second stands: in the world both go by one path."""
    first: dict[str, Loc] = {}
    for loc, path in paths.items():
        if len(loc) == 4 and loc[2] == "decisions" and first.setdefault(path, loc) != loc:
            file, line = lines[first[path]]
            yield Finding("part_twice", "error", path, {"first": f"{file}:{line}"}, *lines[loc])


def path_of(document: Any, loc: Loc) -> str:
    """`("fragments", 3, "decisions", 0)` as `fragments.hall.decisions.open`; what has no key goes by its number."""
    path, here = "", document
    for depth, step in enumerate(loc):
        here = _within(here, step)
        if isinstance(step, int):
            name = None
            if loc[0] in SECTIONS and (depth == 1 or (depth == 3 and loc[2] == "decisions")):
                name = name_of("decisions" if depth == 3 else str(loc[0]), here)
            dotted = loc[depth - 1] == "options" and depth == 4
            path += f".{name}" if name is not None else f".{step}" if dotted else f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def name_of(section: str, part: object) -> str | int | None:
    """What a part goes by: its key, mostly. None for what has none."""
    found = part.get(_NAMED_BY.get(section, "key")) if isinstance(part, dict) else None
    return found if isinstance(found, str | int) else None


def _within(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _spread(model: type[BaseModel], table: Any, language: Language) -> None:
    """A text alone is one in the world's first language."""
    if not isinstance(table, dict):
        return
    for name, one in model.model_fields.items():
        if name in table:
            table[name] = _spread_value(one.annotation, table[name], language)


def _spread_value(annotation: Any, value: Any, language: Language) -> Any:
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        _spread(annotation, value, language)
    elif by_language(annotation):
        return value if isinstance(value, dict) or value is None else {language: value}
    elif origin is list and isinstance(value, list):
        return [_spread_value(bare(inner[0]), one, language) for one in value]
    elif type(None) in inner and value is not None:
        return _spread_value(bare(inner[0]), value, language)
    return value


def by_language(annotation: Any) -> bool:
    """Whether it is a table with a value for each language."""
    inner = get_args(annotation)
    return get_origin(annotation) is dict and get_args(inner[0]) == LANGUAGES


def bare(annotation: Any) -> Any:
    return annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation


def _real(document: Any, loc: Loc) -> Loc:
    """As much of a place as exists: the library adds names of its own for alternatives and keys."""
    here, real = document, ()
    for step in loc:
        if not (isinstance(here, dict) and step in here) and not (isinstance(here, list) and isinstance(step, int)):
            break
        here, real = here[step], (*real, step)  # type: ignore[index,assignment]  # it was just found there
    return real


def _missing(fault: ErrorDetails) -> str:
    return str(fault["loc"][-1]) if fault["type"] == "missing" else ""


def _mend(document: dict[str, Any], faults: Iterable[tuple[Loc, str]], language: Language) -> None:
    """Take away what is wrong; where something is missing, the part that needs it, unless a text can stand in."""
    gone: set[Loc] = set()
    for loc, missing in sorted(faults, reverse=True):
        if loc in gone:
            continue
        if missing in {"title", "text"} or (missing == "name" and loc[0] != "variables"):
            _at(document, loc)[missing] = {language: UNFINISHED}
        elif loc:
            del _at(document, loc[:-1])[loc[-1]]
            gone.add(loc)
        else:
            document[missing] = "unnamed"


def _at(document: Any, loc: Loc) -> Any:
    for step in loc:
        document = document[step]
    return document


def _finding(document: Any, fault: ErrorDetails, sources: Sources) -> Finding:
    loc = _real(document, fault["loc"])
    if loc[:1] == ("languages",):
        loc = loc[:1]
    path = path_of(document, loc)
    file, line = sources.at(path) or ("", 0)
    kind, expected = _fault(fault, loc)
    return Finding("wrong_document", "error", path, {"fault": kind, "expected": expected}, file, line)


_TYPES: Final = {
    "string_type": "text", "int_type": "whole_number", "list_type": "list", "dict_type": "object",
    "model_type": "object", "model_attributes_type": "object", "string_unicode": "text",
}  # fmt: skip


def _fault(fault: ErrorDetails, loc: Loc) -> tuple[Fault, str]:  # noqa: PLR0911 - a table of kinds
    """The library's word for it in ours, and what may stand there."""
    context = fault.get("ctx", {})
    if loc == ("languages",):
        return "not_one_of", "[es], [en], [es, en], [en, es]"
    if loc and (loc[-1] == "initial" or loc[2:3] == ("where",)) and fault["type"].endswith("_type"):
        return "not_one_of", "true, false, 0, 1, 2, …, text"
    match fault["type"]:
        case "missing":
            return "missing_key", _missing(fault)
        case "extra_forbidden":
            return "unknown_key", ", ".join(_keys_at(fault["loc"][:-1]))
        case "bool_type":
            return "not_one_of", "true, false"
        case "literal_error":
            return "not_one_of", str(context["expected"]).replace("'", "").replace(" or ", ", ")
        case "string_pattern_mismatch":
            return "not_allowed", "U+0000" if "x00" in str(context["pattern"]) else "a–z 0–9 _, ≤ 40"
        case kind if kind in _TYPES:
            return "wrong_type", _TYPES[kind]
    return _bound(context)


def _bound(context: Mapping[str, Any]) -> tuple[Fault, str]:
    for name, sign in (("ge", "≥"), ("le", "≤"), ("min_length", "≥"), ("max_length", "≤")):
        if name in context:
            empty = name == "min_length" and context[name] == 1
            return ("empty", "") if empty else ("out_of_range", f"{sign} {context[name]}")
    return "not_allowed", "text"


def _keys_at(loc: Loc) -> list[str]:
    """What a part of that place may say."""
    model: Any = World
    for step in loc:
        if isinstance(step, str):
            inner = model.model_fields[step].annotation
            while not (isinstance(inner, type) and issubclass(inner, BaseModel)):
                inner = bare(get_args(inner)[0])
            model = inner
    return list(model.model_fields)
