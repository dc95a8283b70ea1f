"""Answers kept for a while, so that they need not be asked of PostgreSQL again. Nothing is ever missed here.

A cache never decides about money, access or a requirement that is being acted on: those are read where they are
locked. It may be behind, and this is by how much:

- In the process that dropped a name, and in every other that heard of it: not at all.
- In a process that missed the message: for at most `local` seconds, the life of its own copies.
- An answer that was being loaded while its name was dropped is given to those who asked before, and not kept.

What was dropped while Valkey did not answer is dropped there as soon as it does (`run`). Until then this process does
not believe Valkey about it; others that still reach it may. Without Valkey every process loads for itself and keeps
the answer `local` seconds.
"""

import asyncio
import itertools
import json
import random
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from dianabot.kernel import metrics
from dianabot.kernel.clock import Clock
from dianabot.kernel.valkey import Script, Valkey

Load: TypeAlias = Callable[[], Awaitable[Any]]
"""Reads the answer anew: JSON values only, None included. It runs in a task of its own and must bring its own reading
connection, for whoever asked first may be gone before it is done."""


class Layer(StrEnum):
    SESSION = "session"
    CONTENT = "content"
    COMPUTED = "computed"

    @property
    def life(self) -> float:
        return _LIVES[self]


_LIVES: Final = {Layer.SESSION: 1800.0, Layer.CONTENT: 3600.0, Layer.COMPUTED: 300.0}
_DROPPED: Final = "dianabot:cache:dropped"
_MARK_LIVES: Final = 120.0  # a dropped name is remembered that long, so that an older answer cannot be put back
_AT_ONCE: Final = 500

# Kept only if nothing happened to the name since it was found as it was (`ARGV[1]`, empty for nothing).
_KEEP: Final = Script("""
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
""")


@dataclass(frozen=True, slots=True)
class _Copy:
    """An answer as text, so that nobody can change what others will read."""

    text: str
    kept_at: float
    loaded_at: float


class _Flight:
    """One loading that everyone who asks for the same name waits for."""

    task: asyncio.Task[str]
    dropped = False


class Cache:
    def __init__(self, valkey: Valkey, clock: Clock, *, size: int = 10_000, local: float = 5.0) -> None:
        self._valkey = valkey
        self._clock = clock
        self._size = size
        self._local = local
        self._me = secrets.token_hex(6)
        self._copies: OrderedDict[str, _Copy] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._drops = itertools.count()
        self._owed: dict[str, tuple[float, int]] = {}  # name: worth telling Valkey until then, number of the drop
        self._owing = asyncio.Event()

    async def get(self, layer: Layer, name: str, load: Load) -> Any:
        """The answer, loaded when nobody has it; a crowd that asks at once loads it once."""
        key = f"cache:{layer}:{name}"
        copy = self._copies.get(key)
        if copy is not None and self._fresh(copy, layer):
            self._copies.move_to_end(key)
            metrics.cache_hits_total.labels(layer).inc()
            return json.loads(copy.text)
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.create_task(self._fly(flight, layer, key, load))
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        return json.loads(await asyncio.shield(flight.task))

    async def drop(self, layer: Layer, *names: str) -> None:
        """Forget these names everywhere. Call it after the commit: before it, the old answer could come back."""
        keys = [f"cache:{layer}:{name}" for name in names]
        self._forget(keys)
        if keys and not self._valkey.absent:
            debt = (self._clock.monotonic() + layer.life, next(self._drops))
            self._owed |= dict.fromkeys(keys, debt)  # until they are told, Valkey is not believed about them
            if not await self._pay(keys):
                self._owing.set()

    def clear(self) -> None:
        """Forget this process's copies."""
        self._copies.clear()
        self._forget(list(self._flights))

    async def run(self) -> None:
        """Hear what others drop, and make up for drops that did not reach Valkey. For ever."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._valkey.subscribe(_DROPPED, hear=self._heard, joined=self.clear))
            both.create_task(self._settle())

    async def _fly(self, flight: _Flight, layer: Layer, key: str, load: Load) -> str:
        began, now = self._clock.monotonic(), self._clock.now().timestamp()
        found = None if key in self._owed else await self._valkey.get(key)
        copy = _read(found, began)
        if copy is not None and self._fresh(copy, layer):
            metrics.cache_hits_total.labels(layer).inc()
            self._keep(flight, key, copy)
            return copy.text
        metrics.cache_misses_total.labels(layer).inc()
        text = json.dumps(await load(), ensure_ascii=False, separators=(",", ":"))
        self._keep(flight, key, _Copy(text, began, now))
        # After half the life of a mark a drop may have been forgotten again: what took so long is not shared.
        if not flight.dropped and self._clock.monotonic() - began < _MARK_LIVES / 2:
            await self._valkey.run(_KEEP, [key], found or "", f"+{now}:{text}", round(layer.life * 1000))
        return text

    def _landed(self, key: str, task: asyncio.Task[str]) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # taken note of: when all who waited have left, nobody needs it

    def _fresh(self, copy: _Copy, layer: Layer) -> bool:
        """Its life holds in application time too, so that moving the clock ages what is kept."""
        young = self._clock.monotonic() - copy.kept_at < self._local
        return young and self._clock.now().timestamp() - copy.loaded_at < layer.life

    def _keep(self, flight: _Flight, key: str, copy: _Copy) -> None:
        if flight.dropped:
            return
        self._copies[key] = copy
        self._copies.move_to_end(key)
        if len(self._copies) > self._size:
            self._copies.popitem(last=False)

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._copies.pop(key, None)
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.dropped = True

    def _heard(self, _channel: str, message: str) -> None:
        sender, *keys = message.split("\n")
        if sender != self._me:
            self._forget(keys)

    async def _settle(self) -> None:
        while True:
            await self._owing.wait()
            await self._clock.sleep(random.uniform(0.5, 1.5))
            self._owing.clear()
            now = self._clock.monotonic()
            self._owed = {key: debt for key, debt in self._owed.items() if debt[0] > now}
            if not await self._pay(list(self._owed)):
                self._owing.set()

    async def _pay(self, keys: Sequence[str]) -> bool:
        """Mark the names as dropped in Valkey and tell the other processes; whether all of it was done."""
        for at in range(0, len(keys), _AT_ONCE):
            part = {key: self._owed.get(key) for key in keys[at : at + _AT_ONCE]}
            mark = f"-{secrets.token_hex(8)}"
            marks = [("SET", key, mark, "PX", round(_MARK_LIVES * 1000)) for key in part]
            if await self._valkey.batch(*marks, ("PUBLISH", _DROPPED, "\n".join([self._me, *part]))) is None:
                return False
            for key, debt in part.items():
                if self._owed.get(key) == debt:  # else it was dropped once more meanwhile
                    self._owed.pop(key, None)
        return True


def _read(found: str | None, at: float) -> _Copy | None:
    """What Valkey had; None for nothing, for the mark of a drop and for what is not ours."""
    if found is None or not found.startswith("+"):
        return None
    loaded_at, _, text = found[1:].partition(":")
    try:
        json.loads(text)
        return _Copy(text, at, float(loaded_at))
    except ValueError:
        return None
