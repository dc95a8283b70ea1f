"""Telegram's flood limits: so many messages a second in all, in one chat, and a minute in a group."""

import math
from dataclasses import dataclass, field

from telesim.clock import Clock
from telesim.errors import too_many
from telesim.world.chats import Chat


@dataclass(slots=True)
class Bucket:
    rate: float
    room: float
    level: float = 0.0
    seen: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 when it fits now."""
        self.level = max(0.0, self.level - (now - self.seen) * self.rate)
        self.seen = now
        return max(0.0, (self.level + 1 - self.room) / self.rate)


@dataclass(slots=True)
class FloodLimits:
    """Not hard thresholds on Telegram either: a burst passes, a stream does not."""

    clock: Clock
    enabled: bool = True
    _buckets: dict[tuple[int, str], Bucket] = field(default_factory=dict)

    def check(self, bot: int, chat: Chat, messages: int = 1, *, paid: bool = False) -> None:
        """Count so many messages into the chat, or say when to come back; what is paid for counts there only."""
        if not self.enabled:
            return
        now = self.clock.monotonic()
        everything = self._bucket(bot, "", Bucket(30, 60))
        here = self._bucket(bot, chat.key, Bucket(1, 20) if chat.type == "private" else Bucket(20 / 60, 20))
        wait = max(0 if paid else everything.wait(now), here.wait(now))
        if wait > 0:
            raise too_many(math.ceil(wait))
        everything.level += 0 if paid else messages
        here.level += messages

    def _bucket(self, bot: int, chat: str, fresh: Bucket) -> Bucket:
        if len(self._buckets) > 100_000:
            self._buckets.clear()
        return self._buckets.setdefault((bot, chat), fresh)
