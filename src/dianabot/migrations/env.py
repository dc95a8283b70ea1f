"""Alembic's entry: the one place that may see every slice's `tables`."""

import importlib
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, create_engine, pool
from sqlalchemy.dialects.postgresql.base import ischema_names

from dianabot.kernel.tables import METADATA, Xid8

ischema_names["xid8"] = Xid8

HERE = Path(__file__).parents[1]
for tables in sorted(HERE.rglob("tables.py")):
    importlib.import_module(".".join(("dianabot", *tables.relative_to(HERE).with_suffix("").parts)))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Partitions come and go with the months; they are not part of the drawn schema."""
    return not (kind == "table" and name is not None and name.startswith("event_logs_"))


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=METADATA, include_name=is_ours, compare_server_default=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        migrate(connection)
