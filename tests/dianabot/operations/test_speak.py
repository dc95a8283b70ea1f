"""Lucien from the event that calls him to the message in the chat: what he knows, and when he waits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import structlog

from dianabot.kernel.ids import MemberId
from dianabot.operations import asks
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.unit import Act
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import place, way, world
from tests.dianabot.operations.reading import reader, take
from tests.proof.house import House
from tests.proof.tale import publish, tale

MADRID = "Europe/Madrid"
"""Where it is 13:00 when the tests begin; in the creator's zone it is 6:00, and quiet until 9:00."""
SAID = "SELECT said FROM lucien_messages WHERE state = 'sent' ORDER BY id"
HANDED = """
SELECT DISTINCT event_type FROM deliveries WHERE consumer = 'lucien' AND subject = 'member:' || $1::bigint
"""
SENT = "SELECT chat_id, arguments ->> 'said' FROM telegram_sends ORDER BY id"


def template(text: str, **more: Any) -> dict[str, Any]:
    return {"key": "door", "text": {"es": text}, "on": "narrative.decision_taken",
            "where": {"decision": "hall.open"}, **more}  # fmt: skip


@asynccontextmanager
async def reading(
    dsn: str, written: dict[str, Any], zone: str | None = MADRID
) -> AsyncIterator[tuple[House, MemberId]]:
    async with House(dsn) as house:
        await publish(house, tale(templates=[written]))
        await house.start()
        ana = await reader(house)
        if zone is not None:
            await run(house, ana, asks.ChooseTimeZone(written=zone))
        yield house, ana


async def run(house: House, member: MemberId, act: Act[Any]) -> None:
    await house.coordinator.run(act, key=f"{type(act).__name__}:{member}", member=member, actor="member")


async def said(house: House) -> list[str]:
    return [words for (words,) in await house.rows(SAID)]


KNOWS = (
    "{{ vars.trust }} {{ besitos }} {{ level }} {{ event.decision }}"
    "{% if vip %} club{% endif %}{% if chose('hall.open') %} opened{% endif %}"
    "{% if has_hint('key') %} key{% endif %}{% if has_hint('map') %} map{% endif %}"
    "{% if has_item('lantern') %} lantern{% endif %}{% if has_item('moon') %} moon{% endif %}"
)


@pytest.mark.parametrize("vip", [True, False])
async def test_he_remembers_what_his_template_speaks_of(postgres_dsn: str, vip: bool) -> None:  # noqa: FBT001 - a table
    async with reading(postgres_dsn, template(KNOWS)) as (house, ana):
        if vip:
            await run(house, ana, StartTrial())
        await take(house, ana, "open")
        await house.drain()
        assert await said(house) == [f"1 10 1 hall.open{' club' * vip} opened key lantern"]


@pytest.mark.parametrize(("vip", "words"), [(True, ["Adelante."]), (False, [])])
async def test_what_a_template_requires_is_asked_when_it_is_called_for(
    postgres_dsn: str,
    vip: bool,  # noqa: FBT001 - a table
    words: list[str],
) -> None:
    written = template("Adelante.", requirement={"vip_required": True})
    async with reading(postgres_dsn, written) as (house, ana):
        if vip:
            await run(house, ana, StartTrial())
        await take(house, ana, "open")
        await house.drain()
        assert await said(house) == words
        assert await house.count("lucien_messages") == len(words)


async def test_he_is_told_only_of_what_calls_for_a_template_of_the_present_world(postgres_dsn: str) -> None:
    async with House(postgres_dsn) as house:

        async def told_of(*templates: dict[str, Any]) -> set[str]:
            """What he is handed of a reader's first decision in that world."""
            await publish(house, tale(templates=list(templates)), str(templates))
            ana = await reader(house)
            await take(house, ana, "open")
            return {kind for (kind,) in await house.rows(HANDED, ana)}

        visited = {**template("Buenas."), "key": "in", "on": "narrative.fragment_visited", "where": {}}
        assert await told_of() == set()
        assert await told_of(template("Entra.")) == {"narrative.decision_taken"}
        assert await told_of(template("Entra."), visited) == {"narrative.decision_taken", "narrative.fragment_visited"}
        assert await told_of(visited) == {"narrative.fragment_visited"}


async def test_in_her_quiet_hours_he_waits_for_the_morning(postgres_dsn: str) -> None:
    async with reading(postgres_dsn, template("Buenos días."), zone=None) as (house, ana):
        await take(house, ana, "open")
        await house.drain()
        assert await said(house) == []
        house.time.advance(timedelta(hours=3, seconds=-1).total_seconds())
        await house.drain()
        assert await said(house) == []
        house.time.advance(1)
        await house.drain()
        assert await said(house) == ["Buenos días."]
        await house.drain()
        assert await house.count("event_logs", "event_type = 'narrative.lucien_spoke'") == 1


async def test_an_hour_that_was_slept_over_into_the_night_is_put_off_once_more(postgres_dsn: str) -> None:
    async with reading(postgres_dsn, template("Buenos días.", after_minutes=60)) as (house, ana):
        await take(house, ana, "open")
        await house.drain()
        assert await house.count("timers", "kind = 'lucien'") == 1
        house.time.advance(timedelta(hours=10).total_seconds())  # nobody worked until 23:00 in Madrid
        await house.drain()
        assert await said(house) == []
        house.time.advance(timedelta(hours=10).total_seconds())
        await house.drain()
        assert await said(house) == ["Buenos días."]


@pytest.mark.parametrize("shut", [False, True])
async def test_his_words_go_to_whoever_has_not_shut_the_door(postgres_dsn: str, shut: bool) -> None:  # noqa: FBT001 - a table
    async with reading(postgres_dsn, template("Adiós.")) as (house, ana):
        [(chat,)] = await house.rows("SELECT telegram_id FROM users WHERE id = $1", ana)
        if shut:
            await run(house, ana, asks.MarkBlocked())
        await take(house, ana, "open")
        await house.drain()
        assert await said(house) == ["Adiós."]
        assert await house.rows(SENT) == ([] if shut else [(chat, "Adiós.")])


async def test_of_somebody_forgotten_meanwhile_he_keeps_nothing(postgres_dsn: str) -> None:
    async with reading(postgres_dsn, template("Adiós.")) as (house, ana):
        await take(house, ana, "open")
        await run(house, ana, asks.Erase())
        await house.drain()
        assert await house.count("lucien_messages") == 0


async def spoken(house: House, ana: MemberId, *ways: str) -> list[str]:
    """What he says of these ways, and of which templates it is remarked that they could not be said."""
    with structlog.testing.capture_logs() as lines:
        await take(house, ana, *ways)
        await house.drain()
    assert await house.count("dead_letters") == 0
    return [*await said(house), *(line["template"] for line in lines if line["event"] == "lucien_cannot_say")]


@pytest.mark.parametrize(
    "bad",
    [
        "{{ event.decision - 1 }}",
        "{{ -event.decision }}",
        "{{ event.hat }}",
        "{{ vars.hat }}",
        "{{ none + 1 }}",
        "{{ name ",
        "{% if vip %}" * 100 + "a" + "{% endif %}" * 100,
        "{{ " + " + ".join(["level"] * 220) + " }}",
        "{{ " + " and ".join(["vip"] * 400) + " }}",
        "{{ " + "(" * 400 + "1" + ")" * 400 + " }}",
        "{{ " + "9" * 4301 + " }}",
    ],
    ids=lambda bad: bad[:24],
)
async def test_a_template_that_cannot_be_said_silences_no_other(postgres_dsn: str, bad: str) -> None:
    others = [template("Antes.", key="a"), template("{{ level }}", key="door"), template("Después.", key="z")]
    async with House(postgres_dsn) as house:
        await publish(house, tale(templates=others))
        async with house.begin() as tx:  # as a world may lie there that was checked less strictly
            await tx.send("UPDATE lucien_templates SET body = $1 WHERE key = 'door'", bad)
        await house.start()
        ana = await reader(house)
        await run(house, ana, asks.ChooseTimeZone(written=MADRID))
        assert await spoken(house, ana, "open") == ["Antes.", "Después.", "door"]
        assert await house.count("lucien_messages", "state = 'dropped'") == 1


def counted(initial: int | str, change: int | str) -> World:
    told = {"on": "narrative.story_completed", "text": {"es": "{{ vars.turns ~ '!' }}"}}
    sums = [{"key": "b", **told, "text": {"es": "{{ vars.turns + 1 }}"}}] if initial == 0 else []
    return world(
        place("hall", way("go", "yard", variables={"turns": change}), entry=True),
        place("yard", way("on", "end")),
        place("end", ending=True),
        variables=[{"name": "turns", "initial": initial}],
        templates=[*sums, {"key": "c", **told}],
    )


async def test_a_value_of_another_kind_than_declared_now_silences_what_counts_on_it_alone(postgres_dsn: str) -> None:
    async with House(postgres_dsn) as house:
        await publish(house, counted("none", "few"))
        await house.start()
        ana = await reader(house)
        await run(house, ana, asks.ChooseTimeZone(written=MADRID))
        await take(house, ana, "go")
        await publish(house, counted(0, "+1"), "numbers now")
        assert await spoken(house, ana, "on") == ["few!", "b"]
