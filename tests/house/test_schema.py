import psycopg
import pytest

from tools.schema import differences


def test_the_migrations_make_the_tables_of_the_code(postgres_dsn: str) -> None:
    assert differences(postgres_dsn) == 0


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users ADD COLUMN forgotten text",
        "ALTER TABLE users DROP COLUMN first_name CASCADE",
        "DROP INDEX idx_users_archetype",
    ],
)
def test_a_difference_between_tables_and_migrations_is_found(
    postgres_dsn: str, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(change)
    assert differences(postgres_dsn) == 1
    assert "New upgrade operations detected" in capsys.readouterr().out
