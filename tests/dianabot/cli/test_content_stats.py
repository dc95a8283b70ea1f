"""How the story of a database is read, as an author asks for it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.dianabot.cli.conftest import Ask

PACK = """key: casa
title: La casa
languages: [es]
fragments:
- key: hall
  title: El vestíbulo
  text: Entra.
  entry: true
  decisions:
  - {key: up, text: Subir, to: stairs}
  - {key: out, text: Salir, to: street}
- {key: stairs, title: La escalera, text: Arriba no hay nadie., ending: true}
- {key: street, title: La calle, text: Llueve., ending: true}
"""
READ = """
INSERT INTO users (telegram_id, language, created_at, last_active_at)
SELECT n, 'es', '2026-01-01', '2026-01-01' FROM generate_series(1, 4) AS n;
UPDATE narrative_fragments SET view_count = 5, reader_count = 4, completed_count = 3, left_count = 4, seconds_read = 90
WHERE key = 'hall';
UPDATE narrative_fragments SET view_count = 3, reader_count = 2, completed_count = 2 WHERE key = 'stairs';
UPDATE narrative_fragments SET view_count = 1, reader_count = 1, completed_count = 1 WHERE key = 'street';
INSERT INTO user_decisions (user_id, visit, decision_id, at)
SELECT users.id, n, decision.id, '2026-01-01'
FROM (VALUES (1, 1, 'up'), (1, 2, 'up'), (2, 1, 'up'), (3, 1, 'out')) AS took (reader, n, key)
JOIN users ON telegram_id = reader JOIN narrative_decisions AS decision USING (key);
INSERT INTO user_story_state (user_id, current_fragment_id, visit, visited_at)
SELECT users.id, fragment.id, 2, '2026-01-01'
FROM (VALUES (1, 'stairs'), (2, 'stairs'), (3, 'street'), (4, 'hall')) AS stands (reader, key)
JOIN users ON telegram_id = reader JOIN narrative_fragments AS fragment USING (key);
"""
TABLE = """\
fragment  views  readers  completed  time  lost      decisions
hall      5      4        75 %       22 s  1 (25 %)  up 75 %, out 25 %
stairs    3      2        100 %      0 s
street    1      1        100 %      0 s

ending  reached  readers  share
stairs  3        2        75 %
street  1        1        25 %

Lost is who has not read on for 14 days (rule story.lost_after_days).
"""


@pytest.fixture
def casa(tmp_path: Path) -> Path:
    folder = tmp_path / "casa"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK)
    return folder


@pytest.fixture(scope="module")
def database(module_dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        yield connection


def test_how_a_story_is_read_is_told(dianabot: Ask, casa: Path, database: psycopg.Connection) -> None:
    assert dianabot("content", "stats").out == "No story is published: dianabot content import PATH\n"
    assert dianabot("content", "stats", "--json").json == {"lost_after_days": 14, "fragments": [], "endings": []}
    assert dianabot("content", "import", str(casa), "--yes").code == 0
    assert dianabot("content", "stats").out == "Nobody has read anything yet.\n"
    database.execute(READ)

    assert dianabot("content", "stats").out == TABLE

    said = dianabot("content", "stats", "--json").json
    [hall, stairs, _] = said["fragments"]
    assert (hall["readers"], hall["completed"], hall["drop_off"], hall["standing"]) == (4, 75.0, 25.0, 1)
    assert hall["ways"] == [{"key": "up", "times": 3, "share": 75.0}, {"key": "out", "times": 1, "share": 25.0}]
    assert (stairs["ending"], stairs["standing"], stairs["lost"]) == (True, 2, 0)
    assert said["endings"][0] == {"key": "stairs", "views": 3, "share": 75.0}


def test_it_is_counted_anew_when_asked_for(dianabot: Ask, casa: Path, database: psycopg.Connection) -> None:
    assert dianabot("content", "import", str(casa), "--yes").code == 0
    database.execute("UPDATE narrative_fragments SET view_count = 7")
    database.execute("INSERT INTO tails (consumer, xid, seq) VALUES ('readership', '9', 9)")

    done = dianabot("content", "recount", "--reason", "an event was given up")

    assert (done.code, done.out) == (0, "")
    assert done.sentence == "All counts are at nothing and grow until the whole log has been read again."
    assert database.execute("SELECT sum(view_count) FROM narrative_fragments").fetchone() == (0,)
    assert database.execute("SELECT xid::text, seq FROM tails").fetchall() == [("0", 0)]
