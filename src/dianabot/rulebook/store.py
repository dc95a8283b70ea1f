"""The SQL of the rulebook, and the two reads with which a process keeps up to date outside any transaction."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from dianabot.kernel.db import Database
from dianabot.kernel.tx import Tx
from dianabot.rulebook.rules import Changed, Document

INSERT = """
INSERT INTO rule_versions (version, document, changed, reverts_to, actor, reason, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
AT = """
SELECT version, document, changed, reverts_to, actor, reason, at
FROM rule_versions
WHERE version = $1
"""
NEWEST_BETWEEN = """
SELECT version, document, changed, reverts_to, actor, reason, at
FROM rule_versions
WHERE version > $1 AND version < $2
ORDER BY version DESC
LIMIT $3
"""

ENDLESS = 2**62


@dataclass(frozen=True, slots=True)
class Version:
    """Rules as they were decided: `document` holds only what differs from the defaults."""

    version: int
    document: Document
    changed: Changed
    reverts_to: int | None
    actor: str
    reason: str
    at: datetime


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def lock(self) -> None:
        """One change at a time."""
        await self._tx.lock_name("rulebook")

    async def insert(self, new: Version) -> None:
        await self._tx.send(
            INSERT,
            new.version,
            Jsonb(new.document),
            Jsonb(new.changed),
            new.reverts_to,
            new.actor,
            new.reason,
            new.at,
        )

    async def at(self, version: int) -> Version | None:
        return await self._tx.one(Version, AT, version)

    async def newest(self, *, before: int = ENDLESS, number: int = 1) -> list[Version]:
        return await self._tx.all(Version, NEWEST_BETWEEN, 0, before, number)


async def published(db: Database, *, after: int, before: int = ENDLESS) -> Version | None:
    """The newest version between the two, for the poll of a running process."""
    return await db.one(Version, NEWEST_BETWEEN, after, before, 1)


async def published_at(db: Database, version: int) -> Version | None:
    return await db.one(Version, AT, version)
