"""Every revision goes up and down, on an empty database and on one that is lived in; one process takes the steps."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql

from dianabot import migrations
from dianabot.kernel.errors import OperatorError
from dianabot.migrations import migrate
from dianabot.migrations.steps import configuration
from tools.schema import differences

pytestmark = pytest.mark.slow

STEPS = [step.revision for step in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
BELOW = dict(zip(STEPS, ["base", *STEPS], strict=False))
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
LIVE = """
INSERT INTO users (telegram_id, first_name, language, created_at, last_active_at)
SELECT n, 'Ana', 'es', timestamptz '2026-01-15', timestamptz '2026-01-15' FROM generate_series(1, 3) AS n;
INSERT INTO operations (key, name, user_id, actor, input, input_hash, outcome, correlation_id, at)
SELECT 'k' || id, 'ATENDER', id, 'm', '{}', '', '{}', gen_random_uuid(), created_at FROM users;
INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, actor, correlation_id, priority,
                        version)
SELECT gen_random_uuid(), id, 'user.registered', '{}', created_at, 'member:' || id, 'm', gen_random_uuid(), 2, 1
FROM users
"""
FIRST = STEPS[0]


def rows(dsn: str) -> dict[str, int]:
    """How many rows each table holds."""
    with psycopg.connect(dsn) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        counts = {}
        for table in tables:
            found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert found is not None
            counts[table] = found[0]
        return counts


def live(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(LIVE)


def test_the_newest_revision_is_known_without_reading_any() -> None:
    assert migrations.NEWEST == STEPS[-1] == max(STEPS)
    assert all(place.stem.startswith(f"{revision}_") for place, revision in zip(_files(), STEPS, strict=True))


def _files() -> list[Path]:
    return sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))


@pytest.mark.parametrize("revision", STEPS)
def test_a_revision_goes_down_and_up_on_an_empty_database(bare_postgres_dsn: str, revision: str) -> None:
    migrate(bare_postgres_dsn, BELOW[revision])
    before = rows(bare_postgres_dsn)
    migrate(bare_postgres_dsn, revision)
    migrate(bare_postgres_dsn, BELOW[revision], down=True)
    assert rows(bare_postgres_dsn) == before, "what it brings it takes away"
    migrate(bare_postgres_dsn)
    assert differences(bare_postgres_dsn) == 0


@pytest.mark.parametrize("revision", STEPS)
def test_a_revision_goes_down_and_up_on_a_database_that_is_lived_in(bare_postgres_dsn: str, revision: str) -> None:
    """What both schemas can hold is still there; below the first there is nothing to hold it."""
    migrate(bare_postgres_dsn, revision)
    live(bare_postgres_dsn)
    before = rows(bare_postgres_dsn)
    migrate(bare_postgres_dsn, BELOW[revision], down=True)
    left = rows(bare_postgres_dsn)
    assert left == {table: before[table] for table in left}
    assert left or revision == FIRST
    migrate(bare_postgres_dsn, revision)
    after = rows(bare_postgres_dsn)
    assert after.keys() == before.keys()
    assert {table: after[table] for table in left} == left


def test_of_processes_that_start_together_one_migrates(bare_postgres_dsn: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [bare_postgres_dsn] * 4))
    assert differences(bare_postgres_dsn) == 0


def test_a_schema_newer_than_this_code_is_left_as_it_is(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = rows(postgres_dsn)
    migrate(postgres_dsn)
    assert rows(postgres_dsn) == before


def test_a_revision_that_does_not_exist_is_told(postgres_dsn: str) -> None:
    with pytest.raises(OperatorError, match="cannot be brought to revision nowhere"):
        migrate(postgres_dsn, "nowhere", down=True)
