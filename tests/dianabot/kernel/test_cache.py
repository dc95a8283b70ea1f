"""What a cache may answer, and for how long after it stopped being true."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

import pytest

from dianabot.kernel import metrics
from dianabot.kernel.cache import Cache, Layer
from dianabot.kernel.clock import ManualClock
from dianabot.kernel.valkey import Valkey
from tests.dianabot.kernel.own_valkey import Truth, until

SESSION = Layer.SESSION


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def valkey(valkey_url: str, clock: ManualClock) -> AsyncIterator[Valkey]:
    client = Valkey(valkey_url, clock, timeout=10.0)
    yield client
    await client.close()


@pytest.fixture
def name() -> str:
    return secrets.token_hex(8)


@contextlib.asynccontextmanager
async def hearing(cache: Cache, valkey: Valkey) -> AsyncIterator[None]:
    """While `cache` runs and surely hears what others drop."""
    probe = f"cache:session:{secrets.token_hex(8)}"
    running = asyncio.create_task(cache.run())
    await cache.get(SESSION, probe, Truth().load)

    async def heard() -> None:
        while any(probe in key for key in cache._copies):
            await valkey.publish("dianabot:cache:dropped", f"probe\ncache:session:{probe}")

    await asyncio.wait_for(heard(), 60)
    yield
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_an_answer_is_loaded_once_and_shared_with_other_processes(
    valkey: Valkey, clock: ManualClock, name: str
) -> None:
    truth = Truth({"saldo": 3, "niña": [None, 1.5, True]})
    caches = [Cache(valkey, clock), Cache(valkey, clock)]
    answers = [await cache.get(SESSION, name, truth.load) for cache in [*caches, *caches]]
    assert answers == [truth.value] * 4
    assert truth.asked == 1


@pytest.mark.parametrize(("layer", "life"), [(Layer.SESSION, 1800), (Layer.CONTENT, 3600), (Layer.COMPUTED, 300)])
async def test_each_layer_has_its_key_and_its_life(
    layer: Layer, life: int, valkey: Valkey, clock: ManualClock, name: str
) -> None:
    await Cache(valkey, clock).get(layer, name, Truth().load)
    lives = await valkey.batch(("PTTL", f"cache:{layer}:{name}"))
    assert lives is not None
    assert life * 1000 - 60_000 < lives[0] <= life * 1000
    assert layer.life == life


@pytest.mark.parametrize("nothing", [None, False, 0, "", [], {}])
async def test_that_there_is_nothing_is_an_answer_too(
    nothing: object, valkey: Valkey, clock: ManualClock, name: str
) -> None:
    truth = Truth(nothing)
    assert await Cache(valkey, clock).get(SESSION, name, truth.load) == nothing
    assert await Cache(valkey, clock).get(SESSION, name, truth.load) == nothing
    assert truth.asked == 1


async def test_a_crowd_loads_once(valkey: Valkey, clock: ManualClock, name: str) -> None:
    cache, truth = Cache(valkey, clock), Truth()
    assert set(await asyncio.gather(*(cache.get(SESSION, name, truth.load) for _ in range(200)))) == {"old"}
    assert truth.asked == 1


async def test_one_of_the_crowd_who_leaves_takes_nobody_along(valkey: Valkey, clock: ManualClock, name: str) -> None:
    cache, truth = Cache(valkey, clock), Truth()
    truth.open.clear()
    first, second = (asyncio.create_task(cache.get(SESSION, name, truth.load)) for _ in range(2))
    await until(lambda: truth.asked == 1)
    first.cancel()
    await asyncio.wait([first])
    truth.open.set()
    assert await second == "old"
    assert truth.asked == 1


async def test_a_loading_that_fails_is_told_to_all_who_wait_and_not_kept(clock: ManualClock, name: str) -> None:
    cache = Cache(Valkey(None, clock), clock)

    async def broken() -> object:
        raise ConnectionError

    failed = await asyncio.gather(*(cache.get(SESSION, name, broken) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in failed] == [ConnectionError] * 3
    assert await cache.get(SESSION, name, Truth().load) == "old"


async def test_nobody_can_change_what_others_read(valkey: Valkey, clock: ManualClock, name: str) -> None:
    cache, truth = Cache(valkey, clock), Truth(["a"])
    for _ in range(3):
        (await cache.get(SESSION, name, truth.load)).append("b")
    assert await cache.get(SESSION, name, truth.load) == ["a"]


async def test_a_drop_is_seen_at_once_here_and_by_all_who_hear(valkey: Valkey, clock: ManualClock, name: str) -> None:
    mine, yours, truth = Cache(valkey, clock), Cache(valkey, clock), Truth()
    async with hearing(yours, valkey):
        for cache in (mine, yours):
            await cache.get(SESSION, name, truth.load)
        truth.value = "new"
        await mine.drop(SESSION, name, "another")
        assert await mine.get(SESSION, name, truth.load) == "new"
        await until(lambda: f"cache:session:{name}" not in yours._copies)
        assert await yours.get(SESSION, name, truth.load) == "new"
    assert truth.asked == 2


async def test_who_missed_the_message_is_behind_for_five_seconds_at_most(
    valkey: Valkey, clock: ManualClock, name: str
) -> None:
    mine, deaf, truth = Cache(valkey, clock), Cache(valkey, clock), Truth()
    await deaf.get(SESSION, name, truth.load)
    truth.value = "new"
    await mine.drop(SESSION, name)
    clock.advance(4.9)
    behind = await deaf.get(SESSION, name, truth.load)
    clock.advance(0.1)
    assert (behind, await deaf.get(SESSION, name, truth.load)) == ("old", "new")


@pytest.mark.parametrize("who", ["mine", "deaf", "hears"])
async def test_an_answer_that_was_loading_while_its_name_was_dropped_is_not_kept_anywhere(
    who: str, valkey: Valkey, clock: ManualClock, name: str
) -> None:
    mine, other, truth = Cache(valkey, clock), Cache(valkey, clock), Truth()
    asker = mine if who == "mine" else other
    async with hearing(other, valkey) if who == "hears" else contextlib.nullcontext():
        truth.open.clear()
        before = asyncio.create_task(asker.get(SESSION, name, truth.load))
        await until(lambda: truth.asked == 1)
        truth.value = "new"
        await mine.drop(SESSION, name)
        if who == "hears":
            await until(lambda: not other._flights)
        after = asyncio.create_task(mine.get(SESSION, name, truth.load))
        truth.open.set()
        assert await before == "old"
        assert await after == "new"
        assert await mine.get(SESSION, name, truth.load) == "new"
        assert await Cache(valkey, clock).get(SESSION, name, truth.load) == "new"
        assert await asker.get(SESSION, name, truth.load) == ("old" if who == "deaf" else "new")


async def test_an_answer_found_in_valkey_while_its_name_is_dropped_is_not_kept(
    valkey: Valkey, clock: ManualClock, name: str
) -> None:
    cache, truth = Cache(valkey, clock), Truth()
    await Cache(valkey, clock).get(SESSION, name, truth.load)
    asking = asyncio.create_task(cache.get(SESSION, name, truth.load))
    await asyncio.sleep(0)
    truth.value = "new"
    dropping = asyncio.create_task(cache.drop(SESSION, name))
    await asyncio.sleep(0)
    meanwhile = await cache.get(SESSION, name, truth.load)
    await asyncio.gather(asking, dropping)
    assert (meanwhile, await cache.get(SESSION, name, truth.load)) == ("new", "new")


async def test_an_answer_overtaken_by_a_drop_is_not_shared_even_if_valkey_forgot_the_drop(
    valkey: Valkey, clock: ManualClock, name: str
) -> None:
    cache, truth = Cache(valkey, clock), Truth()
    truth.open.clear()
    before = asyncio.create_task(cache.get(SESSION, name, truth.load))
    await until(lambda: truth.asked == 1)
    await cache.drop(SESSION, name)
    await valkey.delete(f"cache:session:{name}")
    truth.open.set()
    await before
    assert await valkey.get(f"cache:session:{name}") is None


async def test_an_answer_that_took_too_long_to_load_is_not_shared(
    valkey: Valkey, clock: ManualClock, name: str
) -> None:
    cache, truth = Cache(valkey, clock), Truth()
    truth.open.clear()
    slow = asyncio.create_task(cache.get(SESSION, name, truth.load))
    await until(lambda: truth.asked == 1)
    clock.advance(60)
    truth.open.set()
    await slow
    assert await valkey.get(f"cache:session:{name}") is None


async def test_moving_the_clock_ages_what_is_kept(valkey: Valkey, clock: ManualClock, name: str) -> None:
    truth = Truth()
    await Cache(valkey, clock).get(SESSION, name, truth.load)
    truth.value = "new"
    clock.advance(1799)
    soon = await Cache(valkey, clock).get(SESSION, name, truth.load)
    clock.advance(1)
    assert (soon, await Cache(valkey, clock).get(SESSION, name, truth.load)) == ("old", "new")


@pytest.mark.parametrize("found", ["", "junk", "+", "+x:1", "+{now}:", "+{now}:[", "{now}:1", "-mark"])
async def test_what_is_not_ours_is_loaded_over(found: str, valkey: Valkey, clock: ManualClock, name: str) -> None:
    await valkey.set(f"cache:session:{name}", found.format(now=clock.now().timestamp()), seconds=60)
    assert await Cache(valkey, clock).get(SESSION, name, Truth().load) == "old"
    assert await Cache(valkey, clock).get(SESSION, name, Truth("unasked").load) == "old"


async def test_copies_are_bounded_and_the_one_longest_unused_goes_first(clock: ManualClock) -> None:
    cache, truth = Cache(Valkey(None, clock), clock, size=3), Truth()
    for name in ["a", "b", "c", "a", "d", "a", "c", "d"]:
        await cache.get(SESSION, name, truth.load)
    assert truth.asked == 4
    await cache.get(SESSION, "b", truth.load)
    assert truth.asked == 5


async def test_hits_and_misses_are_counted(valkey: Valkey, clock: ManualClock, name: str) -> None:
    def counted(of: str) -> float:
        lines = metrics.exposition().decode().splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith(f'cache_{of}_total{{layer="computed"}}'))

    before = counted("hits"), counted("misses")
    for cache in [Cache(valkey, clock)] * 3 + [Cache(valkey, clock)]:
        await cache.get(Layer.COMPUTED, name, Truth().load)
    assert (counted("hits") - before[0], counted("misses") - before[1]) == (3, 1)


async def test_clearing_forgets_what_is_here_and_what_is_on_its_way(clock: ManualClock, name: str) -> None:
    cache, truth = Cache(Valkey(None, clock), clock), Truth()
    await cache.get(SESSION, "here", truth.load)
    truth.open.clear()
    coming = asyncio.create_task(cache.get(SESSION, name, truth.load))
    await until(lambda: truth.asked == 2)
    cache.clear()
    truth.open.set()
    await coming
    assert not cache._copies
    await cache.drop(SESSION, "here")
    await cache.drop(SESSION)
    assert not cache._owed
