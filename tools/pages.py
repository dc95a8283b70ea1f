"""Write the pages and pictures that the code itself knows best; `--check` says which of them are out of date."""

import ast
import configparser
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic_core import PydanticUndefined

import dianabot
from dianabot.content.schema import pack_schema, translation_schema
from dianabot.kernel.bus.consumers import matching
from dianabot.kernel.events import CATALOGUE, Fact
from dianabot.kernel.settings import Settings
from dianabot.operations.acts import OPERATIONS
from dianabot.operations.consequences import CONSEQUENCES, SUMS
from dianabot.telegram.sender.unasked import UNASKED
from tools import asyncapi, drawing

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NOT_IMPORTED = ("dianabot.__main__", "dianabot.migrations.")
WHAT_FOR = {
    "__main__": "the door from the shell",
    "cli": "one file a family of commands",
    "wiring": "settings in, built objects out",
    "supervisor": "owns the servers, starts and stops the parts",
    "migrations": "the schema's history",
    "telegram": "bot · web pages · consequences and timers",
    "content": "story packs, read and checked",
    "screens": "what a person is shown, as plain data",
    "operations": "every act, and what follows from it",
    "members": "the slices: strangers",
    "vocabulary": "words that every slice may speak",
    "kernel": "transactions, events, clock: no rule of the business",
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = [place for place, text in pages() if not place.exists() or place.read_text(encoding="utf-8") != text]
    if not check:
        for place, text in pages():
            place.write_text(text, encoding="utf-8")
    for place in stale:
        print(f"{place.relative_to(ROOT)} {'is out of date' if check else 'written'}")
    return 1 if check and stale else 0


def pages() -> Iterator[tuple[Path, str]]:
    yield DOCS / "events.md", events()
    yield DOCS / "asyncapi.json", _json(asyncapi.document(_facts()))
    yield DOCS / "verbs.md", verbs()
    yield DOCS / "configuration.md", configuration()
    yield DOCS / "pack.schema.json", _json(pack_schema())
    yield DOCS / "pack.lines.schema.json", _json(translation_schema())
    yield DOCS / "images" / "floors.svg", floors()
    for source in sorted((DOCS / "diagrams").glob("*.txt")):
        yield DOCS / "images" / f"{source.stem}.svg", drawing.sequence(source.read_text(encoding="utf-8"))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def modules() -> list[ModuleType]:
    """Every module of the house, imported: facts join the catalogue when they are defined."""
    names = [found.name for found in pkgutil.walk_packages(dianabot.__path__, "dianabot.")]
    return [importlib.import_module(name) for name in names if not name.startswith(NOT_IMPORTED)]


def events() -> str:
    """The catalogue: what each fact carries, who announces it, who hears it."""
    found = modules()
    announced = {name: sorted(set(places)) for name, places in _makers(found).items()}
    heard = _hearers()
    lines = [HEAD_OF_EVENTS]
    for event_type, fact in _facts():
        says = (fact.__doc__ or "").strip().splitlines()
        carries = ", ".join(f"`{name}`: {_type(field.annotation)}" for name, field in fact.model_fields.items())
        lines += [
            f"### `{event_type}`",
            "",
            *([*says[:1], ""] if says and fact.__doc__ != Fact.__doc__ else []),
            f"- carries: {carries or 'nothing'}",
            f"- priority {fact.priority.name.lower()}, version {fact.version}",
            f"- announced in: {', '.join(f'`{place}`' for place in announced.get(fact.__name__, [])) or 'nowhere yet'}",
            f"- heard by: {', '.join(f'`{name}`' for name in sorted(heard.get(event_type, ()))) or 'nobody'}",
            "",
        ]
    return "\n".join(lines)


def _facts() -> list[tuple[str, type[Fact]]]:
    """The house's own: tests define facts of theirs in the same catalogue."""
    return [(name, fact) for name, fact in sorted(CATALOGUE.items()) if fact.__module__.startswith("dianabot.")]


def _makers(found: list[ModuleType]) -> dict[str, list[str]]:
    """Fact's class name -> the modules that make one."""
    names = {fact.__name__ for _, fact in _facts()}
    places: dict[str, list[str]] = {}
    for module in found:
        source = Path(module.__file__ or "")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                places.setdefault(node.func.id, []).append(str(source.relative_to(ROOT / "src" / "dianabot")))
    return places


def _hearers() -> dict[str, set[str]]:
    heard: dict[str, set[str]] = {}
    rows = [(row.on, row.consumer) for row in (*CONSEQUENCES, *UNASKED)]
    rows += [(on, each.consumer) for each in SUMS for on in each.on]
    for on, consumer in rows:
        for event_type in matching(on):
            heard.setdefault(event_type, set()).add(consumer)
    return heard


def verbs() -> str:
    """All that can be done: the operations, then what each door offers to those who write them."""
    lines = [HEAD_OF_VERBS]
    for operation in sorted(OPERATIONS, key=lambda one: one.name):
        asks = ", ".join(f"`{name}`" for name in operation.act.model_fields)
        lines.append(f"| `{operation.name}` | {_first_line(operation.act, operation.verb)} | {asks or '–'} |")
    for door in _doors():
        lines += ["", f"## {door.__name__.removeprefix('dianabot.')}", "", _first_line(door), ""]
        for name in door.__all__:
            offered = getattr(door, name)
            lines.append(f"- **`{name}`** {_first_line(offered)}".rstrip())
            if isinstance(offered, type) and offered.__module__.endswith(".service"):
                lines += [f"    - `{verb}` {_first_line(does)}".rstrip() for verb, does in _public(offered)]
    return "\n".join([*lines, ""])


def _doors() -> list[ModuleType]:
    """The slices: packages with a service."""
    package = Path(dianabot.__file__).parent
    places = sorted(place.parent.relative_to(package.parent) for place in package.rglob("service.py"))
    return [importlib.import_module(".".join(place.parts)) for place in places]


def _public(offered: type) -> list[tuple[str, object]]:
    return [(name, does) for name, does in vars(offered).items() if callable(does) and not name.startswith("_")]


def _first_line(*described: object) -> str:
    """The first sentence that any of them says of itself; what a parent or Python says does not count."""
    for one in described:
        if not isinstance(one, ModuleType) and not str(getattr(one, "__module__", "")).startswith("dianabot"):
            continue
        said = str(vars(one).get("__doc__") or "") if isinstance(one, type) else getattr(one, "__doc__", "") or ""
        if said.strip() and not re.match(r"\w+\(.*\)$", said):  # a dataclass that says nothing says its signature
            return " ".join(said.strip().partition("\n\n")[0].split())
    return ""


def _type(annotation: object) -> str:
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return name.replace("typing.", "").replace("dianabot.kernel.ids.", "").replace("|", "or")


def configuration() -> str:
    rows = []
    for field in Settings.model_fields.values():
        extra = field.json_schema_extra
        assert isinstance(extra, dict)
        standard = "" if field.default in {None, PydanticUndefined} else f"`{field.default}`"
        secret = " Secret." if extra["secret"] else ""
        rows.append(f"| `{field.validation_alias}` | {field.description}{secret} | {extra['expected']} | {standard} |")
    return "\n".join([HEAD_OF_CONFIGURATION, *rows, ""])


def floors() -> str:
    """Drawn from the import contract, so that the picture cannot say anything else than what is held."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:floors"]["layers"].split("\n")
    rows = [
        (layer.replace(" | ", " · "), WHAT_FOR[layer.split(" | ")[0].strip("()")]) for layer in filter(None, layers)
    ]
    foot = "Each imports only what lies below it. In parentheses: planned. The simulator, telesim, stands beside."
    return drawing.floors("The floors of the house", rows, foot)


HEAD_OF_EVENTS = """<!-- written by `make docs` from the code; do not edit -->
# Events

A fact is written in the same transaction as the change that it tells of. It carries ids and plain values, never names
or texts, so the log can be kept for ever. How it reaches whoever hears it, and why it cannot be lost or doubled, is
told in [architecture](architecture.md#an-event-becomes-a-consequence).

Every event travels in one envelope: `event_id`, `seq`, `event_type`, `timestamp`, `subject`, `user_id`, `actor`,
`operation`, `correlation_id`, `causation_id`, `priority`, `version`, `data`. Programs outside may listen on the Valkey
channel `dianabot:events:<event_type>`; that is a best effort, and the table `event_logs` is the truth.

## Catalogue
"""

HEAD_OF_VERBS = """<!-- written by `make docs` from the code; do not edit -->
# Operations and doors

Every write from an edge is one of these operations: one key, one transaction, one stored outcome
([why](adr/0002-one-coordinator.md)). Below them, what each slice offers to operations; nothing else of a slice may be
imported. For the names that plans use, see [Names used in plans](names.md).

| operation | does | asks for |
|---|---|---|"""

HEAD_OF_CONFIGURATION = """<!-- written by `make docs` from the code; do not edit -->
# Configuration

Everything that can be set from outside is an environment variable; a file `.env` beside the command is read too.
Nothing is required for `make demo`; the real bot needs `BOT_TOKEN` alone. A wrong value is refused before anything
starts, with the variable's name and what was expected. What the creator tunes while it runs (amounts, limits, flags)
is not here: it lives in the rulebook, see `dianabot rules --help`.

| variable | what it is for | expected | if it is not set |
|---|---|---|---|"""


if __name__ == "__main__":
    sys.exit(main())
