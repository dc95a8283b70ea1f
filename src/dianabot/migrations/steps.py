"""Alembic, asked to take the steps from one schema to another."""

from collections.abc import Callable
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine, pool, text

from dianabot.kernel.errors import OperatorError

LOCK = "SELECT pg_advisory_lock(hashtextextended('dianabot.migrate', 0))"


def take(dsn: str, revision: str, *, down: bool) -> None:
    engine = create_engine("postgresql+psycopg://", creator=_connector(dsn), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text(LOCK))
        connection.commit()
        config = configuration()
        config.attributes["connection"] = connection
        try:
            (command.downgrade if down else command.upgrade)(config, revision)
        except CommandError as error:
            message = f"The database cannot be brought to revision {revision}: {error}"
            raise OperatorError(message) from error
        connection.commit()


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _connector(dsn: str) -> Callable[[], psycopg.Connection]:
    """Psycopg reads the DSN itself, so that sockets and passwords need no second spelling."""
    return lambda: psycopg.connect(dsn)
