"""Valkey holds only what may vanish, so it is asked politely: it answers in time or it counts as having nothing.

Every call ends within `timeout` (connecting and waiting for a free connection included) and never raises; the breaker
spares the callers even that while it is away. Nobody may build on an answer being there.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from valkey.asyncio import ConnectionPool
from valkey.asyncio import Valkey as Client
from valkey.asyncio.client import PubSub
from valkey.exceptions import NoScriptError, ValkeyError

from dianabot.kernel import log, metrics
from dianabot.kernel.breaker import Breaker, BreakerOpen, State
from dianabot.kernel.clock import Clock

Answer = TypeVar("Answer")
_log = log.get("valkey")

# RuntimeError is uvloop's word for a transport that was closed under our hands.
_AWAY: Final = (ValkeyError, OSError, TimeoutError, RuntimeError)
_LONGEST_PAUSE: Final = 5.0
# Their own time-out for reading and writing is off: it can swallow the cancellation by which ours ends a call.
_CONNECTION: Final = {"decode_responses": True, "socket_timeout": None, "lib_name": None, "lib_version": None}


class Script:
    """A Lua script, sent whole once and by its hash from then on. It must return something other than nil."""

    def __init__(self, lua: str) -> None:
        self.lua = lua
        self.sha = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()


class _OurLoopWasLate(Exception):  # noqa: N818 - a state of this process
    """The time-out passed while this process was busy with itself: that says nothing about Valkey."""


class Valkey:
    """One for each process. Without an address it behaves as if Valkey were away for ever.

    A subscription that has heard nothing for `quiet` seconds asks whether the server lives.
    """

    def __init__(
        self,
        url: str | None,
        clock: Clock,
        *,
        timeout: float = 0.25,
        connections: int = 32,
        quiet: float = 5.0,
        chance: random.Random | None = None,
    ) -> None:
        self._url = url
        self._clock = clock
        self._timeout = timeout
        self._quiet = quiet
        self._chance = chance or random.Random()
        self._turns = asyncio.Semaphore(connections)
        self._client: Client | None = None
        self._missed = False
        self.breaker = Breaker("valkey", clock, counts=_AWAY, ignores=(_OurLoopWasLate,), changed=self._tell)
        if url is not None:
            pool = ConnectionPool.from_url(url, socket_connect_timeout=timeout, **_CONNECTION)
            self._client = Client(connection_pool=pool)

    @property
    def absent(self) -> bool:
        """There is none, and will be none."""
        return self._client is None

    @property
    def away(self) -> bool:
        """Nobody would be asked just now."""
        return self._client is None or self.breaker.state is State.OPEN

    async def get(self, key: str) -> str | None:
        """The value; None when there is none, or nobody to ask."""
        found: str | None = await self._ask(lambda client: _command(client, "GET", key))
        return found

    async def set(self, key: str, value: str, *, seconds: float) -> bool:
        return bool(await self.batch(("SET", key, value, "PX", int(seconds * 1000))))

    async def delete(self, *keys: str) -> bool:
        """Whether they are surely gone."""
        return not keys or await self.batch(("DEL", *keys)) is not None

    async def publish(self, channel: str, message: str) -> bool:
        return await self.batch(("PUBLISH", channel, message)) is not None

    async def publish_all(self, messages: Sequence[tuple[str, str]]) -> bool:
        """All of them in one round trip, in their order."""
        return not messages or await self.batch(*(("PUBLISH", *message) for message in messages)) is not None

    async def ping(self) -> bool:
        return await self.batch(("PING",)) is not None

    async def batch(self, *commands: tuple[str | int | float, ...]) -> list[Any] | None:
        """The answers of all commands, sent in one round trip; None when one of them failed or nobody answered."""

        async def send(client: Client) -> list[Any]:
            if len(commands) == 1:
                return [await _command(client, *commands[0])]
            async with client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                answers: list[Any] = await pipeline.execute()
                return answers

        return await self._ask(send)

    async def run(self, script: Script, keys: Sequence[str], *arguments: str | float) -> Any | None:
        async def send(client: Client) -> Any:
            try:
                return await _command(client, "EVALSHA", script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await _command(client, "EVAL", script.lua, len(keys), *keys, *arguments)

        return await self._ask(send)

    async def subscribe(
        self, *names: str, hear: Callable[[str, str], None], joined: Callable[[], None] = lambda: None
    ) -> None:
        """Hear (channel, message) until cancelled; a name with `*` is a pattern.

        Whenever the connection is lost it comes back by itself, and what was said meanwhile is lost: `joined` is
        called at the start and after each gap, for whoever must catch up.
        """
        if self._url is None:
            await asyncio.Event().wait()
        attempt = 0

        def in_touch() -> None:
            nonlocal attempt
            attempt = 0
            joined()

        while True:
            try:
                await self._listen(self._url or "", names, hear, in_touch)
            except _AWAY as error:
                if attempt == 0:
                    _log.info("subscription lost", names=names, error=repr(error))
            pause = min(_LONGEST_PAUSE, 0.05 * 2 ** min(attempt, 10))
            await self._clock.sleep(pause * self._chance.uniform(0.5, 1.0))
            attempt += 1

    async def close(self) -> None:
        if self._client is not None:
            await _silently(self._client.connection_pool)

    async def _ask(self, send: Callable[[Client], Awaitable[Answer]]) -> Answer | None:
        if self._client is None:
            return None
        try:
            async with self.breaker:
                return await self._in_time(self._client, send)
        except BreakerOpen:
            metrics.valkey_failures_total.labels("left alone").inc()
        except _OurLoopWasLate:
            metrics.valkey_failures_total.labels("own delay").inc()
        except _AWAY as error:
            metrics.valkey_failures_total.labels("failed").inc()
            if self.breaker.state is State.CLOSED:  # once it is open, one line has told it all
                _log.warning("valkey did not answer", error=repr(error))
        return None

    async def _in_time(self, client: Client, send: Callable[[Client], Awaitable[Answer]]) -> Answer:
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._timeout), self._turns:
                answer = await send(client)
        except TimeoutError as error:
            if self._clock.monotonic() - began > 2 * self._timeout:
                raise _OurLoopWasLate from error
            raise
        metrics.valkey_call_duration_seconds.observe(self._clock.monotonic() - began)
        return answer

    def _tell(self, name: str, state: State) -> None:
        metrics.show_breaker(name, state)
        if state is State.OPEN and not self._missed:
            self._missed = True
            _log.warning("valkey is away: working without it")
        elif state is State.CLOSED and self._missed:
            self._missed = False
            _log.info("valkey is back")

    async def _listen(
        self, url: str, names: Sequence[str], hear: Callable[[str, str], None], in_touch: Callable[[], None]
    ) -> None:
        """Listen over one connection until it fails, which it always does by raising."""
        pool: ConnectionPool = ConnectionPool.from_url(url, socket_connect_timeout=self._timeout, **_CONNECTION)
        pubsub = PubSub(pool)
        try:
            async with asyncio.timeout(self._timeout):
                await self._join(pubsub, names, hear)
            in_touch()
            asked = False
            while True:
                message = await pubsub.get_message(timeout=self._timeout if asked else self._quiet)
                if message is None:
                    if asked:
                        raise TimeoutError  # it holds the connection and says nothing
                    async with asyncio.timeout(self._timeout):
                        await pubsub.ping()
                asked = message is None
                _pass_on(message, hear)
        finally:
            await _silently(pool)

    async def _join(self, pubsub: PubSub, names: Sequence[str], hear: Callable[[str, str], None]) -> None:
        patterns = [name for name in names if "*" in name]
        channels = [name for name in names if "*" not in name]
        if channels:
            await pubsub.subscribe(*channels)
        if patterns:
            await pubsub.psubscribe(*patterns)
        waiting = len(names)
        while waiting:
            message = await pubsub.get_message(timeout=None)
            waiting -= message is not None and message["type"].endswith("subscribe")
            _pass_on(message, hear)


def _command(client: Client, *words: str | float) -> Awaitable[Any]:
    answer: Awaitable[Any] = client.execute_command(*words)  # type: ignore[no-untyped-call]  # theirs is untyped
    return answer


def _pass_on(message: dict[str, Any] | None, hear: Callable[[str, str], None]) -> None:
    if message is not None and message["type"].endswith("message"):
        hear(message["channel"], message["data"])


async def _silently(pool: ConnectionPool) -> None:
    with contextlib.suppress(*_AWAY):  # closing what is dead already
        await pool.disconnect(inuse_connections=True)
