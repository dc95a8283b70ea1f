"""Every statement that the product holds, against the schema as it is migrated."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, RawCursor, pq

import dianabot
from dianabot.kernel.tables import METADATA

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
HOMES = re.compile(r"dianabot\.(kernel\..+|operations\.store|telegram\.store|(.+\.)?store)$")
OWN_TABLES = {
    "dianabot.content.store": {"content_versions", "media_files"},
    "dianabot.members.store": {"users", "pending_inputs"},
    "dianabot.rulebook.store": {"rule_versions", "audit_log"},
    "dianabot.gamification.wallet.store": {"wallets", "besitos_ledger", "besitos_holds"},
    "dianabot.gamification.levels.store": {"user_levels"},
    "dianabot.gamification.mochila.store": {"items", "user_items", "item_movements"},
    "dianabot.channels.subscriptions.store": {"plans", "subscriptions"},
    "dianabot.narrative.fragments.store": {
        "narrative_fragments", "narrative_decisions", "story_variables", "story_levels", "user_story_state",
        "user_narrative_progress", "user_decisions", "user_unlocked_fragments",
    },
    "dianabot.narrative.hints.store": {"hints", "hint_combinations", "user_hints", "user_hint_combinations"},
    "dianabot.narrative.lucien.store": {"lucien_templates", "lucien_messages", "lucien_deaf"},
    "dianabot.operations.store": {
        "operations", "users", "audit_log", "rewards_given", "content_versions", "unwanted_events",
    },
    "dianabot.telegram.sender.store": {
        "media_files", "telegram_files", "telegram_sends", "telegram_updates", "dead_letters",
    },
    "dianabot.telegram.store": {"telegram_updates", "telegram_sends", "dead_letters", "leases", "processes", "users"},
}  # fmt: skip
KERNEL_TABLES = {
    "event_logs", "deliveries", "dead_letters", "timers", "tails", "consumers", "clock_offset", "processes", "leases",
    "unwanted_events", "users",
}  # fmt: skip
"""The kernel knows of `users` only that a member's row is what is locked."""
GROWING = {
    "users", "operations", "deliveries", "event_logs", "telegram_updates", "telegram_sends", "timers",
    "wallets", "besitos_ledger", "besitos_holds", "user_levels", "user_items", "item_movements", "subscriptions",
    "user_story_state", "user_narrative_progress", "user_decisions", "user_unlocked_fragments", "user_hints",
    "user_hint_combinations", "lucien_messages", "lucien_deaf", "rewards_given",
}  # fmt: skip


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(dianabot.__path__, "dianabot."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            yield found.name


def statements() -> list[tuple[str, str, str]]:
    found = []
    for name in modules():
        module = importlib.import_module(name)
        assert module.__file__ is not None
        written = Path(module.__file__).read_text(encoding="utf-8")
        for constant, value in vars(module).items():
            if (
                isinstance(value, str)
                and STATEMENT.match(value)
                and re.search(rf"^{constant}\b.* =", written, re.MULTILINE)
            ):
                found.append((name, constant, value))
    return found


ALL = statements()
OWN = [row for row in ALL if HOMES.match(row[0])]


FILL = """
INSERT INTO users (telegram_id, language, created_at, last_active_at, role)
SELECT n, 'es', at, at, CASE WHEN n % 20000 = 0 THEN 'admin' ELSE 'fan' END FROM numbers;
INSERT INTO operations (key, name, user_id, actor, input, input_hash, outcome, correlation_id, at)
SELECT 'k' || n, 'ATENDER', n, 'm', '{}', '', '{}', gen_random_uuid(), at FROM numbers;
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, actor,
                        correlation_id, priority, version, leased_until)
SELECT 'c' || n % 3, n % 64, n, gen_random_uuid(), 'e', '{}', at, 'member:' || n % 5000, 'm', gen_random_uuid(), 2, 1,
       CASE WHEN n % 50000 = 0 THEN at END
FROM numbers;
INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, correlation_id,
                        priority, version)
SELECT gen_random_uuid(), n, 'e', '{}', at, 'member:' || n, n, 'm', gen_random_uuid(), 2, 1 FROM numbers;
INSERT INTO telegram_updates (bot, update_id, queue, raw, leased_by, received_at, state)
SELECT 1, n, n % 5000, '{}', 'p', at, 'answered' FROM numbers;
INSERT INTO telegram_sends (key, chat_id, kind, arguments, priority, not_before, correlation_id, created_at, state)
SELECT 'k' || n, n % 5000, 'k', '{}', 2, at, gen_random_uuid(), at, 'sent' FROM numbers;
INSERT INTO timers (key, due_at, subject, kind, data, correlation_id)
SELECT 'k' || n, at, 'member:' || n, 'k', '{}', gen_random_uuid() FROM numbers;
CREATE TEMP TABLE active AS SELECT * FROM numbers WHERE n <= 20000;
INSERT INTO wallets (user_id, balance, seq) SELECT n, n, 1 FROM active;
INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, at)
SELECT n, 1, n, n, 'story', 'r', at FROM active;
INSERT INTO besitos_holds (user_id, amount, state, reason, reference, at)
SELECT n, 1, 'held', 'auction', 'r', at FROM active;
INSERT INTO user_levels (user_id, xp, level, reached_at) SELECT n, n, 1, at FROM active;
INSERT INTO items (key, name, status) SELECT 'k' || n, 'n', 'published' FROM active WHERE n <= 100;
INSERT INTO user_items (user_id, item_id, quantity) SELECT n, 1 + n % 100, 1 FROM active;
INSERT INTO item_movements (user_id, item_id, amount, cause, at) SELECT n, 1 + n % 100, 1, 'c', at FROM active;
INSERT INTO subscriptions (user_id, status, start_date, end_date)
SELECT n, 'active', at, at + interval '30 days' FROM active;
INSERT INTO narrative_fragments (key, title, body, level, position, status, version, created_at, updated_at)
SELECT 'k' || n, 't', 'b', 1, n, 'published', 1, at, at FROM active WHERE n <= 200;
INSERT INTO narrative_decisions (fragment_id, key, text, position, next_fragment_id, status)
SELECT n, 'k', 't', 1, 1 + n % 200, 'published' FROM active WHERE n <= 200;
INSERT INTO user_story_state (user_id, current_fragment_id, variables, visit, visited_at)
SELECT n, 1 + n % 200, '{}', 1, at FROM active;
INSERT INTO user_narrative_progress (user_id, fragment_id, status, visits, time_spent, last_activity_at)
SELECT n, 1 + n % 200, 'completed', 1, 1, at FROM active;
INSERT INTO user_decisions (user_id, visit, decision_id, at) SELECT n, 1, 1 + n % 200, at FROM active;
INSERT INTO user_unlocked_fragments (user_id, fragment_id, at) SELECT n, 1 + n % 200, at FROM active;
INSERT INTO hints (key, title, body, status) SELECT 'k' || n, 't', 'b', 'published' FROM active WHERE n <= 100;
INSERT INTO user_hints (user_id, hint_id, cause, at) SELECT n, 1 + n % 100, 'c', at FROM active;
INSERT INTO user_hint_combinations (user_id, combination_id, at) SELECT n, 1 + n % 100, at FROM active;
INSERT INTO lucien_messages (user_id, template, cause, state, event, due_at, wanted_until)
SELECT n, 't', 'c', 'sent', '{}', at, at FROM active;
INSERT INTO lucien_deaf (user_id, since) SELECT n, at FROM active;
INSERT INTO rewards_given (user_id, cause, reward, at) SELECT n, 'c', '{}', at FROM active;
ANALYZE;
"""
WHOLE_ON_PURPOSE = {
    "dianabot.kernel.bus.store.WAITING": "counts what waits, for doctor and metrics; deliveries are few at rest",
    "dianabot.narrative.fragments.store.READERSHIP": "what `content stats` tells of all readers, when somebody asks",
    "dianabot.telegram.sender.store.FORGET_MEMBER": "as the next, whoever asked for it",
    "dianabot.telegram.store.FORGET": "people ask to be forgotten once, and the table holds two days",
    "dianabot.telegram.store.PRUNE": "hourly, and what it throws away stands first: it ends at its limit",
    "dianabot.telegram.store.PRUNE_SENDS": "hourly, and what it throws away stands first: it ends at its limit",
}
"""Statements that may read a growing table from end to end, each with its reason."""


@pytest.fixture(scope="module")
def prepared(module_dsn: str) -> Iterator[Connection]:
    with psycopg.connect(module_dsn, autocommit=True, cursor_factory=RawCursor) as connection:
        yield connection


@pytest.fixture(scope="module")
def filled(module_dsn: str) -> Iterator[Connection]:
    """10^5 members, and as many rows in whatever grows with them; fewer where only the active have some."""
    numbers = "SELECT n, timestamptz '2026-01-01' + n * interval '1 s' AS at FROM generate_series(1, 100000) AS n"
    with psycopg.connect(module_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no foreign key is asked
        connection.execute(f"CREATE TEMP TABLE numbers AS {numbers}".encode())
        connection.execute(FILL.encode())
        yield connection


@pytest.mark.parametrize(("module", "name", "statement"), OWN, ids=[f"{module}.{name}" for module, name, _ in OWN])
def test_every_statement_fits_the_schema(prepared: Connection, module: str, name: str, statement: str) -> None:
    result = prepared.pgconn.prepare(b"", statement.encode())
    assert result.status == pq.ExecStatus.COMMAND_OK, f"{module}.{name}: {result.error_message.decode()}"


def test_sql_lives_in_stores_alone() -> None:
    assert {f"{module}.{name}" for module, name, _ in ALL if not HOMES.match(module)} == set()


@pytest.mark.parametrize(("module", "name", "statement"), OWN, ids=[f"{module}.{name}" for module, name, _ in OWN])
def test_a_store_touches_the_tables_of_its_own_slice(module: str, name: str, statement: str) -> None:
    touched = {table for table in METADATA.tables if re.search(rf"\b{table}\b", statement)}
    own = next((tables for store, tables in OWN_TABLES.items() if store == module), KERNEL_TABLES)
    assert touched <= own, f"{name} reaches into {sorted(touched - own)}"


@pytest.mark.slow
def test_no_hot_query_reads_a_growing_table_from_end_to_end(filled: Connection) -> None:
    slow = []
    for module, name, statement in OWN:
        plan = filled.execute(f"EXPLAIN (GENERIC_PLAN) {statement}".encode()).fetchall()
        read = {table for (line,) in plan for table in GROWING if re.search(rf"Seq Scan on {table}\w*", line)}
        if read and f"{module}.{name}" not in WHOLE_ON_PURPOSE:
            slow.append(f"{module}.{name} reads all of {sorted(read)}")
    assert slow == []
