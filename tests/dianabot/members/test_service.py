"""Members on a real PostgreSQL: registered once, known, and forgotten when they ask."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members import (
    AlreadyErased,
    BotsNotWelcome,
    Contact,
    Members,
    MembersRules,
    NoSuchMember,
    NothingAsked,
    Registered,
    UnknownTimeZone,
    WhichTimeZone,
)
from dianabot.vocabulary.standing import Person
from tests.proof.stage import Stage

ANA = Contact(1001, "Ana", "ana_99", "es-MX")
NOBODY = MemberId(999)
NEXT = UUID(int=7)
"""The correlation of what she writes next."""


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


def members(tx: Tx) -> Members:
    return Members(tx, MembersRules())


async def register(stage: Stage, contact: Contact = ANA) -> Registered:
    async with stage.begin() as tx:
        return await members(tx).register(contact, otherwise="es")


async def facts(stage: Stage, event_type: str) -> list[dict[str, Any]]:
    async with stage.begin() as tx:
        return await tx.column(dict, "SELECT event_data FROM event_logs WHERE event_type = $1 ORDER BY seq", event_type)


async def test_first_contact_makes_a_member_and_says_so(stage: Stage) -> None:
    ana = await register(stage)

    async with stage.begin() as tx:
        profile = await members(tx).profile(ana.member)
        assert profile == await members(tx).find(1001)
        assert await members(tx).person(ana.member) == Person("es")
    assert ana.new
    assert (profile.telegram_id, profile.first_name, profile.username) == (1001, "Ana", "ana_99")
    assert (profile.language, profile.role, profile.time_zone, profile.blocked_bot) == ("es", "fan", None, False)
    assert profile.created_at == profile.last_active_at == stage.clock.now()
    assert await facts(stage, "user.registered") == [{"member": ana.member, "language": "es"}]


async def test_the_second_contact_finds_her(stage: Stage) -> None:
    first = await register(stage)

    assert await register(stage, Contact(1001, "Other", None, "en")) == Registered(first.member, new=False)
    assert len(await facts(stage, "user.registered")) == 1


async def test_two_first_contacts_at_once_make_one_member(stage: Stage) -> None:
    async with stage.begin() as slow:
        first = await members(slow).register(ANA, otherwise="es")
        second = asyncio.create_task(register(stage))
        await stage.somebody_waits()

    assert await second == Registered(first.member, new=False)
    assert await stage.count("users") == 1
    assert len(await facts(stage, "user.registered")) == 1


async def test_bots_are_refused(stage: Stage) -> None:
    with pytest.raises(BotsNotWelcome):
        await register(stage, Contact(5, "Robot", is_bot=True))

    assert await stage.count("users") == 0


@pytest.mark.parametrize("name", ["\x00", "", "x" * 5000, "'; DROP TABLE users; --", "\ud800"])
async def test_whatever_she_is_called_she_is_registered(stage: Stage, name: str) -> None:
    ana = await register(stage, Contact(7, name, "bad name!", "xx"))

    async with stage.begin() as tx:
        profile = await members(tx).profile(ana.member)
    assert profile.username is None
    assert profile.language == "es"
    assert len(profile.first_name or "") <= 64


async def test_attending_keeps_her_name_unblocks_and_tells(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        assert await members(tx).mark_blocked(ana)
        assert not await members(tx).mark_blocked(ana)
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).attend(ana, Contact(1001, "Anita\x00", None), kind="callback")

    async with stage.begin() as tx:
        profile = await members(tx).profile(ana)
    assert (profile.first_name, profile.username, profile.blocked_bot) == ("Anita", None, False)
    assert await facts(stage, "user.activity") == [{"member": ana, "kind": "callback"}]
    assert await facts(stage, "user.command_executed") == []


async def test_a_command_is_told_and_cancels_what_was_asked(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).expect(ana, "time_zone")
        await members(tx).attend(ana, ANA, kind="text")
        assert await members(tx).expected(ana, NEXT) is not None, "a text is its answer, so it stays"
        await members(tx).attend(ana, ANA, command="start")
        assert await members(tx).expected(ana, NEXT) is None

    assert await facts(stage, "user.command_executed") == [{"member": ana, "command": "start"}]


async def test_what_was_asked_is_taken_once(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).expect(ana, "promo", {"step": 1})
        await members(tx).expect(ana, "time_zone", {"step": 2})
        expected = await members(tx).expected(ana, NEXT)
        taken = await members(tx).answer_expected(ana, "time_zone")
        assert taken == expected
        assert (taken.kind, taken.data) == ("time_zone", {"step": 2})
        with pytest.raises(NothingAsked):
            await members(tx).answer_expected(ana, "time_zone")


async def test_two_answers_at_once_and_only_one_takes_it(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).expect(ana, "time_zone")

    async def take() -> None:
        async with stage.begin() as tx:
            await members(tx).answer_expected(ana, "time_zone")

    async with stage.begin() as first:
        await members(first).answer_expected(ana, "time_zone")
        second = asyncio.create_task(take())
        await stage.somebody_waits()
    with pytest.raises(NothingAsked):
        await second


@pytest.mark.parametrize(("minutes", "known"), [(0, True), (29.9, True), (30, False), (600, False)])
async def test_what_was_asked_is_forgotten_after_half_an_hour(stage: Stage, minutes: float, known: bool) -> None:  # noqa: FBT001 - a column of the table
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).expect(ana, "time_zone")
    stage.time.advance(minutes * 60)

    async with stage.begin() as tx:
        assert (await members(tx).expected(ana, NEXT) is not None) == known
        if known:
            await members(tx).answer_expected(ana, "time_zone")
        else:
            with pytest.raises(NothingAsked):
                await members(tx).answer_expected(ana, "time_zone")


async def test_an_answer_to_something_else_is_refused_and_forgetting_is_always_possible(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).expect(ana, "promo")
        with pytest.raises(NothingAsked):
            await members(tx).answer_expected(ana, "time_zone")
        await members(tx).expect(ana, "promo")
        await members(tx).forget_expected(ana)
        await members(tx).forget_expected(ana)
        assert await members(tx).expected(ana, NEXT) is None


async def test_she_chooses_language_and_time_zone(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).choose_language(ana, "en")
        assert await members(tx).choose_time_zone(ana, "madrid") == "Europe/Madrid"
        profile = await members(tx).profile(ana)
        with pytest.raises(WhichTimeZone) as several:
            await members(tx).choose_time_zone(ana, "méxico")
        with pytest.raises(UnknownTimeZone):
            await members(tx).choose_time_zone(ana, "Narnia")

    assert (profile.language, profile.time_zone) == ("en", "Europe/Madrid")
    assert several.value.choices[0] == "America/Mexico_City"


async def test_activity_is_written_at_most_once_a_minute(stage: Stage) -> None:
    ana = (await register(stage)).member

    async def seen(after: float) -> bool:
        stage.time.advance(after)
        async with stage.begin() as tx:
            return await members(tx).record_activity(ana, tx.at, zone="Europe/Madrid")

    assert [await seen(after) for after in (1, 30, 29, 1, 24 * 3600)] == [True, False, False, True, True]
    async with stage.begin() as tx:
        profile = await members(tx).profile(ana)
    assert profile.last_active_at == stage.clock.now()
    assert profile.engagement_streak == 2


async def test_her_own_zone_decides_which_day_it_is(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await members(tx).choose_time_zone(ana, "Asia/Tokyo")
        await members(tx).record_activity(ana, tx.at, zone="Europe/Madrid")
        await members(tx).record_activity(ana, tx.at + timedelta(hours=5), zone="Europe/Madrid")
        assert (await members(tx).profile(ana)).engagement_streak == 2, "at 17:00 UTC it is tomorrow in Tokyo"


async def test_nobody_is_nobody(stage: Stage) -> None:
    async with stage.begin() as tx:
        assert await members(tx).find(4) is None
        assert not await members(tx).record_activity(NOBODY, tx.at, zone="UTC")
        assert not await members(tx).mark_blocked(NOBODY)
        for verb in (
            members(tx).profile(NOBODY),
            members(tx).person(NOBODY),
            members(tx).choose_language(NOBODY, "en"),
            members(tx).choose_time_zone(NOBODY, "Madrid"),
            members(tx).erase(NOBODY),
            members(tx).own_data(NOBODY),
            members(tx).recognise_owner(NOBODY),
        ):
            with pytest.raises(NoSuchMember):
                await verb


async def test_all_that_is_known_of_her_is_exported_as_plain_values(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        before = await members(tx).own_data(ana)
        await members(tx).expect(ana, "promo", {"code": 5})
        after = await members(tx).own_data(ana)

    assert before["telegram_id"] == 1001
    assert before["first_name"] == "Ana"
    assert before["created_at"] == stage.clock.now().isoformat().replace("+00:00", "Z")
    assert before["pending_input"] is None
    assert after["pending_input"]["data"] == {"code": 5}


async def test_erased_means_that_nothing_personal_is_left(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).expect(ana, "promo", {"draft": "Ana"})
        await members(tx).choose_time_zone(ana, "Madrid")
        await members(tx).erase(ana)

    async with stage.begin() as tx:
        [row] = await tx.column(dict, "SELECT to_jsonb(users) FROM users")
    kept = {name for name, value in row.items() if value not in (None, False, 0)}
    assert kept == {"id", "language", "role", "created_at", "last_active_at", "erased_at"}
    assert await stage.count("pending_inputs") == 0
    assert await facts(stage, "user.erased") == [{"member": ana}]


async def test_who_was_erased_cannot_act_and_cannot_be_erased_again(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).erase(ana)
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        assert (await members(tx).profile(ana)).erased_at is not None
        assert not await members(tx).record_activity(ana, tx.at + timedelta(days=2), zone="UTC")
        for verb in (
            members(tx).erase(ana),
            members(tx).own_data(ana),
            members(tx).choose_language(ana, "en"),
            members(tx).choose_time_zone(ana, "Madrid"),
            members(tx).grant_role(ana, "admin", by=None),
        ):
            with pytest.raises(AlreadyErased):
                await verb


async def test_coming_back_after_erasure_is_a_new_beginning(stage: Stage) -> None:
    ana = (await register(stage)).member
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).erase(ana)

    again = await register(stage)

    assert again.new
    assert again.member != ana
    assert len(await facts(stage, "user.registered")) == 2


async def test_everybody_may_try_the_club_once(stage: Stage) -> None:
    ana, eva = (await register(stage)).member, (await register(stage, Contact(1002))).member
    async with stage.begin() as tx:
        first, later = tx.at + timedelta(days=3), tx.at + timedelta(days=30)
        assert not await members(tx).trial_used(ana)
        assert await members(tx).use_trial(ana, first)
        assert [await members(tx).trial_used(one) for one in (ana, eva, NOBODY)] == [True, False, True]
        assert not await members(tx).use_trial(ana, later)
        hers, others = await members(tx).own_data(ana), await members(tx).own_data(eva)
        assert not await members(tx).use_trial(NOBODY, first)

    assert (hers["vip_trial_used"], hers["vip_trial_end_date"]) == (True, first.isoformat().replace("+00:00", "Z"))
    assert (others["vip_trial_used"], others["vip_trial_end_date"]) == (False, None)
