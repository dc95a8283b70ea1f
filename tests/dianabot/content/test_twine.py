"""Files as Twine and Tweego write them: what is in a line is in the story, or the line is named."""

import re
from pathlib import Path

import pytest

from dianabot.content.pack import Pack
from dianabot.content.parsing import read_text
from dianabot.content.twee_reading import read
from dianabot.vocabulary.world import texts

FILES = sorted((Path(__file__).parent / "twine").glob("*.twee"))
NAMED_WHOLE = {"twee_script", "twee_special", "twee_twice"}
"""Passages that are told of by their first line."""


def story(name: str) -> Pack:
    return read(Path(__file__).parent / "twine" / f"{name}.twee")


def ways(pack: Pack) -> list[tuple[str, str, str]]:
    return [(one.key, way.text["es"], way.to) for one in pack.world.fragments for way in one.decisions]


def said(pack: Pack) -> set[str]:
    """Every word that came over, and those by which links and sets are written."""
    told = [text["es"] for _, text in texts(pack.world)]
    told += [f"{one.name} {one.initial}" for one in pack.world.variables]
    told += [str(way.variables) for one in pack.world.fragments for way in one.decisions]
    return words_in(" ".join(told)) | {"link", "label", "goto", "set", "to"}


def words_in(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_no_line_is_dropped_in_silence(file: Path) -> None:
    pack = read(file)
    written, _ = read_text(file.read_bytes(), file.name)
    kept = said(pack)
    named = {one.line for one in pack.problems}
    whole = {one.line for one in pack.problems if one.code in NAMED_WHOLE}
    silent, inside = [], False
    for number, line in enumerate(re.split(r"\r?\n", written), 1):
        if line.startswith("::"):
            inside = number not in whole and not line.startswith((":: StoryData", ":: StoryTitle"))
        elif inside and number not in named and not words_in(line) <= kept:
            silent.append(line)

    assert silent == []


def test_every_tool_is_there() -> None:
    assert [file.stem for file in FILES] == ["chapbook", "harlowe", "sugarcube", "tweego"]


def test_a_story_of_harlowe_keeps_its_ways_and_loses_its_hooks() -> None:
    pack = story("harlowe")

    assert ways(pack) == [
        ("portada", "Entra por la puerta", "invernadero"),
        ("portada", "Mira la verja", "volver"),
        ("portada", "🌹 Invernadero", "invernadero"),
        ("portada", "Llama al timbre", "invernadero"),
        ("portada", "Da la vuelta", "volver"),
        ("portada", "Abre con la llave", "camara_oculta"),
        ("invernadero", "Sal", "volver"),
    ]
    assert {one.name: one.initial for one in pack.world.variables} == {"llaves": 0, "nombre": "Clara", "frio": True}
    assert not any(re.search(r"[\[\]{}|]", one.text["es"]) for one in pack.world.fragments)
    assert pack.sound


def test_a_story_of_sugarcube_keeps_what_its_links_change() -> None:
    pack = story("sugarcube")
    quay = pack.world.fragments[0]

    assert [(one.text["es"], one.to, one.variables) for one in quay.decisions] == [
        ("Light it", "the_lamp", {}),
        ("Climb", "the_lamp", {}),
        ("Pay", "the_bridge", {"coins": "-1", "lit": True}),
        ("The Bridge", "the_bridge", {}),
        ("Swim", "the_bridge", {"name": "Nobody"}),
        ("The Lamp", "the_lamp", {}),
        ("Wait", "the_lamp", {"coins": "+1"}),
        ("Run", "the_bridge", {"lit": True}),
    ]
    assert quay.text["es"].startswith("You have enough.")
    assert {one.name: one.initial for one in pack.world.variables} == {"coins": 3, "name": "Ada", "lit": False}
    assert [(one.code, one.line) for one in pack.problems if one.severity == "error"] == [("twee_target", 56)]


def test_a_file_of_tweego_with_its_mark_and_its_line_ends_is_read() -> None:
    pack = story("tweego")

    assert pack.world.title == {"es": "Cuatro vientos 🌬️"}
    assert [(one.key, one.title["es"], one.entry) for one in pack.world.fragments] == [
        ("nandu", "Ñandú", True),
        ("norte_frio", "Norte [frío]", False),
        ("este_claro", "Este {claro}", False),
        ("passage", "🦉", False),
    ]
    assert [to for _, _, to in ways(pack)] == ["norte_frio", "este_claro", "passage", "passage"]
    assert [(one.code, one.line) for one in pack.problems if one.code != "twee_layout"] == [
        ("twee_before", 1), ("twee_twice", 32), ("twee_macro", 29),
    ]  # fmt: skip


def test_a_story_of_chapbook_keeps_its_links_and_shows_no_notes() -> None:
    pack = story("chapbook")
    pier = pack.world.fragments[0]

    assert [(one.title["es"], one.tags) for one in pack.world.fragments] == [
        ("Chapter 1: The Pier", []), ("Chapter 2::The Boat", []), ("Chapter 3: [Home]", ["ending"]),
    ]  # fmt: skip
    assert ways(pack) == [
        ("chapter_1_the_pier", "Pay him", "chapter_2_the_boat"),
        ("chapter_1_the_pier", "Walk back", "chapter_3_home"),
        ("chapter_1_the_pier", "Chapter 2::The Boat", "chapter_2_the_boat"),
        ("chapter_2_the_boat", "Home at last", "chapter_3_home"),
    ]
    assert pier.text == {"es": "The ferryman names a fare of .\n\nIt is too much.\n\nIt is fair."}
    assert {one.name: one.initial for one in pack.world.variables} == {"fare": 3}
    assert [one.line for one in pack.problems if one.code == "twee_macro"] == [
        24, 25, 27, 29, 32, 35, 36, 37, 40, 43, 44, 46, 47, 51,
    ]  # fmt: skip
    assert {(one.code, one.line) for one in pack.problems} >= {("twee_special", 18), ("twee_tag", 56)}
    assert pack.sound


def test_two_dashes_are_text_where_another_format_wrote_them(tmp_path: Path) -> None:
    file = tmp_path / "cuento.twee"
    file.write_text(f"{HARLOWE}uno: 1\n--\n{{dos}}\n[note]\nTres\n")

    assert "uno: 1\n--" in read(file).world.fragments[0].text["es"]


HARLOWE = ':: StoryData\n{"format": "Harlowe", "start": "A"}\n:: A\n'
SUGARCUBE = HARLOWE.replace("Harlowe", "SugarCube")
LEFT = [
    (SUGARCUBE, "/* [[a->B]] */ <!-- [[B]] --> hola", "hola", "/* [[a->B]] */", "<!-- [[B]] -->"),
    (SUGARCUBE, "/%\n[[a->B]]\n%/\nhola", "hola", "/% [[a->B]] %/"),
    (SUGARCUBE, 'El """[[no->B]] $x <<y>> &lt;""" queda', "El [[no->B]] $x <<y>> &lt; queda", '"""…"""'),
    (SUGARCUBE, "{{{//a//}}} y <nowiki>''b''</nowiki>", "//a// y ''b''", "{{{…}}}", "<nowiki>…</nowiki>"),
    (HARLOWE, "`[[no->B]]` y ``un ` $dos\n(tres:)``", "[[no->B]] y un ` $dos\n(tres:)", "`…`", "``…``"),
    (SUGARCUBE, "Va <<print {{{$a}}}>>", "Va", "{{{…}}}", "<<print $a>>"),
    (SUGARCUBE, "a &lt;b&gt; &amp; caf&eacute;&nbsp;&#39;c&#39;", "a <b> & café\xa0'c'"),
    (SUGARCUBE, "Vale _temp. Y _obj.dos", "Vale . Y", "_temp", "_obj.dos"),
    (HARLOWE, "Vale _temp\n[[Ve _a->B]]", "Vale", "_temp", "_a"),
    (HARLOWE, "snake_case, _una_ y _dos palabras_ y _ ya", "snake_case, _una_ y _dos palabras_ y _ ya"),
    (SUGARCUBE, "==s== y E=mc^^2^^, H~~2~~O y __u__", "s y E=mc2, H2O y u", "==…==", "^^…^^", "~~…~~", "__…__"),
    (SUGARCUBE, "a == b, x==1 y z==2, ===, ~~~~ y dos__tres", "a == b, x==1 y z==2, ===, ~~~~ y dos__tres"),
    (SUGARCUBE, "!Uno\n!!! Dos\n¡Tres!\n! cuatro", "Uno\nDos\n¡Tres!\ncuatro", "!", "!!!", "!"),
    (HARLOWE, "!Uno", "!Uno"),
    (HARLOWE.replace("Harlowe", "Chapbook"), "==s== ~~t~~ _u", "==s== ~~t~~ _u"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "written", "text", "named"), [(*one[:3], one[3:]) for one in LEFT], ids=[one[1][:16] for one in LEFT]
)
def test_what_is_no_text_and_what_is_only_text_are_told_apart(
    head: str, written: str, text: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "cuento.twee"
    file.write_text(f"{head}{written}\n[[Ve->B]]\n:: B\nFin.\n")
    pack = read(file)
    begin = pack.world.fragments[0]

    assert begin.text["es"] == text
    assert [one.text["es"] for one in begin.decisions] == ["Ve"]
    assert [one.values["code"] for one in pack.problems] == [*named]
    assert {one.line for one in pack.problems} <= {4, 5, 6, 7}


def test_a_link_says_what_its_signs_stand_for(tmp_path: Path) -> None:
    file = tmp_path / "cuento.twee"
    file.write_text(f"{HARLOWE}[[T&eacute; o `$caf&eacute;`->B]]\n:: B\nFin.\n")

    [way] = read(file).world.fragments[0].decisions
    assert (way.text["es"], way.to) == ("Té o $caf&eacute;", "b")


SMALL = [
    ("(if: $x)[[[Ve->B]]]", "Ve", ["Ve"], {("twee_macro", 4), ("twee_markup", 4)}),
    ("[[Ve->B][$x to 1]]\n[[Ve->B][$x to 2]]", "…", ["Ve"], {("twee_setter", 5)}),
    ('<<link "Ve" "B">>Corre <<set $x to 1>><</link>>', "…", ["Ve"], {("twee_macro", 4)}),
    ("Uno \\\ndos [[Ve->B]].", "Uno dos Ve.", ["Ve"], set()),
    ("<<link [[Ve|B]]>>\n<<set $x to visited()>>\n<</link>>", "…", ["Ve"], {("twee_setter", 4)}),
]


@pytest.mark.parametrize(("written", "text", "decisions", "named"), SMALL, ids=[one[0][:24] for one in SMALL])
def test_marks_that_formats_share_are_told_apart(
    written: str, text: str, decisions: list[str], named: set[tuple[str, int]], tmp_path: Path
) -> None:
    file = tmp_path / "cuento.twee"
    file.write_text(f"{HARLOWE}{written}\n:: B\nFin.\n")
    pack = read(file)
    begin = pack.world.fragments[0]

    assert (begin.text["es"], [one.text["es"] for one in begin.decisions]) == (text, decisions)
    assert {(one.code, one.line) for one in pack.problems} == named
