"""Lanes, tails and timers as one part of a process."""

import asyncio

from dianabot.kernel import log
from dianabot.kernel.bus import WAKE, Bus, heard
from dianabot.kernel.health import Unwell
from dianabot.kernel.valkey import Valkey

LOG = log.get(__name__)


class Worker:
    def __init__(self, bus: Bus, valkey: Valkey) -> None:
        self._bus = bus
        self._valkey = valkey
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._bus.run()),
            asyncio.create_task(self._valkey.subscribe(f"{WAKE}*", hear=self._hear)),
        ]

    async def stop(self) -> None:
        """A batch cut off here is rolled back whole and taken up by the next process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def check(self) -> None:
        """What has ended, which nothing should make it do, is begun anew."""
        for task in [task for task in self._tasks if task.done()]:
            error = None if task.cancelled() else task.exception()
            LOG.error("worker_ended", error=repr(error), exc_info=error)
            await self.stop()
            await self.start()
            raise Unwell("The lanes were not being worked, and are again.")
        if self._bus.trouble is not None:
            raise Unwell(self._bus.trouble)

    def _hear(self, channel: str, message: str) -> None:
        self._bus.wake(heard(channel, message))
