"""Hints between processes, and the stream for programs outside. All of it may be lost without harm.

Lanes that this process works itself are woken in memory; other processes hear `wake:{consumer}`. Programs outside
listen on `dianabot:events:<event_type>`, or read the log by a cursor and miss nothing.
"""

import asyncio
import json
from collections.abc import Sequence

from dianabot.kernel.bus.consumers import Tail
from dianabot.kernel.events import Envelope
from dianabot.kernel.tx import Tx, Woken
from dianabot.kernel.valkey import Valkey

WAKE = "wake:"
EVENTS = "dianabot:events:"
FAN_OUT = "fan_out"


class Hints:
    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey
        self._sending: set[asyncio.Task[bool]] = set()

    def publish(self, woken: Sequence[Woken]) -> None:
        """Tell other processes, without making the one who committed wait for it."""
        if self._valkey.away or not woken:
            return
        messages = [(WAKE + one.consumer, f"{one.lane}{'!' if one.urgent else ''}") for one in woken]
        task = asyncio.create_task(self._valkey.publish_all(messages))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """What was to be told is told before the way to tell it is closed: a command that acts and goes, too."""
        if self._sending:
            await asyncio.wait(self._sending)


def heard(channel: str, message: str) -> Woken:
    lane = message.removesuffix("!")
    return Woken(channel.removeprefix(WAKE), int(lane), urgent=lane != message)


def fan_out(valkey: Valkey) -> Tail:
    async def tell(_: Tx, events: Sequence[Envelope]) -> None:
        await valkey.publish_all([(EVENTS + event.event_type, outside_form(event)) for event in events])

    return Tail(FAN_OUT, ("*",), tell, batch=200)


def outside_form(event: Envelope) -> str:
    """An event as other programs read it."""
    return json.dumps(
        {
            "event_id": str(event.event_id),
            "seq": event.seq,
            "event_type": event.event_type,
            "version": event.version,
            "timestamp": event.timestamp.isoformat(),
            "subject": event.subject,
            "user_id": event.user_id,
            "actor": event.actor,
            "operation": event.operation,
            "correlation_id": str(event.correlation_id),
            "causation_id": None if event.causation_id is None else str(event.causation_id),
            "data": event.data,
        }
    )
