"""The rows of `operations`: one a key, claimed before the act and filled with what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from dianabot.kernel.db import Database
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import UNWANTED, Tx

CLAIM = f"""
WITH held AS MATERIALIZED (SELECT FROM users WHERE id = $3 FOR NO KEY UPDATE)
INSERT INTO operations (key, name, user_id, actor, input, input_hash, rules_version, correlation_id, at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
FROM (SELECT count(*) AS members FROM held) AS first
WHERE members = 1 OR $3::bigint IS NULL
ON CONFLICT (key) DO NOTHING
RETURNING id, {UNWANTED}
"""  # noqa: S608 - a piece of the kernel's
"""The member is locked first: the order of transactions is then the order of her events."""
FINISH = "UPDATE operations SET outcome = $2, user_id = coalesce(user_id, $3) WHERE key = $1"
STORED = "SELECT name, input_hash, outcome, correlation_id FROM operations WHERE key = $1"

HISTORY = "SELECT name, actor, at FROM operations WHERE user_id = $1 ORDER BY at, id"
AUDIT = """
INSERT INTO audit_log (at, actor, act, target, before, after, reason, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
CLAIM_REWARDS = """
INSERT INTO rewards_given (user_id, cause, reward, at)
SELECT $1, key, value, $3 FROM jsonb_each($2)
ON CONFLICT (user_id, cause) DO NOTHING
RETURNING cause
"""
REWARDS = "SELECT cause, reward, at FROM rewards_given WHERE user_id = $1 ORDER BY at, cause"
NEWEST_CONTENT = "SELECT version, digest FROM content_versions ORDER BY version DESC LIMIT 1"
WHERE_FOUND = """
SELECT places.kind, places.key
FROM (SELECT report FROM content_versions ORDER BY version DESC LIMIT 1) AS newest,
     jsonb_to_recordset(report #> ARRAY['found', $1::text, $2::text]) AS places (kind text, key text)
"""
KEEP_CONTENT = """
INSERT INTO content_versions (version, world, digest, report, actor, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Content:
    """A world as it was published."""

    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Rewarded:
    """A deed of hers, and what it brought."""

    cause: str
    reward: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What of the world gives something: the kind of thing, and its key."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    input_hash: bytes
    outcome: dict[str, Any] | None
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Done:
    """One line of a member's command history."""

    name: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    key: str
    name: str
    member: MemberId | None
    actor: str
    input: Mapping[str, Any]
    input_hash: bytes
    rules_version: int
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    unwanted: list[str]


async def claim(tx: Tx, wanted: Claim) -> int | None:
    """Lock the member and take the key; the operation's id.

    None when it was taken before (and committed), or when there is no such member.
    """
    if wanted.member is not None:
        tx.holds(wanted.member)
    claimed = await tx.one(
        _Claimed,
        CLAIM,
        wanted.key,
        wanted.name,
        wanted.member,
        wanted.actor,
        Jsonb(wanted.input),
        wanted.input_hash,
        wanted.rules_version,
        wanted.correlation_id,
        tx.at,
    )
    if claimed is None:
        return None
    tx.unwanted = frozenset(claimed.unwanted)
    return claimed.id


async def finish(tx: Tx, key: str, outcome: Mapping[str, Any], member: int | None) -> None:
    await tx.send(FINISH, key, Jsonb(outcome), member)


async def stored(db: Database, key: str) -> Stored | None:
    return await db.one(Stored, STORED, key)


async def history(tx: Tx, member: int) -> list[Done]:
    return await tx.all(Done, HISTORY, member)


async def audit(tx: Tx, act: str, target: str, *, before: object, after: object, reason: str) -> None:
    """Who changed what, for whoever asks later."""
    cause = tx.cause
    await tx.send(AUDIT, tx.at, cause.actor, act, target, Jsonb(before), Jsonb(after), reason, cause.correlation_id)


async def claim_rewards(tx: Tx, member: int, rewards: Mapping[str, Any]) -> list[str]:
    """Of these rewards by their cause, the causes that have not rewarded her before."""
    return await tx.column(str, CLAIM_REWARDS, member, Jsonb(rewards), tx.at)


async def rewards(tx: Tx, member: int) -> list[Rewarded]:
    return await tx.all(Rewarded, REWARDS, member)


async def where_found(tx: Tx, kind: str, key: str) -> list[Found]:
    """What of the published world gives that item or hint."""
    return await tx.all(Found, WHERE_FOUND, kind, key)


async def newest_content(tx: Tx) -> Content | None:
    return await tx.one(Content, NEWEST_CONTENT)


async def keep_content(
    tx: Tx, version: int, document: Mapping[str, Any], digest: bytes, report: Mapping[str, Any], reason: str
) -> None:
    await tx.send(KEEP_CONTENT, version, Jsonb(document), digest, Jsonb(report), tx.cause.actor, reason, tx.at)
