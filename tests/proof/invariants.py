"""What holds at rest whatever was killed: asked of the database, and of what the children were answered."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from tests.proof.parts import Invariant, Part

SHOWN = 5

KERNEL = (
    Invariant("no delivery is left", "SELECT consumer, subject, seq, attempts FROM deliveries"),
    Invariant("every operation has an outcome", "SELECT key FROM operations WHERE outcome IS NULL"),
    Invariant("event numbers are unique", "SELECT seq FROM event_logs GROUP BY seq HAVING count(*) > 1"),
    Invariant(
        "no event is without a committed cause",
        """
        SELECT event_type, event_id FROM event_logs AS event
        WHERE operation IS NOT NULL
          AND NOT EXISTS (SELECT FROM operations AS done WHERE done.correlation_id = event.correlation_id)
        """,
    ),
    Invariant(
        "a member's events stand in the order of her transactions",
        """
        SELECT user_id, seq FROM (
            SELECT user_id, seq, xid::text::bigint AS xid,
                   lag(xid::text::bigint) OVER (PARTITION BY user_id ORDER BY seq) AS before
            FROM event_logs WHERE user_id IS NOT NULL) AS step
        WHERE xid < before
        """,
    ),
    Invariant(
        "every tail has read everything",
        """
        SELECT consumer, count(*) FROM tails JOIN event_logs AS event ON (event.xid, event.seq) > (tails.xid, tails.seq)
        GROUP BY consumer
        """,
    ),
    Invariant(
        "each death was announced once",
        """
        SELECT letter.consumer, letter.event_id FROM dead_letters AS letter
        LEFT JOIN event_logs AS notice ON notice.event_type = 'system.event_processing_failed'
            AND notice.event_data->>'failed_event' = letter.event_id::text
            AND notice.event_data->>'consumer' = letter.consumer
        WHERE letter.event_type <> 'system.event_processing_failed'
        GROUP BY letter.id, letter.consumer, letter.event_id
        HAVING count(notice.seq) <> 1
        """,
    ),
    Invariant(
        "only what is poisoned dies", "SELECT consumer, error FROM dead_letters WHERE consumer <> 'proof_poison'"
    ),
)
ANSWERS = ("a key has one answer", "an answer that was given is stored", "nobody met a defect", "nobody deadlocked")


def check(
    connection: psycopg.Connection, parts: Iterable[Part], journals: Path, server_log: Path
) -> tuple[int, list[str]]:
    """How many invariants there are, and a sentence for each break (of one kind no more than a handful)."""
    invariants = [*KERNEL, *(invariant for part in parts for invariant in part.invariants)]
    broken: list[str] = []
    for invariant in invariants:
        rows = connection.execute(invariant.broken.encode()).fetchall()
        broken += [f"NOT: {invariant.holds}: {row}" for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            broken.append(f"NOT: {invariant.holds}: and {len(rows) - SHOWN} more")
    broken += _answers(connection, journals)
    said = server_log.read_text(errors="replace")
    if (first := said.find("deadlock detected")) >= 0:
        told = " ".join(said[first : first + 600].split())
        broken.append(f"NOT: nobody deadlocked: {said.count('deadlock detected')} times, first: {told}")
    return len(invariants) + len(ANSWERS), broken


def _answers(connection: psycopg.Connection, journals: Path) -> list[str]:
    stored: dict[str, Any] = dict(connection.execute("SELECT key, outcome FROM operations").fetchall())
    broken = []
    heard: dict[str, set[str]] = defaultdict(set)
    for what, key, said in _lines(journals):
        if what == "defect":
            broken.append(f"NOT: nobody met a defect: {key}: {said}")
        elif what == "answer":
            heard[key].add(json.dumps(said, sort_keys=True))
    for key, answers in heard.items():
        if len(answers) > 1:
            broken.append(f"NOT: a key has one answer: {key}: {sorted(answers)}")
        elif json.dumps(stored.get(key), sort_keys=True) not in answers:
            broken.append(f"NOT: an answer that was given is stored: {key}: {answers} but {stored.get(key)}")
    return broken[: 4 * SHOWN]


def _lines(journals: Path) -> Iterable[tuple[str, str, Any]]:
    """Whole lines only: the last one of a killed child may be torn."""
    for journal in sorted(journals.iterdir()):
        for line in journal.read_bytes().split(b"\n"):
            try:
                what, key, said = json.loads(line)
            except ValueError:
                continue
            yield what, key, said
