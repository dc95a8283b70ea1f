"""Versions on a real PostgreSQL: one after the other, kept for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dianabot.rulebook import (
    NoSuchRules,
    NothingChanged,
    Rulebook,
    RulesMoved,
    Version,
    published,
    published_at,
)
from tests.proof.stage import Stage


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def decide(stage: Stage, value: int, *, expected: int | None = None, reverts_to: int | None = None) -> Version:
    async with stage.begin() as tx:
        book = Rulebook(tx)
        since = await book.newest_locked(expected)
        changed = {"a": [since.document.get("a"), value]}
        return await book.decide(
            since, {"a": value}, changed, actor="member:1", reason="because", reverts_to=reverts_to
        )


async def test_before_anybody_decides_there_are_the_defaults(stage: Stage) -> None:
    async with stage.begin() as tx:
        newest = await Rulebook(tx).newest()
        assert newest == await Rulebook(tx).at(0)
        assert await Rulebook(tx).history() == []

    assert (newest.version, newest.document) == (0, {})
    assert await published(stage.db, after=0) is None


async def test_a_decision_is_kept_with_who_what_when_and_why(stage: Stage) -> None:
    await decide(stage, 7)

    async with stage.begin() as tx:
        version = await Rulebook(tx).at(1)
        assert version == await Rulebook(tx).newest()
    assert version == Version(1, {"a": 7}, {"a": [None, 7]}, None, "member:1", "because", stage.clock.now())
    assert await published(stage.db, after=0) == await published_at(stage.db, 1) == version
    assert await published(stage.db, after=1) is None


async def test_everybody_hears_of_it_by_path_and_not_by_value(stage: Stage) -> None:
    await decide(stage, 7)
    await decide(stage, 8, reverts_to=1)

    async with stage.begin() as tx:
        facts = await tx.column(dict, "SELECT event_data FROM event_logs WHERE event_type = 'admin.rules_changed'")
    assert facts == [
        {"rules_version": 1, "paths": ["a"], "reverts_to": None},
        {"rules_version": 2, "paths": ["a"], "reverts_to": 1},
    ]


async def test_history_comes_newest_first_and_in_pages(stage: Stage) -> None:
    for value in range(1, 6):
        await decide(stage, value)

    async with stage.begin() as tx:
        first = await Rulebook(tx).history(number=2)
        second = await Rulebook(tx).history(number=2, before=first[-1].version)
        third = await Rulebook(tx).history(number=2, before=second[-1].version)
    assert [version.version for version in (*first, *second, *third)] == [5, 4, 3, 2, 1]


async def test_what_does_not_differ_is_not_a_decision(stage: Stage) -> None:
    async with stage.begin() as tx:
        since = await Rulebook(tx).newest_locked(None)
        with pytest.raises(NothingChanged):
            await Rulebook(tx).decide(since, {}, {}, actor="member:1")

    assert await stage.count("rule_versions") == 0


@pytest.mark.parametrize("version", [-1, 2, 999])
async def test_a_version_that_never_was_is_refused(stage: Stage, version: int) -> None:
    await decide(stage, 7)

    async with stage.begin() as tx:
        with pytest.raises(NoSuchRules) as refused:
            await Rulebook(tx).at(version)
    assert refused.value == NoSuchRules(version, 1)


async def test_who_looked_at_older_rules_is_refused(stage: Stage) -> None:
    await decide(stage, 7, expected=0)

    with pytest.raises(RulesMoved) as refused:
        await decide(stage, 8, expected=0)
    assert refused.value == RulesMoved(0, 1)


@pytest.mark.parametrize("expected", [0, None])
async def test_of_two_changes_at_once_the_second_sees_the_first(stage: Stage, expected: int | None) -> None:
    async with stage.begin() as tx:
        since = await Rulebook(tx).newest_locked(expected)
        second = asyncio.create_task(decide(stage, 8, expected=expected))
        await stage.somebody_waits()
        await Rulebook(tx).decide(since, {"a": 7}, {"a": [None, 7]}, actor="member:1")

    if expected is None:
        assert (await second).changed == {"a": [7, 8]}
    else:
        with pytest.raises(RulesMoved):
            await second
