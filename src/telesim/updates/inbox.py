"""Where updates of a bot arrive and by which way it takes them: polling or a webhook."""

import json
from typing import Any

from telesim.clock import Clock
from telesim.faults import Faults
from telesim.timeline import Timeline
from telesim.updates.polling import TERMINATED_BY_WEBHOOK, Polling
from telesim.updates.posting import Poster
from telesim.updates.queue import Queue
from telesim.updates.webhook import Pump, Reply
from telesim.world.pending import Pending
from telesim.world.people import Bot, Webhook
from telesim.world.world import World


class Inbox:
    def __init__(self, world: World, bot: Bot, poster: Poster, reply: Reply, faults: Faults) -> None:
        self._world = world
        self._poster = poster
        self._reply = reply
        self._faults = faults
        self.bot = bot
        self.queue = Queue(world, bot)
        self.polling = Polling(world.clock, self.queue)
        self.pump: Pump | None = None
        self.webhook_set_at = float("-inf")
        self.queue.on_push = self._pushed

    def open(self) -> None:
        """Go on with a webhook that was set before."""
        if self.bot.webhook is not None:
            self._start(self.bot.webhook)

    def set_webhook(self, hook: Webhook | None) -> None:
        if self.pump is not None:
            self.pump.stop()
            self.pump = None
        self.bot.webhook = hook
        self._world.keep(self.bot)
        if hook is not None:
            self.polling.abort(TERMINATED_BY_WEBHOOK)
            self._start(hook)

    def close(self) -> None:
        if self.pump is not None:
            self.pump.stop()
        self.polling.abort(TERMINATED_BY_WEBHOOK)

    def _start(self, hook: Webhook) -> None:
        self.pump = Pump(
            self._world.clock, self.queue, hook, self._poster, self._reply, self._faults,
            remove=lambda: self.set_webhook(None),
        )  # fmt: skip

    def _pushed(self, pending: Pending) -> None:
        if self.pump is not None:
            self.pump.push(pending)
        else:
            self.polling.wake()


class Inboxes:
    """The inbox of every bot; faults that concern updates happen here."""

    def __init__(self, world: World, clock: Clock, timeline: Timeline, faults: Faults) -> None:
        self._world = world
        self._clock = clock
        self._timeline = timeline
        self._faults = faults
        self._poster = Poster()
        self._boxes: dict[int, Inbox] = {}
        self.reply_of: Reply
        """Carries out a method that a webhook's answer named; set by the application."""

    def of(self, bot: Bot) -> Inbox:
        box = self._boxes.get(bot.id)
        if box is None:
            box = self._boxes[bot.id] = Inbox(self._world, bot, self._poster, self._take_reply, self._faults)
        return box

    async def _take_reply(self, bot: Bot, said: dict[str, Any]) -> None:
        await self.reply_of(bot, said)

    def open(self) -> None:
        for bot in self._world.bots.values():
            self.of(bot)
        for pending in self._world.pending.values():
            self._boxes[pending.bot].queue.restore(pending)
        self._world.pending.clear()
        for box in self._boxes.values():
            box.open()

    def close(self) -> None:
        for box in self._boxes.values():
            box.close()
        self._poster.close()

    def tell(self, bot: Bot, kind: str, update: dict[str, Any], lane: str) -> None:
        """Let a bot know of something, if it wants this kind."""
        queue = self.of(bot).queue
        if not queue.wants(kind):
            return
        body = json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode()
        born = self._clock.now()
        delay = self._faults.delay_of_update()
        if delay is None:
            queue.push(kind, body, lane, born)
        else:
            self._timeline.later(delay, lambda: queue.push(kind, body, lane, born))
