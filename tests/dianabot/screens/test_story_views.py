"""One property over the views of the story, besitos and hints: they can be sent, whatever authors write."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dianabot.channels.subscriptions import PlanOffer
from dianabot.gamification.levels import Level
from dianabot.gamification.wallet import Entry, Purse
from dianabot.members import LANGUAGES, Language
from dianabot.narrative.fragments import Choice, Chosen, Here, Target
from dianabot.narrative.fragments import Page as Told
from dianabot.narrative.hints import Found, Made
from dianabot.operations.page import Page, Wall, Way
from dianabot.screens import besitos, hints, lucien, story
from dianabot.screens.screen import MOST_LABEL, Screen
from dianabot.screens.words import Words
from dianabot.vocabulary.missing import Missing
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.reward import Reward
from dianabot.vocabulary.world import Challenge
from tests.dianabot.screens.test_views import Balanced

AT = datetime(2026, 5, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Madrid")
TARGET = Target(
    id=2, key="room", level=1, vip=True, secret=False, ending=False, requirement=Requirement(), reward=Reward(),
    unlocked=False, visits=0, completed=False,
)  # fmt: skip
LACKS = (
    Missing("vip_required", need=True, have=False),
    Missing("min_besitos", 5, 1),
    Missing("required_hints", need=True, have=False, which="soot"),
)


def way(text: str, *, locked: bool = False) -> Way:
    choice = Choice(
        id=1, key="go", text=text, taken_by="tap", hidden=False, cost=3, changes=(), requirement=Requirement(),
        reward=Reward(), target=TARGET,
    )  # fmt: skip
    return Way(choice, LACKS if locked else ())


def page(text: str, challenge: Challenge | None = None, *, ending: bool = False) -> Page:
    here = Here(
        visit=7, visited_at=AT, tries=0, own={}, levels_done=(), id=1, key="hall", title=text, text=text,
        picture=None, level=1, level_name=text, ending=ending, secret=False, vip=False, published=True,
        reward=Reward(), challenge=challenge, completed=False, visits=1, choices=(),
    )  # fmt: skip
    ways = () if ending else (way(text), way(text, locked=True))
    return Page(here, ways, closed=False, seconds_left=30 if challenge else None, tries_left=2 if challenge else None)


def gifts(words: Words, text: str) -> list[str]:
    given = {"besitos": 2, "items": {"lamp": 2, "key": 1}, "hints": ["soot"], "unlock_fragments": ["room"], "xp": 1}
    return story.gifts(words, story.listed({**given, "vip_days": 1}, {("item", "lamp"): text}, paid=3))


QUIZ = Challenge(kind="quiz", options=[{"es": "uno"}, {"es": "dos"}, {"es": "tres", "en": "three"}])
RIDDLE = Challenge(kind="riddle", answers={"es": ["sí"]})
OFFER = PlanOffer("month", "Un mes", "Todo", 30, 150)
Views = dict[str, Callable[[Words, str], Screen]]
VIEWS: Views = {
    "page": lambda words, text: story.page(words, page(text), name=text, before=gifts(words, text)),
    "riddle": lambda words, text: story.page(words, page(text, RIDDLE), name=text),
    "quiz": lambda words, text: story.page(words, page(text, QUIZ), name=text),
    "ending": lambda words, text: story.page(words, page(text, ending=True), name=text),
    "lock": lambda words, text: story.lock(
        words, way(text, locked=True), {("hint", "soot"): text}, name=text, door="1.7"
    ),
    "wall": lambda words, text: story.wall(words, Wall("divan", text, text * 20, (OFFER,), 3), name=text, door="1.7"),
    "bare wall": lambda words, text: story.wall(words, Wall("divan", text, text, (), None), name=text, door=""),
    "welcome": lambda words, _: story.welcome(words, AT, "divan", zone=ZONE),
    "path": lambda words, text: story.path(words, [Chosen(3, "hall", text, "go", text, AT)] * 9, name=text, before=5),
    "empty path": lambda words, text: story.path(words, [], name=text, before=0),
    "read again": lambda words, text: story.read_again(
        words, Told("hall", text, text, None, 1, vip=False, chosen=text, visits=2), name=text
    ),
    "listening": lambda words, text: story.page(words, page(text, RIDDLE), name=text, listening=True),
    "hints": lambda words, text: hints.hints(
        words, [Found("soot", text, text, AT, 1)] * 2, [Made("night", text, AT)], name=text
    ),
    "no hints": lambda words, text: hints.hints(words, [], [], name=text),
    "combining": lambda words, text: hints.combining(
        words, [Found("soot", text, text, AT, place) for place in range(1, 10)], [1, 2, 3], name=text
    ),
    "besitos": lambda words, _: besitos.besitos(
        words, Purse(5, 2, 0), Level(2, 120, 250), [Entry(3, -5, 5, Reason.STORY, "x", AT)] * 11, zone=ZONE, before=9
    ),
    "no besitos": lambda words, _: besitos.besitos(words, Purse(0, 0, 0), Level(1, 0, None), [], zone=ZONE, before=0),
    "lucien": lambda words, text: lucien.says(words, {"said": f"{text}.", "name": text}),
}
texts = st.text(alphabet="ab <&*_|>{}\n🌹é", min_size=1, max_size=90).filter(lambda text: text.strip("*_|> \n{}"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
@given(text=texts)
@examples(max_examples=25, deadline=None)
def test_every_screen_can_be_sent(view: str, language: Language, text: str) -> None:
    screen = VIEWS[view](Words(language), text)
    Balanced(screen.text.replace("tg-spoiler>", "i>"))
    assert screen.text.strip()
    assert list(screen.buttons)
    for button in screen.buttons:
        assert 0 < len(button.label) <= MOST_LABEL
        assert button.callback is None or button.callback.pack()


def test_a_locked_way_is_shown_with_its_lock_and_an_open_one_with_its_price() -> None:
    labels = [button.label for button in VIEWS["page"](Words("es"), "Entrar").buttons]
    assert labels[:2] == ["Entrar · 3 💋", "🔒 Entrar · 3 💋"]


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("es", 1, "✨ −1 besito · +1 besito · 👑 1 día en el club"),
        ("es", 2, "✨ −2 besitos · +2 besitos · 👑 2 días en el club"),
        ("en", 1, "✨ −1 besito · +1 besito · 👑 1 day in the club"),
        ("en", 2, "✨ −2 besitos · +2 besitos · 👑 2 days in the club"),
    ],
)
def test_of_one_thing_that_a_step_brings_or_costs_it_is_told_as_of_one(
    language: Language, count: int, said: str
) -> None:
    given = story.listed({"besitos": count, "vip_days": count}, {}, paid=count)
    assert story.gifts(Words(language), given)[0] == said


def test_the_wall_tells_the_first_paragraph_and_no_more() -> None:
    closed = Wall("divan", "El diván", f"Primero.\n\n{'Secreto. ' * 50}", (OFFER,), 3)
    assert "Secreto" not in story.wall(Words("es"), closed, name="Ana", door="divan").text
    long = Wall("divan", "El diván", "**Muy** " + "largo " * 100, (), None)
    assert "…" in story.wall(Words("es"), long, name="Ana", door="divan").text


@pytest.mark.parametrize("mark", ["**", "||", "_"])
def test_a_beginning_that_ends_inside_a_mark_is_told_without_it(mark: str) -> None:
    cut = f"Le dijo: {mark}muy{mark} {mark}largo {'y largo ' * 20}…"
    told = story.wall(Words("es"), Wall("divan", "El diván", cut, (), None), name="Ana", door="divan").text
    assert "Le dijo: muy largo y largo" in told
    assert mark not in told


def test_the_right_option_of_a_quiz_may_stand_anywhere() -> None:
    orders = {tuple(story._mixed(3, seed)) for seed in range(30)}
    assert {order.index(0) for order in orders} == {0, 1, 2}
    assert all(sorted(order) == [0, 1, 2] for order in orders)


@pytest.mark.parametrize(
    ("carried", "places"),
    [("", []), ("1.2", [1, 2]), ("2.2.1", [2, 1]), ("9", []), ("-1.x.²", []), ("1.2.3.4.5.6", [1, 2, 3, 4, 5])],
)
def test_whatever_a_button_carries_only_hints_that_exist_are_meant(carried: str, places: list[int]) -> None:
    assert hints.unpacked(carried, known=range(1, 7)) == places
