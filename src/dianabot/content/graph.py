"""Ways from place to place: what is reached, and what leads to each other."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Edges: TypeAlias = Mapping[str, Sequence[str]]


def reached(edges: Edges, starts: Iterable[str]) -> set[str]:
    waiting = list(starts)
    found = set(waiting)
    while waiting:
        for after in edges.get(waiting.pop(), ()):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def backwards(edges: Edges) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {place: [] for place in edges}
    for place, ways in edges.items():
        for after in ways:
            turned.setdefault(after, []).append(place)
    return turned


def knots(edges: Edges) -> list[list[str]]:
    """Groups of places that lead to each other (a lone place is a group), each before those that it leads to."""
    turned = backwards(edges)
    seen: set[str] = set()
    found: list[list[str]] = []
    for place in reversed(finished(edges)):
        if place in seen:
            continue
        group, waiting = [], [place]
        seen.add(place)
        while waiting:
            here = waiting.pop()
            group.append(here)
            for before in turned[here]:
                if before not in seen:
                    seen.add(before)
                    waiting.append(before)
        found.append(group)
    return found


def finished(edges: Edges) -> list[str]:
    """Places in the order in which a walk in depth leaves them for good."""
    seen: set[str] = set()
    found: list[str] = []
    for root in edges:
        if root in seen:
            continue
        seen.add(root)
        walk = [(root, iter(edges[root]))]
        while walk:
            place, ways = walk[-1]
            fresh = next((after for after in ways if after not in seen), None)
            if fresh is None:
                found.append(place)
                walk.pop()
            else:
                seen.add(fresh)
                walk.append((fresh, iter(edges.get(fresh, ()))))
    return found
