"""CAMBIAR_REGLA, QUITAR_REGLA, RESTAURAR_REGLAS: other rules for everybody, checked whole before they hold."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from dianabot.operations.asks import Reasoning, Values, storable
from dianabot.operations.rulebook import steps
from dianabot.operations.unit import Act, Unit, Who
from dianabot.rulebook import Document, Version, difference, with_value, without_value

RulePath = Annotated[str, BeforeValidator(storable), StringConstraints(min_length=1, max_length=200)]


class RulesNow(BaseModel):
    """The version that came of it; every process runs it within 2 s."""

    model_config = ConfigDict(frozen=True)

    version: int


class ChangeRule(Act[RulesNow]):
    """With `expected`, only if that is still the newest version."""

    path: RulePath
    value: Values
    expected: int | None = None
    reason: Reasoning = ""


class ResetRule(Act[RulesNow]):
    """Back to the default, whatever that is or will be."""

    path: RulePath
    expected: int | None = None
    reason: Reasoning = ""


class RevertRules(Act[RulesNow]):
    """All rules as they were in `version`, as a new version."""

    version: int
    expected: int | None = None
    reason: Reasoning = ""


async def change_rule(unit: Unit, who: Who, act: ChangeRule) -> RulesNow:
    now = await _newest(unit, who, act.expected)
    return await _decide(unit, who, now, with_value(now.document, steps(act.path), act.value), act.reason)


async def reset_rule(unit: Unit, who: Who, act: ResetRule) -> RulesNow:
    now = await _newest(unit, who, act.expected)
    return await _decide(unit, who, now, without_value(now.document, steps(act.path)), act.reason)


async def revert_rules(unit: Unit, who: Who, act: RevertRules) -> RulesNow:
    now = await _newest(unit, who, act.expected)
    then = await unit.rulebook.at(act.version)
    return await _decide(unit, who, now, then.document, act.reason, reverts_to=then.version)


async def _newest(unit: Unit, who: Who, expected: int | None) -> Version:
    """For admins and owners, and for the operator, who is no member."""
    if who.member is not None:
        await unit.members.require(who.member, "admin")
    return await unit.rulebook.newest_locked(expected)


async def _decide(
    unit: Unit, who: Who, now: Version, document: Document, reason: str, *, reverts_to: int | None = None
) -> RulesNow:
    after = unit.rules.successor(document, now.version + 1)
    before = unit.rules.successor(now.document, now.version)
    changed = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
    new = await unit.rulebook.decide(now, document, changed, actor=who.actor, reason=reason, reverts_to=reverts_to)
    return RulesNow(version=new.version)
