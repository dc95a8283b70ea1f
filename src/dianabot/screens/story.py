"""The story as it is read: a page, a choice that is locked, the wall of the club, and the path behind."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from dianabot.narrative.fragments import Chosen, beginning
from dianabot.narrative.fragments import Page as Told
from dianabot.operations.page import Names, Page, Wall, Way
from dianabot.screens.callbacks import (
    AnswerOption,
    BeginAgain,
    Choose,
    EnterVip,
    ReadAgain,
    ShowBesitos,
    ShowClub,
    ShowHints,
    ShowLock,
    ShowPath,
    ShowStory,
    TryClub,
    WriteAnswer,
)
from dianabot.screens.lacking import all_lacking
from dianabot.screens.parts import CUT, Rows, button, short, way_back
from dianabot.screens.prose import plain, prose
from dianabot.screens.screen import Button, Screen
from dianabot.screens.words import Html, Words

A_PATH: Final = 8
"""Steps on a page of the path; one more is asked for, to know whether there are more."""
_HALF_MARK: Final = re.compile(r"\*\*|\|\||(?<!\w)_(?=\S)")


def page(words: Words, shown: Page, *, name: str, before: Sequence[str] = (), listening: bool = False) -> Screen:
    """`before` stands above: what the last step brought. `listening`: her next words are her answer."""
    here = shown.here
    lines = [*before, _head(words, here.title, here.level_name, name), "", prose(here.text, name=name)]
    rows: list[tuple[Button, ...]] = [(_choice(words, way, here.visit, name),) for way in shown.ways]
    if here.challenge is not None:
        told, answers = _challenge(words, shown, name, listening=listening or shown.tries_left is None)
        lines += told
        rows = [*answers, *rows]
    if here.ending:
        lines += ["", words("story.ending")]
        rows.append((button(words, "begin_again", BeginAgain(here.visit)),))
    elif not rows:
        lines += ["", words("story.dead_end")]
    rows.append((button(words, "path", ShowPath(0)), button(words, "hints", ShowHints())))
    text = "\n".join(lines)
    return Screen(text, (*rows, *way_back(words)), picture=here.picture, protected=here.vip)


def turned(words: Words, said: str, choice: str, name: str) -> str:
    """The page that she leaves: what was told there, and what she chose."""
    return f"{said}\n\n{words('story.chosen', choice=plain(choice, name=name))}"


def listed(given: Mapping[str, Any], called: Names, paid: int) -> list[tuple[str, dict[str, object]]]:
    """A reward's document as sentences of `story.gifts` with their values; story variables are nobody's business."""
    found: list[tuple[str, dict[str, object]]] = []
    if paid:
        found.append(("paid", {"count": paid}))
    found += [(kind, {"count": given[kind]}) for kind in ("besitos", "xp", "vip_days") if given.get(kind)]
    for key, number in given.get("items", {}).items():
        kind = "item" if number == 1 else "items"
        found.append((kind, {"name": called.get(("item", key), key), "count": number}))
    found += [("hint", {"name": called.get(("hint", key), key)}) for key in given.get("hints", ())]
    found += [("unlocked", {"name": called.get(("fragment", key), key)}) for key in given.get("unlock_fragments", ())]
    return found


def gifts(words: Words, given: Sequence[tuple[str, Mapping[str, object]]]) -> list[str]:
    """What a step brought, as lines above the next page."""
    if not given:
        return []
    told = [words.label(f"story.gifts.{kind}", **values) for kind, values in given]
    return [words("story.given", gifts=" · ".join(told)), ""]


def lock(words: Words, way: Way, names: Names, *, name: str, door: str) -> Screen:
    """Everything that she lacks, and the ways to get it. `door` is what she tapped, if it is one of the club."""
    lines = "\n".join(words("lock.line", missing=one) for one in all_lacking(words, way.lacks, names))
    text = words("lock.text", choice=plain(way.choice.text, name=name), missing=Html(lines))
    rows: list[tuple[Button, ...]] = []
    whats = {one.what for one in way.lacks}
    if "vip_required" in whats:
        rows.append((button(words, "club", ShowClub(door if way.choice.target.vip else "")),))
    if "min_besitos" in whats or "min_level" in whats:
        rows.append((button(words, "besitos", ShowBesitos(0)),))
    if "required_hints" in whats:
        rows.append((button(words, "hints", ShowHints()),))
    return Screen(text, (*rows, (button(words, "back", ShowStory()),)))


def wall(words: Words, closed: Wall, *, name: str, door: str, inside: Page | None = None) -> Screen:
    """`door` is where she goes on once she is in the club; without one, it is her page.

    `inside` is the page behind it, where she stands though the club has closed to her: its open ways lead out.
    """
    teaser = _teaser(closed.text)
    lines: list[str] = [words("wall.text", title=plain(closed.title, name=name), preview=prose(teaser, name=name))]
    rows: list[tuple[Button, ...]] = []
    if closed.plans:
        lines += ["", words("wall.offer")]
    for plan in closed.plans:
        price = "" if plan.price_stars is None else words.label("wall.price", stars=plan.price_stars)
        lines.append(words("wall.plan", name=plan.name, days=plan.days, price=price, description=plan.description))
    if closed.trial_days is not None:
        lines += ["", words("wall.trial", days=closed.trial_days)]
        label = words.label("buttons.trial", days=closed.trial_days)
        rows.append((Button(label, TryClub(door)),))
    elif not closed.plans:
        lines += ["", words("wall.none")]
    if inside is None:
        rows.append((button(words, "back", ShowStory()),))
    else:
        rows += [(_choice(words, way, inside.here.visit, name),) for way in inside.ways if not way.lacks]
        rows.append((button(words, "begin_again", BeginAgain(inside.here.visit)),))
    return Screen("\n".join(lines), tuple(rows))


def welcome(words: Words, until: datetime, door: str, *, zone: ZoneInfo) -> Screen:
    rows: Rows = ((button(words, "enter", EnterVip(door)),),) if door else ()
    day = words.day(until.astimezone(zone).date())
    return Screen(words("wall.welcome", day=day), (*rows, (button(words, "story", ShowStory()),)))


def path(words: Words, steps: Sequence[Chosen], *, name: str, before: int) -> Screen:
    shown, more = steps[:A_PATH], len(steps) > A_PATH
    lines = [
        words("path.line", number=number, fragment=plain(step.title, name=name), choice=plain(step.text, name=name))
        for number, step in enumerate(shown, 1)
    ]
    pages = tuple(Button(str(number), ReadAgain(step.fragment)) for number, step in enumerate(shown, 1))
    turns = tuple(
        button(words, label, ShowPath(visit))
        for label, visit, there in (("earlier", shown[-1].visit if shown else 0, more), ("later", 0, before > 0))
        if there
    )
    told = [words("path.title"), "", *(lines or [words("path.empty")])]
    if lines:
        told += ["", words("path.hint")]
    rows = [row for row in (pages[:4], pages[4:], turns) if row]
    return Screen("\n".join(told), (*rows, *way_back(words, ShowStory())))


def read_again(words: Words, told: Told, *, name: str) -> Screen:
    head = _head(words, told.title, None, name)
    lines = [words("story.again"), "", head, "", prose(told.text, name=name)]
    return Screen("\n".join(lines), way_back(words, ShowPath(0)), picture=told.picture, protected=told.vip)


def _head(words: Words, title: str, level: str | None, name: str) -> Html:
    if level is None:
        return words("story.page_plain", title=plain(title, name=name))
    return words("story.page", level=level, title=plain(title, name=name))


def _choice(words: Words, way: Way, visit: int, name: str) -> Button:
    label = plain(way.choice.text, name=name)
    if way.choice.cost:
        label = words.label("buttons.costs", label=label, cost=way.choice.cost)
    if way.lacks:
        return Button(short(words.label("buttons.locked", label=label)), ShowLock(way.choice.id, visit))
    return Button(short(label), Choose(way.choice.id, visit))


def _challenge(words: Words, shown: Page, name: str, *, listening: bool) -> tuple[list[str], list[tuple[Button, ...]]]:
    here = shown.here
    challenge = here.challenge
    assert challenge is not None
    told: list[str] = []
    rows: list[tuple[Button, ...]] = []
    if shown.seconds_left == 0:
        return ["", words("story.time_over")], rows
    if shown.seconds_left is not None:
        told += ["", words("story.seconds", count=shown.seconds_left)]
    if challenge.kind == "riddle":
        told += ["", words("story.riddle_asked" if listening else "story.riddle")]
        if shown.tries_left is not None:
            rows.append((button(words, "answer", WriteAnswer(here.visit)),))
    elif challenge.kind == "quiz":
        order = _mixed(len(challenge.options), here.id + here.visit)
        for number in order:
            text = challenge.options[number]
            label = text.get(words.language) or next(iter(text.values()))
            rows.append((Button(short(plain(label, name=name)), AnswerOption(number, here.visit, here.tries_left)),))
    return told, rows


def _mixed(number: int, seed: int) -> list[int]:
    """An order that is the same for as long as she stands there, and puts the right one anywhere."""
    order = list(range(number))
    for index in range(number - 1, 0, -1):
        other = (seed * 7919 + index * 104_729) % (index + 1)
        order[index], order[other] = order[other], order[index]
    return order


def _teaser(text: str) -> str:
    """As much of it as anybody may read: if that is cut, without its marks, half of one may be gone."""
    first = beginning(text)
    if not first.endswith(CUT):
        return first
    return f"{_HALF_MARK.sub('', plain(first.removesuffix(CUT), name='{name}'))}{CUT}"
