"""Parts and servers of one process: in order, obedient at every moment, and never left half stopped."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import Servers
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.health import Module, Registry, Unwell
from dianabot.kernel.settings import Settings
from dianabot.supervisor import Addresses, servers, stay, until_told

DEADLINE = 60


class Parts:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.started = asyncio.Event()

    def part(self, name: str, *needs: str, fails: Exception | None = None, hangs: bool = False) -> Module:
        async def start() -> None:
            self.done.append(f"start {name}")
            if hangs:
                self.started.set()
                await asyncio.Event().wait()
            if fails is not None:
                raise fails

        async def stop() -> None:
            await asyncio.sleep(0)
            self.done.append(f"stop {name}")

        return Module(name, needs, start, stop)


@pytest.fixture
def parts() -> Parts:
    return Parts()


def nowhere(keeper: asyncio.Task[None] | None = None) -> Addresses:
    return Addresses("postgresql://nowhere/x", None, Servers(None, None, keeper=keeper))


def running(parts: Parts, *modules: Module, addresses: Addresses | None = None) -> asyncio.Task[None]:
    work = stay(Registry(SystemClock()), modules, addresses or nowhere(), started=parts.started.set)
    return asyncio.create_task(until_told(work))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_the_parts_in_reverse(parts: Parts, number: signal.Signals) -> None:
    async with asyncio.timeout(DEADLINE):
        task = running(parts, parts.part("bot", "web"), parts.part("web"))
        await parts.started.wait()
        os.kill(os.getpid(), number)
        await task
    assert parts.done == ["start web", "start bot", "stop bot", "stop web"]


async def test_impatience_does_not_break_off_the_stopping(parts: Parts) -> None:
    async with asyncio.timeout(DEADLINE):
        task = running(parts, parts.part("bot", "web"), parts.part("web"))
        await parts.started.wait()
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
        await task
    assert parts.done[-2:] == ["stop bot", "stop web"]


async def test_a_signal_during_the_start_ends_what_was_begun(parts: Parts) -> None:
    async with asyncio.timeout(DEADLINE):
        task = running(parts, parts.part("web"), parts.part("bot", "web", hangs=True))
        await parts.started.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await task
    assert parts.done == ["start web", "start bot", "stop bot", "stop web"]


async def test_who_is_cancelled_by_somebody_else_is_not_stopped_quietly(parts: Parts) -> None:
    task = running(parts, parts.part("web"))
    await parts.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_part_that_fails_leaves_the_others_running(parts: Parts) -> None:
    async with asyncio.timeout(DEADLINE):
        task = running(parts, parts.part("web"), parts.part("bot", fails=Unwell("Telegram is silent.")))
        await parts.started.wait()
        assert not task.done()
        os.kill(os.getpid(), signal.SIGTERM)
        await task
    assert parts.done == ["start web", "start bot", "stop bot", "stop web"]


async def test_what_only_the_operator_can_mend_ends_the_start_with_the_sentence(parts: Parts) -> None:
    refused = OperatorError("BOT_TOKEN is not accepted.", exit_code=3)
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(OperatorError, match="not accepted"):
            await running(parts, parts.part("web"), parts.part("bot", fails=refused))
    assert parts.done == ["start web", "start bot", "stop bot", "stop web"]
    assert not parts.started.is_set()


async def test_when_the_servers_are_lost_the_parts_are_stopped_and_it_is_told_why(parts: Parts) -> None:
    gone = asyncio.Event()

    async def keep() -> None:
        await gone.wait()
        raise OperatorError("PostgreSQL died 5 times in a row.", exit_code=3)

    async with asyncio.timeout(DEADLINE):
        task = running(parts, parts.part("web"), addresses=nowhere(asyncio.create_task(keep())))
        await parts.started.wait()
        gone.set()
        with pytest.raises(OperatorError, match="died 5 times"):
            await task
    assert parts.done[-1] == "stop web"


async def test_servers_of_ones_own_are_used_as_they_are(postgres_dsn: str, valkey_url: str, tmp_path: Path) -> None:
    chosen = Settings(_env_file=None, database_url=postgres_dsn, redis_url=valkey_url, data=tmp_path / "data")
    told: list[str] = []
    async with servers(chosen, SystemClock(), "supervisor", tell=told.append) as addresses:
        assert (addresses.dsn, addresses.valkey_url) == (postgres_dsn, valkey_url)
    assert told == ["bringing the schema up to date"]
    assert not chosen.data.exists(), "nothing is kept for servers that others run"
