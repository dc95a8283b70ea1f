"""What people in charge read across slices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dianabot.kernel.bus.store import LOGGED, WAITING
from dianabot.kernel.db import Database
from dianabot.kernel.events import Envelope
from dianabot.kernel.tx import Tx

VERSION = "SELECT current_setting('server_version_num')::int / 10000"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies before one consumer."""

    consumer: str
    number: int
    oldest: datetime


async def logged(
    tx: Tx, *, correlation: UUID | None = None, before: int | None = None, limit: int = 50
) -> list[Envelope]:
    """The log, newest first, a page at a time; or one chain of causes."""
    return await tx.all(Envelope, LOGGED, correlation, before, limit)


async def waiting(db: Database) -> list[Waiting]:
    return await db.all(Waiting, WAITING)


async def dead_letters(db: Database) -> int:
    return await db.one(int, DEAD_LETTERS) or 0


async def server_version(db: Database) -> int:
    return await db.one(int, VERSION) or 0
