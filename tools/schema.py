"""Prove that the tables in the code are the tables that the migrations make, on a throwaway server."""

import sys
import tempfile
from pathlib import Path

import psycopg
from alembic import command
from alembic.util import CommandError
from sqlalchemy import create_engine, pool

from dianabot.kernel.embedded import scratch
from dianabot.migrations import migrate
from dianabot.migrations.steps import configuration


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, scratch(Path(folder)) as servers:
        migrate(servers.dsn)
        return differences(servers.dsn)


def differences(dsn: str) -> int:
    config = configuration()
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        try:
            command.check(config)
        except CommandError as error:
            print(error)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
