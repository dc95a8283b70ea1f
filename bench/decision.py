"""`TOMAR_DECISION` whole, beside the same rows written by hand, beside pgbench, and beside itself as the data grows.

Each decision is one that has everything: it is judged by a level, changes a variable, brings besitos, experience and an
unlocked fragment, completes the fragment that is left, and tells of all that. By hand it is one statement that is
given every value.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import uvloop
from psycopg import AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from bench.operation import CONNECTIONS, beside, rate, settle
from bench.row import Row, middle
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.events import lane_of, subject_of
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.kernel.tx import UNWANTED
from dianabot.operations.decide import Decide
from dianabot.operations.publish import Publish
from dianabot.operations.read_on import ReadOn
from dianabot.vocabulary.world import World
from tests.proof.house import House
from tests.proof.keeper import Kept

PAGES: Final = 100
NAME: Final = "TOMAR_DECISION, 16 at once"
GROWTH: Final = "cost of one decision, 10^3 → 10^5 members, 10^2 → 10^4 fragments, 10^6 events"
EMPTY: Final = """
TRUNCATE operations, event_logs, deliveries, user_decisions, user_story_state, user_narrative_progress, rewards_given,
    besitos_ledger, wallets, user_levels, user_unlocked_fragments, besitos_holds
"""
FORGOTTEN: Final = tuple(
    f"DELETE FROM {table} WHERE user_id = ANY($1)"  # noqa: S608 - names of ours
    for table in (
        "operations", "deliveries", "user_decisions", "user_story_state", "user_narrative_progress", "rewards_given",
        "besitos_ledger", "wallets", "user_levels", "user_unlocked_fragments",
    )
)  # fmt: skip
BUTTONS: Final = """
SELECT decision.id FROM narrative_decisions AS decision JOIN narrative_fragments AS here ON here.id = fragment_id
ORDER BY here.position
"""
HANDED: Final = """
WITH held AS MATERIALIZED (SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE
), asked AS (
    INSERT INTO operations (key, name, user_id, actor, input, input_hash, rules_version, correlation_id, at, outcome)
    SELECT $2, 'TOMAR_DECISION', id, 'member', $3::jsonb, $4::bytea, 0, $5, $6, $7::jsonb FROM held
    RETURNING id
), taken AS (
    INSERT INTO user_decisions (user_id, visit, decision_id, at) VALUES ($1, $8, $9, $6)
), progress AS (
    INSERT INTO user_narrative_progress AS old (user_id, fragment_id, status, decision_id, visits, time_spent,
                                                last_activity_at)
    SELECT $1, id, status, decision, visits, 0, $6
    FROM (VALUES ($10::bigint, 'completed', $9::bigint, 0), ($11::bigint, 'visited', NULL, 1))
        AS gone (id, status, decision, visits)
    ON CONFLICT (user_id, fragment_id) DO UPDATE
    SET status = excluded.status, decision_id = excluded.decision_id, last_activity_at = excluded.last_activity_at
), state AS (
    UPDATE user_story_state SET current_fragment_id = $11, visit = $8 + 1, visited_at = $6, variables = $12::jsonb
    WHERE user_id = $1
), rewarded AS (
    INSERT INTO rewards_given (user_id, cause, reward, at) VALUES ($1, $13, $14::jsonb, $6)
), paid AS (
    INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, operation_id, at)
    SELECT $1, $8, 3, $8 * 3, 'story', $13, id, $6 FROM asked
), purse AS (
    INSERT INTO wallets (user_id, seq, balance) VALUES ($1, $8, $8 * 3)
    ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq, balance = excluded.balance
), learned AS (
    INSERT INTO user_levels AS hers (user_id, xp, level, reached_at) VALUES ($1, 1, 1, $6)
    ON CONFLICT (user_id) DO UPDATE SET xp = hers.xp + 1
), opened AS (
    INSERT INTO user_unlocked_fragments (user_id, fragment_id, at) VALUES ($1, $11, $6)
), fact AS MATERIALIZED (
    SELECT nextval('event_seq') AS seq, announced.*
    FROM jsonb_to_recordset($15::jsonb) AS announced (event_id uuid, event_type text, event_data jsonb)
), logged AS (
    INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, operation,
                            correlation_id, causation_id, priority, version)
    SELECT event_id, seq, event_type, event_data, $6, $16, $1, 'member', 'TOMAR_DECISION', $5, NULL, 2, 1 FROM fact
)
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT consumer, $17, seq, event_id, event_type, event_data, $6, $16, $1, 'member', 'TOMAR_DECISION', $5, NULL, 2, 1
FROM fact JOIN jsonb_to_recordset($18::jsonb) AS heard (kind text, consumer text) ON kind = event_type
"""
GROWN: Final = """
INSERT INTO users (telegram_id, language, created_at, last_active_at)
SELECT 10^9 + n, 'es', timestamptz '2026-01-01', timestamptz '2026-01-01' FROM generate_series(1, 99000) AS n;
INSERT INTO narrative_fragments (key, title, body, level, position, status, version, created_at, updated_at)
SELECT 'more_' || n, 'x', 'x', 1, 1000 + n, 'published', 1, timestamptz '2026-01-01', timestamptz '2026-01-01'
FROM generate_series(1, 9900) AS n;
INSERT INTO narrative_decisions (fragment_id, key, text, position, next_fragment_id, status)
SELECT id, 'on', 'x', 1, id, 'published' FROM narrative_fragments WHERE key LIKE 'more_%';
INSERT INTO user_story_state (user_id, current_fragment_id, visit, visited_at)
SELECT id, (SELECT min(id) FROM narrative_fragments), 1, timestamptz '2026-01-01' FROM users
WHERE telegram_id > 10^9;
INSERT INTO user_narrative_progress (user_id, fragment_id, status, last_activity_at)
SELECT users.id, page.id, 'completed', timestamptz '2026-01-01'
FROM users, (SELECT id FROM narrative_fragments ORDER BY id LIMIT 5) AS page WHERE telegram_id > 10^9;
INSERT INTO wallets (user_id, seq, balance) SELECT id, 1, 3 FROM users WHERE telegram_id > 10^9;
INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, at)
SELECT id, 1, 3, 3, 'story', 'x', timestamptz '2026-01-01' FROM users WHERE telegram_id > 10^9;
INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, correlation_id,
                        priority, version)
SELECT gen_random_uuid(), nextval('event_seq'), 'user.activity', '{}', timestamptz '2026-01-01', 'member:' || n % 99000,
       n % 99000, 'm', gen_random_uuid(), 3, 1
FROM generate_series(1, 1000000) AS n;
ANALYZE;
"""

Act = Callable[[int], Awaitable[object]]


@dataclass
class Path:
    """Who reads, the buttons in their order, and how far each reader has come."""

    people: list[MemberId]
    buttons: list[int]
    pages: list[int]
    gone: dict[MemberId, int] = field(default_factory=dict)

    def next(self, n: int) -> tuple[MemberId, int]:
        """The reader whose turn it is, and the page on which she stands."""
        member = self.people[n % len(self.people)]
        page = self.gone.get(member, 0)
        self.gone[member] = page + 1
        return member, page


def measure(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    return beside(kept, people, NAME, _ours, _by_hand, full=full)


def measure_growth(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    seconds = 10.0 if full else 3.0
    settle(kept.dsn)
    small = middle([uvloop.run(_ours(kept.dsn, people, seconds)) for _ in range(3)])
    with psycopg.connect(kept.dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(GROWN)
    settle(kept.dsn)
    large = middle([uvloop.run(_ours(kept.dsn, people, seconds, empty=False)) for _ in range(3)])
    return [Row(GROWTH, 1e6 / large, "µs", 1.5, 1.1, better="less", yardstick="at 10^3", measured=1e6 / small)]


async def _ours(dsn: str, people: list[MemberId], seconds: float, *, empty: bool = True) -> float:
    async with House(dsn, clock=SystemClock(), size=CONNECTIONS, unlimited=True) as house:
        path = await _begun(house, people, empty=empty)

        async def act(n: int) -> None:
            member, page = path.next(n)
            choice = Decide(decision=path.buttons[page], visit=page + 1)
            key = f"TOMAR_DECISION:{member}:{page + 1}:{choice.decision}"
            await house.coordinator.run(choice, key=key, member=member, actor="member")

        return await rate(act, seconds)


async def _by_hand(dsn: str, people: list[MemberId], seconds: float) -> float:
    clock = SystemClock()
    async with House(dsn, clock=clock, size=CONNECTIONS, unlimited=True) as house:
        path = await _begun(house, people, empty=True)
        [[unwanted]] = await house.rows(f"SELECT {UNWANTED}")
        spared = house.rules.now.unwanted.union(unwanted)
        handed = [(name, kind) for kind, names in house.routes.heard.items() for name in names]
    heard = json.dumps([{"kind": kind, "consumer": name} for name, kind in handed if f"{name} {kind}" not in spared])
    options: dict[str, Any] = {"autocommit": True, "cursor_factory": AsyncRawCursor, "prepare_threshold": 1}
    async with AsyncConnectionPool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=options) as pool:

        async def act(n: int) -> None:
            member, page = path.next(n)
            at, visit, decision, subject = clock.now(), page + 1, path.buttons[page], subject_of(member)
            cause = f"decision:p{page}.on"
            reward = {"besitos": 3, "xp": 1, "unlock_fragments": [f"p{page + 1}"]}
            facts = [
                {"event_id": str(uuid7(at)), "event_type": kind, "event_data": {"member": member, **values}}
                for kind, values in _facts(page, visit, cause)
            ]
            async with pool.connection() as connection:
                await connection.execute(
                    HANDED.encode(),
                    (
                        *(member, f"TOMAR_DECISION:{member}:{visit}:{decision}"),
                        *(json.dumps({"visit": visit, "decision": decision}), b"hash", uuid7(at), at),
                        json.dumps({"done": {"decision": cause, "visit": visit + 1, "given": reward}}),
                        *(visit, decision, path.pages[page], path.pages[page + 1], json.dumps({"trust": visit})),
                        *(cause, json.dumps(reward), json.dumps(facts), subject, lane_of(subject), heard),
                    ),
                )

        return await rate(act, seconds)


def _facts(page: int, visit: int, cause: str) -> list[tuple[str, dict[str, object]]]:
    here, there = f"p{page}", f"p{page + 1}"
    came = {"first": True, "left": here, "seconds": 0}
    earned = {"amount": 3, "balance": visit * 3, "reason": "story", "reference": cause, "seq": visit, "cut": 0}
    return [
        ("narrative.decision_taken", {"fragment": here, "decision": f"{here}.on", "visit": visit, "cost": 0}),
        ("narrative.fragment_visited", {"fragment": there, "visit": visit + 1, "level": 1, **came}),
        ("narrative.fragment_completed", {"fragment": here}),
        ("gamification.besitos_earned", earned),
        ("narrative.content_unlocked", {"fragment": there}),
        ("coordinator.decision_taken", {"decision": f"{here}.on", "entered": there}),
    ]


async def _begun(house: House, people: list[MemberId], *, empty: bool) -> Path:
    """Everybody at the first page, and nothing else of theirs there."""
    async with house.db.connection() as connection:
        if empty:
            await connection.execute(EMPTY.encode())
        else:
            await connection.execute("SET session_replication_role = replica")
            for statement in FORGOTTEN:
                await connection.execute(statement.encode(), (list(people),))
            await connection.execute("RESET session_replication_role")
    if empty:
        await house.coordinator.run(Publish(world=_world()), key="world", member=None, actor="operator")
    for member in people:
        await house.coordinator.run(ReadOn(), key=f"begin {member}", member=member, actor="member")
    buttons = [number for (number,) in await house.rows(BUTTONS)][:PAGES]
    pages = await house.rows("SELECT id FROM narrative_fragments WHERE key LIKE 'p%' ORDER BY position")
    return Path(people, buttons, [number for (number,) in pages])


def _world() -> World:
    """One way through all pages."""
    fragments = []
    for page in range(PAGES):
        way = {
            "key": "on",
            "text": {"es": "Sigue"},
            "to": f"p{min(page + 1, PAGES - 1)}",
            "requirement": {"min_level": 1},
            "variables": {"trust": "+1"},
            "reward": {"besitos": 3, "xp": 1, "unlock_fragments": [f"p{min(page + 1, PAGES - 1)}"]},
        }
        text = {"es": "Una página como otra, con unas palabras. " * 8}
        place = {"key": f"p{page}", "title": {"es": "Página"}, "text": text, "entry": not page, "decisions": [way]}
        fragments.append(place)
    whole = {"key": "bench", "title": {"es": "Prueba"}, "variables": [{"name": "trust", "initial": 0}]}
    return World.model_validate({**whole, "fragments": fragments})
