"""The map says the same as the story, whatever its titles are made of."""

import re
from xml.etree import ElementTree as ET

from dianabot.content.checker import check
from dianabot.content.drawing import dot, mermaid, svg
from dianabot.content.engine import read
from dianabot.content.layout import HIGH, WIDE, layout
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import mansion, place, short, way, world

SVG = "{http://www.w3.org/2000/svg}"


def drawn(one: World) -> ET.Element:
    return ET.fromstring(svg(one, check(one)))  # noqa: S314 - our own drawing


def classes(root: ET.Element, tag: str, word: str) -> list[str]:
    return [kind for each in root.iter(f"{SVG}{tag}") if word in (kind := each.get("class", "")).split()]


def test_every_fragment_and_decision_is_on_the_picture() -> None:
    root = drawn(mansion())

    assert len(classes(root, "g", "card")) == 9
    assert len(classes(root, "path", "way")) == 14
    assert [len(classes(root, "g", kind)) for kind in ("entry", "ending", "secret", "vip")] == [1, 2, 1, 1]
    assert len(classes(root, "path", "locked")) == len(classes(root, "g", "lock")) == 6


def test_the_picture_needs_nothing_from_elsewhere_and_has_a_night() -> None:
    picture = svg(mansion())

    assert not re.search(r"(href|src|url\(h|@import)", picture)
    assert "prefers-color-scheme: dark" in picture


def test_problems_are_coloured_where_they_are() -> None:
    root = drawn(short(way("desk", "safe", requirement={"min_level": 90}), fragments=[
        place("hall", way("go", "end"), way("desk", "safe", requirement={"min_level": 90}), entry=True),
        place("safe"), place("end", ending=True)]))  # fmt: skip

    assert classes(root, "path", "error") == ["way locked error"]
    assert classes(root, "g", "error") == ["card error"]


def test_titles_are_taken_as_words() -> None:
    awkward = {**place("hall", way("go", "end"), entry=True), "title": {"es": 'A "b" <c> & \\ #1;'}}
    one = world(awkward, place("end", ending=True))

    assert "&lt;c&gt; &amp;" in svg(one)
    assert '\\"b\\" <c> & \\\\ #1;' in dot(one)
    assert '▶ A #34;b#34; #60;c#62; #38; \\ #35;1#59;"]' in mermaid(one)
    ET.fromstring(svg(one))  # noqa: S314 - our own drawing


def test_dot_and_mermaid_show_locks() -> None:
    one = short(way("desk", "end", cost=5))

    assert '"hall" -> "end" [label="desk 🔒", style=dashed];' in dot(one)
    assert 'n0 -. "🔒 desk" .-> n1' in mermaid(one)
    assert 'n0 -- "go" --> n1' in mermaid(one)


def test_no_two_fragments_lie_on_each_other_and_levels_stay_apart() -> None:
    one = mansion()
    where = layout(read(one))
    places = list(where.places.items())
    level = {fragment.key: fragment.level for fragment in one.fragments}
    bands = {number: (top, bottom) for number, top, bottom in where.bands}

    for index, (key, (x, y)) in enumerate(places):
        top, bottom = bands[level[key]]
        assert top + HIGH / 2 <= y <= bottom - HIGH / 2
        assert WIDE / 2 <= x <= where.width - WIDE / 2
        for _, (other_x, other_y) in places[index + 1 :]:
            assert abs(x - other_x) >= WIDE or abs(y - other_y) >= HIGH


def test_an_empty_world_is_an_empty_map() -> None:
    assert not classes(drawn(world()), "g", "card")
    assert "subgraph" not in mermaid(world())


def test_what_stands_below_the_map_is_in_the_language_of_the_story() -> None:
    written = short().model_dump() | {"languages": ["en", "es"]}

    assert "entry" in svg(World.model_validate(written)).rpartition("</text>")[0].rpartition(">")[2]
    assert "entrada" in svg(short()).rpartition("</text>")[0].rpartition(">")[2]


def test_the_same_world_makes_the_same_map() -> None:
    assert svg(mansion()) == svg(mansion())
