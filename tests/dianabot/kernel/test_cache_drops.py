"""A drop that meets a Valkey that is killed, paused, flushed or absent."""

import asyncio
import gc
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianabot.kernel.cache import Cache, Layer, Load
from dianabot.kernel.clock import ManualClock
from dianabot.kernel.valkey import Valkey
from tests.dianabot.kernel.own_valkey import Impatient, Server, Truth, until

SESSION = Layer.SESSION


@pytest.fixture
def name() -> str:
    return secrets.token_hex(8)


async def test_a_drop_that_valkey_missed_is_made_up_for_and_not_believed_until_then(name: str) -> None:
    with Server.running() as server:
        clock = Impatient()
        valkey, other = Valkey(server.url, clock), Valkey(server.url, clock)
        mine, truth = Cache(valkey, clock), Truth()
        await mine.get(SESSION, name, truth.load)
        truth.value = "new"
        await other.batch(("CONFIG", "SET", "maxmemory", 1))
        await mine.drop(SESSION, name)
        assert mine._owed
        assert await mine.get(SESSION, name, truth.load) == "new"
        assert await Cache(other, clock).get(SESSION, name, truth.load) == "old"
        running = asyncio.create_task(mine.run())
        await until(lambda: len(clock.slept) > 3)
        assert mine._owed
        await other.batch(("CONFIG", "SET", "maxmemory", 0))
        clock.move_on(30)
        await until(lambda: not mine._owed)
        assert await Cache(other, clock).get(SESSION, name, truth.load) == "new"
        running.cancel()
        await asyncio.wait([running])
        for client in (valkey, other):
            await client.close()


async def test_a_process_that_may_have_missed_something_forgets_its_copies(name: str) -> None:
    with Server.running() as server:
        clock = Impatient()
        valkey = Valkey(server.url, clock)
        cache, truth = Cache(valkey, clock, local=1e9), Truth()
        running = asyncio.create_task(cache.run())
        await until(lambda: server.listeners() == 1)
        await cache.get(SESSION, name, truth.load)
        server.kill()
        server.start()
        await until(lambda: not cache._copies)
        running.cancel()
        await asyncio.wait([running])
        await valkey.close()


async def test_a_drop_is_owed_only_as_long_as_the_old_answer_could_live(name: str) -> None:
    with Server.running() as server:
        clock = Impatient()
        valkey = Valkey(server.url, clock)
        cache = Cache(valkey, clock)
        server.kill()
        await cache.drop(SESSION, name)
        cache._owed[f"cache:session:{name}"] = (clock.monotonic() - 1, 0)
        running = asyncio.create_task(cache.run())
        await until(lambda: not cache._owed)
        running.cancel()
        await asyncio.wait([running])
        await valkey.close()


@pytest.mark.parametrize("fate", ["absent", "killed"])
async def test_without_valkey_it_loads_for_itself_and_a_drop_still_counts_here(fate: str, name: str) -> None:
    with Server.running() as server:
        clock = ManualClock()
        valkey = Valkey(None if fate == "absent" else server.url, clock)
        server.kill()
        cache, truth = Cache(valkey, clock), Truth()
        seen = [await cache.get(SESSION, name, truth.load) for _ in range(2)]
        truth.value = "new"
        await cache.drop(SESSION, name)
        seen.append(await cache.get(SESSION, name, truth.load))
        truth.value = "newer"
        clock.advance(5)
        seen.append(await cache.get(SESSION, name, truth.load))
        assert seen == ["old", "old", "new", "newer"]
        await valkey.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["get", "change"]), st.integers(0, 2), st.integers(0, 1)),
            st.tuples(st.sampled_from(["wait"]), st.integers(1, 60), st.just(0)),
            st.tuples(st.sampled_from(["flush"]), st.just(0), st.just(0)),
        ),
        max_size=40,
    )
)
def test_no_answer_is_older_than_allowed(valkey_url: str, steps: list[tuple[str, int, int]]) -> None:
    """Three processes that hear nothing of each other: the one that drops is never behind, the others for 5 s."""
    prefix = secrets.token_hex(8)

    async def play() -> None:
        clock = ManualClock()
        valkey = Valkey(valkey_url, clock, timeout=10.0)
        caches = [Cache(valkey, clock) for _ in range(3)]
        history: dict[int, list[tuple[float, int]]] = {0: [(0.0, 0)], 1: [(0.0, 0)]}

        def load(which: int) -> Load:
            async def loaded() -> int:
                return history[which][-1][1]

            return loaded

        for verb, process, which in steps:
            if verb == "wait":
                clock.advance(process / 10)
            elif verb == "flush":
                await valkey.delete(f"cache:session:{prefix}0", f"cache:session:{prefix}1")
            elif verb == "change":
                history[which].append((clock.monotonic(), len(history[which])))
                await caches[process].drop(SESSION, f"{prefix}{which}")
                assert await caches[process].get(SESSION, f"{prefix}{which}", load(which)) == history[which][-1][1]
            else:
                answer = await caches[process].get(SESSION, f"{prefix}{which}", load(which))
                ended = [at for at, number in history[which] if number == answer + 1]
                assert not ended or clock.monotonic() - ended[0] < 5
        await valkey.close()

    asyncio.run(play())


async def test_many_names_and_the_same_name_twice_at_once_are_all_dropped(valkey_url: str, name: str) -> None:
    clock = ManualClock()
    valkey = Valkey(valkey_url, clock, timeout=10.0)
    cache, truth = Cache(valkey, clock), Truth()
    names = [f"{name}{number}" for number in range(1200)]
    for last in (names[0], names[-1]):
        await cache.get(SESSION, last, truth.load)
    truth.value = "new"
    await asyncio.gather(cache.drop(SESSION, *names), cache.drop(SESSION, *names))
    assert not cache._owed
    other = Cache(valkey, clock)
    assert [await other.get(SESSION, last, truth.load) for last in (names[0], names[-1])] == ["new", "new"]
    await valkey.close()


@pytest.mark.parametrize("ending", ["fails", "is cancelled"])
async def test_a_loading_that_nobody_waits_for_any_more_ends_quietly(ending: str, name: str) -> None:
    clock = ManualClock()
    cache, truth = Cache(Valkey(None, clock), clock), Truth()
    noise: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))

    async def breaks() -> object:
        await truth.load()
        raise ConnectionError

    truth.open.clear()
    asking = asyncio.create_task(cache.get(SESSION, name, breaks))
    await until(lambda: truth.asked > 0)
    flight = cache._flights[f"cache:session:{name}"].task
    asking.cancel()
    await asyncio.wait([asking])
    if ending == "fails":
        truth.open.set()
    else:
        flight.cancel()
    await asyncio.wait([flight])
    await until(lambda: not cache._flights)
    del flight, asking
    gc.collect()
    assert not noise
