"""Lanes, tails and timers as one part of a process."""

import asyncio

from dianabot.kernel.bus import WAKE, Bus, heard
from dianabot.kernel.health import Unwell
from dianabot.kernel.valkey import Valkey


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
        if any(task.done() for task in self._tasks):
            raise Unwell("The lanes are not being worked.")
        if self._bus.trouble is not None:
            raise Unwell(self._bus.trouble)

    def _hear(self, channel: str, message: str) -> None:
        self._bus.wake(heard(channel, message))
