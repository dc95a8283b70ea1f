"""Packs with something wrong in them: each thing named with its file and line, and nothing ever raised."""

from pathlib import Path

import pytest

from dianabot.content.examination import examined
from dianabot.content.finding import said
from dianabot.content.folder import LARGEST_FILE
from dianabot.content.pack import Pack, read
from dianabot.screens.words import Words, sentences

HEAD = "key: casa\ntitle: La casa\nlanguages: [es]\n"
PNG = b"\x89PNG\r\n\x1a\n"


def pack(folder: Path, **files: str | bytes) -> Pack:
    """`story__en_yaml` is written as story.en.yaml: a name's last underscores are its dots."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(folder)


def named(found: Pack) -> set[tuple[str, str, int]]:
    return {(one.values.get("fault", one.code), one.file, one.line) for one in found.problems}


HALL = "fragments:\n- key: hall\n  title: Hall\n  text: Entra.\n"

SEEDED = [
    ("not_yaml", 4, HEAD + "x: 'open\n"),
    ("tab_indents", 5, HEAD + "economy:\n\tdaily_xp: 1\n"),
    ("wrong_encoding", 2, b"key: casa\ntitle: \xe9\n"),
    ("wrong_encoding", 1, HEAD.encode("utf-16")),
    ("control_character", 4, HEAD + "x: \x00\n"),
    ("control_character", 4, HEAD + 'x: "\\0"\n'),
    ("empty_file", 1, ""),
    ("empty_file", 1, "# nothing yet\n"),
    ("wrong_type", 1, "- key: casa\n"),
    ("second_document", 4, HEAD + "---\nkey: otra\n"),
    ("anchor", 5, HEAD + "levels:\n- &a {number: 1, name: Uno}\n- *a\n"),
    ("anchor", 4, HEAD + "x: *nobody\n"),
    ("tag", 4, HEAD + "x: !!python/object:os.system ls\n"),
    ("too_deep", 4, HEAD + "x: " + "[" * 10_000 + "\n"),
    ("no_plain_key", 4, HEAD + "? [a]\n: b\n"),
    ("key_twice", 4, HEAD + "title: Otra\n"),
    ("key_twice", 8, HEAD + HALL + "  text: Sal.\n"),
    ("unknown_key", 4, HEAD + "fragment: []\n"),
    ("unknown_key", 8, HEAD + HALL + "  txt: Sal.\n"),
    ("wrong_type", 4, HEAD + "fragments: hall\n"),
    ("wrong_type", 7, HEAD + "fragments:\n- key: hall\n  title: Hall\n  text: 5\n"),
    ("wrong_type", 8, HEAD + HALL + "  level: two\n"),
    ("wrong_type", 8, HEAD + HALL + "  requirement: none\n"),
    ("not_one_of", 8, HEAD + HALL + "  draft: yes\n"),
    ("not_one_of", 10, HEAD + HALL + "  challenge:\n    tries: 2\n    kind: chess\n"),
    ("not_one_of", 5, HEAD + "variables:\n- {name: a, initial: [1]}\n"),
    ("not_one_of", 3, "key: casa\ntitle: La casa\nlanguages: [es, fr]\n"),
    ("out_of_range", 8, HEAD + HALL + "  level: 0\n"),
    ("out_of_range", 5, HEAD + "economy:\n  daily_besitos: 99999999999\n"),
    ("out_of_range", 6, HEAD + "variables:\n- name: v\n  initial: 9999999999\n"),
    ("not_one_of", 6, HEAD + "variables:\n- name: v\n  initial: [1]\n"),
    ("not_one_of", 8, HEAD + "templates:\n- key: t\n  text: a\n  on: a\n  where: {decision: 1.5}\n"),
    ("empty", 7, HEAD + "fragments:\n- key: hall\n  title: Hall\n  text: ''\n"),
    ("not_allowed", 5, HEAD + "fragments:\n- key: El hall\n  title: Hall\n  text: a\n"),
    ("missing_key", 5, HEAD + "fragments:\n- key: hall\n  text: a\n"),
    ("missing_key", 1, "title: La casa\n"),
    ("part_twice", 8, HEAD + HALL + "- key: hall\n  title: Hall\n  text: Entra.\n"),
    ("file_missing", 4, HEAD + "include: nowhere.yaml\n"),
    ("file_unreadable", 5, HEAD + "include:\n- '" + "x" * 500 + ".yaml'\n"),
    ("outside", 5, HEAD + "include:\n- ../secrets.yaml\n"),
    ("outside", 5, HEAD + "include:\n- x/../a.yaml\n"),
    ("outside", 5, HEAD + "include:\n- /etc/passwd\n"),
    ("outside", 5, HEAD + "include:\n- 'C:\\secrets.yaml'\n"),
    ("wrong_type", 5, HEAD + "include:\n- 5\n"),
    ("include_cycle", 4, HEAD + "include: pack.yaml\n"),
    ("translation_missing", 2, "key: casa\ntitle: La casa\nlanguages: [es, en]\n"),
    ("language_undeclared", 2, "key: casa\ntitle: {es: La casa, en: The house}\nlanguages: [es]\n"),
    ("file_missing", 8, HEAD + HALL + "  image: hall.png\n"),
    ("outside", 8, HEAD + HALL + "  image: ../../hall.png\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "line", "written"), SEEDED, ids=[f"{code}-{n}" for n, (code, _, _) in enumerate(SEEDED)]
)
def test_what_is_wrong_is_named_with_file_and_line(code: str, line: int, written: str | bytes, tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=written)

    assert (code, "pack.yaml", line) in named(found), named(found)
    for finding in found.problems:
        for language in ("es", "en"):
            assert said(Words(language), finding)


def test_everything_is_named_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        pack_yaml=HEAD + HALL + "  level: 0\n  drft: true\n- key: patio\n  title: Patio\n  text: Sol.\n  level: 2\n",
    )

    assert {("out_of_range", "pack.yaml", 8), ("unknown_key", "pack.yaml", 9)} == named(found)
    assert [(one.key, one.level) for one in found.world.fragments] == [("hall", 1), ("patio", 2)]
    assert not found.sound
    assert found.complete


def test_what_may_stand_there_is_said(tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=HEAD + HALL + "  drft: true\n")

    assert said(Words("en"), found.problems[0]).startswith(
        "fragments.hall.drft: nobody knows it (key, title, text, level"
    )


SAID = [
    ("  requirement: [rose]\n", "fragments.hall.requirement: it must be a table, such as {required_items: [rose]}"),
    ("  reward: 10\n", "fragments.hall.reward: it must be a table, such as {besitos: 10}"),
    ("  requirement:\n    any: [rose]\n",
     "fragments.hall.requirement.any[0]: it must be a table, such as {required_items: [rose]}"),
    ("  requirement: {from: 2026-12-24}\n",
     "fragments.hall.requirement.from: it must be an instant with its time zone, such as 2026-12-24T20:00+01:00"),
    ("  challenge: hard\n", "fragments.hall.challenge: it must be a table"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "says"), SAID)
def test_what_must_stand_there_is_shown(written: str, says: str, tmp_path: Path) -> None:
    told = [said(Words("en"), one) for one in examined(pack(tmp_path, pack_yaml=HEAD + HALL + written))]

    assert says in told


def test_included_files_join_in_their_order_and_know_their_lines(tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        pack_yaml=HEAD + "include:\n- a.yaml\n- b/c.yaml\n",
        a_yaml=HALL,
        b__c_yaml=HALL.replace("hall", "patio") + "  decisions:\n  - key: back\n    text: Volver\n    to: hall\n",
    )

    assert found.problems == ()
    assert [one.key for one in found.world.fragments] == ["hall", "patio"]
    assert found.sources.at("fragments.patio.decisions.back.to") == ("b/c.yaml", 8)
    assert found.sources.at("fragments.patio.decisions.back.requirement.all[0]") == ("b/c.yaml", 6)
    assert found.sources.at("fragments.nobody") == ("a.yaml", 1)


def test_a_circle_of_includes_is_named_with_its_way(tmp_path: Path) -> None:
    found = pack(
        tmp_path, pack_yaml=HEAD + "include: a.yaml\n", a_yaml="include: b.yaml\n", b_yaml="include: [a.yaml]\n"
    )

    assert named(found) == {("include_cycle", "b.yaml", 1)}
    assert "a.yaml → b.yaml → a.yaml" in said(Words("en"), found.problems[0])


def test_a_file_included_twice_counts_once(tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=HEAD + "include:\n- a.yaml\n- ./a.yaml\n", a_yaml=HALL)

    assert named(found) == {("included_twice", "pack.yaml", 6)}
    assert len(found.world.fragments) == 1


def test_a_file_that_cannot_be_read_leaves_the_world_incomplete(tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=HEAD + "include: a.yaml\n", a_yaml="x: [")

    assert not found.complete


def test_an_included_file_holds_no_head(tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=HEAD + "include: a.yaml\n", a_yaml="key: other\n" + HALL)

    assert named(found) == {("unknown_key", "a.yaml", 1)}
    assert found.world.key == "casa"


def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(HALL)
    inside = tmp_path / "pack"
    inside.mkdir()
    (inside / "a.yaml").symlink_to(outside)
    (inside / "b.yaml").symlink_to("b.yaml")

    found = pack(inside, pack_yaml=HEAD + "include:\n- a.yaml\n- b.yaml\n")

    assert {("outside", "pack.yaml", 5), ("file_missing", "pack.yaml", 6)} <= named(found)
    assert found.world.fragments == []


@pytest.mark.slow
def test_large_files_and_large_packs_are_refused(tmp_path: Path) -> None:
    large = b"#" * (LARGEST_FILE - 20)
    many = {f"f{n}_yaml": large + b"\nlevels: []" for n in range(6)}
    names = "".join(f"- f{n}.yaml\n" for n in range(6))

    assert ("file_too_large", "pack.yaml", 0) in named(pack(tmp_path / "a", pack_yaml=large + b"#" * 21))
    assert named(pack(tmp_path / "b", pack_yaml=HEAD + "include:\n" + names, **many)) == {
        ("pack_too_large", "pack.yaml", 9),
        ("pack_too_large", "pack.yaml", 10),
    }


def test_no_folder_and_no_file_are_named(tmp_path: Path) -> None:
    assert named(read(tmp_path / "nowhere")) >= {("file_missing", "pack.yaml", 0)}
    assert not read(tmp_path).complete


TWO = "key: casa\ntitle: La casa\nlanguages: [es, en]\n"


def test_translations_stand_beside_the_original(tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        pack_yaml=TWO + HALL,
        pack_en_yaml="title: The house\nfragments.hall.title: Hall\nfragments.hall.text: |\n  Come in.\n",
    )

    assert found.problems == ()
    assert found.world.fragments[0].text == {"es": "Entra.", "en": "Come in.\n"}


def test_missing_surplus_doubled_and_wrong_translations_are_named(tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        pack_yaml=TWO.replace("La casa", "{es: La casa, en: The house}") + HALL,
        pack_en_yaml="title: House\nfragments.gone.title: Gone\nfragments.hall.text: 5\n",
    )

    assert named(found) == {
        ("translation_twice", "pack.en.yaml", 1),
        ("translation_surplus", "pack.en.yaml", 2),
        ("wrong_type", "pack.en.yaml", 3),
        ("translation_missing", "pack.yaml", 6),
        ("translation_missing", "pack.yaml", 7),
    }


def test_a_riddle_needs_its_answers_in_every_language(tmp_path: Path) -> None:
    riddle = "  challenge:\n    kind: riddle\n    answers: [luna]\n"
    found = pack(tmp_path, pack_yaml=TWO.replace("[es, en]", "[es]") + HALL + riddle)

    assert found.problems == ()
    assert found.world.fragments[0].challenge is not None
    assert found.world.fragments[0].challenge.answers == {"es": ["luna"]}
    assert ("translation_missing", "pack.yaml", 10) in named(pack(tmp_path, pack_yaml=TWO + HALL + riddle))


def test_pictures_are_known_by_what_they_hold(tmp_path: Path) -> None:
    images = "  image: a.png\n- key: b\n  title: b\n  text: b\n  image: b.png\n"
    found = pack(tmp_path, pack_yaml=HEAD + HALL + images, media__a_png=PNG, media__b_png=b"GIF89a", media__c_png=PNG)

    assert named(found) == {("no_picture", "pack.yaml", 12), ("file_unused", "media/c.png", 0)}
    assert {name: one.kind for name, one in found.media.items()} == {"a.png": "image/png"}


@pytest.mark.parametrize("written", ["en", "[fr]", "[fr, de]", "[]", "", "{en: x}", "[es, fr]", "english"])
def test_a_wrong_list_of_languages_is_all_there_is_to_say_of_them(written: str, tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        pack_yaml=f"key: casa\ntitle: {{es: La casa, en: The house}}\nlanguages: {written}\n{HALL}",
        pack_es_yaml="fragments.hall.text: Pase.\n",
    )

    [told] = examined(found)
    assert (told.file, told.line) == ("pack.yaml", 3)
    assert said(Words("en"), told) == "languages: it must be one of [es], [en], [es, en], [en, es]"
    assert found.problems == (told,)


GO = "  decisions:\n  - key: go\n    text: Ir\n    to: hall\n"


@pytest.mark.parametrize(
    "written", ["    variables: {trust: +1}\n", "    reward:\n      variables: {trust: +1}\n"], ids=["change", "reward"]
)
def test_a_plus_without_quotes_is_said_to_set_and_not_to_add(written: str, tmp_path: Path) -> None:
    found = pack(tmp_path, pack_yaml=HEAD + HALL + GO + written)

    assert named(found) == {("plus_unquoted", "pack.yaml", 11 + written.count("\n"))}
    assert said(Words("en"), found.problems[0]) == (
        'Without quotes +1 is the plain number: it sets “trust” to 1. To add, write trust: "+1"'
    )
    assert found.sound


@pytest.mark.parametrize(
    "written",
    [
        '    variables: {trust: "+1", shoes: +, doubt: 1}\n',
        "    variables: {trust: '+1', doubt: -1}\n",
        "    requirement: {variables: {trust: +1}}\n",
        "    reward: {besitos: +1}\n",
    ],
)
def test_what_is_meant_as_it_stands_is_not_remarked(written: str, tmp_path: Path) -> None:
    assert pack(tmp_path, pack_yaml=HEAD + HALL + GO + written).problems == ()


def test_words_stay_words(tmp_path: Path) -> None:
    on = "templates:\n- key: a\n  text: No\n  on: members.registered\n  where: {day: 2026-01-01}\n"
    found = pack(tmp_path, pack_yaml=HEAD + on)

    assert found.problems == ()
    assert found.world.templates[0].text == {"es": "No"}
    assert found.world.templates[0].where == {"day": "2026-01-01"}


def test_every_finding_has_its_words_in_both_languages() -> None:
    assert {key for key in sentences("es") if key.startswith("findings.")} == {
        key for key in sentences("en") if key.startswith("findings.")
    }
