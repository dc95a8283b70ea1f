"""One property over all views and languages: what they show can be sent, whatever people are called."""

from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dianabot.kernel.errors import Refusal
from dianabot.kernel.ids import MemberId
from dianabot.kernel.limits import TooMany
from dianabot.members import LANGUAGES, Language, Profile, WhichTimeZone
from dianabot.operations.requirements import RequirementsNotMet
from dianabot.rulebook import WrongRule
from dianabot.screens import privacy, problems, profile, settings, start
from dianabot.screens.screen import MOST_CAPTION, MOST_LABEL, MOST_NOTICE, MOST_TEXT, Screen, shown_length
from dianabot.screens.words import Words
from dianabot.vocabulary.conditions import CONDITIONS
from dianabot.vocabulary.missing import Missing
from dianabot.vocabulary.standing import Club

names = st.none() | st.text(min_size=1, max_size=64)
zones = st.sampled_from([None, *settings.OFFERED, "America/Argentina/ComodRivadavia", "Etc/GMT+6"])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
people = st.builds(
    Profile,
    id=st.just(MemberId(1)),
    telegram_id=st.just(1),
    username=names,
    first_name=names,
    language=st.sampled_from(LANGUAGES),
    time_zone=zones,
    role=st.sampled_from(["fan", "reader", "moderator", "admin", "owner"]),
    created_at=instants,
    last_active_at=instants,
    blocked_bot=st.booleans(),
    engagement_streak=st.integers(0, 10**6),
    erased_at=st.none(),
)

CLUB = Club(vip=True, until=datetime(2026, 3, 1, 2, tzinfo=UTC))

View = Callable[[Words, Profile, str], Screen]
VIEWS: dict[str, View] = {
    "greeting": lambda words, of, _: start.greeting(words, of.first_name, new=True),
    "greeting again": lambda words, of, _: start.greeting(words, of.first_name, new=False),
    "menu": lambda words, _, __: start.menu(words, begun=True, notice=words.label("pointer.old_button")),
    "help": lambda words, _, __: start.assistance(words, ("start", "ayuda", "perfil", "ajustes")),
    "unknown command": lambda words, _, __: start.pointer(words, "command", begun=True),
    "unasked text": lambda words, _, __: start.pointer(words, "text", begun=True),
    "a thing": lambda words, _, __: start.pointer(words, "thing", begun=True),
    "profile": lambda words, of, _: profile.profile(words, of, CLUB, house_zone="America/Mexico_City"),
    "settings": lambda words, of, _: settings.settings(words, of),
    "letters": lambda words, _, __: settings.letters(words, silent=False, notice=words.label("letters.done")),
    "no letters": lambda words, _, __: settings.letters(words, silent=True, notice=words.label("letters.done_silent")),
    "languages": lambda words, of, _: settings.languages(words, of),
    "language chosen": lambda words, of, _: settings.language_chosen(words, of),
    "time zones": lambda words, of, _: settings.time_zones(words, of),
    "which time zone": lambda words, _, __: settings.which_time_zone(words, settings.OFFERED[:8]),
    "this time zone": lambda words, _, __: settings.which_time_zone(words, ["Canada/Atlantic"]),
    "unknown time zone": lambda words, _, __: settings.unknown_time_zone(words),
    "type a time zone": lambda words, _, __: settings.type_time_zone(words),
    "ask before erasing": lambda words, _, __: privacy.ask_erase(words, "x" * 12),
    "erased": lambda words, _, __: privacy.erased(words),
    "export": lambda words, _, text: privacy.export(words, {"said": text}),
    "away": lambda words, _, __: problems.away(words),
    "sorry": lambda words, _, text: problems.sorry(words, {"code": text}),
    "too many": lambda words, _, text: problems.refused(words, TooMany(act=text, wait=1)),
    "which of these": lambda words, _, text: problems.refused(words, WhichTimeZone([text, text])),
    "wrong rule": lambda words, _, text: problems.refused(
        words, WrongRule([{"path": text, "fault": "wrong_type", "expected": "text"}])
    ),
}


class Balanced(HTMLParser):
    """Telegram refuses tags that do not match, and tags that it does not know."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "u", "s", "code", "pre", "a", "blockquote"}
        assert not attrs or tag == "a"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
@given(of=people, text=st.text(max_size=64))
@examples(max_examples=30, deadline=None)
def test_every_screen_can_be_sent(view: str, language: Language, of: Profile, text: str) -> None:
    screen = VIEWS[view](Words(language), of, text)

    Balanced(screen.text)
    assert 0 < shown_length(screen.text) <= (MOST_TEXT if screen.file is None else MOST_CAPTION)
    assert screen.notice is None or 0 < len(screen.notice) <= MOST_NOTICE
    assert len(list(screen.buttons)) <= 100
    for button in screen.buttons:
        assert 0 < len(button.label) <= MOST_LABEL
        assert button.callback is None or button.callback.pack()


@pytest.mark.parametrize(
    "view", sorted(set(VIEWS) - {"away", "erased", "ask before erasing", "greeting", "greeting again"})
)
@given(of=people)
@examples(max_examples=10, deadline=None)
def test_there_is_a_way_on_or_back_from_every_screen(view: str, of: Profile) -> None:
    assert list(VIEWS[view](Words("es"), of, "x").buttons)


def test_every_view_is_looked_at() -> None:
    shown = {
        name
        for module in (start, profile, settings, privacy, problems)
        for name, found in vars(module).items()
        if callable(found)
        and getattr(found, "__module__", "") == module.__name__
        and getattr(found, "__annotations__", {}).get("return") is Screen
    }
    assert shown == {
        "greeting", "menu", "assistance", "pointer", "profile", "settings", "languages", "language_chosen",
        "time_zones", "type_time_zone", "which_time_zone", "unknown_time_zone", "time_zone_chosen", "export",
        "letters", "ask_erase", "erased", "refused", "away", "sorry",
    }  # fmt: skip


def test_the_person_sees_her_own_numbers() -> None:
    of = Profile(
        MemberId(1), 1, None, "Ana <3", "es", "America/Bogota", "moderator",
        datetime(2026, 1, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), blocked_bot=False,
        engagement_streak=1, erased_at=None,
    )  # fmt: skip

    text = profile.profile(Words("es"), of, CLUB, house_zone="Europe/Madrid").text
    outside = profile.profile(Words("es"), of, Club(vip=False, until=CLUB.until), house_zone="Europe/Madrid").text

    assert "Ana &lt;3" in text
    assert "31 de diciembre de 2025" in text
    assert "Bogotá" in text
    assert "En el club hasta el 28 de febrero de 2026" in text
    assert "club" not in outside
    assert "1</b> día seguido" in text
    assert "En esta casa usted es <b>quien modera</b>" in text


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (Missing("languages", ("en",), "es"), "hablar English"),
        (Missing("languages", ("en", "es"), "fr"), "hablar English o Español"),
        (Missing("languages", ("en",), "en", opposite=True), "que no se cumpla: hablar English"),
        (Missing("from", "2026-03-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"), "que llegue el 1 de marzo de 2026"),
        (Missing("until", "2026-03-01T00:00:00+00:00", None), "que fuera antes del 1 de marzo de 2026"),
        (Missing("any", options=()), "algo que hoy nadie puede cumplir"),
        (
            Missing("any", options=((Missing("languages", ("en",)), Missing("languages", ("es",))), (Missing("x"),))),
            "una de estas cosas: hablar English, y hablar Español; o bien algo más",
        ),
    ],
)
def test_what_is_missing_is_told_in_words(lacks: Missing, said: str) -> None:
    refusal = RequirementsNotMet([lacks.to_json()])

    assert said in problems.refusal_notice(Words("es"), refusal)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_strategy_of_a_requirement_has_words(language: Language) -> None:
    assert all(Words(language).has(f"missing.{key}") for key in CONDITIONS)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (("a.b", "unknown_key", "c, d"), "a.b: nobody knows it (c, d)."),
        (("a.b", "unknown_key", ""), "a.b: nobody knows it."),
        (("a.b", "not_allowed", "only (so)"), "a.b: it is not allowed (only (so))."),
        (("a.b", "out_of_range", "≥ 1"), "a.b: it must be ≥ 1."),
        (("", "wrong_type", "text"), "·: it must be a text."),
    ],
)
def test_what_is_wrong_in_a_rule_is_told_with_every_bracket_and_none_too_many(
    problem: tuple[str, str, str], said: str
) -> None:
    refusal = WrongRule([dict(zip(("path", "fault", "expected"), problem, strict=True))])

    assert said in problems.refusal_notice(Words("en"), refusal)


def test_a_wait_is_told_in_whole_seconds() -> None:
    refusal: Refusal = TooMany(act="decision", wait=5)

    assert "5 segundos" in problems.refusal_notice(Words("es"), refusal)
