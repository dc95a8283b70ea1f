"""What Lucien says: whether anything calls for it, and whether he can know what he speaks of."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import dianabot.operations.consequences  # noqa: F401 - so that every fact is in the catalogue
from dianabot.content.engine import Story
from dianabot.content.finding import Finding
from dianabot.kernel.events import CATALOGUE, Fact
from dianabot.narrative.lucien import Kinds, read
from dianabot.operations.listen import HEARS
from dianabot.vocabulary.world import Template

_WRITTEN: Final[Mapping[str, type]] = {
    "string": str, "integer": int, "number": float, "boolean": bool, "null": type(None),
}  # fmt: skip


def templates(story: Story, facts: Mapping[str, type[Fact]] = CATALOGUE) -> Iterator[Finding]:
    for template in story.world.templates:
        path = f"templates.{template.key}"
        fact = facts.get(template.on)
        if fact is None:
            yield Finding("unknown_event", "error", f"{path}.on", {"event": template.on})
        else:
            if template.on not in HEARS:
                yield Finding("unheard_event", "error", f"{path}.on", {"event": template.on})
            for field in sorted(template.where.keys() - fact.model_fields.keys()):
                yield Finding("unknown_field", "error", f"{path}.where.{field}", {"event": template.on, "field": field})
        yield from _words(story, template, fact, f"{path}.text")


def _words(story: Story, template: Template, fact: type[Fact] | None, path: str) -> Iterator[Finding]:
    kinds = {variable.name: type(variable.initial) for variable in story.world.variables}
    carried = {} if fact is None else fields(fact)
    for language, text in template.text.items():
        uses = read(text, kinds, carried)
        for wrong in uses.wrong:
            values = {"language": language, "what": wrong.what, "row": wrong.line}
            yield Finding(f"template_{wrong.fault}", "error", path, values)
        if fact is not None:
            for field in sorted(uses.event - fact.model_fields.keys()):
                yield Finding("unknown_field", "error", path, {"event": template.on, "field": field})


@cache
def fields(fact: type[Fact]) -> Mapping[str, Kinds]:
    """What each field of an event may be as it lies in the log; nothing of a field that is no plain value."""
    written = fact.model_json_schema(mode="serialization")["properties"]
    return {name: _kinds(schema) for name, schema in written.items()}


def _kinds(schema: Mapping[str, Any]) -> Kinds:
    kinds = [_WRITTEN.get(each.get("type", "")) for each in schema.get("anyOf", [schema])]
    return frozenset() if None in kinds else frozenset(kind for kind in kinds if kind is not None)
