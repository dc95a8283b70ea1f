"""Requirements judged on a real member, with the ways to meet them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from dianabot.kernel.errors import Refusal
from dianabot.kernel.ids import MemberId
from dianabot.members import NoSuchMember
from dianabot.operations.requirements import RequirementsFailed, RequirementsNotMet, lacking, require
from dianabot.operations.rulebook import Rules
from dianabot.operations.standing import standing
from dianabot.operations.unit import Unit
from dianabot.vocabulary.missing import Missing, Way
from dianabot.vocabulary.requirement import parse
from dianabot.vocabulary.standing import NotLoaded, Person
from tests.proof.stage import START, Stage

BEFORE, LATER = (START - timedelta(days=1)).isoformat(), (START + timedelta(days=1)).isoformat()
NOW = START.isoformat()
SETTINGS = Way("settings", "language")
ENGLISH = Missing("languages", ("en",), "es").with_ways(SETTINGS)
NOT_SPANISH = Missing("languages", ("es",), "es", opposite=True).with_ways(SETTINGS)
EARLY = Missing("from", LATER, NOW).with_ways(Way("wait", LATER))


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def test_only_the_kinds_named_are_gathered(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        unit = Unit(tx, Rules())
        assert (await standing(unit, ana, {"person"})).person == Person("es")
        nothing = await standing(unit, ana, ())
        with pytest.raises(NoSuchMember):
            await standing(unit, MemberId(999), {"person"})

    assert nothing.at == START
    with pytest.raises(NotLoaded):
        _ = nothing.person


@pytest.mark.parametrize(
    ("document", "lacks"),
    [
        ({}, []),
        ({"languages": ["es"], "from": BEFORE}, []),
        ({"languages": ["en"]}, [ENGLISH]),
        ({"from": LATER, "languages": ["en"]}, [EARLY, ENGLISH]),
        ({"until": BEFORE}, [Missing("until", BEFORE, NOW)]),
        ({"not": {"languages": ["es"]}}, [NOT_SPANISH]),
        ({"not": {"until": LATER}}, [Missing("until", LATER, NOW, opposite=True).with_ways(Way("wait", LATER))]),
        ({"not": {"from": BEFORE}}, [Missing("from", BEFORE, NOW, opposite=True)]),
        ({"any": [{"languages": ["en"]}, {"from": LATER}]}, [Missing("any", options=((ENGLISH,), (EARLY,)))]),
    ],
)
async def test_all_that_is_missing_comes_with_the_ways_to_get_it(
    stage: Stage, document: dict[str, Any], lacks: list[Missing]
) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        assert await lacking(Unit(tx, Rules()), ana, parse(document)) == lacks


async def test_who_does_not_meet_it_is_refused_with_all_of_it_and_the_fact_stands(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        with pytest.raises(RequirementsNotMet) as refused:
            await require(Unit(tx, Rules()), ana, parse({"from": LATER, "languages": ["en"]}))
        await require(Unit(tx, Rules()), ana, parse({"languages": ["es"]}))

    assert refused.value.lacking == [EARLY, ENGLISH]
    assert refused.value.facts == (RequirementsFailed(member=ana, missing=("from", "languages")),)
    assert Refusal.from_json(refused.value.to_json()) == refused.value
