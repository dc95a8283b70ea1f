"""Stories that others made with Twine: what is taken, and what is named line by line."""

from pathlib import Path

import pytest

from dianabot.content.finding import said
from dianabot.content.pack import Pack
from dianabot.content.twee_reading import read
from dianabot.screens.words import Words
from dianabot.vocabulary.world import Fragment


def story(folder: Path, text: str | bytes) -> Pack:
    path = folder / "cuento.twee"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def first(folder: Path, body: str) -> Fragment:
    return story(folder, f":: Start\n{body}\n\n:: La cueva\nOscuro.\n").world.fragments[0]


def named(pack: Pack) -> list[tuple[str, int]]:
    return [(one.code, one.line) for one in pack.problems]


TWINE = """:: StoryTitle
El bosque

:: StoryData
{
  "ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC",
  "format": "SugarCube",
  "format-version": "2.36.1",
  "start": "Mi comienzo",
  "zoom": 0.25
}

:: UserScript [script]
window.x = 1;

:: UserStylesheet [stylesheet]

:: StoryInit
<<set $oro to 5>>
<<set $mapa to visited()>>

:: Mi comienzo [bosque Día] {"position":"600,400","size":"100,200"}
Un claro. <<if $oro gt 3>>Brilla.<</if>>

[[Sigue el sendero->La cueva]]
[[La cueva]]

:: La cueva
Fin.
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_export_of_twine_is_taken(newline: str, mark: bytes, tmp_path: Path) -> None:
    pack = story(tmp_path, mark + TWINE.replace("\n", newline).encode())

    assert pack.world.key == "el_bosque"
    assert pack.world.title == {"es": "El bosque"}
    begin, cave = pack.world.fragments
    assert (begin.key, begin.title, begin.entry, begin.ending) == ("mi_comienzo", {"es": "Mi comienzo"}, True, False)
    assert begin.tags == ["bosque", "dia"]
    assert begin.text == {"es": "Un claro. Brilla."}
    assert [(one.key, one.text["es"], one.to) for one in begin.decisions] == [
        ("sigue_el_sendero", "Sigue el sendero", "la_cueva"),
        ("la_cueva", "La cueva", "la_cueva"),
    ]
    assert cave.ending
    assert [(one.name, one.initial) for one in pack.world.variables] == [("oro", 5)]
    assert sorted(named(pack)) == [
        ("twee_layout", 1), ("twee_macro", 20), ("twee_macro", 23), ("twee_macro", 23), ("twee_script", 13),
    ]  # fmt: skip
    assert pack.sources.at("fragments.mi_comienzo.decisions.la_cueva.to") == ("cuento.twee", 26)
    assert pack.sources.at("fragments.la_cueva.text") == ("cuento.twee", 28)


LINKS = [
    ("[[Entra->La cueva]]", "Entra"),
    ("[[La cueva<-Entra]]", "Entra"),
    ("[[Entra|La cueva]]", "Entra"),
    ("[[La cueva]]", "La cueva"),
    ("[[ Entra  ->  La cueva ]]", "Entra"),
    ("[[a->b->La cueva]]", "a->b"),
    ("<<link [[Entra|La cueva]]>><</link>>", "Entra"),
    ('<<link "Entra" "La cueva">><</link>>', "Entra"),
    ("<<button 'Entra'>><<goto 'La cueva'>><</button>>", "Entra"),
    ('(link-goto: "Entra", "La cueva")', "Entra"),
    ('(link-goto: "La cueva")', "La cueva"),
    ('(link: "Entra")[(go-to: "La cueva")]', "Entra"),
    ('(goto: "La cueva")', "La cueva"),
    ('<<goto "La cueva">>', "La cueva"),
]


@pytest.mark.parametrize(("written", "text"), LINKS, ids=[written for written, _ in LINKS])
def test_the_common_links_become_decisions(written: str, text: str, tmp_path: Path) -> None:
    alone = first(tmp_path, f"Hola.\n\n{written}")
    listed = first(tmp_path, f"Hola.\n* {written}\n")

    assert [(one.text["es"], one.to) for one in alone.decisions] == [(text, "la_cueva")]
    assert alone.text == {"es": "Hola."}
    assert (listed.text, listed.decisions) == (alone.text, alone.decisions)


def test_a_link_in_a_sentence_leaves_its_words(tmp_path: Path) -> None:
    assert first(tmp_path, "Hay una [[cueva->La cueva]] ahí.").text == {"es": "Hay una cueva ahí."}


SETTERS = [
    ("$oro to 5", {"oro": 5}),
    ("$oro = 5", {"oro": 5}),
    ("$Oro += 2; $fe -= 1", {"oro": "+2", "fe": "-1"}),
    ("$oro++", {"oro": "+1"}),
    ("$visto to true", {"visto": True}),
    ("$lema to 'paz'", {"lema": "paz"}),
]


@pytest.mark.parametrize(("setter", "variables"), SETTERS, ids=[setter for setter, _ in SETTERS])
def test_setters_change_variables_which_are_declared(setter: str, variables: object, tmp_path: Path) -> None:
    pack = story(tmp_path, f":: Start\nHola.\n[[Entra|La cueva][{setter}]]\n:: La cueva\nFin.")

    assert pack.world.fragments[0].decisions[0].variables == variables
    assert {one.name for one in pack.world.variables} == set(pack.world.fragments[0].decisions[0].variables)
    assert named(pack) == []


LEFT = [
    ("twee_macro", "Uno <<print $oro>> dos", "Uno  dos"),
    ("twee_macro", "(set: $oro to (random: 1, 6))Dos", "Dos"),
    ("twee_macro", "Tienes $oro.", "Tienes ."),
    ("twee_macro", "<% s.oro = 1 %>Tres", "Tres"),
    ("twee_macro", "<!-- nota -->Cuatro", "Cuatro"),
    ("twee_macro", "[if oro > 3]\nCinco", "Cinco"),
    ("twee_markup", '<div class="x">Seis</div>', "Seis"),
    ("twee_link", "Mira [[esto->https://example.org]] ya", "Mira esto ya"),
    ("twee_target", "Siete [[allí->Ninguna]] ya", "Siete allí ya"),
    ("twee_setter", "Ocho\n[[La cueva|La cueva][$x to visited()]]", "Ocho"),
    ("twee_macro", '<<link "Nada">>Nueve<</link>>', "…"),
]


@pytest.mark.parametrize(("code", "body", "text"), LEFT, ids=[body[:20] for _, body, _ in LEFT])
def test_what_cannot_be_taken_is_named_with_its_line(code: str, body: str, text: str, tmp_path: Path) -> None:
    pack = story(tmp_path, f":: Start\n\n{body}\n\n:: La cueva\nFin.")

    assert (code, 3 + body[: body.find("[[")].count("\n") if code == "twee_setter" else 3) in named(pack)
    assert pack.world.fragments[0].text == {"es": text}
    assert all(said(Words(language), one) for one in pack.problems for language in ("es", "en"))


def test_simple_markup_becomes_ours(tmp_path: Path) -> None:
    body = "Un ''gran'' //bosque// <b>y</b> <em>ya</em><br>Ve a https://x.org/a//b"

    assert first(tmp_path, body).text == {"es": "Un **gran** _bosque_ **y** _ya_\nVe a https://x.org/a//b"}


def test_headers_may_escape_their_signs(tmp_path: Path) -> None:
    pack = story(
        tmp_path,
        ':: Start\n[[a->El [viejo\\\\{pozo}]]\n:: Un \\[buen\\] d\\\\ia [x\\]y] {"position":"1,2"}\n\\::Hola\n',
    )

    assert pack.world.fragments[1].title == {"es": "Un [buen] d\\ia"}
    assert pack.world.fragments[1].tags == ["x_y"]
    assert pack.world.fragments[1].text == {"es": "::Hola"}


BROKEN = [
    ("", ("twee_empty", 1)),
    ("Solo texto", ("twee_empty", 1)),
    ("Antes\n:: Start\nHola", ("twee_before", 1)),
    (":: Start\nHola\n:: Start\nOtra vez", ("twee_twice", 3)),
    ("::\nHola", ("twee_no_name", 1)),
    (":: Start {no json}\nHola", ("twee_json", 1)),
    (":: StoryData\n{oops\n:: Start\nHola", ("twee_json", 1)),
    (':: StoryData\n{"start": "X"}\n:: Start\nHola', ("twee_start", 1)),
    (":: Otro\nHola", ("twee_start", 1)),
    (":: Start\nHola \x00", ("control_character", 2)),
    (b":: Start\nHola \xe9", ("wrong_encoding", 2)),
    (":: StoryMenu\n[[x]]\n:: Start\nHola", ("twee_special", 1)),
]


@pytest.mark.parametrize(("text", "finding"), BROKEN, ids=[str(text)[:24] for text, _ in BROKEN])
def test_a_broken_file_is_named_and_never_raises(text: str | bytes, finding: tuple[str, int], tmp_path: Path) -> None:
    assert finding in named(story(tmp_path, text))


def test_data_blocks_of_the_wrong_shape_are_named_or_ignored(tmp_path: Path) -> None:
    own = '{"dianabot": {"key": 5, "decisions": "x", "title": [], "text": 3, "exact": 7, "level": "x"}}'
    head = '{"dianabot": {"title": 3, "languages": "es", "variables": 5, "fragments": 1}, "start": ["x"]}'

    assert not story(tmp_path, f":: StoryData\n{head}\n:: Start {own}\nHola\n[[Otra]]\n:: Otra\nFin").sound


@pytest.mark.parametrize("sign", ["\\u0000", "\\ud800"])
@pytest.mark.parametrize("said", ['"v": ["a$"]', '"a$": 1'])
def test_a_data_block_with_text_that_cannot_be_kept_is_not_used(said: str, sign: str, tmp_path: Path) -> None:
    block = "{" + said.replace("$", sign) + "}"
    found = story(tmp_path, f':: StoryData\n{{"dianabot": {block}}}\n\n:: Start {{"dianabot": {block}}}\nHola\n')

    assert named(found) == [("twee_json", 1), ("twee_json", 4)]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert named(read(tmp_path / "nada.twee")) == [("file_missing", 0)]


def test_hostile_texts_take_no_time(tmp_path: Path) -> None:
    signs = (
        "[[",
        "<<",
        '<<"',
        "(if: ",
        "((",
        "//",
        "<a ",
        '"""',
        "{{{a",
        "`a",
        "`` ",
        "/*",
        "<!--",
        "==a ",
        "^^a ",
        "_a",
        "_a ",
    )
    for text in (sign * 4_000 for sign in signs):
        for form in ("Harlowe", "SugarCube"):
            story(tmp_path, f':: StoryData\n{{"format": "{form}"}}\n:: Start\n{text}\n')


def test_the_same_link_twice_is_one_decision(tmp_path: Path) -> None:
    assert len(first(tmp_path, "Una [[cueva->La cueva]] y otra [[cueva->La cueva]].").decisions) == 1
