"""Keys that name nothing, and things that nobody names."""

from collections.abc import Iterable, Iterator, Mapping

from dianabot.content.engine import Story
from dianabot.content.finding import Finding
from dianabot.gamification.levels import LevelReached
from dianabot.narrative.lucien import read as read_template
from dianabot.vocabulary import requirement as requirements
from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.loose_ends import NAMED_BY
from dianabot.vocabulary.reward import Reward

Named = Iterator[tuple[str, Ref]]
"""Where, and what is named there."""


def known(story: Story) -> Mapping[str, set[str]]:
    """The keys of each kind that a published document may name."""
    world = story.world
    return {
        "fragment": set(story.scenes),
        "decision": {choice.key for scene in story.scenes.values() for choice in scene.choices},
        "item": {item.key for item in world.items},
        "hint": {hint.key for hint in world.hints},
        "variable": {variable.name for variable in world.variables},
        "level": {str(level) for level in story_levels(story)},
    }


def story_levels(story: Story) -> set[int]:
    """Those that are declared; if none is, those that there are."""
    declared = {level.number for level in story.world.levels}
    return declared or {scene.fragment.level for scene in story.scenes.values()}


def references(story: Story) -> Iterator[Finding]:
    keys = known(story)
    drafts = {fragment.key for fragment in story.world.fragments if fragment.draft} - keys["fragment"]
    for path, ref in (*_wanted(story), *_given(story), *_led(story), *_remembered(story)):
        if ref.key in keys[ref.kind]:
            continue
        draft = ref.kind in {"fragment", "decision"} and ref.key.partition(".")[0] in drafts
        code = "names_draft" if draft else "unknown_reference"
        yield Finding(code, "error", path, {"kind": ref.kind, "key": ref.key})
    yield from _levels(story)


def _wanted(story: Story) -> Named:
    """What requirements and combinations ask for."""
    for scene in story.scenes.values():
        yield from _each(f"{scene.path}.requirement", requirements.refs(scene.requirement))
        for choice in scene.choices:
            yield from _each(f"{choice.path}.requirement", requirements.refs(choice.requirement))
    for key, requirement in story.told.items():
        yield from _each(f"templates.{key}.requirement", requirements.refs(requirement))
    for combination in story.world.combinations:
        for index, hint in enumerate(combination.hints):
            yield f"combinations.{combination.key}.hints[{index}]", Ref("hint", hint)


def _given(story: Story) -> Named:
    for scene in story.scenes.values():
        yield from _of_reward(f"{scene.path}.reward", scene.reward)
        for choice in scene.choices:
            yield from _of_reward(f"{choice.path}.reward", choice.reward)
            yield from ((f"{choice.path}.variables.{name}", Ref("variable", name)) for name, _, _ in choice.changes)
    for key, reward in story.combinations.items():
        yield from _of_reward(f"combinations.{key}.reward", reward)
    for key, reward in story.uses.items():
        yield from _of_reward(f"items.{key}.unlocks", reward)


def _led(story: Story) -> Named:
    for scene in story.scenes.values():
        for choice in scene.choices:
            yield f"{choice.path}.to", Ref("fragment", choice.to)
    for fragment in story.world.fragments:
        if fragment.if_gone is not None:
            yield f"fragments.{fragment.key}.if_gone", Ref("fragment", fragment.if_gone)


def _remembered(story: Story) -> Named:
    """What Lucien asks of his memory, in whichever language he speaks."""
    for template in story.world.templates:
        where = f"templates.{template.key}.where"
        for field in sorted(template.where.keys() & NAMED_BY.keys()):
            yield f"{where}.{field}", Ref(NAMED_BY[field], str(template.where[field]))
        level = template.where.get("level")
        if type(level) is int and template.on != LevelReached.event_type:  # whose levels are not the story's
            yield f"{where}.level", Ref("level", str(level))
        named = {ref for text in template.text.values() for ref in read_template(text).refs}
        yield from _each(f"templates.{template.key}.text", named)


def _of_reward(path: str, reward: Reward) -> Named:
    for gift in reward.gifts:
        yield from _each(f"{path}.{gift.key}", gift.refs())


def _each(path: str, refs: Iterable[Ref]) -> Named:
    for ref in sorted(refs, key=lambda ref: (ref.kind, ref.key)):
        yield path, ref


def _levels(story: Story) -> Iterator[Finding]:
    named = {level.number for level in story.world.levels}
    used = {fragment.level for fragment in story.world.fragments}
    if not named:
        return
    for scene in story.scenes.values():
        if scene.fragment.level not in named:
            yield Finding(
                "unknown_reference", "error", f"{scene.path}.level", {"kind": "level", "key": scene.fragment.level}
            )
    for number in sorted(named - used):
        yield Finding("unused", "warning", f"levels.{number}", {"kind": "level", "key": number})


def unused(story: Story) -> Iterator[Finding]:
    """Things that no part of the world gives or asks for, and variables that nobody reads."""
    wanted = {ref for _, ref in _wanted(story)}
    given = {ref for _, ref in _given(story)}
    recalled = {ref for _, ref in _remembered(story)}
    for hint in story.world.hints:
        if Ref("hint", hint.key) not in wanted | given:
            yield Finding("unused", "warning", f"hints.{hint.key}", {"kind": "hint", "key": hint.key})
    for item in story.world.items:
        if Ref("item", item.key) not in wanted | given:
            yield Finding("unused", "warning", f"items.{item.key}", {"kind": "item", "key": item.key})
    for variable in story.world.variables:
        if Ref("variable", variable.name) not in wanted | recalled:
            path = f"variables.{variable.name}"
            yield Finding("unused", "warning", path, {"kind": "variable", "key": variable.name})
    yield from _never_made(story, given)


def _never_made(story: Story, given: set[Ref]) -> Iterator[Finding]:
    for combination in story.world.combinations:
        for index, hint in enumerate(combination.hints):
            declared = any(each.key == hint for each in story.world.hints)
            if declared and Ref("hint", hint) not in given:
                path = f"combinations.{combination.key}.hints[{index}]"
                yield Finding("nothing_gives", "error", path, {"what": "hint", "key": hint})
