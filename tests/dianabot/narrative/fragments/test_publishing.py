"""Publishing under readers: nobody is touched, nobody is lost."""

import time
from collections.abc import AsyncIterator, Sequence

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import Fragments, Stranded
from dianabot.vocabulary.world import Fragment
from tests.dianabot.narrative.fragments.tale import (
    RULES,
    TALE,
    facts,
    go,
    here,
    locked,
    publish,
    reader,
    take,
    told,
    way,
)
from tests.proof.stage import Stage

PLACE = """
INSERT INTO user_story_state (user_id, current_fragment_id, visit, visited_at)
SELECT users.id, fragment.id, 1, users.created_at
FROM users JOIN (SELECT id, row_number() OVER (ORDER BY position) - 1 AS n FROM narrative_fragments) AS fragment
     ON fragment.n = users.id % $1
RETURNING user_id
"""


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


async def changes(stage: Stage, tale: Sequence[Fragment]) -> dict[str, str]:
    return {one.key: one.what for one in await publish(stage, tale)}


async def versions(stage: Stage) -> dict[str, tuple[int, str]]:
    rows = await stage.rows("SELECT key, version, status FROM narrative_fragments")
    return {key: (version, status) for key, version, status in rows}


async def stranded(stage: Stage) -> list[Stranded]:
    async with stage.begin() as tx:
        return await Fragments(tx, RULES).stranded()


def edited(key: str, **changed: object) -> list[Fragment]:
    return [one.model_copy(update=changed) if one.key == key else one for one in TALE]


async def test_the_same_again_changes_nothing(stage: Stage) -> None:
    assert await changes(stage, TALE) == dict.fromkeys((one.key for one in TALE), "added")
    before = await versions(stage)
    assert await changes(stage, TALE) == {}
    assert await versions(stage) == before
    assert before["attic"] == (1, "draft")


@pytest.mark.parametrize(
    ("what", "tale", "said"),
    [
        ("a text", edited("cave", text={"es": "Otra cosa."}), {"cave": "changed"}),
        ("a translation", edited("cave", title={"es": "Cave", "en": "Hole"}), {"cave": "changed"}),
        ("a picture", edited("cave", image="hall.jpg"), {"cave": "changed"}),
        ("a challenge", edited("study", challenge=None), {"study": "changed"}),
        ("a new decision", edited("cave", decisions=[way("out", "garden"), way("in", "cave")]), {"cave": "changed"}),
        ("a changed decision", edited("cave", decisions=[way("out", "garden", cost=1)]), {"cave": "changed"}),
        ("decision and text", edited("cave", decisions=[], text={"es": "x"}), {"cave": "changed"}),
        ("a fragment gone", [one for one in TALE if one.key != "end"], {"end": "retired"}),
        ("a draft told", edited("attic", draft=False), {"attic": "changed"}),
        ("another order", list(reversed(TALE)), {}),
    ],
)
async def test_a_version_is_made_of_what_changed_alone(
    stage: Stage, what: str, tale: list[Fragment], said: dict[str, str]
) -> None:
    await publish(stage)
    assert await changes(stage, tale) == said, what
    counted = {key: version for key, (version, _) in (await versions(stage)).items() if version > 1}
    assert counted == {key: 2 for key, kind in said.items() if kind == "changed"}


async def test_what_is_retired_comes_back_with_its_readers_past(stage: Stage) -> None:
    await publish(stage)
    ana = await reader(stage)
    await take(stage, ana, "open")
    await publish(stage, [one for one in TALE if one.key != "hall"])
    assert (await versions(stage))["hall"] == (1, "retired")
    assert await changes(stage, TALE) == {"hall": "changed"}
    await take(stage, ana, "back")
    now = await here(stage, ana)
    assert (now.key, now.visits) == ("hall", 2)


async def test_choices_lead_to_what_is_published_only(stage: Stage) -> None:
    drafted = told("hall", way("up", "attic"), way("in", "study"), entry=True)
    await publish(stage, [drafted, *TALE[1:]])
    ana = await reader(stage)
    assert [choice.key for choice in (await here(stage, ana)).choices] == ["in"]


async def test_levels_and_variables_follow_the_author(stage: Stage) -> None:
    await publish(stage)
    async with stage.begin() as tx:
        await Fragments(tx, RULES).publish(TALE, [], [], "es")
    ana = await reader(stage)
    assert (await here(stage, ana)).level_name is None
    async with stage.begin() as tx:
        assert await Fragments(tx, RULES).variables(ana) == {}


async def test_a_reader_goes_where_the_author_sends_her(stage: Stage) -> None:
    await publish(stage)
    ana = await reader(stage)
    await go(stage, ana, "open", "guess")
    chain = [
        TALE[0],
        told("study", draft=True, if_gone="attic"),
        told("cave", draft=True, if_gone="study"),
        told("attic"),
    ]
    await publish(stage, chain)
    assert await stranded(stage) == [Stranded(ana, "cave", "attic", "author")]
    now = await here(stage, ana)
    assert (now.key, now.moved_from, now.visit) == ("attic", "cave", 4)
    assert (await here(stage, ana)).moved_from is None
    assert await stranded(stage) == []
    [*_, moved] = await facts(stage, "fragment_visited")
    assert (moved["fragment"], moved["visit"], moved["left"]) == ("attic", 4, "cave")


@pytest.mark.parametrize(
    ("what", "tale", "to", "why"),
    [
        ("a circle", [TALE[0], told("cave", draft=True, if_gone="study"), told("study", draft=True, if_gone="cave")],
         "hall", "completed"),
        ("itself", [TALE[0], told("cave", draft=True, if_gone="cave")], "hall", "completed"),
        ("nowhere", [TALE[0], told("cave", draft=True, if_gone="gone")], "hall", "completed"),
        ("the club", [TALE[0], told("cave", draft=True, if_gone="vip"), told("vip", vip=True)], "hall", "completed"),
        ("the last completed", [told("new", entry=True), TALE[0], told("study")], "study", "completed"),
        ("only the club's since", [told("new", entry=True), TALE[0], told("study", vip=True)], "hall", "completed"),
        ("nothing known", [told("new", entry=True), told("other", entry=True)], "new", "entry"),
    ],
)  # fmt: skip
async def test_without_a_way_of_the_authors_she_goes_back(
    stage: Stage, what: str, tale: list[Fragment], to: str, why: str
) -> None:
    await publish(stage, [*TALE[:2], *TALE[2:]])
    ana = await reader(stage)
    await take(stage, ana, "open")
    stage.time.advance(5)
    await take(stage, ana, "guess")
    if to == "hall":
        stays = what in {"a circle", "only the club's since"}
        tale = tale if stays else [one for one in tale if one.key != "study"]
    await publish(stage, tale)
    assert [(one.to, one.why) for one in await stranded(stage)] == [(to, why)], what
    assert (await here(stage, ana)).key == to


async def test_looking_moves_nobody(stage: Stage) -> None:
    await publish(stage)
    ana = await reader(stage)
    await take(stage, ana, "open")
    async with stage.begin() as tx:
        found = await (await locked(tx, ana)).glance(ana)
        assert found is not None
        assert found.key == "study"
    await publish(stage, TALE[:1])
    async with stage.transactions.look(stage.cause()) as tx:
        assert await Fragments(tx, RULES).glance(ana) is None


@pytest.mark.slow
async def test_a_thousand_readers_survive_half_their_story(stage: Stage) -> None:
    whole = [told(f"f{n}", entry=n == 0, if_gone=f"f{n - 1}" if n % 3 else None) for n in range(40)]
    await publish(stage, whole)
    await stage.members(1000)
    readers = [MemberId(member) for (member,) in await stage.rows(PLACE, len(whole))]
    kept = [one for n, one in enumerate(whole) if n % 4 < 2]
    await publish(stage, kept)
    surviving = {one.key for one in kept}
    report = {one.member: one for one in await stranded(stage)}
    assert len(readers) == 1000
    assert len(report) == 500
    for one in readers:
        async with stage.begin() as tx:
            fragments = await locked(tx, one)
            now = await fragments.here(one)
        assert now is not None
        assert now.published
        assert now.key in surviving
        assert (now.moved_from is not None) == (one in report)
        if one in report:
            assert (now.key, now.moved_from) == (report[one].to, report[one].stands_in)
    assert await stranded(stage) == []


async def test_a_long_story_is_published_at_once(stage: Stage) -> None:
    whole = [told(f"f{n}", way("on", f"f{n + 1}"), way("back", "f0"), entry=n == 0) for n in range(500)]
    for tale in (whole, whole[::2]):
        before = time.perf_counter()
        assert len(await changes(stage, tale)) >= 250
        assert time.perf_counter() - before < 2
