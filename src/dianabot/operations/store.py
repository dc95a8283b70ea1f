"""The rows of `operations`: one a key, claimed before the act and filled with what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from dianabot.kernel.db import Database
from dianabot.kernel.tx import Tx

CLAIM = """
INSERT INTO operations (key, name, user_id, actor, input, input_hash, rules_version, correlation_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (key) DO NOTHING
RETURNING id
"""
OF_NOBODY = "fk_operations_user_id"
"""The constraint that a claim breaks when there is no such member."""
FINISH = "UPDATE operations SET outcome = $2, user_id = coalesce(user_id, $3) WHERE key = $1"
STORED = "SELECT name, input_hash, outcome FROM operations WHERE key = $1"

HISTORY = "SELECT name, actor, at FROM operations WHERE user_id = $1 ORDER BY at, id"
AUDIT = """
INSERT INTO audit_log (at, actor, act, target, before, after, reason, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
CLAIM_REWARD = """
INSERT INTO rewards_given (user_id, cause, reward, at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, cause) DO NOTHING
RETURNING true
"""


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    input_hash: bytes
    outcome: dict[str, Any] | None


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
    member: int | None
    actor: str
    input: Mapping[str, Any]
    input_hash: bytes
    rules_version: int
    correlation_id: UUID


async def claim(tx: Tx, wanted: Claim) -> int | None:
    """The operation's id; None when the key was taken before (by an operation that has committed)."""
    return await tx.value(
        int,
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


async def finish(tx: Tx, key: str, outcome: Mapping[str, Any], member: int | None) -> None:
    await tx.send(FINISH, key, Jsonb(outcome), member)


async def stored_in(tx: Tx, key: str) -> Stored | None:
    return await tx.one(Stored, STORED, key)


async def stored(db: Database, key: str) -> Stored | None:
    return await db.one(Stored, STORED, key)


async def history(tx: Tx, member: int) -> list[Done]:
    return await tx.all(Done, HISTORY, member)


async def audit(tx: Tx, act: str, target: str, *, before: object, after: object, reason: str) -> None:
    """Who changed what, for whoever asks later."""
    cause = tx.cause
    await tx.send(AUDIT, tx.at, cause.actor, act, target, Jsonb(before), Jsonb(after), reason, cause.correlation_id)


async def claim_reward(tx: Tx, member: int, cause: str, reward: Mapping[str, Any]) -> bool:
    """False when that cause has rewarded her before."""
    return await tx.value(bool, CLAIM_REWARD, member, cause, Jsonb(reward), tx.at) is not None
