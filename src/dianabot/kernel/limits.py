"""How often one person may do one thing: at most `count` times in any `seconds`, over all processes.

Valkey holds the windows. Each process also keeps its own, because what it let through itself is a lower bound that no
flush can take away: while Valkey is away, that is what counts, or what the database says where an act names a count of
its own (purchases do).
"""

import itertools
import math
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from dianabot.kernel import metrics
from dianabot.kernel.clock import Clock
from dianabot.kernel.errors import Refusal
from dianabot.kernel.valkey import Script, Valkey

# One member an act that was let through, scored with its millisecond. Answers the milliseconds to wait.
_TAKE: Final = Script("""
local key, now, window, count = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', key, now + window, '+inf')
if redis.call('ZCARD', key) >= count then
    local first = redis.call('ZRANGE', key, -count, -count, 'WITHSCORES')
    return tonumber(first[2]) + window - now
end
redis.call('ZADD', key, now, ARGV[4])
redis.call('PEXPIRE', key, window)
return 0
""")
_REMEMBERED: Final = 20_000  # windows of one process; the one longest unused is forgotten first


class TooMany(Refusal):
    """Too often: wait that many whole seconds."""

    act: str
    wait: int


@dataclass(frozen=True)
class Limit:
    count: int
    seconds: float

    def __post_init__(self) -> None:
        if self.count < 1 or self.seconds <= 0:
            raise ValueError(f"{self} allows nothing: switch the act off instead.")


Fallback: TypeAlias = Callable[[int, Limit], Awaitable[float]]
"""Counts what a member did in what was kept; answers the seconds to wait, 0.0 for none."""


class Limits:
    def __init__(self, valkey: Valkey, clock: Clock, fallback: Mapping[str, Fallback] | None = None) -> None:
        self._valkey = valkey
        self._clock = clock
        self._fallback = fallback or {}
        self._windows: OrderedDict[str, deque[int]] = OrderedDict()
        self._process = secrets.token_hex(6)
        self._number = itertools.count()

    async def take(self, act: str, member: int, limit: Limit) -> float:
        """Seconds to wait; 0.0 when she may, and then it is counted. A refused try is not."""
        now = round(self._clock.now().timestamp() * 1000)
        key = f"limit:{act}:{member}"
        wait = self._reserve(key, now, limit)
        if wait == 0:
            wait = await self._asked_elsewhere(act, member, limit, key, now)
        if wait > 0:
            metrics.limits_refused_total.labels(act).inc()
        return wait

    def is_full(self, act: str, member: int, limit: Limit) -> bool:
        """Whether this process alone has let her do it as often as she may; asking counts nothing."""
        window = self._windows.get(f"limit:{act}:{member}", ())
        now, within = round(self._clock.now().timestamp() * 1000), limit.seconds * 1000
        return sum(-within < at - now < within for at in window) >= limit.count

    async def require(self, act: str, member: int, limit: Limit) -> None:
        """Count it, or refuse with `TooMany`."""
        wait = await self.take(act, member, limit)
        if wait > 0:
            raise TooMany(act, math.ceil(wait))

    async def _asked_elsewhere(self, act: str, member: int, limit: Limit, key: str, now: int) -> float:
        """With a place in our own window held meanwhile, so that no two can slip through together."""
        wait = 1.0
        try:
            wait = await self._shared(act, member, limit, key, now)
        finally:
            if wait > 0:
                self._give_back(key, now)
        return wait

    async def _shared(self, act: str, member: int, limit: Limit, key: str, now: int) -> float:
        name = f"{self._process}:{next(self._number)}"
        answer = await self._valkey.run(_TAKE, [key], now, round(limit.seconds * 1000), limit.count, name)
        if answer is not None:
            return float(answer) / 1000
        if act in self._fallback:
            return await self._fallback[act](member, limit)
        return 0.0

    def _reserve(self, key: str, now: int, limit: Limit) -> float:
        window = self._windows.setdefault(key, deque())
        self._windows.move_to_end(key)
        while window and window[0] <= now - limit.seconds * 1000:
            window.popleft()
        while window and window[-1] >= now + limit.seconds * 1000:  # counted before the clock was put back
            window.pop()
        if len(window) >= limit.count:
            return (window[-limit.count] + limit.seconds * 1000 - now) / 1000
        window.append(now)
        if len(self._windows) > _REMEMBERED:
            self._windows.popitem(last=False)
        return 0.0

    def _give_back(self, key: str, now: int) -> None:
        window = self._windows.get(key)
        if window is not None and now in window:
            window.remove(now)
