"""What people in charge read across slices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dianabot.kernel import metrics
from dianabot.kernel.bus.store import BEHIND, DEAD_LETTERS, LOGGED, WAITING
from dianabot.kernel.db import SERVER_VERSION, Database
from dianabot.kernel.events import Envelope
from dianabot.kernel.tx import Tx


@dataclass(frozen=True, slots=True)
class Behind:
    """How much of the log one tail has not read."""

    consumer: str
    number: int


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


async def gauge(db: Database) -> None:
    """Show on `/metrics` what only the database knows."""
    waits = await waiting(db)
    metrics.deliveries_waiting.clear()
    for lane in waits:
        metrics.deliveries_waiting.labels(lane.consumer).set(lane.number)
    for tail in await db.all(Behind, BEHIND):
        metrics.tail_behind.labels(tail.consumer).set(tail.number)
    metrics.dead_letters_waiting.set(await dead_letters(db))


async def dead_letters(db: Database) -> int:
    return await db.one(int, DEAD_LETTERS) or 0


async def server_version(db: Database) -> int:
    return await db.one(int, SERVER_VERSION) or 0
