"""Requirements that nobody can meet where they stand."""

from collections.abc import Iterator
from dataclasses import replace

from dianabot.content.checker.flow import Flow, Point
from dianabot.content.checker.terms import MOST_TERMS, VIP, Literal, Terms, TooMany, comparison, terms
from dianabot.content.checker.values import Values
from dianabot.content.engine import Choice, Scene
from dianabot.content.finding import Finding
from dianabot.gamification.levels import LevelReached


def locks(first: Flow, again: Flow) -> Iterator[Finding]:
    """What is shut on a first reading, and what stays shut on any (`again` carries over what earlier readings left)."""
    yield from _unopened(again)
    entries: dict[str, list[tuple[Choice, Point]]] = {}
    for key in again.points:
        scene = again.story.scenes[key]
        for choice in again.ways.out[key]:
            if choice.key in first.opened:
                continue
            if choice.key in again.opened:
                yield from _only_again(first, scene, choice)
                continue
            yield from _shut(again, scene, choice, entries)
    for target, found in entries.items():
        yield from _shut_from(again, target, found)


def _unopened(flow: Flow) -> Iterator[Finding]:
    """Locks that were not looked into, and those of a club into which nothing leads."""
    for path in flow.ways.unread:
        yield Finding("too_many_terms", "note", path, {"most": MOST_TERMS})
    for path, alternatives in flow.ways.locks.items() if not flow.causes.joins else ():
        possible = [term for term in alternatives if flow.judge.contradiction(term) is None]
        if possible and all(VIP in term for term in possible):
            yield Finding("club_without_offer", "warning", path, {})


def _only_again(first: Flow, scene: Scene, choice: Choice) -> Iterator[Finding]:
    if scene.key in first.points:
        yield Finding("only_again", "note", where(choice), {"decision": choice.key})


def where(choice: Choice) -> str:
    """The place of what shuts it."""
    return f"{choice.path}.requirement" if choice.decision.requirement else f"{choice.path}.to"


def by_use(again: Flow, without: Flow) -> Iterator[Finding]:
    """What is shut while nothing is used: there is no act yet that uses a thing."""
    for key in without.points:
        for choice in again.ways.out[key]:
            if choice.key in again.opened - without.opened:
                yield Finding("only_by_use", "warning", where(choice), {"decision": choice.key})


def _shut(
    flow: Flow, scene: Scene, choice: Choice, entries: dict[str, list[tuple[Choice, Point]]]
) -> Iterator[Finding]:
    point = flow.points[scene.key]
    own = flow.ways.own[choice.key]
    if not flow.judge.possible(own, point):
        yield _why(flow, own, point, f"{choice.path}.requirement")
    elif not flow.judge.possible(flow.ways.enter[choice.to], point):
        entries.setdefault(choice.to, []).append((choice, point))
    else:
        path = f"{choice.path}.requirement"
        yield Finding("contradiction", "error", path, {"what": f"{choice.key} → {choice.to}"})


def unsaid(flow: Flow) -> Iterator[Finding]:
    """What Lucien never says, because no reader ever comes to what his template waits for, wherever she is."""
    if not flow.points:
        return
    anywhere = Point(flow.everything, 0, _all_values(flow))
    for key, requirement in flow.story.told.items():
        path = f"templates.{key}.requirement"
        try:
            asked = terms(requirement)
        except TooMany:
            yield Finding("too_many_terms", "note", path, {"most": MOST_TERMS})
            continue
        if not flow.judge.possible(asked, anywhere):
            why = _why(flow, asked, anywhere, path)
            yield replace(why, code="nothing_gives") if why.code == "given_too_late" else why  # later is never here
    for template in flow.story.world.templates:
        level, most = template.where.get("level"), flow.causes.highest
        if template.on == LevelReached.event_type and type(level) is int and level > most:
            path = f"templates.{template.key}.where.level"
            yield Finding("level_out_of_reach", "error", path, {"need": level, "most": most})


def _all_values(flow: Flow) -> dict[str, Values]:
    known: dict[str, Values] = {}
    for point in flow.points.values():
        for name, values in point.values.items():
            known[name] = known[name].joined(values) if name in known else values
    return known


def _shut_from(flow: Flow, target: str, found: list[tuple[Choice, Point]]) -> Iterator[Finding]:
    """A fragment that cannot be entered from anywhere is itself at fault, else the decision that leads to it."""
    scene = flow.story.scenes[target]
    if target in flow.points:
        for choice, point in found:
            yield _why(flow, flow.ways.enter[target], point, f"{choice.path}.to")
        return
    yield _why(flow, flow.ways.enter[target], found[0][1], f"{scene.path}.requirement")


def _why(flow: Flow, alternatives: Terms, point: Point, path: str) -> Finding:
    contradictions = [flow.judge.contradiction(term) for term in alternatives]
    if all(contradictions):
        return Finding("contradiction", "error", path, {"what": str(contradictions[0] if contradictions else "any")})
    failing = [
        literal
        for term, crossed in zip(alternatives, contradictions, strict=True)
        if crossed is None and (literal := flow.judge.failing(term, point)) is not None
    ]
    return _about(flow, failing[0], point, path)


def _about(flow: Flow, literal: Literal, point: Point, path: str) -> Finding:
    what = {"what": literal.kind, "key": literal.key}
    if literal.kind == "variable":
        sign, value = comparison(literal)
        need = f"{sign} {str(value).lower() if isinstance(value, bool) else value}"
        values = {"need": need if literal.yes else f"not {need}", "values": point.values[literal.key].said()}
        return Finding("value_never", "error", path, {"variable": literal.key, **values})
    if literal.kind == "level":
        most = flow.causes.highest if flow.judge.patient else flow.causes.level(point.may)
        return Finding("level_out_of_reach", "error", path, {"need": literal.need, "most": most})
    if not literal.yes:
        return Finding("always_had", "error", path, what)
    givers = flow.causes.givers.get((literal.kind, literal.key), 0)
    if literal.kind == "item" and point.may & givers:
        have = flow.causes.quantity(point.may, literal.key)
        return Finding("too_few", "error", path, {**what, "need": literal.need, "have": have})
    return Finding("given_too_late" if givers else "nothing_gives", "error", path, what)
