"""Several pieces of work in one transaction share their round trips, and nothing else changes."""

import asyncio

import pytest

from dianabot.kernel.tx import Tx
from tests.proof.stage import Stage


class Noticing:
    """What each piece of work does, in the order in which it does it."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.seen: list[str] = []

    async def ask(self, name: str, times: int = 1) -> int:
        found = 0
        for turn in range(times):
            self.seen.append(f"{name} asks {turn}")
            found = await self.tx.value(int, "SELECT $1::int", turn) or 0
            self.seen.append(f"{name} knows {turn}")
        return found


async def test_all_ask_before_any_waits(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage, stage.begin() as tx:
        notes = Noticing(tx)
        assert await tx.together(notes.ask("a", 2), notes.ask("b"), notes.ask("c", 2)) == [1, 0, 1]
    assert notes.seen == [
        *("a asks 0", "b asks 0", "c asks 0"),
        *("a knows 0", "a asks 1", "b knows 0", "c knows 0", "c asks 1"),
        *("a knows 1", "c knows 1"),
    ]


async def test_those_within_others_wait_with_them(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage, stage.begin() as tx:
        notes = Noticing(tx)

        async def inner() -> list[int]:
            return await tx.together(notes.ask("a"), notes.ask("b"))

        assert await tx.together(inner(), notes.ask("c")) == [[0, 0], 0]
        assert notes.seen[:3] == ["a asks 0", "b asks 0", "c asks 0"]
        assert await notes.ask("d") == 0, "alone again, it waits for itself"


async def test_what_waits_for_something_else_is_waited_for(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage, stage.begin() as tx:
        rung = asyncio.Event()

        async def hear() -> str:
            await rung.wait()
            return "heard"

        asyncio.get_running_loop().call_soon(rung.set)
        assert await tx.together(hear(), Noticing(tx).ask("a")) == ["heard", 0]


@pytest.mark.parametrize(("first", "second"), [(1, 0), (0, 1), (1, 1), (0, 0)])
async def test_of_several_that_fail_the_first_in_line_is_told(postgres_dsn: str, first: int, second: int) -> None:
    """Whichever comes to its failure sooner; and none goes on after one before it has failed."""
    went_on: list[str] = []

    async def fail(tx: Tx, name: str, after: int) -> None:
        await Noticing(tx).ask(name, after)
        raise KeyError(name)

    async def last(tx: Tx) -> None:
        await Noticing(tx).ask("last", 3)
        went_on.append("last")

    async with Stage(postgres_dsn) as stage:
        with pytest.raises(KeyError, match="a"):
            async with stage.begin() as tx:
                await tx.together(fail(tx, "a", first), fail(tx, "b", second), last(tx))
    assert went_on == []


async def test_work_that_is_cancelled_is_cancelled_where_it_waits(postgres_dsn: str) -> None:
    ended: list[str] = []

    async def wait(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async def all_of_them(stage: Stage) -> None:
        async with stage.begin() as tx:
            await tx.together(wait("a"), wait("b"))

    async with Stage(postgres_dsn) as stage:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(all_of_them(stage), 0.2)
    assert ended == ["a"], "b had not begun"


async def test_whoever_is_cancelled_ends_at_once_with_all_of_it(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn) as stage:
        waiting = asyncio.Event()
        asked: list[int] = []

        async def ask_on(tx: Tx) -> None:
            for turn in range(9):
                asked.append(turn)
                await tx.value(int, "SELECT $1::int", turn)

        async def wait_for_ever() -> None:
            waiting.set()
            await asyncio.Event().wait()

        async def work() -> None:
            async with stage.begin() as tx:
                await tx.together(ask_on(tx), wait_for_ever())

        task = asyncio.create_task(work())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asked == [0]
