"""What `dianabot content import` says of a story before it is published, and of its readers after."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from dianabot.content.difference import SIGNS, Change
from dianabot.operations.publish import Report
from dianabot.vocabulary.world import Document, World

MOST_NAMED: Final = 5
"""Readers of one place; how many more there are is said. `--json` names a thousand."""


def unpaid(before: World | None, after: World) -> Iterator[str]:
    """What gives something else now: it gives once for a key, so whoever has it behind her is given no more.

    A decision that gave nothing has left no trace: it gives when it is taken again.
    """
    had = dict(_rewards(before)) if before else {}
    had = {path: reward for path, reward in had.items() if reward or "." not in path}
    keys = [path for path, reward in _rewards(after) if reward and had.get(path, reward) != reward]
    if keys:
        named = ", ".join(keys[:MOST_NAMED]) + (f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else "")
        yield f"A reward comes once for a key: readers who have been there get no new one from {named}."


def _rewards(world: World) -> Iterator[tuple[str, Document]]:
    for fragment in world.fragments:
        yield fragment.key, fragment.reward
        yield from ((f"{fragment.key}.{one.key}", one.reward) for one in fragment.decisions)


def shown(changes: Sequence[Change], before: World | None, after: World) -> Iterator[str]:
    """Each change within a story; counted where another story takes its place and everything is gone and new."""
    if before is None or before.key == after.key:
        for one in changes:
            yield f"{SIGNS[one.what]} {one.path}" + (f": {', '.join(one.fields)}" if one.fields else "")
        return
    yield f"Another story, {after.key}, takes the place of {before.key}."
    counts = Counter(f"{SIGNS[one.what]} {one.path.partition('.')[0]}" for one in changes if "." in one.path)
    for what, count in counts.items():
        yield f"{what}: {count}"
    yield f"To keep {before.key} as it is, first: dianabot content export {before.key}-of-today"


def told(report: Report) -> Iterator[str]:
    yield f"Version {report.version} is published."
    if not report.readers_moved:
        return
    who = "1 reader stands" if report.readers_moved == 1 else f"{report.readers_moved} readers stand"
    yield f"{who} in what is gone and will read on elsewhere:"
    by_way = defaultdict(list)
    for one in report.moved:
        by_way[f"{one.fragment} → {one.to or '?'} ({one.why})"].append(one.member)
    for way, members in by_way.items():
        named = ", ".join(map(str, members[:MOST_NAMED]))
        more = f" and {len(members) - MOST_NAMED} more" if len(members) > MOST_NAMED else ""
        yield f"  {way}: member{'s' if len(members) > 1 else ''} {named}{more}"
    if unnamed := report.readers_moved - len(report.moved):
        yield f"  and {unnamed} more"
