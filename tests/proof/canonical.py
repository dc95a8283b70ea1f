"""A database as text in which only what matters can differ: ids, event numbers and uuids are counted, not shown.

`wiped` leaves it empty and starts every sequence at a number by which its values are known again in the text, so that
numbers burnt by an attempt that was undone make no difference.
"""

import json
import re
from typing import Final, LiteralString

import psycopg
from psycopg import sql

TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
  AND relname <> 'alembic_version'
ORDER BY relname
"""
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
STEP: Final = 10**9
IGNORED: Final = {
    "event_logs": {"xid"},
    "tails": {"xid"},
    "dead_letters": {"lane", "trace"},
    "proof_heard": {"id"},
}
"""Columns that no promise is about."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
_NUMBER = re.compile(r"\b\d{1,2}0{4}\d{5}\b")


def wipe(connection: psycopg.Connection) -> None:
    connection.execute("SET session_replication_role = replica")
    with connection.pipeline():
        for table in _names(connection, TABLES):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for number, sequence in enumerate(_names(connection, SEQUENCES), 1):
            connection.execute("SELECT setval(%s::text::regclass, %s, false)", (sequence, number * STEP + 1))


def dump(connection: psycopg.Connection, *more: str, timeless: bool = False) -> list[str]:
    """Every row, and `more` lines in which the same numbers stand; `timeless` when waiting is part of the play."""
    lines = [*more]
    for table in _names(connection, TABLES):
        for (row,) in connection.execute(sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(table))):
            kept = {name: value for name, value in row.items() if name not in IGNORED.get(table, ())}
            lines.append(f"{table} {json.dumps(kept, sort_keys=True)}")
    text = _counted(_counted("\n".join(sorted(lines)), _UUID, "uuid"), _NUMBER, "number")
    return sorted((_INSTANT.sub("some time", text) if timeless else text).splitlines())


def _counted(text: str, pattern: re.Pattern[str], name: str) -> str:
    """Each value by its place among its like."""
    values = sorted(set(pattern.findall(text)), key=lambda value: (len(value), value))
    places: dict[str, str] = {}
    series: dict[str, int] = {}
    for value in values:
        family = value[:-9] if name == "number" else ""
        series[family] = series.get(family, 0) + 1
        places[value] = f"{name}{family}#{series[family]}"
    return pattern.sub(lambda found: places[found.group()], text)


def _names(connection: psycopg.Connection, query: LiteralString) -> list[str]:
    return [name for (name,) in connection.execute(query)]
