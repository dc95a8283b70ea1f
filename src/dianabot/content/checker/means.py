"""Choices that the story's own income cannot pay by then: how many days they take, or that nobody ever pays."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from heapq import heappop, heappush

from dianabot.content.checker.flow import Flow, Point
from dianabot.content.engine import Choice
from dianabot.content.finding import Finding, Severity

Purse = Mapping[str, int]
"""By fragment: at most so many besitos can be there."""


def means(first: Flow, again: Flow) -> Iterator[Finding]:
    """`again` carries over what earlier readings left: besitos too."""
    purse = _earned(first)
    needs = {choice.key: _need(first, choice, point) for choice, point in _choices(first)}
    dear = {choice.key for choice, _ in _choices(first) if needs[choice.key] > purse[choice.fragment]}
    if first.story.world.economy.daily_besitos:
        yield from _in_days(first, needs, purse, dear)
    else:
        yield from _ever(first, again, dear)


def _in_days(first: Flow, needs: Mapping[str, int], purse: Purse, dear: Collection[str]) -> Iterator[Finding]:
    daily = first.story.world.economy.daily_besitos
    for choice, _ in _choices(first):
        if choice.key in dear:
            need, have = needs[choice.key], purse[choice.fragment]
            values = {"need": need, "have": have, "daily": daily, "count": math.ceil((need - have) / daily)}
            yield Finding("days_to_afford", _gravity(first, choice, dear), _where(choice, need), values)


def _ever(first: Flow, again: Flow, dear: Collection[str]) -> Iterator[Finding]:
    """Where no day brings anything: only what she could pay before can have brought her more."""
    needs = {choice.key: _need(again, choice, point) for choice, point in _choices(again)}
    shut = {key for key, need in needs.items() if key in dear or (need and key not in first.opened)}
    purse: Purse = {}
    while shut:
        purse = _saved(again, shut)
        paid = {choice.key for choice, _ in _choices(again) if needs[choice.key] <= purse.get(choice.fragment, -1)}
        if not shut & paid:
            break
        shut -= paid
    for choice, _ in _choices(again):
        need = needs[choice.key]
        if choice.key in shut and choice.fragment in purse:
            values = {"need": need, "have": purse[choice.fragment], "daily": 0}
            yield Finding("never_affordable", "error", _where(choice, need), values)
        elif choice.key in dear and choice.key not in shut:
            yield Finding("only_again", _gravity(first, choice, dear), _where(choice, need), {"decision": choice.key})


def _choices(flow: Flow) -> list[tuple[Choice, Point]]:
    """Those that can be taken if they can be paid, and what is known where they are."""
    return [
        (choice, point)
        for key, point in flow.points.items()
        for choice in flow.ways.out[key]
        if choice.key in flow.opened
    ]


def _gravity(first: Flow, choice: Choice, dear: Collection[str]) -> Severity:
    """Whether something else leads on from there."""
    ways = (each.key for each in first.ways.out[choice.fragment] if each.key in first.opened)
    return "warning" if all(key in dear for key in ways) else "note"


def _where(choice: Choice, need: int) -> str:
    return f"{choice.path}.cost" if choice.decision.cost == need else f"{choice.path}.requirement"


def _earned(first: Flow) -> Purse:
    """What the story itself can have brought on the way to each fragment, its unavoidable costs taken off."""
    causes, groups = first.causes, first.knots()
    group_of = {key: index for index, group in enumerate(groups) for key in group}
    brought = [0] * len(groups)
    for index, group in enumerate(groups):
        choices = [choice for key in group for choice in first.ways.out[key] if choice.key in first.opened]
        scenes = {key: first.story.scenes[key].gifts.besitos for key in group}
        inside = [choice.gifts.besitos for choice in choices if group_of[choice.to] == index]
        if inside:
            brought[index] += sum(inside) + sum(scenes.values())
        for choice in choices:
            if group_of[choice.to] != index:
                own = 0 if inside else scenes[choice.fragment]
                left = max(0, brought[index] + own + choice.gifts.besitos - choice.decision.cost)
                brought[group_of[choice.to]] = max(brought[group_of[choice.to]], left)
    found = {}
    for key, point in first.points.items():
        mixed = causes.besitos(point.may, "combination:") + causes.besitos(point.may, "item:")
        found[key] = brought[group_of[key]] + mixed + _by_levels(first, point.may)
    return found


def _saved(again: Flow, shut: Collection[str]) -> Purse:
    """All that is ever given without those choices, the cheapest way there taken off; or what one reading brings."""
    out = {key: tuple(choice for choice in ways if choice.key not in shut) for key, ways in again.ways.out.items()}
    flow = Flow(again.story, again.causes, replace(again.ways, out=out), again.judge).run()
    fragments = [flow.story.scenes[key].fragment for key in flow.points]
    if not any(each.ending or each.vip for each in fragments):  # only from there can she begin again
        return _earned(flow)
    flow = flow.reread()
    had = flow.everything
    given = flow.causes.besitos(had) + _by_levels(flow, had)
    return {key: given - cost for key, cost in _cheapest(flow).items()}


def _by_levels(flow: Flow, had: int) -> int:
    """Where days bring experience and no besitos, the levels that they make bring some."""
    patient = flow.judge.patient and not flow.story.world.economy.daily_besitos
    level = flow.causes.highest if patient else flow.causes.level(had)
    return flow.causes.growth.besitos_per_level * (level - 1)


def _cheapest(flow: Flow) -> dict[str, int]:
    found: dict[str, int] = {}
    waiting = [(0, flow.story.entry.key)] if flow.story.entry is not None else []
    while waiting:
        cost, key = heappop(waiting)
        if key in found:
            continue
        found[key] = cost
        for choice in flow.ways.out[key]:
            if choice.key in flow.opened and choice.to not in found:
                heappush(waiting, (cost + choice.decision.cost, choice.to))
    return found


def _need(flow: Flow, choice: Choice, point: Point) -> int:
    """The besitos that she must have, by the cheapest of the ways that are open."""
    asked = [
        max(
            [int(each.need) for each in term if each.kind == "besitos" and each.yes and isinstance(each.need, int)],
            default=0,
        )
        for term in flow.ways.whole[choice.key]
        if flow.judge.failing(term, point) is None
    ]
    return max(choice.decision.cost, min(asked, default=0))
