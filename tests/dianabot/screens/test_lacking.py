"""What somebody lacks as she reads it: never by a name that only its author knows."""

from zoneinfo import ZoneInfo

import pytest

from dianabot.screens.lacking import all_lacking, lacking
from dianabot.screens.words import Words
from dianabot.vocabulary.missing import ONE_OF, THINGS, Missing, Way

TRUST = Missing("variables", need=">= 9", have="0", which="trust_in_diana")
FEAR = Missing("variables", need="< 2", have="5", which="fear", opposite=True)
LAMP = Missing("required_items", need=1, have=0, which="lamp_02")
WORDS = {language: Words(language) for language in ("es", "en")}
DIFFERENT = {
    "es": "que algo en su historia hubiera sido distinto",
    "en": "that something in your story had been different",
}
CALLED = {("item", "lamp_02"): "Lámpara"}


@pytest.mark.parametrize("language", WORDS)
def test_of_story_variables_she_reads_once_that_something_were_different(language: str) -> None:
    assert all_lacking(WORDS[language], (TRUST, FEAR)) == [DIFFERENT[language]]
    either = Missing(ONE_OF, options=((TRUST, FEAR), (FEAR,)))
    assert lacking(WORDS[language], either) == DIFFERENT[language]


@pytest.mark.parametrize("opposite", [False, True])
@pytest.mark.parametrize("what", THINGS)
@pytest.mark.parametrize("language", WORDS)
def test_a_thing_without_a_name_is_some_thing(language: str, what: str, opposite: bool) -> None:  # noqa: FBT001 - a table
    said = lacking(WORDS[language], Missing(what, need=1, have=0, which="key_of_it", opposite=opposite))
    assert said
    assert "key_of_it" not in said


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ((Way("fragment", "room"),), "«Lámpara» en su mochila (0 de 1) · se halla en «La sala»"),
        (
            (Way("fragment", "room"), Way("fragment", "gone"), Way("combination", "night")),
            "«Lámpara» en su mochila (0 de 1) · se halla en «La sala» o al combinar pistas",
        ),
        ((Way("fragment", "gone"), Way("shop", "lamp")), "«Lámpara» en su mochila (0 de 1)"),
    ],
    ids=["one place", "several", "none with a name"],
)
def test_where_a_thing_is_found_is_told_by_the_names_of_the_places(ways: tuple[Way, ...], said: str) -> None:
    called = {**CALLED, ("fragment", "room"): "La sala"}
    assert lacking(WORDS["es"], LAMP.with_ways(*ways), called) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "es",
            (
                "una de estas cosas: «Lámpara» en su mochila (0 de 1) · se halla al combinar pistas, y el nivel 3 "
                "(ahora 1); o bien que algo en su historia hubiera sido distinto"
            ),
        ),
        (
            "en",
            (
                "one of these: “Lámpara” in your backpack (0 of 1) · to be found by combining hints, and level 3 "
                "(now 1); or that something in your story had been different"
            ),
        ),
    ],
)
def test_of_several_ways_it_is_told_that_one_is_enough_and_where_each_ends(language: str, said: str) -> None:
    found = LAMP.with_ways(Way("combination", "night"))
    either = Missing(ONE_OF, options=((found, Missing("min_level", 3, 1)), (TRUST,)))
    assert lacking(WORDS[language], either, CALLED) == said


@pytest.mark.parametrize(
    ("what", "need", "said"),
    [
        ("min_besitos", 1, "1 besito (ahora 0)"),
        ("min_besitos", 2, "2 besitos (ahora 0)"),
        ("min_streak", 1, "una racha de 1 día (ahora 0)"),
        ("min_streak", 2, "una racha de 2 días (ahora 0)"),
    ],
)
def test_what_is_counted_is_told_as_one_or_several(what: str, need: int, said: str) -> None:
    assert lacking(WORDS["es"], Missing(what, need=need, have=0)) == said


def test_a_thing_with_a_name_is_called_by_it() -> None:
    assert lacking(WORDS["es"], LAMP, CALLED) == "«Lámpara» en su mochila (0 de 1)"
    assert "lamp_02" not in lacking(WORDS["es"], Missing(ONE_OF, options=((LAMP,), (TRUST,))), CALLED)


@pytest.mark.parametrize(
    ("instant", "zone", "said"),
    [
        ("2026-12-24T23:00:00+00:00", "Europe/Madrid", "que llegue el 25 de diciembre de 2026"),
        ("2026-12-24T23:00:00+00:00", "America/Mexico_City", "que llegue el 24 de diciembre de 2026, 17:00"),
        ("2026-03-29T01:00:00+00:00", "Europe/Madrid", "que llegue el 29 de marzo de 2026, 03:00"),
        ("2026-10-25T01:30:00+00:00", "Europe/Madrid", "que llegue el 25 de octubre de 2026, 02:30"),
        ("9999-12-31T23:59:59+00:00", "Pacific/Auckland", "que llegue el 31 de diciembre de 9999, 23:59"),
    ],
)
def test_a_moment_is_told_by_the_clock_on_her_wall(instant: str, zone: str, said: str) -> None:
    assert lacking(Words("es", zone=ZoneInfo(zone)), Missing("from", need=instant, have="")) == said
