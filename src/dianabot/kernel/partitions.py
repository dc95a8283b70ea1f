"""Monthly partitions of the log, made ahead of the clock.

Rows are placed by the application time inside their UUIDv7. A month that has no partition yet falls into the default
one and is moved out of it when its own is made, so that a late hand loses nothing.
"""

from datetime import datetime

from dianabot.kernel.db import Database
from dianabot.kernel.ids import earliest_uuid7

MONTHS_AHEAD = 3

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('dianabot.partitions', 0))"
PRESENT = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event_logs'::regclass"

# A table's name and bounds cannot be parameters; both are made here from a date alone.
MAKE = """
CREATE TABLE {name} (LIKE event_logs INCLUDING ALL);
WITH moved AS (DELETE FROM event_logs_default WHERE event_id >= '{first}' AND event_id < '{last}' RETURNING *)
INSERT INTO {name} SELECT * FROM moved;
ALTER TABLE event_logs ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{last}')
"""


def month_after(month: datetime) -> datetime:
    year, number = divmod(month.year * 12 + month.month, 12)
    return month.replace(year=year, month=number + 1)


def first_of_month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def make_ahead(db: Database, at: datetime, *, until: datetime | None = None) -> list[str]:
    """Partitions from the month of `at` to three months after `until`; the names of those that are new."""
    made: list[str] = []
    async with db.connection() as connection, connection.transaction():
        await connection.execute(LOCK)
        present = {name for (name,) in await (await connection.execute(PRESENT)).fetchall()}
        month, last = first_of_month(at), first_of_month(until or at)
        for _ in range(MONTHS_AHEAD):
            last = month_after(last)
        while month <= last:
            name = f"event_logs_{month:%Y_%m}"
            following = month_after(month)
            if name not in present:
                first, end = earliest_uuid7(month), earliest_uuid7(following)
                await connection.execute(MAKE.format(name=name, first=first, last=end).encode())
                made.append(name)
            month = following
    return made
