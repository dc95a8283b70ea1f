"""The bus's SQL. Columns of an event stand in the order of `Envelope`."""

READY_PAIRS = """
WITH RECURSIVE pair AS (
    (SELECT consumer, lane FROM deliveries WHERE consumer = ANY($1) ORDER BY consumer, lane LIMIT 1)
    UNION ALL
    SELECT next.consumer, next.lane
    FROM pair, LATERAL (
        SELECT consumer, lane FROM deliveries
        WHERE (consumer, lane) > (pair.consumer, pair.lane) AND consumer = ANY($1)
        ORDER BY consumer, lane LIMIT 1) AS next
)
SELECT consumer, lane,
       EXISTS (SELECT FROM deliveries AS urgent
               WHERE urgent.consumer = pair.consumer AND urgent.lane = pair.lane AND urgent.priority <= 1)
FROM pair
"""
TRY_LANE = "SELECT pg_try_advisory_xact_lock(hashtext($1), $2)"
BATCH = """
SELECT seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version
FROM deliveries AS delivery
WHERE consumer = $1 AND lane = $2
  AND NOT EXISTS (SELECT FROM deliveries AS waiting
                  WHERE waiting.consumer = $1 AND waiting.lane = $2 AND waiting.subject = delivery.subject
                    AND waiting.next_at > $3)
ORDER BY seq
LIMIT $4
"""
URGENT_BATCH = """
SELECT seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version
FROM deliveries AS delivery
WHERE consumer = $1 AND lane = $2
  AND subject IN (SELECT subject FROM deliveries WHERE consumer = $1 AND lane = $2 AND priority <= 1)
  AND NOT EXISTS (SELECT FROM deliveries AS waiting
                  WHERE waiting.consumer = $1 AND waiting.lane = $2 AND waiting.subject = delivery.subject
                    AND waiting.next_at > $3)
ORDER BY seq
LIMIT $4
"""
STILL_THERE = """
SELECT attempts, next_at <= $4 IS NOT FALSE
FROM deliveries WHERE consumer = $1 AND lane = $2 AND seq = $3
FOR UPDATE
"""
DONE = "DELETE FROM deliveries WHERE consumer = $1 AND lane = $2 AND seq = ANY($3)"
PUT_OFF = """
UPDATE deliveries SET attempts = $4, next_at = $5, leased_until = NULL, leased_by = NULL
WHERE consumer = $1 AND lane = $2 AND seq = $3
"""
WAIT = """
UPDATE deliveries SET next_at = $4, leased_until = NULL, leased_by = NULL
WHERE consumer = $1 AND lane = $2 AND seq = $3
"""
BURY = """
WITH dead AS (
    DELETE FROM deliveries WHERE consumer = $1 AND lane = $2 AND seq = $3
    RETURNING consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation,
              correlation_id, causation_id, priority, version
)
INSERT INTO dead_letters (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                          operation, correlation_id, causation_id, priority, version, attempts, reason, error, trace,
                          died_at)
SELECT dead.*, $4, $5, $6, $7, $8 FROM dead
"""
WAITING = "SELECT consumer, count(*), min(timestamp) FROM deliveries GROUP BY consumer"

UNKNOWN_CONSUMERS = "SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT name FROM consumers)"
NOBODY_WRITES = "LOCK TABLE deliveries IN SHARE MODE"
KNOWN_CONSUMER = """
INSERT INTO consumers (name, since_seq)
SELECT name, coalesce((SELECT min(seq) - 1 FROM deliveries WHERE consumer = name), last)
FROM unnest($1::text[]) AS name, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_seq) AS event (last)
ON CONFLICT (name) DO NOTHING
"""

START_TAIL = """
INSERT INTO tails (consumer, xid, seq)
VALUES ($1, CASE WHEN $2::boolean THEN '0'::xid8 ELSE pg_snapshot_xmin(pg_current_snapshot()) END, 0)
ON CONFLICT (consumer) DO NOTHING
"""
HOLD_TAIL = """
SELECT xid::text::bigint, seq, attempts, next_at FROM tails WHERE consumer = $1 FOR UPDATE SKIP LOCKED
"""
READ_TAIL = """
SELECT xid::text::bigint, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation,
       correlation_id, causation_id, priority, version
FROM event_logs
WHERE (xid, seq) > ($1::bigint::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, seq
LIMIT $3
"""
MOVE_TAIL = """
UPDATE tails SET xid = $2::bigint::text::xid8, seq = $3, attempts = 0, next_at = NULL WHERE consumer = $1
"""
REWIND_TAIL = "UPDATE tails SET xid = '0'::xid8, seq = 0, attempts = 0, next_at = NULL WHERE consumer = $1"
PUT_OFF_TAIL = "UPDATE tails SET attempts = $2, next_at = $3 WHERE consumer = $1"
BURY_FROM_TAIL = """
INSERT INTO dead_letters (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                          operation, correlation_id, causation_id, priority, version, attempts, reason, error, trace,
                          died_at)
SELECT $1, -1, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version, $3, 'failed', $4, $5, $6
FROM event_logs WHERE event_id = $2
"""

LEASE = """
WITH first AS (
    SELECT DISTINCT ON (subject) lane, seq, next_at, leased_until, priority
    FROM deliveries WHERE consumer = $1 ORDER BY subject, seq
), chosen AS MATERIALIZED (
    SELECT delivery.lane, delivery.seq
    FROM first JOIN deliveries AS delivery USING (lane, seq)
    WHERE delivery.consumer = $1 AND (first.next_at IS NULL OR first.next_at <= $2) AND delivery.leased_until IS NULL
    ORDER BY first.priority, first.seq
    LIMIT $5
    FOR UPDATE OF delivery SKIP LOCKED
)
UPDATE deliveries SET leased_until = $3, leased_by = $4
FROM chosen
WHERE consumer = $1 AND deliveries.lane = chosen.lane AND deliveries.seq = chosen.seq
RETURNING deliveries.seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation,
          correlation_id, causation_id, priority, version
"""
LAPSED_LEASES = """
SELECT seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version
FROM deliveries
WHERE consumer = $1 AND leased_until < $2
FOR UPDATE SKIP LOCKED
"""
MINE = "SELECT attempts FROM deliveries WHERE consumer = $1 AND lane = $2 AND seq = $3 AND leased_by = $4 FOR UPDATE"

SPARE = """
WITH wanted AS (DELETE FROM unwanted_events WHERE consumer = $1 AND event_type <> ALL ($2))
INSERT INTO unwanted_events (consumer, event_type)
SELECT $1, unnest($2::text[])
ON CONFLICT DO NOTHING
"""

LETTERS = """
SELECT id, consumer, seq, event_type, subject, reason, error, attempts, died_at, correlation_id
FROM dead_letters
WHERE ($1::bigint IS NULL OR id < $1)
ORDER BY id DESC
LIMIT $2
"""
LETTER = """
SELECT id, consumer, seq, event_type, subject, reason, error, attempts, died_at, correlation_id, event_data, trace
FROM dead_letters WHERE id = $1
"""
RETRY = """
WITH letter AS (DELETE FROM dead_letters WHERE id = $1 AND lane >= 0 RETURNING *)
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT consumer, lane, seq, event_id, event_type, event_data::jsonb, timestamp, subject, user_id, actor, operation,
       correlation_id, causation_id, priority, version
FROM letter
"""
DROP = "DELETE FROM dead_letters WHERE id = $1"

LOGGED = """
SELECT seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version
FROM event_logs
WHERE ($1::uuid IS NULL OR correlation_id = $1) AND ($2::bigint IS NULL OR seq < $2)
ORDER BY seq DESC
LIMIT $3
"""
REPLAYABLE = """
SELECT seq, event_id, event_type, event_data, timestamp, subject, user_id, actor, operation, correlation_id,
       causation_id, priority, version
FROM event_logs
WHERE event_type = ANY($1) AND timestamp >= $2 AND seq > $3 AND seq <= $4
ORDER BY seq
LIMIT $5
"""
HOLD_CONSUMER = "SELECT since_seq, filled_to_seq FROM consumers WHERE name = $1 FOR UPDATE"
FILLED = "UPDATE consumers SET filled_to_seq = $2 WHERE name = $1"
FILL = """
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT $1, lane, event.seq, event_id, event_type, event_data, timestamp, filled.subject, user_id, actor, operation,
       correlation_id, causation_id, 3, version
FROM jsonb_to_recordset($2::jsonb) AS filled (event_id uuid, lane smallint, subject text)
JOIN event_logs AS event USING (event_id)
"""
BEHIND = "SELECT consumer, greatest(0, (SELECT last_value FROM event_seq) - seq) FROM tails"
DEAD_LETTERS = "SELECT count(*) FROM dead_letters"
