"""Moments in the future: a row, written in the transaction that wants it.

When it comes due the bus turns it into a delivery for the subject's lane. The consequence then reads the domain's own
row under the lock, which is the truth: a timer only says when to look.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dianabot.kernel.events import Priority, lane_of
from dianabot.kernel.ids import uuid7
from dianabot.kernel.metrics import timer_lateness_seconds, timers_fired_total
from dianabot.kernel.tx import Tx, Woken

AT_ONCE = 200

SET = """
INSERT INTO timers (key, due_at, subject, kind, data, every, correlation_id)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
ON CONFLICT (key) DO UPDATE
SET due_at = excluded.due_at, subject = excluded.subject, kind = excluded.kind, data = excluded.data,
    every = excluded.every, correlation_id = excluded.correlation_id
"""
KEEP = "INSERT INTO timers (key, due_at, subject, kind, data, every, correlation_id) \
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT (key) DO NOTHING"
CANCEL = "DELETE FROM timers WHERE key = $1"
DUE = """
SELECT key, due_at, subject, kind, data, every, correlation_id
FROM timers
WHERE due_at <= $1 AND kind = ANY($2)
ORDER BY due_at
LIMIT $3
FOR UPDATE SKIP LOCKED
"""
DELIVER = """
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT consumer, lane, nextval('event_seq'), event_id, event_type, event_data, timestamp, subject, NULL, 'time',
       NULL, correlation_id, NULL, $2, 1
FROM jsonb_to_recordset($1::jsonb) AS due (
    consumer text, lane smallint, event_id uuid, event_type text, event_data jsonb, timestamp timestamptz,
    subject text, correlation_id uuid)
"""
FORGET = "DELETE FROM timers WHERE key = ANY($1)"
AGAIN = "UPDATE timers SET due_at = $2 WHERE key = $1"


@dataclass(frozen=True, slots=True)
class Due:
    key: str
    due_at: datetime
    subject: str
    kind: str
    data: dict[str, Any]
    every: timedelta | None
    correlation_id: UUID

    def next_after(self, now: datetime) -> datetime:
        """After a gap a periodic timer runs once, not once for every beat it missed."""
        assert self.every is not None
        missed = (now - self.due_at) // self.every
        return self.due_at + self.every * (missed + 1)


async def set_timer(
    tx: Tx, key: str, due_at: datetime, *, kind: str, subject: str, data: Mapping[str, Any] | None = None
) -> None:
    """Set, or move, the one timer of that key."""
    await tx.send(SET, key, due_at, subject, kind, json.dumps(data or {}), None, tx.cause.correlation_id)


async def keep_timer(tx: Tx, key: str, first: datetime, *, kind: str, subject: str, every: timedelta) -> None:
    """A periodic timer, left as it is where it already runs."""
    await tx.send(KEEP, key, first, subject, kind, "{}", every, tx.cause.correlation_id)


async def cancel_timer(tx: Tx, key: str) -> None:
    await tx.send(CANCEL, key)


async def fire_due(tx: Tx, consumers: Mapping[str, str]) -> int:
    """Hand what is due to its consumers (kind -> consumer); how many there were."""
    due = await tx.all(Due, DUE, tx.at, list(consumers), AT_ONCE)
    if not due:
        return 0
    rows = [
        {
            "consumer": consumers[timer.kind],
            "lane": lane_of(timer.subject),
            "event_id": str(uuid7(tx.at)),
            "event_type": f"timer.{timer.kind}",
            "event_data": timer.data,
            "timestamp": timer.due_at.isoformat(),
            "subject": timer.subject,
            "correlation_id": str(timer.correlation_id),
        }
        for timer in due
    ]
    await tx.send(DELIVER, json.dumps(rows), int(Priority.HIGH))
    await tx.send(FORGET, [timer.key for timer in due if timer.every is None])
    for timer in due:
        tx.woken.add(Woken(consumers[timer.kind], lane_of(timer.subject), urgent=True))
        timers_fired_total.labels(timer.kind).inc()
        timer_lateness_seconds.observe((tx.at - timer.due_at).total_seconds())
        if timer.every is not None:
            await tx.send(AGAIN, timer.key, timer.next_after(tx.at))
    return len(due)
