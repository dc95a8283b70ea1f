"""The SQL of what came from Telegram and of what is to be said there: leases by real time, sends by ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dianabot.kernel.db import Database
from dianabot.kernel.ids import lasting_uuid7
from dianabot.kernel.tx import Tx

KEEP = """
INSERT INTO telegram_updates (bot, update_id, queue, raw, urgent, leased_by, received_at)
SELECT $1, update_id, queue, raw::json, urgent, $6, $7
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::smallint[]) AS came (update_id, queue, raw, urgent)
ON CONFLICT (bot, update_id) DO UPDATE SET queue = excluded.queue
WHERE telegram_updates.leased_by = $6 AND telegram_updates.state = 'new'
RETURNING update_id
"""
BEGIN_WORK = """
WITH wanted AS (
    SELECT update_id, leased_by = $3 AS ours,
           EXISTS (SELECT FROM telegram_updates AS earlier
                   WHERE earlier.bot = $1 AND earlier.queue = one.queue AND earlier.update_id < one.update_id
                     AND earlier.state IN ('new', 'done') AND earlier.leased_by <> $3) AS behind
    FROM telegram_updates AS one
    WHERE bot = $1 AND update_id = ANY($2)
    ORDER BY update_id
    FOR NO KEY UPDATE
), raised AS (
    UPDATE telegram_updates AS one SET attempts = one.attempts + 1
    FROM wanted
    WHERE one.bot = $1 AND one.update_id = wanted.update_id AND ours AND NOT behind
)
SELECT update_id, ours, behind FROM wanted
"""
DONE = "UPDATE telegram_updates SET state = 'done' WHERE bot = $1 AND update_id = $2 AND state = 'new'"
IS_DONE = "SELECT state = 'done' FROM telegram_updates WHERE bot = $1 AND update_id = $2"
ANSWERED = """
UPDATE telegram_updates SET state = 'answered', (member, raw) = (
    SELECT max(id), CASE WHEN count(*) = 0 THEN '{}' ELSE raw END FROM users WHERE telegram_id = queue)
WHERE bot = $1 AND update_id = ANY($2) AND state IN ('new', 'done')
"""
TAKE_OVER = """
UPDATE telegram_updates SET leased_by = $2
WHERE bot = $1 AND update_id IN (
    SELECT update_id FROM telegram_updates
    WHERE bot = $1 AND state IN ('new', 'done') AND leased_by <> $2
      AND NOT EXISTS (SELECT FROM processes WHERE name = telegram_updates.leased_by AND seen_at > $3)
    ORDER BY update_id
    LIMIT $4
    FOR NO KEY UPDATE SKIP LOCKED)
RETURNING update_id, queue, raw::text, urgent, attempts, received_at, state = 'done'
"""
LATER_OF_QUEUE = """
SELECT update_id, queue, raw::text, urgent, attempts, received_at, state = 'done'
FROM telegram_updates
WHERE bot = $1 AND queue = $2 AND leased_by = $3 AND state IN ('new', 'done') AND update_id > $4
ORDER BY update_id
LIMIT $5
"""
HAND_BACK = """
UPDATE telegram_updates
SET leased_by = '', attempts = CASE WHEN update_id = ANY($3) THEN 0 ELSE attempts END
WHERE bot = $1 AND leased_by = $2 AND state IN ('new', 'done')
"""
BURY = """
WITH dead AS (
    UPDATE telegram_updates SET state = 'dead', member = (SELECT id FROM users WHERE telegram_id = queue)
    WHERE bot = $1 AND update_id = $2 AND state IN ('new', 'done')
    RETURNING raw, attempts, queue, member
), apology AS (
    INSERT INTO telegram_sends (key, chat_id, user_id, kind, arguments, priority, not_before, wanted_until,
                                correlation_id, created_at)
    SELECT 'sorry:' || $1 || ':' || $2, $3, (SELECT id FROM users WHERE telegram_id = $3), 'sorry',
           jsonb_build_object('code', $4::text), 1, $5, $6, $7, $5
    FROM dead
    WHERE $3::bigint IS NOT NULL
    ON CONFLICT (key) DO NOTHING
)
INSERT INTO dead_letters (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                          correlation_id, priority, version, attempts, reason, error, trace, died_at)
SELECT 'telegram', -1, $2, $7, 'telegram.update', raw, $5, 'person:' || queue, member, 'telegram', $7, 2, 1, attempts,
       $8, $9, $10, $5
FROM dead
"""
PRUNE = """
DELETE FROM telegram_updates
WHERE bot = $1 AND update_id IN (
    SELECT update_id FROM telegram_updates
    WHERE bot = $1 AND received_at < $2 AND state IN ('answered', 'dead')
    LIMIT 5000)
"""
FORGET = """
WITH letters AS (
    DELETE FROM dead_letters WHERE consumer = 'telegram' AND subject = 'person:' || $2::bigint
), said AS (
    DELETE FROM telegram_sends WHERE chat_id = $2::bigint AND state <> 'sending'
)
UPDATE telegram_updates SET raw = '{}', member = NULL
WHERE bot = $1 AND queue = $2::bigint AND state IN ('answered', 'dead')
"""

HOLD = """
INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE leases.holder = $2 OR leases.until < $4
RETURNING holder
"""
LET_GO = "DELETE FROM leases WHERE name = $1 AND holder = $2"

QUEUE_SEND = """
INSERT INTO telegram_sends (key, chat_id, user_id, kind, arguments, priority, not_before, wanted_until,
                            correlation_id, created_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO NOTHING
"""
CLAIM_SENDS = """
UPDATE telegram_sends SET state = 'sending', leased_by = $1, leased_until = $2, attempts = attempts + 1
WHERE state = 'waiting' AND id IN (
    SELECT id FROM telegram_sends AS one
    WHERE state = 'waiting' AND not_before <= $3 AND chat_id <> ALL($5)
      AND NOT EXISTS (SELECT FROM telegram_sends AS other
                      WHERE other.chat_id = one.chat_id
                        AND (other.state = 'sending'
                             OR (other.state = 'waiting' AND other.not_before <= $3
                                 AND (other.priority, other.id) < (one.priority, one.id))))
    ORDER BY priority, not_before, id
    LIMIT $4)
RETURNING id, key, chat_id, user_id, kind, arguments, wanted_until, attempts, correlation_id
"""
SETTLE_SEND = """
UPDATE telegram_sends
SET state = $3, message_id = $4, error = $5, not_before = coalesce($6, not_before), leased_by = NULL,
    leased_until = NULL, attempts = greatest(0, attempts - $7)
WHERE id = $1 AND leased_by = $2 AND state = 'sending'
"""
LEFT_OVER = """
UPDATE telegram_sends
SET state = CASE WHEN kind = ANY($2) THEN 'waiting' ELSE 'unknown' END, leased_by = NULL, leased_until = NULL,
    error = 'cut off during the call'
WHERE state = 'sending' AND leased_until < $1
RETURNING id, key, kind, state
"""
PRUNE_SENDS = """
DELETE FROM telegram_sends
WHERE id IN (SELECT id FROM telegram_sends WHERE state IN ('sent', 'lapsed') AND created_at < $1 LIMIT 5000)
"""


@dataclass(frozen=True, slots=True)
class Came:
    """An update as it arrived."""

    update_id: int
    queue: int
    raw: str
    urgent: int


@dataclass(frozen=True, slots=True)
class Open:
    """An update that somebody began and did not finish: what it asks is written (`done`), or not even that."""

    update_id: int
    queue: int
    raw: str
    urgent: int
    attempts: int
    received_at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether the work on an update may begin: it is ours, and nobody else works on an earlier one of that queue."""

    update_id: int
    ours: bool
    behind: bool


@dataclass(frozen=True, slots=True)
class Death:
    reason: str
    error: str
    trace: str
    code: str
    correlation_id: UUID
    tell: int | None
    """The chat that is told kindly."""


class Updates:
    """The kept updates of one bot, for one process."""

    def __init__(self, db: Database, bot: int, process: str) -> None:
        self._db = db
        self._bot = bot
        self._process = process

    def chain_of(self, update: int, received_at: datetime) -> UUID:
        return lasting_uuid7(received_at, self._bot, update)

    async def keep(self, came: Sequence[Came], at: datetime) -> set[int]:
        """Store all; answers those that are new, or were stored by us without our learning of it."""
        columns = zip(*((one.update_id, one.queue, one.raw, one.urgent) for one in came), strict=True)
        rows = await self._db.all(int, KEEP, self._bot, *map(list, columns), self._process, at)
        return set(rows)

    async def begin(self, updates: Sequence[int]) -> list[Leave]:
        """Raise the attempts of those that may begin."""
        return await self._db.all(Leave, BEGIN_WORK, self._bot, list(updates), self._process)

    async def done(self, tx: Tx, update: int) -> None:
        """She was here: written with the first thing that her update brings about."""
        await tx.send(DONE, self._bot, update)

    async def is_done(self, tx: Tx, update: int) -> bool:
        return bool(await tx.value(bool, IS_DONE, self._bot, update))

    async def forget(self, person: int) -> None:
        """What she wrote to us and what could not be read of it. The numbers of the updates stay, against repeats."""
        await self._db.run(FORGET, self._bot, person)

    async def answered(self, updates: Sequence[int]) -> None:
        """Of whom nobody knows, or not any more, nothing is kept: her last tap may have been to be forgotten."""
        await self._db.run(ANSWERED, self._bot, list(updates))

    async def take_over(self, alive_since: datetime, most: int) -> list[Open]:
        """What processes left behind that were last seen before that."""
        found = await self._db.all(Open, TAKE_OVER, self._bot, self._process, alive_since, most)
        return sorted(found, key=lambda one: one.update_id)

    async def later_of(self, queue: int, after: int, most: int) -> list[Open]:
        return await self._db.all(Open, LATER_OF_QUEUE, self._bot, queue, self._process, after, most)

    async def hand_back(self, innocent: Sequence[int]) -> None:
        """Everything of ours is anybody's; what never failed starts from nothing."""
        await self._db.run(HAND_BACK, self._bot, self._process, list(innocent))

    async def bury(self, update: int, at: datetime, wanted_until: datetime, death: Death) -> bool:
        """Set aside, with kind words on their way; False when it had been finished or buried."""
        told = (death.correlation_id, death.reason, death.error, death.trace)
        return await self._db.run(BURY, self._bot, update, death.tell, death.code, at, wanted_until, *told) == 1

    async def prune(self, before: datetime) -> int:
        return await self._db.run(PRUNE, self._bot, before)


class Lease:
    """Something that one process at a time does, until it stops renewing."""

    def __init__(self, db: Database, name: str, process: str, *, seconds: float) -> None:
        self._db = db
        self._name = name
        self._process = process
        self._lasts = timedelta(seconds=seconds)

    async def hold(self, now: datetime) -> bool:
        """Take or renew it; `now` is real time."""
        return bool(await self._db.all(str, HOLD, self._name, self._process, now + self._lasts, now))

    async def let_go(self) -> None:
        await self._db.run(LET_GO, self._name, self._process)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A send that we have begun."""

    id: int
    key: str
    chat_id: int
    user_id: int | None
    kind: str
    arguments: Mapping[str, Any]
    wanted_until: datetime | None
    attempts: int
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Settled:
    state: str
    message_id: int | None = None
    error: str | None = None
    not_before: datetime | None = None
    is_attempt: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """A send whose sender never came back."""

    id: int
    key: str
    kind: str
    state: str


class Sends:
    def __init__(self, db: Database, process: str) -> None:
        self._db = db
        self._process = process

    async def claim(self, now: datetime, until: datetime, *, most: int, not_to: Sequence[int]) -> list[Claimed]:
        return await self._db.all(Claimed, CLAIM_SENDS, self._process, until, now, most, list(not_to))

    async def settle(self, send: int, how: Settled) -> None:
        refund = 0 if how.is_attempt else 1
        values = (how.state, how.message_id, how.error, how.not_before, refund)
        await self._db.run(SETTLE_SEND, send, self._process, *values)

    async def left_over(self, now: datetime, safe_kinds: Sequence[str]) -> list[Cut]:
        """Calls that nobody ended: repeated where that is safe, else for a person to look at."""
        return await self._db.all(Cut, LEFT_OVER, now, list(safe_kinds))

    async def prune(self, before: datetime) -> int:
        return await self._db.run(PRUNE_SENDS, before)


async def queue_send(
    tx: Tx,
    key: str,
    *,
    chat_id: int,
    kind: str,
    arguments: Mapping[str, Any],
    priority: int,
    user_id: int | None = None,
    not_before: datetime | None = None,
    wanted_until: datetime | None = None,
) -> None:
    """To be said once under this key, if the transaction commits."""
    await tx.send(
        QUEUE_SEND,
        key,
        chat_id,
        user_id,
        kind,
        json.dumps(dict(arguments)),
        priority,
        not_before or tx.at,
        wanted_until,
        tx.cause.correlation_id,
        tx.at,
    )
