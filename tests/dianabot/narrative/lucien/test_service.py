"""Lucien on a real PostgreSQL: planned by an event, said once, never to somebody who asked him not to."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.narrative.lucien import Called, Lucien, LucienRules, Memory, NoSuchMessage, Published
from dianabot.vocabulary.world import Template
from tests.proof.stage import Stage

UTC_ZONE = ZoneInfo("UTC")
AWAKE = LucienRules(quiet_from=0, quiet_until=0)
OPENED = Template(
    key="opened",
    text={"es": "Abrió, {{ name }}.", "en": "You opened, {{ name }}."},
    on="narrative.decision_taken",
    where={"decision": "hall.open_door"},
    after_minutes=10,
)
ALWAYS = Template(key="always", text={"es": "Siempre."}, on="narrative.decision_taken", repeatable=True)
EVENT: dict[str, Any] = {"decision": "hall.open_door", "visit": 3}


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        async with running.begin() as tx:
            await lucien(tx).publish([OPENED, ALWAYS])
        yield running


def lucien(tx: Tx, rules: LucienRules = AWAKE) -> Lucien:
    return Lucien(tx, rules)


async def ana_of(stage: Stage) -> MemberId:
    [ana] = await stage.members()
    return ana


async def called(stage: Stage, values: dict[str, Any] = EVENT) -> dict[str, Called]:
    async with stage.begin() as tx:
        return {one.key: one for one in await lucien(tx).called_by("narrative.decision_taken", values)}


async def plan(stage: Stage, ana: MemberId, template: str, cause: str = "a") -> int | None:
    wanted = (await called(stage))[template]
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        planned = await lucien(tx).plan(ana, wanted, cause=cause, values=EVENT, zone=UTC_ZONE)
    return None if planned is None else planned[0]


async def speak(stage: Stage, ana: MemberId, message: int, language: Any = "es") -> str | None:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        due = await lucien(tx).due(ana, message, language=language)
        return None if due is None else await lucien(tx).speak(ana, message, due, Memory(name="Ana"))


async def test_an_event_calls_for_the_templates_that_name_it(stage: Stage) -> None:
    assert set(await called(stage)) == {"opened", "always"}
    assert set(await called(stage, {"decision": "hall.leave"})) == {"always"}


async def test_what_is_said_once_is_planned_once_and_what_repeats_once_for_each_cause(stage: Stage) -> None:
    ana = await ana_of(stage)
    assert await plan(stage, ana, "opened", "a")
    assert await plan(stage, ana, "opened", "b") is None
    assert await plan(stage, ana, "always", "a")
    assert await plan(stage, ana, "always", "a") is None
    assert await plan(stage, ana, "always", "b")


@pytest.mark.parametrize(("language", "words"), [("es", "Abrió, Ana."), ("en", "You opened, Ana.")])
async def test_he_speaks_her_language_once_and_says_so(stage: Stage, language: str, words: str) -> None:
    ana = await ana_of(stage)
    message = await plan(stage, ana, "opened")
    assert message is not None
    assert await speak(stage, ana, message, language) == words
    assert await speak(stage, ana, message, language) is None
    async with stage.begin() as tx:
        assert await lucien(tx).said(ana, message) == words
        assert [one["said"] for one in (await lucien(tx).told(ana))["letters"]] == [words]
    assert await stage.count("event_logs", "event_type = 'narrative.lucien_spoke'") == 1


async def test_what_he_said_is_told_with_her_name_as_she_writes_it(stage: Stage) -> None:
    ana = await ana_of(stage)
    message, unsaid = await plan(stage, ana, "opened"), await plan(stage, ana, "always")
    assert message is not None
    assert unsaid is not None
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        due = await lucien(tx).due(ana, message, language="es")
        assert due is not None
        await lucien(tx).speak(ana, message, due, Memory(name="Ana_la_*loca*"))
        letters = (await lucien(tx).told(ana))["letters"]
    assert [one["said"] for one in letters] == [None, "Abrió, Ana_la_*loca*."]


async def test_a_language_that_a_template_does_not_speak_gets_its_first(stage: Stage) -> None:
    ana = await ana_of(stage)
    message = await plan(stage, ana, "always")
    assert message is not None
    assert await speak(stage, ana, message, "en") == "Siempre."


async def test_whoever_asked_not_to_be_written_to_is_left_alone(stage: Stage) -> None:
    ana = await ana_of(stage)
    planned = await plan(stage, ana, "opened")
    assert planned is not None
    async with stage.begin() as tx:
        await lucien(tx).choose_silence(ana, silent=True)
        assert await lucien(tx).is_silent(ana)
    assert await plan(stage, ana, "always") is None
    assert await speak(stage, ana, planned) is None
    async with stage.begin() as tx:
        await lucien(tx).choose_silence(ana, silent=False)
    assert await speak(stage, ana, planned) is None  # dropped, not kept for later
    assert await plan(stage, ana, "always")


async def test_what_nobody_wants_any_more_is_dropped(stage: Stage) -> None:
    ana = await ana_of(stage)
    late, retired = await plan(stage, ana, "opened"), await plan(stage, ana, "always")
    assert late is not None
    assert retired is not None
    async with stage.begin() as tx:
        assert await lucien(tx).publish([OPENED]) == [Published("always", "retired")]
    assert await speak(stage, ana, retired) is None
    stage.time.advance(timedelta(days=9).total_seconds())
    assert await speak(stage, ana, late) is None
    assert await stage.count("lucien_messages", "state = 'dropped'") == 2


async def test_in_quiet_hours_a_message_waits_for_the_morning(stage: Stage) -> None:
    ana = await ana_of(stage)
    message = await plan(stage, ana, "opened")
    assert message is not None
    hour = stage.clock.now().hour
    quiet = LucienRules(quiet_from=hour, quiet_until=(hour + 2) % 24)
    async with stage.begin() as tx:
        later = await lucien(tx, quiet).put_off(ana, message, UTC_ZONE)
        assert later is not None
        assert later.hour == (hour + 2) % 24
        assert await lucien(tx).put_off(ana, message, UTC_ZONE) is None


async def test_publishing_the_same_again_changes_nothing(stage: Stage) -> None:
    async with stage.begin() as tx:
        assert await lucien(tx).publish([OPENED, ALWAYS]) == []
        other = ALWAYS.model_copy(update={"text": {"es": "Nunca."}})
        assert await lucien(tx).publish([OPENED, other]) == [Published("always", "changed")]
        assert await lucien(tx).publish([]) == [Published("always", "retired"), Published("opened", "retired")]


async def test_forgetting_her_forgets_what_he_said(stage: Stage) -> None:
    ana = await ana_of(stage)
    message = await plan(stage, ana, "opened")
    assert message is not None
    await speak(stage, ana, message)
    async with stage.begin() as tx:
        await lucien(tx).forget(ana)
        assert (await lucien(tx).told(ana))["letters"] == []
        with pytest.raises(NoSuchMessage):
            await lucien(tx).said(ana, message)
