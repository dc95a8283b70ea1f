"""Acts about a member that need more than her own slice."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.members import TIME_ZONE, AlreadyErased, Contact, NothingAsked, RoleChange, UnknownTimeZone
from dianabot.operations.acts import answer_time_zone
from dianabot.operations.asks import AnswerTimeZone, ChooseTimeZone, Erase, ExpectInput, GrantRole, Register
from dianabot.operations.erase import erase
from dianabot.operations.export import PARTS, export
from dianabot.operations.grant_role import grant_role
from dianabot.operations.register import RegistrationClosed, register
from dianabot.operations.rulebook import Rules, compose
from dianabot.operations.unit import Unit, Who
from tests.proof.stage import Stage

ANA = Contact(1001, "Ana", "ana_99", "fr")


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def join(stage: Stage, rules: Rules) -> MemberId:
    async with stage.begin() as tx:
        return (await register(Unit(tx, rules), Who("telegram"), Register(contact=ANA))).member


async def audited(stage: Stage) -> list[dict[str, Any]]:
    async with stage.begin() as tx:
        return await tx.column(dict, "SELECT to_jsonb(audit_log) FROM audit_log ORDER BY id")


async def test_a_stranger_speaks_the_creators_language_unless_we_know_better(stage: Stage) -> None:
    ana = await join(stage, compose({"creator": {"language": "en"}}))

    async with stage.begin() as tx:
        assert (await Unit(tx, Rules()).members.profile(ana)).language == "en"


async def test_while_registration_is_closed_strangers_wait_and_members_do_not(stage: Stage) -> None:
    closed = compose({"flags": {"registration": False}})
    with pytest.raises(RegistrationClosed):
        await join(stage, closed)
    assert await stage.count("users") == 0

    ana = await join(stage, Rules())
    assert await join(stage, closed) == ana


async def test_a_granted_role_is_written_down(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        change = await grant_role(Unit(tx, Rules()), Who("cli", ana), GrantRole(role="admin", reason="she helps"))

    [line] = await audited(stage)
    assert change == RoleChange("fan", "admin")
    assert (line["act"], line["target"]) == ("grant_role", f"member:{ana}")
    assert (line["before"], line["after"], line["reason"]) == ("fan", "admin", "she helps")


async def test_erasing_is_written_down_without_anything_personal_and_cannot_be_done_twice(stage: Stage) -> None:
    ana = await join(stage, Rules())
    for done in (False, True):
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            unit, who = Unit(tx, Rules()), Who(f"member:{ana}", ana)
            if done:
                with pytest.raises(AlreadyErased):
                    await erase(unit, who, Erase())
            else:
                await erase(unit, who, Erase())

    [line] = await audited(stage)
    assert (line["act"], line["target"]) == ("erase", f"member:{ana}")
    assert "Ana" not in json.dumps(line)


async def test_an_export_has_a_part_for_each_place_that_knows_her(stage: Stage) -> None:
    ana = await join(stage, Rules())
    async with stage.begin() as tx:
        await tx.run(
            "INSERT INTO operations (key, name, user_id, actor, input, input_hash, correlation_id, at) "
            "VALUES ('k', 'REGISTRAR', $1, 'telegram', '{}', '', gen_random_uuid(), $2)",
            ana,
            tx.at,
        )
        document = await export(Unit(tx, Rules()), ana)

    at = stage.clock.now().isoformat()
    assert document.keys() == {"exported_at", *PARTS}
    assert document["exported_at"] == at
    assert document["member"]["first_name"] == "Ana"
    assert document["history"] == [{"operation": "REGISTRAR", "actor": "telegram", "at": at}]
    assert json.loads(json.dumps(document)) == document


async def test_an_answer_that_is_no_zone_leaves_the_question_open(stage: Stage) -> None:
    ana = await join(stage, Rules())
    who = Who("telegram", ana)
    async with stage.begin() as tx:
        unit = Unit(tx, Rules())
        await unit.members.expect(ana, TIME_ZONE)
        await tx.savepoint()
        with pytest.raises(UnknownTimeZone):
            await answer_time_zone(unit, who, AnswerTimeZone(written="qqqqq"))
        await tx.undo_to_savepoint()
        assert await unit.members.expected(ana, uuid4()) is not None
        assert await answer_time_zone(unit, who, AnswerTimeZone(written="Madrid")) == "Europe/Madrid"
        with pytest.raises(NothingAsked):
            await answer_time_zone(unit, who, AnswerTimeZone(written="Lima"))
        assert (await unit.members.profile(ana)).time_zone == "Europe/Madrid"


def test_inputs_hold_only_what_postgresql_can_store() -> None:
    assert ChooseTimeZone(written="Ma\x00drid\ud800").written == "Madrid"
    assert ExpectInput(kind="promo", values={"a\x00": ["b\x00", {"c": "\ud800d"}, 5, None]}).values == {
        "a": ["b", {"c": "d"}, 5, None]
    }
    with pytest.raises(ValueError, match="pattern"):
        ExpectInput(kind="Not a kind")
    with pytest.raises(ValueError, match="string"):
        ChooseTimeZone(written=5)


def test_who_somebody_is_and_what_she_writes_is_not_kept_with_an_operation() -> None:
    assert Register.personal == {"contact"}
    assert ChooseTimeZone.personal == AnswerTimeZone.personal == {"written"}
