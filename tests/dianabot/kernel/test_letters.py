from datetime import timedelta

import pytest

from dianabot.kernel.bus import Consequence, Consumers
from dianabot.kernel.bus.lanes import ATTEMPTS
from dianabot.kernel.bus.letters import PAGE, AlreadyHeard, NoSuchLetter, drop, letter, letters, replay, retry
from dianabot.kernel.events import Envelope
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from tests.proof.stage import START, Aired, Noted, Stage, seeing


def moody(broken: set[int]) -> Consumers:
    async def effect(tx: Tx, event: Envelope) -> None:
        await seeing("ears")(tx, event)
        if event.data["n"] in broken:
            raise ValueError(event.data["n"])

    return Consumers((Consequence("ears", "proof.noted", effect),))


async def bury(stage: Stage, *numbers: int) -> MemberId:
    """A member with a dead letter for each of these."""
    await stage.watch()
    [ana] = await stage.members()
    for n in numbers:
        await stage.happen(Noted(member=ana, n=n))
    while not await stage.at_rest():
        await stage.bus.drain()
        stage.time.advance(30)
    assert await stage.count("dead_letters") == len(numbers)
    return ana


async def test_a_letter_that_is_retried_takes_effect_once(postgres_dsn: str) -> None:
    broken = {1}
    async with Stage(postgres_dsn, moody(broken)) as stage:
        ana = await bury(stage, 1)
        broken.clear()
        async with stage.begin() as tx:
            [found] = await letters(tx)
            assert (await retry(tx, found.id)).event_type == "proof.noted"
        assert await stage.count("dead_letters") == 0
        assert await stage.rows("SELECT attempts FROM deliveries") == [(0,)]
        await stage.bus.drain()
        assert await stage.seen() == [(f"member:{ana}", 1)]


async def test_a_letter_that_fails_again_comes_back_after_its_three_attempts(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, moody({1})) as stage:
        await bury(stage, 1)
        async with stage.begin() as tx:
            await retry(tx, (await letters(tx))[0].id)
        for _ in range(ATTEMPTS):
            assert await stage.count("dead_letters") == 0
            await stage.bus.drain()
            stage.time.advance(30)
        assert await stage.count("dead_letters") == 1


async def test_a_dropped_letter_is_gone_with_all_it_would_have_done(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, moody({1})) as stage:
        await bury(stage, 1)
        async with stage.begin() as tx:
            await drop(tx, (await letters(tx))[0].id)
        await stage.bus.drain()
        assert await stage.seen() == []
        assert await stage.count("dead_letters") == 0
        assert await stage.count("event_logs", "event_type = 'proof.noted'") == 1, "the log keeps what happened"


async def test_letters_are_listed_newest_first_by_pages_and_shown_whole(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, moody({1, 2, 3})) as stage:
        await bury(stage, 1, 2, 3)
        async with stage.begin() as tx:
            first = await letters(tx, limit=2)
            rest = await letters(tx, before=first[-1].id)
            whole = await letter(tx, rest[0].id)
        assert [len(first), len(rest)] == [2, 1]
        assert [one.id for one in [*first, *rest]] == sorted((one.id for one in [*first, *rest]), reverse=True)
        assert whole.event_data["n"] == 1
        assert "raise ValueError" in whole.trace


@pytest.mark.parametrize("act", [letter, retry, drop])
async def test_a_letter_that_is_not_there_is_a_clear_no(postgres_dsn: str, act: type) -> None:
    async with Stage(postgres_dsn) as stage:
        with pytest.raises(NoSuchLetter):
            async with stage.begin() as tx:
                await act(tx, 4)


def two_hear() -> Consumers:
    return Consumers(
        (Consequence("ears", "proof.noted", seeing("ears")), Consequence("new", "proof.noted", seeing("new")))
    )


async def fill(stage: Stage, *, drain: bool = False) -> int:
    """Replay to the end, one transaction a page; how many events that were."""
    total = 0
    while True:
        async with stage.begin() as tx:
            found = await replay(tx, stage.routes, "new", START - timedelta(days=1))
        if drain:
            await stage.bus.drain()
        if not found:
            return total
        total += found


async def test_a_new_consumer_gets_exactly_what_it_never_had_in_order(postgres_dsn: str) -> None:
    one_hears = Consumers((Consequence("ears", "proof.noted", seeing("ears")),))
    async with Stage(postgres_dsn, one_hears) as old:
        await old.watch()
        ana, eva = await old.members(2)
        await old.bus.start()
        past = [Noted(member=member, n=n) for n in range(PAGE) for member in (ana, eva)]
        await old.happen(*past, Aired(channel=1))
    async with Stage(postgres_dsn, two_hear()) as stage:
        await stage.happen(Noted(member=ana, n=PAGE))  # by a process that works for nobody, before the worker starts
        await stage.bus.start()
        await stage.happen(Noted(member=ana, n=PAGE + 1))
        await stage.bus.drain()
        assert await fill(stage, drain=True) == 2 * PAGE
        seen = await stage.seen("new")
        assert [n for subject, n in seen if subject == f"member:{eva}"] == list(range(PAGE))
        assert [n for subject, n in seen if subject == f"member:{ana}"] == [PAGE, PAGE + 1, *range(PAGE)]
        assert len(await stage.seen("ears")) == 2 * PAGE + 2
        assert await fill(stage) == 0, "a second replay finds nothing left"


async def test_a_replay_goes_back_no_further_than_it_is_told(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, Consumers()) as old:
        await old.watch()
        [ana] = await old.members()
        for n in range(4):
            await old.happen(Noted(member=ana, n=n))
            old.time.advance(3600)
    async with Stage(postgres_dsn, two_hear()) as stage:
        await stage.bus.start()
        async with stage.begin() as tx:
            assert await replay(tx, stage.routes, "new", START + timedelta(hours=2)) == 2
        await stage.bus.drain()
        assert [n for _, n in await stage.seen("new")] == [2, 3]


async def test_a_consumer_nobody_knows_cannot_be_filled(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, two_hear()) as stage:
        with pytest.raises(AlreadyHeard):
            await fill(stage)
        await stage.bus.start()
        assert await fill(stage) == 0
