"""The graph itself: where it begins, what nobody reaches, where it stops without an end."""

from collections import Counter
from collections.abc import Iterator

from dianabot.content.checker.flow import Ways
from dianabot.content.engine import Story
from dianabot.content.finding import Finding
from dianabot.content.graph import knots, reached
from dianabot.vocabulary.world import World


def shape(story: Story, ways: Ways) -> Iterator[Finding]:
    if not story.scenes:
        return
    entries = [scene for scene in story.scenes.values() if scene.fragment.entry]
    for scene in entries[1:]:
        yield Finding(
            "several_entries", "error", f"{scene.path}.entry", {"fragment": scene.key, "first": entries[0].key}
        )
    if not entries:
        yield Finding("no_entry", "error", "fragments", {})
        return
    edges = ways.edges
    near = reached(edges, [scene.key for scene in entries])
    for scene in story.scenes.values():
        if scene.key not in near:
            yield Finding("unreachable", "warning", scene.path, {"fragment": scene.key})
    if any(story.scenes[key].fragment.ending for key in near):
        yield from _stops(story, ways, near)
    else:
        yield Finding("no_ending", "error", "fragments", {})


def _stops(story: Story, ways: Ways, near: set[str]) -> Iterator[Finding]:
    """Places that are never left again, and where the story does not end."""
    edges = {key: found for key, found in ways.edges.items() if key in near}
    for group in knots(edges):
        inside = set(group)
        if any(after not in inside for key in group for after in edges[key]):
            continue
        if any(story.scenes[key].fragment.ending for key in group):
            continue
        scenes = [scene for key, scene in story.scenes.items() if key in inside]
        first = scenes[0]
        if not any(edges[key] for key in group):
            if not first.choices:  # else its decisions lead nowhere, which is said of them
                yield Finding("dead_end", "error", first.path, {"fragment": first.key})
        elif all(choice.to in story.scenes for scene in scenes for choice in scene.choices):
            around = ", ".join(scene.key for scene in scenes[:6]) + (" …" if len(scenes) > 6 else "")
            yield Finding("loop_without_exit", "error", first.path, {"fragments": around})


def duplicates(story: Story) -> Iterator[Finding]:
    world = story.world
    named = {
        "fragments": [each.key for each in world.fragments],
        "items": [each.key for each in world.items],
        "hints": [each.key for each in world.hints],
        "combinations": [each.key for each in world.combinations],
        "templates": [each.key for each in world.templates],
        "plans": [each.key for each in world.plans],
        "variables": [each.name for each in world.variables],
        "levels": [str(each.number) for each in world.levels],
    }
    for fragment in world.fragments:
        named[f"fragments.{fragment.key}.decisions"] = [each.key for each in fragment.decisions]
    for path, keys in named.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield Finding("duplicate_key", "error", f"{path}.{key}", {"key": key, "times": times})


def combinations(world: World) -> Iterator[Finding]:
    """What hints make together is asked by the set of them: two at least, and each set once."""
    first: dict[frozenset[str], str] = {}
    for combination in world.combinations:
        together, path = frozenset(combination.hints), f"combinations.{combination.key}.hints"
        if len(together) < 2:
            yield Finding("too_few_hints", "error", path, {})
        elif first.setdefault(together, combination.key) != combination.key:
            yield Finding("same_hints", "error", path, {"first": first[together]})
