"""Signs that mean something in Twee, in Twine and in its story formats: between export and import they are letters."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianabot.content.twee import passages, written
from dianabot.content.twee_reading import read
from dianabot.content.twee_writing import write
from dianabot.vocabulary.world import World

SIGNS = [
    "->", "<-", "|", "[[", "]]", "][", "[", "]", "{", "}", "\\", "\\\\", "::", "\n::", '\n:: x [y] {"z":1}\n', "$",
    "$x", "<<", ">>", "<<set $x to 1>>", "(set: $x to 1)", "[[a->b]]", "[[a|b][$c to 1]]", "\n[[a]]\n", "<b>", "//",
    "''", "/*", "*/", "<!--", "-->", '"', "'", "\t", "\r\n", "\n\n\n", " ", "🌹", "\u200d", "\u2028", "a", ":",
]  # fmt: skip
words = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=6).map("".join)
texts = st.fixed_dictionaries({"es": words}, optional={"en": words})


def way(text: dict[str, str], number: int, to: str) -> dict[str, Any]:
    return {"key": f"w{number}", "text": text, "to": to}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    places = [
        {
            "key": key,
            "title": draw(texts),
            "text": draw(texts),
            "entry": key == "a",
            "decisions": [
                way(draw(texts), number, draw(st.sampled_from("abc"))) for number in range(draw(st.integers(0, 3)))
            ],
        }
        for key in "abc"
    ]
    return World.model_validate({"key": "w", "title": draw(texts), "fragments": places})


def again(world: World, newline: str = "\n") -> tuple[World, list[str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "story.twee"
        path.write_bytes(write(world).replace("\n", newline).encode())
        pack = read(path)
    return pack.world, [one.code for one in pack.problems if one.code != "translation_missing"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.sampled_from(["\n", "\r\n"]))
@pytest.mark.slow
def test_special_signs_come_back_as_they_were(world: World, newline: str) -> None:
    assert again(world, newline) == (world, [])


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.encode("unicode_escape").decode() for sign in SIGNS])
def test_each_sign_alone_comes_back(sign: str) -> None:
    text = {"es": f"a{sign}b"}
    alone = {"es": sign}
    world = World.model_validate({
        "key": "w", "title": text, "languages": ["es"],
        "fragments": [
            {"key": "a", "title": text, "text": alone, "entry": True,
             "decisions": [way(text, 1, "b"), way(alone, 2, "a")]},
            {"key": "b", "title": alone, "text": text},
        ],
    })  # fmt: skip

    assert again(world) == (world, [])
    assert write(again(world)[0]) == write(world)


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.encode("unicode_escape").decode() for sign in SIGNS])
def test_what_knows_nothing_of_our_blocks_finds_the_same_ways(sign: str, tmp_path: Path) -> None:
    """As Twine reads it: by headers and links alone."""
    titles = {"a": f"a{sign}1", "b": f"{sign}2{sign}", "c": f"3{sign}"}
    world = World.model_validate({
        "key": "w", "title": {"es": "W"}, "languages": ["es"],
        "fragments": [
            {"key": key, "title": {"es": title}, "text": {"es": "Hola."}, "entry": key == "a",
             "decisions": [way({"es": f"x{sign}y{to}"}, number, to) for number, to in enumerate("abc")]}
            for key, title in titles.items()
        ],
    })  # fmt: skip
    exported, wrong = passages(write(world), "w.twee")
    told = exported[2:]
    file = tmp_path / "w.twee"
    data = '{"start": ' + json.dumps(told[0].name) + "}"
    file.write_text(
        f":: StoryData\n{data}\n\n" + "\n".join(written(replace(one, metadata={})) for one in told), "utf-8"
    )
    read_again = read(file).world.fragments

    assert wrong == []
    assert [one.entry for one in read_again] == [True, False, False]
    for one in read_again:
        assert [way.to for way in one.decisions] == [other.key for other in read_again]


LINKED = [
    "Chapter 2::The Boat",
    "1: uno",
    "a:b:c",
    "Casa (vieja)",
    "¿Qué?",
    "50 % & más",
    "El «final»",
    "a - b",
    "x/y",
    "👻",
]


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("link", ["[[ve->{}]]", "[[{}<-ve]]", "[[ve|{}]]", "[[{}]]", "[[ve->{}][$x to 1]]"])
@pytest.mark.parametrize("header", [":: {} [a b]", "::{}", ':: {} {{"position":"1,2","size":"100,100"}}'])
def test_passages_of_any_name_are_found_by_their_links(name: str, link: str, header: str, tmp_path: Path) -> None:
    file = tmp_path / "cuento.tw"
    file.write_text(f":: Start\nHola.\n\n{link.format(name)}\n\n{header.format(name)}\nFin.\n", "utf-8")
    pack = read(file)

    assert [one.title["es"] for one in pack.world.fragments] == ["Start", name]
    assert [one.to for one in pack.world.fragments[0].decisions] == [pack.world.fragments[1].key]
    assert pack.sound
