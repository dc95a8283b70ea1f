"""A story as files: checked, drawn, played, published, taken out again, and the same as before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from subprocess import DEVNULL, PIPE

import psycopg
import pytest

import dianabot as package
from dianabot.content.folder import LARGEST_FILE
from dianabot.gamification.levels import LevelsRules
from dianabot.kernel.embedded import Scratch
from tests.dianabot.cli.conftest import Ask
from tests.dianabot.processes import PATIENCE

pytestmark = pytest.mark.slow

PACKS = Path(__file__).parents[2] / "packs"
MANSION = Path(package.__file__).parent / "packs" / "mansion"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 8
PACK = """key: casa
title: La casa
languages: [es]
fragments:
- key: hall
  title: El vestíbulo
  text: Entra.
  entry: true
  image: hall.png
  decisions:
  - key: up
    text: Subir
    to: stairs
- key: stairs
  title: La escalera
  text: Arriba no hay nadie.
  ending: true
"""
TWEE = ":: StoryTitle\nEl bosque\n\n:: Start\nUn claro.\n\n[[Sigue->Cueva]]\n\n:: Cueva\nFin.\n"


@pytest.fixture
def casa(tmp_path: Path) -> Path:
    folder = tmp_path / "casa"
    (folder / "media").mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    (folder / "media" / "hall.png").write_bytes(PNG)
    return folder


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        PACK.replace("to: stairs", "to: cellar").replace("  image: hall.png\n", "  drft: 1\n")
    )
    return folder


@pytest.fixture
def unpublished(module_dsn: str) -> Iterator[None]:
    """Nothing published: before and after."""
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM content_versions")
        yield
        connection.execute("DELETE FROM content_versions")


def test_a_healthy_story_has_nothing_wrong(dianabot: Ask, casa: Path) -> None:
    done = dianabot("content", "check", str(casa))

    assert (done.code, done.out, done.err) == (0, "Nothing is wrong.\n", "")
    assert dianabot("content", "check", str(casa / "pack.yaml"), "--json").json == []


def test_what_is_wrong_is_told_with_file_and_line(dianabot: Ask, broken: Path) -> None:
    done = dianabot("content", "check", str(broken))

    assert done.code == 1
    assert "pack.yaml:9: error: fragments.hall.drft: nobody knows it (" in done.out
    assert "pack.yaml:13: error: " in done.out
    assert "cellar" in done.out
    found = dianabot("content", "check", str(broken), "--json")
    assert found.code == 1
    assert {(one["file"], one["line"], one["severity"]) for one in found.json} >= {("pack.yaml", 9, "error")}
    assert found.err == ""


def test_levels_are_made_as_where_it_runs(dianabot: Ask, casa: Path) -> None:
    lock = "    to: stairs\n  - key: in\n    text: Entrar\n    to: stairs\n    requirement: {min_level: 3}\n"
    (casa / "pack.yaml").write_text(PACK.replace("    to: stairs\n", lock))
    default = json.dumps(LevelsRules().thresholds)
    assert "error: It asks for level 3" in dianabot("content", "check", str(casa)).out
    assert dianabot("content", "play", str(casa), "--random", "9", "--json").json["besitos"]["earned"]["most"] == 25

    assert dianabot("rules", "set", "levels.thresholds", "[1, 2]").code == 0
    try:
        assert "error" not in dianabot("content", "check", str(casa)).out
        assert dianabot("content", "play", str(casa), "--random", "9", "--json").json["besitos"]["earned"]["most"] == 50
    finally:
        assert dianabot("rules", "set", "levels.thresholds", default).code == 0


def test_a_story_is_checked_where_no_database_is(dianabot: Ask, casa: Path, tmp_path: Path) -> None:
    done = dianabot("content", "check", str(casa), DATABASE_URL="", DIANABOT_DATA=tmp_path / "nowhere")
    assert (done.code, done.out, done.err) == (0, "Nothing is wrong.\n", "")
    assert not (tmp_path / "nowhere").exists()

    away = dianabot("content", "check", str(casa), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (away.code, away.out) == (0, "Nothing is wrong.\n")
    assert "Levels are reckoned by the default rules." in away.err


def test_a_story_one_folder_further_in_is_pointed_at(dianabot: Ask, casa: Path) -> None:
    done = dianabot("content", "check", str(casa.parent))
    assert done.code == 2
    assert f"There is no pack.yaml in {casa.parent}. Did you mean {casa}?" in done.err


def test_a_head_under_another_name_is_to_be_renamed(dianabot: Ask, casa: Path) -> None:
    (casa / "pack.yaml").rename(casa / "pack.yml")
    done = dianabot("content", "check", str(casa))
    assert done.code == 2
    assert "Rename pack.yml to pack.yaml." in done.err


def test_a_missing_translation_is_told_once_and_nothing_is_imported(dianabot: Ask, casa: Path) -> None:
    (casa / "pack.yaml").write_text(PACK.replace("[es]", "[es, en]"))

    done = dianabot("content", "check", str(casa))

    assert done.code == 1
    assert done.out.count("pack.yaml:7: error: “fragments.hall.text” is missing in the language en") == 1


@pytest.mark.parametrize(("form", "says"), [("svg", "<svg"), ("dot", "digraph"), ("mermaid", "flowchart")])
def test_the_map_is_drawn(dianabot: Ask, casa: Path, tmp_path: Path, form: str, says: str) -> None:
    done = dianabot("content", "map", str(casa), "--format", form, "--output", str(tmp_path / "map"))

    assert (done.code, done.out) == (0, "")
    assert (tmp_path / "map").read_text() == dianabot("content", "map", str(casa), "--format", form).out
    assert (tmp_path / "map").read_text().startswith(says)


@pytest.mark.parametrize(("old", "new"), [("title: La", "title: [La"), ("[es]", "en"), (":\n- key: hall", ":\n  key:")])
def test_a_story_that_cannot_be_read_is_not_drawn(dianabot: Ask, casa: Path, old: str, new: str) -> None:
    (casa / "pack.yaml").write_text(PACK.replace(old, new))

    done = dianabot("content", "map", str(casa), "--output", str(casa / "map"))

    assert (done.code, done.out, (casa / "map").exists()) == (1, "", False)
    assert done.err.startswith("pack.yaml:")
    assert done.sentence.endswith("Nothing was drawn.")


def test_a_story_with_something_wrong_in_it_is_drawn(dianabot: Ask, broken: Path) -> None:
    done = dianabot("content", "map", str(broken))

    assert (done.code, done.err) == (0, "")
    assert 'class="card entry error"' in done.out


def test_random_play_reports_the_same_for_the_same_seed(dianabot: Ask, casa: Path) -> None:
    one, again = (dianabot("content", "play", str(casa), "--random", "50", "--seed", "7", "--json") for _ in range(2))

    assert (one.code, one.err) == (0, "")
    assert one.json == again.json
    lines = dianabot("content", "play", str(casa), "--random", "50", "--seed", "7").out.splitlines()
    assert lines[:4] == ["50 plays with seed 7.", "", "ending  plays  share", "stairs  50     100 %"]


@pytest.mark.usefixtures("unpublished")
def test_import_publishes_once_and_export_gives_it_back(dianabot: Ask, casa: Path, tmp_path: Path) -> None:
    first = dianabot("content", "import", str(casa), "--yes")
    assert first.code == 0, first.err
    assert first.out.splitlines() == ["+ fragments.hall", "+ fragments.stairs"]
    assert "Version 1 is published." in first.err

    again = dianabot("content", "import", str(casa), "--yes")
    assert (again.code, again.out) == (0, "")
    assert "Nothing has changed: version 1 says exactly this." in again.err

    out = tmp_path / "out"
    assert dianabot("content", "export", str(out)).code == 0
    assert (out / "media" / "hall.png").read_bytes() == PNG
    assert "Nothing has changed" in dianabot("content", "import", str(out), "--yes").err

    changed = (casa / "pack.yaml").read_text().replace("Entra.\n", "Pasa.\n  reward: {xp: 1}\n")
    (casa / "pack.yaml").write_text(changed)
    (casa / "media" / "hall.png").write_bytes(PNG + b"\x01")
    dry = dianabot("content", "import", str(casa), "--dry-run", "--json")
    assert dry.json["changes"] == [{"what": "changed", "path": "fragments.hall", "fields": ["text", "reward", "image"]}]
    assert "get no new one from hall." in dry.err
    assert "dry run" in dry.err
    declined = dianabot("content", "import", str(casa), typed="n\n")
    assert declined.code == 1
    assert declined.err.endswith("Nothing was done.\n")
    assert dianabot("content", "import", str(casa), typed="y\n", LOG_LEVEL="error").code == 0
    published = dianabot("content", "import", str(casa), "--dry-run", "--json")
    assert (published.json["version"], published.json["changes"]) == (2, [])


@pytest.mark.usefixtures("unpublished")
def test_a_story_travels_through_twine(dianabot: Ask, tmp_path: Path) -> None:
    source, out = tmp_path / "bosque.twee", tmp_path / "out.twee"
    source.write_text(TWEE)

    assert dianabot("content", "import", str(source), "--yes").code == 0
    assert dianabot("content", "export", str(out)).code == 0
    assert "Nothing has changed" in dianabot("content", "import", str(out), "--yes").err


@pytest.mark.usefixtures("unpublished")
def test_the_shipped_story_travels_through_twine_with_its_pictures(dianabot: Ask, tmp_path: Path) -> None:
    out, pictures = tmp_path / "out" / "mansion.twee", sorted((MANSION / "media").iterdir())
    out.parent.mkdir()
    assert dianabot("content", "import", str(MANSION), "--yes").code == 0

    done = dianabot("content", "export", str(out))

    assert done.err == f"Version 1 is in {out}, its {len(pictures)} pictures in {out.parent / 'media'}.\n"
    assert {one.name: one.read_bytes() for one in (out.parent / "media").iterdir()} == {
        one.name: one.read_bytes() for one in pictures
    }
    again = dianabot("content", "import", str(out), "--yes")
    assert (again.code, again.out) == (0, ""), again.err
    assert "Nothing has changed" in again.err


@pytest.mark.usefixtures("unpublished")
def test_a_difference_that_nobody_saw_is_not_published(
    dianabot: Ask, casa: Path, tmp_path: Path, module_dsn: str, servers: Scratch
) -> None:
    stands = {"DATABASE_URL": module_dsn, "REDIS_URL": servers.valkey_url or "", "DIANABOT_DATA": str(tmp_path)}
    (other := tmp_path / "bosque.twee").write_text(TWEE)
    words = [sys.executable, "-m", "dianabot", "content", "import", str(casa)]
    with subprocess.Popen(words, env=os.environ | stands, stdin=PIPE, stdout=DEVNULL, stderr=PIPE) as asked:
        assert asked.stdin is not None
        assert asked.stderr is not None
        heard = b""
        while b"[y/N]" not in heard and (more := os.read(asked.stderr.fileno(), 1000)):
            heard += more
        assert dianabot("content", "import", str(other), "--yes").code == 0
        _, rest = asked.communicate(b"y\n", timeout=PATIENCE)

    assert asked.returncode == 1
    assert "you were looking at version 0, and we are at 1" in rest.decode()
    assert dianabot("content", "import", str(casa), "--dry-run", "--json").json["version"] == 1


@pytest.mark.usefixtures("unpublished")
def test_an_export_to_twine_overwrites_no_other_picture(dianabot: Ask, casa: Path, tmp_path: Path) -> None:
    out, kept = tmp_path / "out.twee", tmp_path / "media" / "hall.png"
    kept.parent.mkdir()
    kept.write_bytes(b"mine")
    assert dianabot("content", "import", str(casa), "--yes").code == 0

    done = dianabot("content", "export", str(out))
    assert done.code == 2
    assert f"{kept} is there already. Nothing is overwritten" in done.sentence
    assert (kept.read_bytes(), out.exists()) == (b"mine", False)

    kept.write_bytes(PNG)
    assert dianabot("content", "export", str(out)).code == 0, "it is the same picture"
    assert out.exists()


@pytest.mark.usefixtures("unpublished")
def test_nothing_of_a_broken_story_is_imported(dianabot: Ask, broken: Path, module_dsn: str) -> None:
    done = dianabot("content", "import", str(broken), "--yes")

    assert (done.code, done.out) == (1, "")
    assert "Nothing is imported." in done.err
    assert dianabot("content", "import", str(broken), "--yes", "--json").json["findings"]
    with psycopg.connect(module_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM content_versions").fetchone() == (0,)


BAD = [
    ("historia.yaml", "level: 1", "level: one", "historia.yaml:67: error: "),
    ("historia.yaml", "entry: true", "entrance: true", "historia.yaml:5: error: "),
    ("cosas.yaml", "variables:", "include: pack.yaml\nvariables:", "cosas.yaml:1: error: "),
    ("cosas.yaml", "variables:", "#" * LARGEST_FILE + "\nvariables:", "pack.yaml:7: error: “cosas.yaml” is over 10 MB"),
    ("pack.yaml", "- cosas.yaml", "- ../cosas.yaml", "pack.yaml:7: error: “../cosas.yaml” leaves the folder"),
    ("pack.en.yaml", "title: The Inn", "{}", "pack.yaml:2: error: “title” is missing in the language en"),
]


@pytest.mark.usefixtures("unpublished")
@pytest.mark.parametrize(
    ("file", "old", "new", "says"), BAD, ids=["type", "key", "circle", "large", "outside", "words"]
)
def test_bad_input_is_named_with_its_line_and_nothing_is_imported(
    dianabot: Ask, tmp_path: Path, module_dsn: str, file: str, old: str, new: str, says: str
) -> None:
    folder = copytree(PACKS / "posada", tmp_path / "posada")
    (folder / file).write_text((folder / file).read_text("utf-8").replace(old, new, 1), "utf-8")

    done = dianabot("content", "import", str(folder), "--yes")

    assert (done.code, done.out) == (1, "")
    assert any(line.startswith(says) for line in done.err.splitlines()), done.err
    assert "Nothing is imported." in done.err
    with psycopg.connect(module_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM content_versions").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM narrative_fragments WHERE key = 'alcoba'").fetchone() == (0,)


@pytest.mark.usefixtures("unpublished")
def test_there_is_nothing_to_export_before_something_is_published(dianabot: Ask, tmp_path: Path) -> None:
    done = dianabot("content", "export", str(tmp_path / "out"))

    assert done.code == 1
    assert "No story is published yet" in done.err


def test_wrong_use_is_told(dianabot: Ask, casa: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for words, says in (
        (("check", str(tmp_path / "nowhere")), "does not exist"),
        (("check", str(tmp_path / "a.txt")), "neither a folder"),
        (("export", str(casa)), "is there already"),
        (("export", str(tmp_path / "a.txt")), "is there already"),
        (("play", str(casa)), "Missing option '--random'"),
        (("play", str(casa), "--random", "0"), "not in the range"),
    ):
        done = dianabot("content", *words)
        assert (done.code, done.out) == (2, ""), words
        assert says in done.sentence


def test_a_story_that_cannot_be_read_is_not_played(dianabot: Ask, broken: Path) -> None:
    done = dianabot("content", "play", str(broken), "--random", "5")

    assert (done.code, done.out) == (1, "")
    assert "Nothing was played." in done.err


def test_the_schema_is_one_document(dianabot: Ask) -> None:
    assert json.loads(dianabot("content", "schema").out)["properties"].keys() >= {"fragments", "include"}
