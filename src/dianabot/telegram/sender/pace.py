"""Telegram's speed limits, kept in common: a bucket for everything, one a chat, in Valkey; half the rate without it.

Each bucket is one number, the moment when it will be empty. Answers to a person go first: they may use the whole
bucket, what is sent unasked leaves room for them.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dianabot.kernel.clock import Clock
from dianabot.kernel.valkey import Script, Valkey
from dianabot.telegram.request import NotSent

LONGEST_WAIT: Final = 2.0
"""A call waits so long for its turn; what would wait longer gives its place to others meanwhile."""
_REMEMBERED: Final = 20_000

# Each bucket: interval and burst in milliseconds. Takes one from all of them if the wait is short enough.
_TAKE: Final = Script("""
local now = redis.call('TIME')
now = now[1] * 1000 + now[2] / 1000
local longest, wait = tonumber(ARGV[1]), 0
for i = 1, #KEYS do
    local empty = tonumber(redis.call('GET', KEYS[i]) or '0')
    wait = math.max(wait, empty - now - tonumber(ARGV[2 * i + 1]))
end
if wait > longest then return tostring(wait) end
for i = 1, #KEYS do
    local empty = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + tonumber(ARGV[2 * i])
    redis.call('SET', KEYS[i], string.format('%.3f', empty), 'PX', math.ceil(empty - now) + 1000)
end
return tostring(wait)
""")
_REST: Final = Script("""
local now = redis.call('TIME')
now = now[1] * 1000 + now[2] / 1000
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.3f', empty), 'PX', math.ceil(empty - now) + 1000)
return 1
""")


@dataclass(frozen=True)
class Pace:
    """As Telegram documents it; a burst passes, a stream does not."""

    per_second: float = 30.0
    burst: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 20
    group_per_minute: float = 20.0


USUAL_PACE: Final = Pace()


@dataclass(frozen=True, slots=True)
class _Bucket:
    key: str
    interval: float
    """Milliseconds for one."""
    slack: float
    """How far ahead of its time a burst may run, in milliseconds."""


class NotYet(NotSent):
    """There is no room for so long that the place is better given to somebody else."""


class Turns:
    """Whoever wants to send takes a turn first. Without a pace everybody goes at once."""

    def __init__(self, valkey: Valkey, clock: Clock, bot: int, pace: Pace | None) -> None:
        self._valkey = valkey
        self._clock = clock
        self._bot = bot
        self._pace = pace
        self._own: OrderedDict[str, float] = OrderedDict()

    async def wait(self, chat_id: int) -> None:
        """For an answer to a person: wait a little, or raise `NotYet`."""
        wait = await self._take(self._buckets(chat_id, asked=True), LONGEST_WAIT)
        if wait > LONGEST_WAIT:
            raise NotYet("Too much is being said at once.", wait - LONGEST_WAIT / 2)
        if wait > 0:
            await self._clock.sleep(wait)

    async def free(self, chat_id: int) -> float:
        """For what is sent unasked: 0 when it may go now (the turn is taken), else in how many seconds to try."""
        return await self._take(self._buckets(chat_id, asked=False), 0.0)

    async def rest(self, chat_id: int, seconds: float) -> None:
        """Telegram wants that chat left alone."""
        bucket = self._buckets(chat_id, asked=False)[1:]
        for one in bucket:
            if await self._valkey.run(_REST, [one.key], seconds * 1000 + one.slack) is None:
                now = self._clock.monotonic() * 1000
                self._own[one.key] = max(self._own.get(one.key, 0.0), now + seconds * 1000 + one.slack)

    async def _take(self, buckets: Sequence[_Bucket], longest: float) -> float:
        if not buckets:
            return 0.0
        numbers = [number for one in buckets for number in (one.interval, one.slack)]
        answer = await self._valkey.run(_TAKE, [one.key for one in buckets], longest * 1000, *numbers)
        wait = self._take_own(buckets, longest * 1000) if answer is None else float(answer)
        return max(0.0, wait / 1000)

    def _take_own(self, buckets: Sequence[_Bucket], longest: float) -> float:
        """Half the rate: another process may be doing the same."""
        now = self._clock.monotonic() * 1000
        wait = max(self._own.get(one.key, 0.0) - now - one.slack for one in buckets)
        if wait <= longest:
            for one in buckets:
                self._own[one.key] = max(self._own.get(one.key, 0.0), now) + one.interval * 2
                self._own.move_to_end(one.key)
            while len(self._own) > _REMEMBERED:
                self._own.popitem(last=False)
        return wait

    def _buckets(self, chat_id: int, *, asked: bool) -> list[_Bucket]:
        pace = self._pace
        if pace is None:
            return []
        burst = pace.burst if asked else max(1, pace.burst // 2)
        everything = _bucket(f"send:{self._bot}:all", pace.per_second, burst)
        if chat_id < 0:
            chat_burst = pace.group_per_minute if asked else pace.group_per_minute // 2
            return [everything, _bucket(f"send:{self._bot}:{chat_id}", pace.group_per_minute / 60, chat_burst)]
        chat_burst = pace.chat_burst if asked else 1
        return [everything, _bucket(f"send:{self._bot}:{chat_id}", pace.chat_per_second, chat_burst)]


def _bucket(key: str, rate: float, burst: float) -> _Bucket:
    interval = 1000 / rate
    return _Bucket(key, interval, (burst - 1) * interval)
