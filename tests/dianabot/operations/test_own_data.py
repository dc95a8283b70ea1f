"""Every table that knows a member: it is in her export and forgotten with her, or stays for a reason."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import pytest

import dianabot
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tables import METADATA
from dianabot.members import TIME_ZONE
from dianabot.operations.asks import Erase, ExpectInput
from dianabot.operations.begin_again import BeginAgain
from dianabot.operations.change_rules import ChangeRule
from dianabot.operations.combine_hints import Combine
from dianabot.operations.export import export
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.unit import Unit
from dianabot.vocabulary.reason import Reason
from tests.dianabot.operations.reading import reader, take, told
from tests.proof.house import House

for module in pkgutil.walk_packages(dianabot.__path__, "dianabot."):
    if module.name.endswith(".tables"):
        importlib.import_module(module.name)

NUMBER: Final = "the number leads to nobody"
OPERATION: Final = "an act tried again is found done, and its input has left out what is personal"
LOG: Final = "what happened, by numbers alone: all sums are checked against it"
LEDGER: Final = "accounts without a person: what was earned, spent and owned adds up"
COUNTED: Final = "readers are counted, also those who are forgotten"
DONE: Final = "what was given once is not given again, and the log says the same"
TWO_DAYS: Final = "the chat's part: emptied once user.erased is heard, gone after two days, and in her own chat anyway"
PASSING: Final = "is on its way, and goes with the work"

EXPORTED: Final = {
    "users": "member",
    "pending_inputs": "member.pending_input",
    "operations": "history",
    "user_story_state": "story.place",
    "user_narrative_progress": "story.read",
    "user_decisions": "story.decisions",
    "user_unlocked_fragments": "story.unlocked",
    "rewards_given": "story.rewards",
    "wallets": "besitos.wallet",
    "besitos_ledger": "besitos.ledger",
    "besitos_holds": "besitos.holds",
    "user_levels": "level.reached_at",
    "subscriptions": "club.end_date",
    "user_items": "items.has",
    "item_movements": "items.moved",
    "user_hints": "hints.found",
    "user_hint_combinations": "hints.combined",
    "lucien_messages": "lucien.letters",
    "lucien_deaf": "lucien.silent_since",
}
"""Where in the export the rows of each table stand."""
NOT_EXPORTED: Final = {
    "event_logs": "the parts of the slices tell what came of it",
    "deliveries": PASSING,
    "dead_letters": PASSING,
    "timers": PASSING,
    "telegram_updates": TWO_DAYS,
    "telegram_sends": TWO_DAYS,
}
FORGOTTEN: Final = {"pending_inputs", "lucien_messages", "lucien_deaf"}
"""Of these no row of hers stays."""
KEPT: Final = {
    "users": NUMBER,
    "operations": OPERATION,
    "event_logs": LOG,
    "deliveries": PASSING,
    "dead_letters": PASSING,
    "timers": PASSING,
    "telegram_updates": TWO_DAYS,
    "telegram_sends": TWO_DAYS,
    "wallets": LEDGER,
    "besitos_ledger": LEDGER,
    "besitos_holds": LEDGER,
    "user_items": LEDGER,
    "item_movements": LEDGER,
    "user_levels": LEDGER,
    "subscriptions": LEDGER,
    "user_story_state": COUNTED,
    "user_narrative_progress": COUNTED,
    "user_decisions": COUNTED,
    "rewards_given": DONE,
    "user_hints": DONE,
    "user_hint_combinations": DONE,
    "user_unlocked_fragments": DONE,
}
NAME, CHAT = "Zenobia", 77_123_456_789
MEMBER: Final = {"user_id", "member", "subject", "chat_id"}


def knowing() -> set[str]:
    """The tables that say whom they are about."""
    return {"users"} | {
        table.name
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name in MEMBER or any(key.target_fullname == "users.id" for key in column.foreign_keys)
    }


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with told(postgres_dsn) as running:
        await running.bus.start()
        yield running


async def lived(house: House) -> MemberId:
    """Somebody who has left a row in every table that her export tells of."""
    ana = await reader(house)
    async with house.begin() as tx:
        await tx.run("UPDATE users SET first_name = $2, username = $2, telegram_id = $3 WHERE id = $1", ana, NAME, CHAT)
    await take(house, ana, "open", "ask")
    run = partial(house.coordinator.run, member=ana, actor="member")
    await run(Combine(hints=["key", "map"]), key="combine")
    await run(StartTrial(), key="trial")
    await run(BeginAgain(), key="again")
    await take(house, ana, "open", "leave")
    await run(ExpectInput(kind=TIME_ZONE), key="expect")
    await house.drain()
    house.time.advance(12 * 3600)  # whatever hour it is, his quiet ones are over
    await house.drain()
    async with house.begin() as tx:
        await tx.lock_members(ana)
        unit = Unit(tx, house.rules.now)
        await unit.wallet.hold(ana, 5, reason=Reason.AUCTION, reference="test")
        await unit.lucien.choose_silence(ana, silent=True)
    return ana


def at(document: Any, path: str) -> Any:
    for step in path.split("."):
        document = document[step]
    return document


def test_every_table_that_knows_a_member_is_told_and_forgotten_or_excused() -> None:
    assert EXPORTED.keys().isdisjoint(NOT_EXPORTED)
    assert EXPORTED.keys() | NOT_EXPORTED.keys() == knowing()
    assert FORGOTTEN.isdisjoint(KEPT)
    assert FORGOTTEN | KEPT.keys() == knowing()


async def test_what_each_table_keeps_of_her_is_in_her_export(house: House) -> None:
    ana = await lived(house)
    async with house.coordinator.reading() as unit:
        document = await export(unit, ana)
    assert [table for table in EXPORTED if not await house.count(table)] == [], "she has left a row everywhere"
    assert [path for path in EXPORTED.values() if not at(document, path)] == []
    [letter] = document["lucien"]["letters"]
    assert letter["said"] == f"Adiós, {NAME}."
    assert document["story"]["unlocked"][0]["fragment"] == "attic"
    assert [one["combination"] for one in document["hints"]["combined"]] == ["door"]
    assert {(one["fragment"], one["visits"]) for one in document["story"]["read"]} == {
        ("hall", 2), ("library", 2), ("sphinx", 1), ("garden", 1),
    }  # fmt: skip
    assert [(one["amount"], one["state"]) for one in document["besitos"]["holds"]] == [(5, "held")]


async def test_her_export_tells_the_level_that_she_is_shown(house: House) -> None:
    ana = await reader(house)
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).levels.add_xp(ana, 90, cause="test")
    lower = ChangeRule(path="levels.thresholds", value=[50, 250], reason="test")
    await house.coordinator.run(lower, key="lower", member=None, actor="operator")
    await house.rules.load()
    async with house.coordinator.reading() as unit:
        shown, document = await unit.levels.of(ana), await export(unit, ana)
    assert (document["level"]["level"], document["level"]["xp"]) == (shown.level, shown.xp) == (2, 90)


async def test_of_whoever_is_forgotten_only_numbers_stay(house: House) -> None:
    ana = await lived(house)
    before = {table: await house.count(table) for table in METADATA.tables}
    traces = await found(house)
    assert {"users", "lucien_messages", "telegram_sends"} <= traces, "or the search finds nothing"
    await house.coordinator.run(Erase(), key="erase", member=ana, actor="member")
    assert {table: await house.count(table) for table in FORGOTTEN} == dict.fromkeys(FORGOTTEN, 0)
    assert {table for table in KEPT if await house.count(table) < before[table]} == set()
    await house.drain()
    assert await found(house) == set()


async def found(house: House) -> set[str]:
    """The tables in which her name or her chat stands."""
    hers = f"whole::text ~ '{NAME}|{CHAT}'"
    return {table for table in METADATA.tables if await house.count(f"{table} AS whole", hers)}
