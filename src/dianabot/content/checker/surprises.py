"""What works, but not as whoever wrote it will have meant it."""

from collections.abc import Iterator, Mapping
from typing import Final

from dianabot.content.checker.flow import Ways
from dianabot.content.checker.templates import fields
from dianabot.content.engine import Choice, Scene, Story
from dianabot.content.finding import Finding
from dianabot.kernel.events import CATALOGUE, Fact
from dianabot.vocabulary.gifts import Change
from dianabot.vocabulary.keys import Value

WAITED_FOR: Final = {"besitos", "level", "streak", "vip", "time"}
"""What a reader waits or pays for, who must therefore see that there is something to wait for."""


def surprises(story: Story, ways: Ways, facts: Mapping[str, type[Fact]] = CATALOGUE) -> Iterator[Finding]:
    yield from _entry(story)
    yield from _gone(story)
    for scene in story.scenes.values():
        yield from _same_buttons(scene)
        yield from _nothing_shown(scene, ways)
    yield from _kinds(story)
    yield from _never_called(story, facts)


def _entry(story: Story) -> Iterator[Finding]:
    """Whoever opens the story stands at its entry, whatever that asks; of the club's she sees the beginning alone."""
    if story.entry is None:
        return
    path, values = story.entry.path, {"fragment": story.entry.key}
    if story.entry.fragment.vip:
        yield Finding("club_entry", "warning", f"{path}.vip", values)
    if story.entry.fragment.requirement:
        yield Finding("locked_entry", "warning", f"{path}.requirement", values)


def _gone(story: Story) -> Iterator[Finding]:
    for fragment in story.world.fragments:
        path, to = f"fragments.{fragment.key}.if_gone", story.scenes.get(fragment.if_gone or "")
        if fragment.if_gone == fragment.key and not fragment.draft:  # of a draft it is said that it names one
            yield Finding("gone_to_itself", "warning", path, {"fragment": fragment.key})
        elif to is not None and to.fragment.vip and not fragment.vip:
            yield Finding("gone_to_club", "warning", path, {"fragment": to.key})


def _same_buttons(scene: Scene) -> Iterator[Finding]:
    shown = [choice for choice in scene.choices if choice.decision.taken_by == "tap" and not choice.decision.hidden]
    first: dict[tuple[str, str], str] = {}
    for choice in shown:
        for language, text in choice.decision.text.items():
            before = first.setdefault((language, " ".join(text.split())), choice.decision.key)
            if before != choice.decision.key:
                yield Finding("same_button", "warning", f"{choice.path}.text", {"first": before, "language": language})


def _nothing_shown(scene: Scene, ways: Ways) -> Iterator[Finding]:
    """Only hidden ways lead on, and each of them may be shut for as long as the reader does not pay or wait."""
    if scene.fragment.ending or not ways.out[scene.key] or scene.fragment.challenge is not None:
        return
    if all(choice.decision.hidden and _waits(choice, ways) for choice in ways.out[scene.key]):
        yield Finding("only_hidden", "warning", scene.path, {"fragment": scene.key})


def _waits(choice: Choice, ways: Ways) -> bool:
    alternatives = ways.whole[choice.key]
    return choice.decision.cost > 0 or all(
        any(literal.kind in WAITED_FOR and literal.yes for literal in term) for term in alternatives
    )


def _kinds(story: Story) -> Iterator[Finding]:
    for path, (name, sign, value) in _changes(story):
        initial = story.initial.get(name)
        if initial is None or (type(initial) is type(value) and (sign == "=" or type(initial) is int)):
            continue
        yield Finding("other_kind", "warning", path, {"variable": name, "initial": _written(initial)})


def _changes(story: Story) -> Iterator[tuple[str, Change]]:
    for scene in story.scenes.values():
        yield from ((f"{scene.path}.reward.variables.{change[0]}", change) for change in scene.gifts.changes)
        for choice in scene.choices:
            yield from ((f"{choice.path}.variables.{change[0]}", change) for change in choice.changes)
            yield from ((f"{choice.path}.reward.variables.{change[0]}", change) for change in choice.gifts.changes)


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"“{value}”" if isinstance(value, str) else str(value)


def _never_called(story: Story, facts: Mapping[str, type[Fact]]) -> Iterator[Finding]:
    """A template that waits for a value of another kind than its event ever carries."""
    for template in story.world.templates:
        fact = facts.get(template.on)
        carried = {} if fact is None else fields(fact)
        for field, value in template.where.items():
            if carried.get(field) and type(value) not in carried[field]:
                path = f"templates.{template.key}.where.{field}"
                yield Finding("where_never", "warning", path, {"event": template.on, "field": field})
