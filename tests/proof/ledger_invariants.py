"""What holds of the proofs' own economy, whatever was killed while it ran."""

from typing import Final

from tests.proof.parts import Invariant

_HEARD_ONCE = """
SELECT event.event_type, event.event_id, count(heard.id)
FROM event_logs AS event
LEFT JOIN proof_heard AS heard ON heard.consumer = '{consumer}' AND heard.event = event.event_id
WHERE event.event_type LIKE '{events}'
GROUP BY event.event_type, event.event_id
HAVING count(heard.id) <> 1
"""
_HEARD_OF_NOTHING = """
SELECT consumer, event FROM proof_heard AS heard
WHERE consumer <> 'rings' AND NOT EXISTS (SELECT FROM event_logs AS event WHERE event.event_id = heard.event)
"""
_IN_ORDER = """
SELECT consumer, subject, seq FROM (
    SELECT consumer, subject, seq, lag(seq) OVER (PARTITION BY consumer, subject ORDER BY id) AS before
    FROM proof_heard WHERE consumer IN ('echo', 'totals', 'tail', 'outside')) AS step
WHERE seq < before
"""


def _once(consumer: str, events: str, sentence: str) -> Invariant:
    return Invariant(sentence, _HEARD_ONCE.format(consumer=consumer, events=events))


INVARIANTS: Final = (
    Invariant(
        "a member's entries are numbered 1..n without holes",
        "SELECT member FROM proof_entries GROUP BY member "
        "HAVING min(seq) <> 1 OR max(seq) <> count(*) OR count(DISTINCT seq) <> count(*)",
    ),
    Invariant(
        "each balance is the one before plus the amount, and never below nothing",
        """
        SELECT member, seq FROM (
            SELECT member, seq, amount, balance,
                   coalesce(lag(balance) OVER (PARTITION BY member ORDER BY seq), 0) AS before
            FROM proof_entries) AS step
        WHERE balance <> before + amount OR balance < 0
        """,
    ),
    Invariant("a cause moves once", "SELECT cause FROM proof_entries GROUP BY cause HAVING count(*) > 1"),
    Invariant(
        "what was done has moved, and what was refused has not",
        """
        SELECT key, outcome FROM operations AS asked
        LEFT JOIN proof_entries AS entry ON entry.cause = asked.input->>'cause'
        WHERE name IN ('PROBAR_MOVER', 'PROBAR_DAR') AND (outcome ? 'done') <> (entry.cause IS NOT NULL)
        """,
    ),
    Invariant(
        "nothing moved that nobody asked for",
        """
        SELECT cause FROM proof_entries AS entry
        WHERE NOT EXISTS (SELECT FROM operations AS asked
                          WHERE replace(entry.cause, ' received', '') = asked.input->>'cause')
        """,
    ),
    Invariant(
        "what one gave the other received, once",
        """
        SELECT asked.key FROM operations AS asked
        LEFT JOIN proof_entries AS entry
            ON entry.cause = (asked.input->>'cause') || ' received' AND entry.member = (asked.input->>'to')::bigint
            AND entry.amount = (asked.input->>'amount')::bigint
        WHERE name = 'PROBAR_DAR' AND outcome ? 'done'
        GROUP BY asked.key HAVING count(entry.seq) <> 1
        """,
    ),
    Invariant(
        "each entry is in the log once, and nothing else",
        """
        SELECT entry.cause, event.event_id FROM proof_entries AS entry
        FULL JOIN (SELECT * FROM event_logs WHERE event_type = 'proof.moved') AS event
            ON event.user_id = entry.member AND event.event_data->>'cause' = entry.cause
            AND (event.event_data->>'seq')::bigint = entry.seq
        GROUP BY entry.member, entry.seq, entry.cause, event.event_id
        HAVING count(*) <> 1 OR entry.cause IS NULL OR event.event_id IS NULL
        """,
    ),
    Invariant(
        "each refusal is in the log once",
        """
        SELECT asked.key FROM operations AS asked
        LEFT JOIN event_logs AS event
            ON event.event_type = 'proof.denied' AND event.correlation_id = asked.correlation_id
        WHERE asked.name IN ('PROBAR_MOVER', 'PROBAR_DAR') AND outcome ? 'refused'
        GROUP BY asked.key HAVING count(event.seq) <> 1
        """,
    ),
    Invariant(
        "each timer rang once",
        """
        SELECT asked.key FROM operations AS asked
        LEFT JOIN event_logs AS event
            ON event.event_type = 'proof.rang' AND event.event_data->>'cause' = asked.input->>'cause'
        WHERE asked.name = 'PROBAR_RECORDAR' GROUP BY asked.key HAVING count(event.seq) <> 1
        """,
    ),
    Invariant("no timer is overdue", "SELECT key FROM timers WHERE kind = 'proof'"),
    Invariant(
        "each poison is one dead letter after three attempts",
        """
        SELECT event.event_id FROM event_logs AS event
        LEFT JOIN dead_letters AS letter ON letter.event_id = event.event_id AND letter.attempts = 3
        WHERE event.event_type = 'proof.poisoned' GROUP BY event.event_id HAVING count(letter.id) <> 1
        """,
    ),
    _once("echo", "proof.%", "every event took effect once"),
    _once("totals", "proof.moved", "every movement was added up once"),
    _once("tail", "proof.%", "the tail read every event once"),
    _once("outside", "proof.denied", "what came of every call was written once"),
    Invariant("nothing took effect that did not happen", _HEARD_OF_NOTHING),
    Invariant("a member's events took effect in their order", _IN_ORDER),
    Invariant(
        "the projection equals its rebuild from the log",
        """
        SELECT user_id, rebuilt, total FROM (
            SELECT user_id, sum((event_data->>'amount')::bigint) AS rebuilt
            FROM event_logs WHERE event_type = 'proof.moved' GROUP BY user_id) AS log
        FULL JOIN proof_totals ON member = user_id
        WHERE total IS DISTINCT FROM rebuilt
        """,
    ),
)
