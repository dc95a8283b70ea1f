"""Bring a database to the schema of this code. Many processes may ask at once; one migrates."""

from importlib import import_module
from pathlib import Path

import psycopg

from dianabot.kernel.errors import OperatorError

PRESENT = "SELECT to_regclass('alembic_version') IS NOT NULL"
STANDS_AT = "SELECT version_num FROM alembic_version"
CONNECT_SECONDS = 5
NEWEST = max(step.stem.partition("_")[0] for step in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def migrate(dsn: str, revision: str = "head", *, down: bool = False) -> None:
    """A start finds nothing to do nearly always, so what does it is read only when there is.

    A schema that is newer than this code is left as it is: the older code runs on it.
    """
    stands_at = _revision(dsn)
    if not down and revision == "head" and stands_at is not None and stands_at >= NEWEST:
        return
    import_module("dianabot.migrations.steps").take(dsn, revision, down=down)


def _revision(dsn: str) -> str | None:
    """None for a database without our tables."""
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS) as connection:
            present = connection.execute(PRESENT).fetchone()
            found = connection.execute(STANDS_AT).fetchone() if present and present[0] else None
            return found[0] if found else None
    except psycopg.OperationalError as error:
        raise OperatorError(_sentence(str(error)), exit_code=3) from None


def _sentence(said: str) -> str:
    """Of all that libpq tried, the last thing; its questions to the reader are indented and left out."""
    tried = [line for line in said.splitlines() if line.strip() and not line.startswith("\t")]
    reason = tried[-1].removeprefix("connection failed: ").strip(" -.") if tried else "it gives no reason"
    return f"PostgreSQL cannot be reached: {reason}. See that it runs, and that DATABASE_URL is right."
