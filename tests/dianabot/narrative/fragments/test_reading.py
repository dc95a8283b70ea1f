"""Reading on a real PostgreSQL: begun, chosen, finished, and each thing told once."""

from collections.abc import AsyncIterator

import pytest

from dianabot.narrative.fragments import NoSuchDecision, NoSuchFragment, StaleChoice, StoryNotOpen
from tests.dianabot.narrative.fragments.tale import begin, facts, go, here, locked, publish, reader, take
from tests.proof.stage import Stage


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        await publish(running)
        yield running


async def test_whoever_has_not_begun_stands_nowhere_and_begins_at_the_entry(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        assert await fragments.here(ana) is None
        first = await fragments.begin(ana)
        assert await fragments.begin(ana) == first
        assert await fragments.variables(ana) == {"trust": 1, "met": False}
    assert (first.key, first.visit, first.visits, first.level_name) == ("hall", 1, 1, "Casa")
    assert await facts(stage) == [
        {"fragment": "hall", "visit": 1, "level": 1, "first": True, "left": None, "seconds": 0}
    ]


async def test_she_reads_in_her_language_and_else_as_it_was_written(stage: Stage) -> None:
    ana = await reader(stage)
    english = await here(stage, ana, "en")
    assert (english.title, english.text, english.level_name) == ("The hall", "Text of hall.", "House")
    assert english.taps[0].text == "open (en)"
    assert (await here(stage, ana, "es")).title == (await here(stage, ana)).title == "Hall"


async def test_a_page_holds_all_that_its_choices_need(stage: Stage) -> None:
    ana = await reader(stage)
    opening, _, climb = (await here(stage, ana)).choices
    assert (opening.key, opening.cost, opening.changes) == ("open", 5, (("trust", "+", 2),))
    assert (climb.target.key, climb.target.level, climb.target.vip, climb.target.unlocked) == ("garden", 2, True, False)
    assert climb.target.requirement.conditions


async def test_a_decision_writes_all_that_follows(stage: Stage) -> None:
    ana = await reader(stage)
    stage.time.advance(120)
    step = await take(stage, ana, "open")
    now = await here(stage, ana)
    assert (now.key, now.visit, now.own) == ("study", 2, {"trust": 3})
    assert [done.key for done in step.completed] == ["hall"]
    rows = await stage.rows(
        "SELECT key, p.status, visits, time_spent FROM user_narrative_progress p JOIN narrative_fragments"
        " ON id = fragment_id ORDER BY 1"
    )
    assert rows == [("hall", "completed", 1, 120), ("study", "visited", 1, 0)]
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        assert await fragments.completed(ana) == {"hall"}
        assert await fragments.decisions(ana) == {"hall.open"}
        assert await fragments.variables(ana) == {"trust": 3, "met": False}
    assert await facts(stage, "decision_taken") == [
        {"fragment": "hall", "decision": "hall.open", "visit": 1, "cost": 5}
    ]


async def test_a_way_back_to_the_same_place_is_one_row_and_a_new_visit(stage: Stage) -> None:
    ana = await reader(stage)
    await take(stage, ana, "stay")
    now = await here(stage, ana)
    assert (now.key, now.visit, now.visits, now.completed) == ("hall", 2, 2, True)


async def test_what_is_told_once_is_told_once(stage: Stage) -> None:
    ana = await reader(stage)
    for _ in range(2):
        await go(stage, ana, "open", "guess", "out", "home")
        async with stage.begin() as tx:
            await (await locked(tx, ana)).begin_again(ana)
    completed = await facts(stage, "fragment_completed")
    assert completed == [{"fragment": key} for key in ("hall", "study", "cave", "garden", "end")]
    assert await facts(stage, "secret_discovered") == [{"fragment": "cave"}]
    assert await facts(stage, "level_completed") == [{"level": 1}, {"level": 2}]
    assert await facts(stage, "story_completed") == [{"ending": "end"}]
    assert len(await facts(stage, "decision_taken")) == 8
    now = await here(stage, ana)
    assert (now.key, now.visit, now.own, now.visits) == ("hall", 11, {}, 3)


async def test_a_button_of_an_earlier_visit_says_what_was_chosen(stage: Stage) -> None:
    ana = await reader(stage)
    before = await here(stage, ana)
    await take(stage, ana, "open")
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        now = await fragments.here(ana)
        assert now is not None
        with pytest.raises(StaleChoice) as stale:
            await fragments.choose(ana, now, before.visit, before.taps[1].id, "en")
        assert stale.value == StaleChoice("hall", "open (en)")
        with pytest.raises(StaleChoice):
            await fragments.answer(ana, now, before.visit, "la luna")
        with pytest.raises(StaleChoice) as unknown:
            await fragments.choose(ana, now, 99, before.taps[1].id)
        assert unknown.value == StaleChoice("study", None)
        for gone in (before.taps[0].id, now.choices[1].id):  # of another page; of the challenge
            with pytest.raises(NoSuchDecision):
                await fragments.choose(ana, now, now.visit, gone)
        assert await fragments.choose(ana, now, now.visit, now.taps[0].id) == now.taps[0]


async def test_a_tap_that_comes_too_late_takes_the_way_of_the_late(stage: Stage) -> None:
    ana = await reader(stage)
    await take(stage, ana, "open")
    stage.time.advance(60)
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        now = await fragments.here(ana)
        assert now is not None
        fail = await fragments.choose(ana, now, now.visit, now.taps[0].id)
        assert fail.key == "fail"
        assert await fragments.choose(ana, now, now.visit, fail.id) == fail, "and by its own button"


async def test_tries_are_counted_in_a_visit_and_forgotten_with_it(stage: Stage) -> None:
    ana = await reader(stage)
    await take(stage, ana, "open")
    results = []
    for given in ("el sol", "Marte"):
        async with stage.begin() as tx:
            fragments = await locked(tx, ana)
            now = await fragments.here(ana)
            assert now is not None
            answer = await fragments.answer(ana, now, now.visit, given)
            results.append((answer.way and answer.way.key, answer.tries_left))
            if answer.way is not None:
                await fragments.decide(ana, now, answer.way)
    assert results == [(None, 1), ("fail", 0)]
    await take(stage, ana, "open")
    assert (await here(stage, ana)).tries_left == 2


async def test_she_reads_again_what_she_has_visited_and_nothing_else(stage: Stage) -> None:
    ana = await reader(stage)
    await take(stage, ana, "open")
    before = await here(stage, ana)
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        page = await fragments.read_again(ana, "hall", "en")
        assert (page.title, page.text, page.chosen) == ("The hall", "Text of hall.", "open (en)")
        for unseen in ("garden", "attic", "nothing"):
            with pytest.raises(NoSuchFragment):
                await fragments.read_again(ana, unseen)
    assert await here(stage, ana) == before


async def test_her_path_is_paged_from_its_end(stage: Stage) -> None:
    ana = await reader(stage)
    await go(stage, ana, "open", "back", "stay")
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        last = await fragments.path(ana, limit=2, language="en")
        assert [(one.visit, one.fragment, one.text) for one in last] == [
            (3, "hall", "stay (en)"),
            (2, "study", "back (en)"),
        ]
        assert [one.decision for one in await fragments.path(ana, before=2, limit=2)] == ["open"]


async def test_what_is_unlocked_is_said_once_and_shown_with_the_choice(stage: Stage) -> None:
    ana = await reader(stage)
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        assert await fragments.unlock(ana, ["garden", "nothing", "cave"]) == ["garden", "cave"]
        assert await fragments.unlock(ana, ["garden"]) == []
        assert (await fragments.find(ana, "garden")).unlocked
    assert (await here(stage, ana)).choices[2].target.unlocked
    assert await facts(stage, "content_unlocked") == [{"fragment": "garden"}, {"fragment": "cave"}]


async def test_what_she_sees_from_where_she_stands_is_unlocked_and_said_once_too(stage: Stage) -> None:
    ana = await reader(stage)
    for times in (1, 0, 0):
        async with stage.begin() as tx:
            fragments = await locked(tx, ana)
            seen = await fragments.here(ana)
            assert seen is not None
            assert seen.choices[2].target.key == "garden"
            assert await fragments.unlock(ana, ["garden", "garden"]) == ["garden"] * times
            assert await fragments.unlock(ana, ["garden"]) == []
    assert await facts(stage, "content_unlocked") == [{"fragment": "garden"}]
    assert await stage.rows("SELECT user_id FROM user_unlocked_fragments") == [(ana,)]


async def test_variables_may_change_before_she_begins_and_what_is_not_declared_is_not_seen(stage: Stage) -> None:
    [ana] = await stage.members()
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        await fragments.change_variables(ana, [("trust", "+", 4), ("gone", "=", True)])
        await fragments.change_variables(ana, [("met", "=", True)])
        assert await fragments.variables(ana) == {"trust": 5, "met": True}
        assert await fragments.here(ana) is None
        assert await fragments.stranded() == []
    first = await begin(stage, ana)
    assert (first.visit, first.own) == (1, {"trust": 5, "gone": True, "met": True})


async def test_she_may_go_somewhere_without_a_decision(stage: Stage) -> None:
    ana = await reader(stage)
    async with stage.begin() as tx:
        step = await (await locked(tx, ana)).enter(ana, "garden")
    assert (step.left, step.completed, step.levels, step.visit) == ("hall", (), (), 2)
    async with stage.begin() as tx:
        fragments = await locked(tx, ana)
        with pytest.raises(NoSuchFragment):
            await fragments.enter(ana, "attic")
        assert (await fragments.preview("garden", "en")).text == "Text of garden."
        assert await fragments.titles(["garden", "attic"], "en") == {"garden": "The garden"}
        assert await fragments.choice_texts(["hall.open", "hall.x"]) == {"hall.open": "open!"}


async def test_no_story_no_reading(stage: Stage) -> None:
    ana = await reader(stage)
    [bea] = await stage.members()
    await publish(stage, [])
    async with stage.begin() as tx:
        await tx.lock_members(ana, bea)
        fragments = await locked(tx, bea)
        for ask in (fragments.begin(bea), fragments.here(ana), fragments.begin_again(ana)):
            with pytest.raises(StoryNotOpen):
                await ask
        assert await fragments.glance(ana) is None
