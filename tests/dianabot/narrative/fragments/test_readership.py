from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from psycopg.errors import LockNotAvailable

from dianabot.narrative.fragments import FragmentCompleted, Fragments, FragmentVisited, Readership
from tests.dianabot.narrative.fragments.tale import LEVELS, RULES, TALE, VARIABLES, begin, go, publish, reader
from tests.proof.stage import Stage

PROGRESS = """
SELECT key, sum(visits), count(*), count(*) FILTER (WHERE progress.status = 'completed'),
       sum(visits) - (SELECT count(*) FROM user_story_state WHERE current_fragment_id = fragment_id), sum(time_spent)
FROM user_narrative_progress AS progress JOIN narrative_fragments ON id = fragment_id GROUP BY key, fragment_id
"""
COUNTED = """
SELECT key, view_count, reader_count, completed_count, left_count, seconds_read
FROM narrative_fragments WHERE view_count > 0
"""
TOLD = "SELECT event_type, event_data FROM event_logs WHERE event_type = ANY ($1) ORDER BY seq"
KINDS: dict[str, type[FragmentVisited | FragmentCompleted]] = {
    kind.event_type: kind for kind in (FragmentVisited, FragmentCompleted)
}


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        await publish(running)
        yield running


async def count(stage: Stage) -> None:
    """Bring everything told so far, as the tail does."""
    told = [KINDS[kind].model_validate(data) for kind, data in await stage.rows(TOLD, list(KINDS))]
    async with stage.begin() as tx:
        await Fragments(tx, RULES).count(told)


async def readership(stage: Stage) -> dict[str, Readership]:
    async with stage.begin() as tx:
        return {one.key: one for one in await Fragments(tx, RULES).readership()}


async def test_a_fragment_counts_what_its_readers_did(stage: Stage) -> None:
    ana = await reader(stage)
    [eva] = await stage.members()
    await begin(stage, eva)
    stage.time.advance(40)
    await go(stage, ana, "open", "back", "stay", "open")
    stage.time.advance(7)
    await go(stage, ana, "back", "climb", "home")
    await count(stage)
    assert sorted(await stage.rows(COUNTED)) == sorted(await stage.rows(PROGRESS))
    read = await readership(stage)
    hall = read["hall"]
    assert (hall.views, hall.readers, hall.completed, hall.standing, hall.lost) == (5, 2, 50.0, 1, 0)
    assert hall.seconds == 40 / 4, "whoever is still there has not stayed for so long yet"
    assert hall.ways == (("open", 2), ("stay", 1), ("climb", 1))
    assert read["end"].completed == 100
    assert list(read) == [one.key for one in TALE if not one.draft]


async def test_who_has_stood_still_for_long_is_lost_there_unless_it_is_an_ending(stage: Stage) -> None:
    ana = await reader(stage)
    [eva] = await stage.members()
    await begin(stage, eva)
    await go(stage, ana, "climb", "home")
    stage.time.advance(timedelta(days=RULES.lost_after_days).total_seconds())
    read = await readership(stage)
    assert (read["hall"].standing, read["hall"].lost) == (1, 1)
    assert (read["end"].standing, read["end"].lost) == (1, 0)


async def test_what_is_published_anew_or_retired_keeps_its_counts(stage: Stage) -> None:
    ana = await reader(stage)
    await go(stage, ana, "open", "back")
    await count(stage)
    before = await stage.rows(COUNTED)
    await publish(stage, [one for one in TALE if one.key != "study"])
    assert sorted(await stage.rows(COUNTED)) == sorted(before)
    read = await readership(stage)
    assert list(read)[-1] == "study"
    assert (read["study"].status, read["study"].views, read["study"].ways) == ("retired", 1, (("back", 1),))


async def test_nothing_told_counts_nothing(stage: Stage) -> None:
    await count(stage)
    read = await readership(stage)
    assert {(one.views, one.completed, one.seconds) for one in read.values()} == {(0, 0.0, 0.0)}


async def test_counting_does_not_wait_for_a_publication_and_nothing_is_lost(stage: Stage) -> None:
    """Each would else hold rows that the other waits for."""
    await reader(stage)
    async with stage.begin() as publishing:
        await Fragments(publishing, RULES).publish(TALE, LEVELS, VARIABLES, "es")
        with pytest.raises(LockNotAvailable):
            await count(stage)
    await count(stage)
    assert [row[:2] for row in await stage.rows(COUNTED)] == [("hall", 1)]
