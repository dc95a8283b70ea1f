from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from dianabot.content.twee_reading import read
from dianabot.content.twee_writing import write
from dianabot.vocabulary.world import World
from tests.dianabot.content.worlds import WORLDS

FORGIVEN = {"translation_missing", "language_undeclared", "twee_empty"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORLDS)
def test_any_world_is_the_same_after_export_and_import(world: World) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "story.twee"
        path.write_bytes(write(world).encode())
        pack = read(path)

    assert pack.world == world
    assert [one for one in pack.problems if one.code not in FORGIVEN] == []


WORLD = {
    "key": "casa",
    "title": {"es": "La casa", "en": "The house"},
    "fragments": [
        {
            "key": "hall",
            "title": {"es": "El vestíbulo", "en": "The hall"},
            "text": {"es": "Entra.", "en": "Come in."},
            "entry": True,
            "requirement": {"min_level": 2},
            "decisions": [
                {"key": "up", "text": {"es": "Subir", "en": "Up"}, "to": "stairs", "cost": 5},
                {"key": "out", "text": {"es": "Salir", "en": "Out"}, "to": "hall"},
            ],
        },
        {"key": "stairs", "title": {"es": "La escalera", "en": "Stairs"}, "text": {"es": "Sube.", "en": "Up."}},
    ],
}


@pytest.fixture
def exported() -> str:
    return write(World.model_validate(WORLD))


def again(text: str, folder: Path) -> World:
    path = folder / "story.twee"
    path.write_text(text)
    return read(path).world


def test_twine_sees_passages_links_and_where_the_story_begins(exported: str) -> None:
    assert ":: StoryTitle\nLa casa\n" in exported
    assert '"start": "El vestíbulo"' in exported
    assert "\nEntra.\n\n[[Subir->La escalera]]\n[[Salir->El vestíbulo]]\n" in exported
    assert '{"position": "150,150"' in exported


def test_what_is_changed_in_twine_is_taken_and_the_rest_stays(exported: str, tmp_path: Path) -> None:
    changed = exported.replace("Entra.", "Pasa, pasa.").replace("[[Salir->El vestíbulo]]", "[[Huir->La escalera]]")

    hall = again(changed, tmp_path).fragments[0]

    assert hall.key == "hall"
    assert hall.text == {"es": "Pasa, pasa.", "en": "Come in."}
    assert hall.requirement == {"min_level": 2}
    up, out = hall.decisions
    assert (up.key, up.cost, up.text["en"]) == ("up", 5, "Up")
    assert (out.key, out.to, out.text["es"]) == ("out", "stairs", "Huir")


def test_a_passage_renamed_in_twine_keeps_its_key(exported: str, tmp_path: Path) -> None:
    world = again(
        exported.replace(":: La escalera", ":: Los peldaños").replace("->La escalera", "->Los peldaños"), tmp_path
    )

    assert world.fragments[1].key == "stairs"
    assert world.fragments[1].title["es"] == "Los peldaños"
    assert world.fragments[0].decisions[0].to == "stairs"


def test_the_story_begins_where_twine_says(exported: str, tmp_path: Path) -> None:
    world = again(exported.replace('"start": "El vestíbulo"', '"start": "La escalera"'), tmp_path)

    assert [one.entry for one in world.fragments] == [False, True]


def test_a_decision_removed_in_twine_is_gone_and_a_new_one_is_there(exported: str, tmp_path: Path) -> None:
    changed = exported.replace("[[Subir->La escalera]]\n", "").replace(
        "El vestíbulo]]", "El vestíbulo]]\n[[Mirar->La escalera]]"
    )

    hall = again(changed, tmp_path).fragments[0]

    assert [(one.text["es"], one.to) for one in hall.decisions] == [("Salir", "hall"), ("Mirar", "stairs")]


def test_signs_of_other_formats_are_text_in_a_story_of_ours(exported: str, tmp_path: Path) -> None:
    changed = exported.replace("Entra.", "Pasa /* o no").replace("[[Salir->", "[[Salir &amp; */ ya->")

    hall = again(changed, tmp_path).fragments[0]

    assert hall.text["es"] == "Pasa /* o no"
    assert [one.text["es"] for one in hall.decisions] == ["Subir", "Salir &amp; */ ya"]


def test_lines_that_look_like_headers_are_escaped_and_stay(tmp_path: Path) -> None:
    lines = "::uno\n\\\\::dos"
    one = {"key": "a", "title": {"es": "A"}, "text": {"es": lines}}
    exported = write(
        World.model_validate({"key": "casa", "title": {"es": "A"}, "languages": ["es"], "fragments": [one]})
    )

    assert "exact" not in exported
    assert again(exported, tmp_path).fragments[0].text == {"es": lines}
