"""A running process follows the rulebook, and a document that it cannot read changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.operations.rulebook import POLL_SECONDS, LiveRules, Rules
from dianabot.rulebook import NoSuchRules, Rulebook
from dianabot.vocabulary.document import Problem
from tests.proof.stage import Stage


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def publish(stage: Stage, document: dict[str, Any]) -> int:
    """As if a newer or a broken program had done it: unchecked."""
    async with stage.begin() as tx:
        book = Rulebook(tx)
        since = await book.newest_locked(None)
        return (await book.decide(since, document, {"x": [0, 1]}, actor="system")).version


def with_count(count: object) -> dict[str, Any]:
    return {"limits": {"purchase": {"count": count}}}


def count(live: LiveRules) -> int:
    return live.now.limits.purchase.count


async def test_without_any_decision_the_defaults_run(stage: Stage) -> None:
    live = LiveRules(stage.db, stage.clock)
    await live.load()

    assert live.now == Rules()
    assert live.now.version == 0
    assert live.trouble is None


async def test_the_newest_version_runs_from_the_start_and_after_each_change(stage: Stage) -> None:
    await publish(stage, with_count(6))
    live = LiveRules(stage.db, stage.clock)
    await live.load()
    assert (live.now.version, count(live)) == (1, 6)

    await publish(stage, with_count(7))
    await publish(stage, with_count(8))
    await live.refresh()
    assert (live.now.version, count(live)) == (3, 8)
    unchanged = live.now
    await live.refresh()
    assert live.now is unchanged


async def test_what_cannot_be_read_is_reported_once_and_what_runs_keeps_running(stage: Stage) -> None:
    live = LiveRules(stage.db, stage.clock)
    await publish(stage, with_count(6))
    await live.load()

    with structlog.testing.capture_logs() as logs:
        await publish(stage, with_count("many"))
        await live.refresh()
        await live.refresh()

    assert (live.now.version, count(live)) == (1, 6)
    assert live.trouble == "rules version 2 cannot be read; version 1 stays"
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert line["version"] == 2
    assert line["problems"][0]["path"] == "limits.purchase.count"


async def test_the_next_good_version_ends_the_trouble(stage: Stage) -> None:
    live = LiveRules(stage.db, stage.clock)
    await publish(stage, with_count("many"))
    await live.load()
    await publish(stage, with_count(9))
    await live.refresh()

    assert (live.now.version, count(live), live.trouble) == (2, 9, None)


async def test_a_process_that_starts_runs_the_newest_version_that_it_can_read(stage: Stage) -> None:
    for value in (6, 7, "many", "more"):
        await publish(stage, with_count(value))
    live = LiveRules(stage.db, stage.clock)
    await live.load()

    assert (live.now.version, count(live)) == (2, 7)
    assert live.trouble is not None
    await live.refresh()
    assert live.now.version == 2, "what was refused is not tried again"


async def test_a_process_that_can_read_none_runs_the_defaults(stage: Stage) -> None:
    await publish(stage, {"nonsense": 1})
    live = LiveRules(stage.db, stage.clock)
    await live.load()

    assert live.now == Rules()
    assert live.trouble == "rules version 1 cannot be read; version 0 stays"


async def test_a_check_of_this_process_counts_too(stage: Stage) -> None:
    def no_texts(rules: Rules) -> list[Problem]:
        return [Problem("texts", "not_allowed")] if rules.texts else []

    await publish(stage, {"texts": {"es": {"hi": "Hola"}}})
    live = LiveRules(stage.db, stage.clock, check=no_texts)
    await live.load()

    assert live.now.version == 0


async def test_rules_as_they_once_were(stage: Stage) -> None:
    await publish(stage, with_count(6))
    await publish(stage, with_count(7))
    live = LiveRules(stage.db, stage.clock)
    await live.load()

    assert [(await live.at_version(version)).limits.purchase.count for version in (0, 1, 2)] == [5, 6, 7]
    with pytest.raises(NoSuchRules) as refused:
        await live.at_version(3)
    assert refused.value == NoSuchRules(3, 2)


async def until(live: LiveRules, version: int) -> None:
    async with asyncio.timeout(60):
        while live.now.version != version:
            await asyncio.sleep(0.002)


async def test_the_poll_alone_brings_a_change_within_two_seconds(stage: Stage) -> None:
    assert POLL_SECONDS <= 1.0
    live = LiveRules(stage.db, stage.clock)
    polling = asyncio.create_task(live.run())
    await publish(stage, with_count(6))
    async with asyncio.timeout(60):
        while live.now.version != 1:
            stage.time.advance(POLL_SECONDS)
            await asyncio.sleep(0.002)
    polling.cancel()


async def test_a_hint_brings_it_at_once(stage: Stage) -> None:
    live = LiveRules(stage.db, stage.clock)
    await publish(stage, with_count(6))
    live.hint()
    live.hint()
    await until(live, 1)


async def test_while_postgresql_is_away_what_runs_keeps_running() -> None:
    async with Database("host=/nowhere dbname=x", wait=0.05) as away:
        live = LiveRules(away, SystemClock())
        live.hint()
        [looking] = live._hinted
        await looking
        assert live.now == Rules()
