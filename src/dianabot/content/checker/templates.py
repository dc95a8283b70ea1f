"""What Lucien says: whether anything calls for it, and whether he can know what he speaks of."""

from collections.abc import Iterator, Mapping

import dianabot.operations.consequences  # noqa: F401 - so that every fact is in the catalogue
from dianabot.content.engine import Story
from dianabot.content.finding import Finding
from dianabot.kernel.events import CATALOGUE, Fact
from dianabot.narrative.lucien import read
from dianabot.operations.speak import HEARS
from dianabot.vocabulary.world import Template


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
    for language, text in template.text.items():
        uses = read(text, kinds)
        for wrong in uses.wrong:
            values = {"language": language, "what": wrong.what, "row": wrong.line}
            yield Finding(f"template_{wrong.fault}", "error", path, values)
        if fact is not None:
            for field in sorted(uses.event - fact.model_fields.keys()):
                yield Finding("unknown_field", "error", path, {"event": template.on, "field": field})
