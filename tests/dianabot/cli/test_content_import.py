"""What is said of an import: little, however much changes and whoever reads."""

import pytest

from dianabot.cli.content_import import shown, told, unpaid
from dianabot.content.difference import Change, Whole, difference
from dianabot.kernel.ids import MemberId
from dianabot.operations.publish import Moved, Report
from dianabot.vocabulary.world import Decision, Fragment, World


def world(key: str, *fragments: str) -> World:
    parts = [Fragment(key=one, title={"es": one}, text={"es": "…"}) for one in fragments]
    return World(key=key, title={"es": key}, languages=["es"], fragments=parts)


def changes(before: World | None, after: World) -> list[Change]:
    return difference(Whole(before), Whole(after))


def test_what_changes_within_a_story_is_named_one_by_one() -> None:
    before, after = world("casa", "hall", "patio"), world("casa", "hall", "pozo")

    assert [*shown(changes(before, after), before, after)] == ["+ fragments.pozo", "- fragments.patio"]


def test_the_first_story_is_named_one_by_one() -> None:
    after = world("casa", "hall")

    assert [*shown(changes(None, after), None, after)] == ["+ fragments.hall"]


def test_another_story_is_said_to_take_the_place_and_what_goes_is_counted() -> None:
    before, after = world("casa", *(f"f{number}" for number in range(60))), world("gate", "gate")

    assert [*shown(changes(before, after), before, after)] == [
        "Another story, gate, takes the place of casa.",
        "+ fragments: 1",
        "- fragments: 60",
        "To keep casa as it is, first: dianabot content export casa-of-today",
    ]


def given(story: str, reward: dict[str, int], way: dict[str, int] | None = None) -> World:
    on = Decision(key="on", text={"es": "Sigue"}, to="hall", reward=way or {})
    hall = Fragment(key="hall", title={"es": "a"}, text={"es": "…"}, reward=reward, decisions=[on])
    return World(key=story, title={"es": story}, languages=["es"], fragments=[hall])


@pytest.mark.parametrize("story", ["casa", "gate"])
def test_a_gift_that_its_readers_will_not_be_given_is_named(story: str) -> None:
    said = "A reward comes once for a key: readers who have been there get no new one from"
    both = given(story, {"besitos": 5}, {"xp": 1})

    assert [*unpaid(given("casa", {}, {"xp": 2}), both)] == [f"{said} hall, hall.on."]
    assert [*unpaid(given("casa", {"besitos": 5}, {"xp": 2}), both)] == [f"{said} hall.on."]
    assert [*unpaid(given("casa", {}), both)] == [f"{said} hall."], "a decision without a gift leaves no trace"


def test_a_gift_that_is_new_with_its_place_gone_or_as_it_was_is_nothing_to_say() -> None:
    one = given("casa", {"besitos": 5})

    assert [*unpaid(None, one), *unpaid(one, one), *unpaid(one, given("casa", {})), *unpaid(world("casa"), one)] == []


def moved(member: int, fragment: str) -> Moved:
    return Moved(member=MemberId(member), fragment=fragment, to="hall", why="entry")


def test_readers_who_will_be_elsewhere_are_named_by_place_and_not_without_end() -> None:
    crowd = [*(moved(number, "patio") for number in range(1, 9)), moved(9, "pozo")]

    assert [*told(Report(version=3, new=True, moved=crowd, readers_moved=12))] == [
        "Version 3 is published.",
        "12 readers stand in what is gone and will read on elsewhere:",
        "  patio → hall (entry): members 1, 2, 3, 4, 5 and 3 more",
        "  pozo → hall (entry): member 9",
        "  and 3 more",
    ]
    assert [*told(Report(version=3, new=True, moved=crowd[:1], readers_moved=1))][1:] == [
        "1 reader stands in what is gone and will read on elsewhere:",
        "  patio → hall (entry): member 1",
    ]


def test_nobody_moved_is_nothing_to_say() -> None:
    assert [*told(Report(version=1, new=True))] == ["Version 1 is published."]
