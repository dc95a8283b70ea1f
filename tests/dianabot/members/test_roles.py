"""Roles on a real PostgreSQL: never above one's own, and never without an owner."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members import LastOwner, MayNotGrantRoles, Members, MembersRules, Role, RoleChange, RoleTooHigh
from tests.proof.stage import Stage


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


def members(tx: Tx) -> Members:
    return Members(tx, MembersRules())


async def grant(stage: Stage, member: MemberId, role: Role, by: MemberId | None = None) -> RoleChange:
    async with stage.begin() as tx:
        await tx.lock_members(member)
        return await members(tx).grant_role(member, role, by=by)


async def role_of(stage: Stage, member: MemberId) -> str:
    async with stage.begin() as tx:
        return (await members(tx).profile(member)).role


async def test_the_operator_makes_the_first_owner_and_owners_make_others(stage: Stage) -> None:
    ana, eva = await stage.members(2)

    assert await grant(stage, ana, "owner") == RoleChange("fan", "owner")
    assert await grant(stage, eva, "moderator", by=ana) == RoleChange("fan", "moderator")
    async with stage.begin() as tx:
        assert [each.id for each in await members(tx).staff()] == [ana, eva]


async def test_a_moderator_grants_nothing_and_an_admin_makes_no_owner(stage: Stage) -> None:
    ana, eva, fan = await stage.members(3)
    await grant(stage, ana, "moderator")
    await grant(stage, eva, "admin")

    with pytest.raises(MayNotGrantRoles):
        await grant(stage, fan, "reader", by=ana)
    with pytest.raises(RoleTooHigh):
        await grant(stage, fan, "owner", by=eva)
    assert await role_of(stage, fan) == "fan"


async def test_the_last_owner_stays(stage: Stage) -> None:
    [ana] = await stage.members()
    await grant(stage, ana, "owner")

    with pytest.raises(LastOwner):
        await grant(stage, ana, "fan", by=ana)
    with pytest.raises(LastOwner):
        await grant(stage, ana, "admin")
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        with pytest.raises(LastOwner):
            await members(tx).erase(ana)
    assert await grant(stage, ana, "owner", by=ana) == RoleChange("owner", "owner")


async def test_one_of_two_owners_may_go(stage: Stage) -> None:
    ana, eva = await stage.members(2)
    await grant(stage, ana, "owner")
    await grant(stage, eva, "owner")

    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await members(tx).erase(ana)

    assert await role_of(stage, ana) == "fan"
    with pytest.raises(LastOwner):
        await grant(stage, eva, "fan")


async def test_two_owners_who_demote_each_other_at_once_leave_one(stage: Stage) -> None:
    ana, eva = await stage.members(2)
    await grant(stage, ana, "owner")
    await grant(stage, eva, "owner")

    async with stage.begin() as first:
        await first.lock_members(eva)
        await members(first).grant_role(eva, "fan", by=ana)
        second = asyncio.create_task(grant(stage, ana, "fan", by=eva))
        await stage.somebody_waits()

    with pytest.raises(MayNotGrantRoles):
        await second
    assert [await role_of(stage, member) for member in (ana, eva)] == ["owner", "fan"]


async def test_two_owners_who_leave_at_once_leave_one(stage: Stage) -> None:
    ana, eva = await stage.members(2)
    await grant(stage, ana, "owner")
    await grant(stage, eva, "owner")

    async def leave(member: MemberId) -> None:
        async with stage.begin() as tx:
            await tx.lock_members(member)
            await members(tx).erase(member)

    outcomes = await asyncio.gather(leave(ana), leave(eva), return_exceptions=True)

    assert sorted(map(repr, map(type, outcomes))) == sorted(map(repr, [type(None), LastOwner]))


async def test_the_owner_named_in_the_settings_is_recognised_once(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        assert await members(tx).recognise_owner(ana)
        assert not await members(tx).recognise_owner(ana)

    assert await role_of(stage, ana) == "owner"
