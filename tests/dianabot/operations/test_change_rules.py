"""Rules are changed by path, checked whole, and taken back by going forwards."""

import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from dianabot.kernel.ids import MemberId
from dianabot.members import RoleTooLow
from dianabot.operations.asks import GrantRole
from dianabot.operations.change_rules import (
    ChangeRule,
    ResetRule,
    RevertRules,
    RulesNow,
    change_rule,
    reset_rule,
    revert_rules,
)
from dianabot.operations.grant_role import grant_role
from dianabot.operations.rulebook import Rules
from dianabot.operations.unit import Unit, Who
from dianabot.rulebook import NoSuchRules, NothingChanged, RulesMoved, Version, WrongRule
from tests.proof.stage import Stage

OPERATOR = Who("cli")
COUNT = "limits.purchase.count"


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def change(stage: Stage, path: str, value: Any, who: Who = OPERATOR, **more: Any) -> RulesNow:
    async with stage.begin() as tx:
        return await change_rule(Unit(tx, Rules()), who, ChangeRule(path=path, value=value, **more))


async def newest(stage: Stage) -> Version:
    async with stage.begin() as tx:
        return await Unit(tx, Rules()).rulebook.newest()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {"count": [1.0, math.nan]}])
def test_what_json_has_no_number_for_is_no_value(value: Any) -> None:
    with pytest.raises(ValidationError, match="is no number that can be kept"):
        ChangeRule(path=COUNT, value=value)


async def test_a_change_is_a_new_version_with_before_and_after(stage: Stage) -> None:
    assert await change(stage, COUNT, 7, reason=" too few ") == RulesNow(version=1)
    assert await change(stage, "texts.es.start.hello", "Hola\x00") == RulesNow(version=2)

    async with stage.begin() as tx:
        second, first = await Unit(tx, Rules()).rulebook.history()
    assert first.document == {"limits": {"purchase": {"count": 7}}}
    assert (first.changed, first.actor, first.reason) == ({COUNT: [5, 7]}, "cli", "too few")
    assert second.document == {**first.document, "texts": {"es": {"start.hello": "Hola"}}}
    assert second.changed == {"texts.es.start.hello": [None, "Hola"]}


@pytest.mark.parametrize(
    ("path", "value"),
    [(COUNT, 0), (COUNT, "7"), ("limits.purchase", 7), ("nothing.there", 1), ("version", 3), ("", 1), ("a..b", 1)],
)
async def test_a_wrong_change_is_refused_and_leaves_no_version(stage: Stage, path: str, value: object) -> None:
    if not path:
        with pytest.raises(ValueError, match="at least 1"):
            ChangeRule(path=path, value=value)
        return
    with pytest.raises(WrongRule):
        await change(stage, path, value)

    assert (await newest(stage)).version == 0


async def test_the_same_value_again_changes_nothing(stage: Stage) -> None:
    await change(stage, COUNT, 7)

    with pytest.raises(NothingChanged):
        await change(stage, COUNT, 7)
    with pytest.raises(NothingChanged):
        await change(stage, "limits.api.count", 100)


async def test_who_looked_at_older_rules_is_refused(stage: Stage) -> None:
    await change(stage, COUNT, 7, expected=0)

    with pytest.raises(RulesMoved):
        await change(stage, COUNT, 8, expected=0)


async def test_a_rule_goes_back_to_its_default(stage: Stage) -> None:
    await change(stage, COUNT, 7)
    async with stage.begin() as tx:
        assert await reset_rule(Unit(tx, Rules()), OPERATOR, ResetRule(path=COUNT)) == RulesNow(version=2)

    now = await newest(stage)
    assert now.document == {}
    assert now.changed == {COUNT: [7, 5]}
    async with stage.begin() as tx:
        with pytest.raises(NothingChanged):
            await reset_rule(Unit(tx, Rules()), OPERATOR, ResetRule(path=COUNT))


async def test_any_version_comes_back_as_a_new_one(stage: Stage) -> None:
    await change(stage, COUNT, 7)
    await change(stage, "flags.registration", value=False)
    for version in (1, 0):
        async with stage.begin() as tx:
            await revert_rules(Unit(tx, Rules()), OPERATOR, RevertRules(version=version, reason="back"))

    async with stage.begin() as tx:
        fourth, third, *_ = await Unit(tx, Rules()).rulebook.history()
    assert (third.document, third.reverts_to, third.reason) == ({"limits": {"purchase": {"count": 7}}}, 1, "back")
    assert (fourth.version, fourth.document, fourth.reverts_to) == (4, {}, 0)
    assert fourth.changed == {COUNT: [7, 5]}


async def test_there_is_no_way_back_to_what_never_was(stage: Stage) -> None:
    async with stage.begin() as tx:
        with pytest.raises(NoSuchRules):
            await revert_rules(Unit(tx, Rules()), OPERATOR, RevertRules(version=3))


@pytest.mark.parametrize(
    ("role", "may"), [("fan", False), ("reader", False), ("moderator", False), ("admin", True), ("owner", True)]
)
async def test_only_admins_and_owners_change_rules(stage: Stage, role: Any, may: bool) -> None:  # noqa: FBT001 - a column of the table
    [ana] = await stage.members()
    who = Who(f"member:{ana}", MemberId(ana))
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        await grant_role(Unit(tx, Rules()), who, GrantRole(role=role))

    if may:
        assert await change(stage, COUNT, 7, who) == RulesNow(version=1)
        assert (await newest(stage)).actor == f"member:{ana}"
        return
    with pytest.raises(RoleTooLow) as refused:
        await change(stage, COUNT, 7, who)
    assert refused.value == RoleTooLow("admin", role)
