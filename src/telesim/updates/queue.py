"""The updates of one bot that it has not confirmed yet, in order."""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from telesim.updates.kinds import DEFAULT, lifetime
from telesim.world.pending import Pending, Reserved
from telesim.world.people import Bot
from telesim.world.world import World

ROOM = 100_000
"""What comes to a fuller queue is lost, as on Telegram; so memory is bounded."""
RESERVE = 1_000
EPOCH_2026 = 1_767_225_600
IDS_A_SECOND = 16
LARGEST_ID = 2**31 - 1


def first_id(real_seconds: float) -> int:
    """Ids start from the clock, so that a world that was thrown away does not repeat those of the one before."""
    return int((real_seconds - EPOCH_2026) * IDS_A_SECOND) % LARGEST_ID + 1


class Queue:
    def __init__(self, world: World, bot: Bot) -> None:
        self._world = world
        self.bot = bot
        self._updates: OrderedDict[int, Pending] = OrderedDict()
        self._reserved = world.reserved.get(bot.key) or Reserved(bot.id, 0)
        self.next_id = max(first_id(world.clock.real()), self._reserved.below)
        self.on_push: Callable[[Pending], None] = lambda _: None

    def __len__(self) -> int:
        return len(self._updates)

    def __iter__(self) -> Iterator[Pending]:
        return iter(self._updates.values())

    def __contains__(self, update_id: int) -> bool:
        return update_id in self._updates

    def wants(self, kind: str) -> bool:
        """Whether the bot has asked for this kind: decided when an update is made, never later."""
        allowed = self.bot.allowed_updates
        return kind in (DEFAULT if allowed is None else allowed)

    def push(self, kind: str, body: bytes, lane: str, born: float) -> None:
        """Give it a number and let the bot have it."""
        if len(self._updates) >= ROOM:
            return
        update_id = self.next_id
        self.next_id += 1
        whole = b'{"update_id":%d,"%b":%b}' % (update_id, kind.encode(), body)
        pending = Pending(update_id, self.bot.id, kind, lane, born + lifetime(kind), whole)
        self._updates[update_id] = pending
        if self.next_id > self._reserved.below:
            self._reserved.below = self.next_id + RESERVE
            self._world.keep(self._reserved)
        self._world.keep(pending)
        self.on_push(pending)

    def restore(self, pending: Pending) -> None:
        self._updates[pending.id] = pending
        self.next_id = max(self.next_id, pending.id + 1)

    def confirm_below(self, offset: int) -> None:
        while self._updates and next(iter(self._updates)) < offset:
            self.forget(next(iter(self._updates)))

    def forget(self, update_id: int) -> None:
        pending = self._updates.pop(update_id, None)
        if pending is not None:
            self._world.journal.drop("pending", pending.key)

    def keep_last(self, count: int) -> None:
        while len(self._updates) > count:
            self.forget(next(iter(self._updates)))

    def clear(self) -> None:
        self.keep_last(0)

    def take(self, limit: int) -> list[Pending]:
        """The first so many that are still young enough; the others go."""
        now = self._world.clock.now()
        taken: list[Pending] = []
        aged: list[int] = []
        for pending in self._updates.values():
            if pending.expires <= now:
                aged.append(pending.id)
                continue
            taken.append(pending)
            if len(taken) == limit:
                break
        for update_id in aged:
            self.forget(update_id)
        return taken
