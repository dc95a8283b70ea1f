"""What is said unasked: written with its cause, said by the one sender that holds the lease, and never twice.

A send is marked before the call. What was cut off during the call may have arrived: a kind that is `safe` to repeat is
said again, any other is left `unknown` for a person to look at. Telegram being away is no attempt: it waits, for as
long as the thing is wanted.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from telegram.error import BadRequest, Forbidden, NetworkError

from dianabot.kernel import log, metrics
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words
from dianabot.telegram.request import Lost, NotSent
from dianabot.telegram.sender.pace import Turns
from dianabot.telegram.sender.voice import Voice
from dianabot.telegram.store import Claimed, Lease, Sends, Settled

LOG = log.get(__name__)

IN_FLIGHT: Final = 32
ATTEMPTS: Final = 3
LEASE_SECONDS: Final = 3.0
CALL_SECONDS: Final = 60.0
"""Longer than any call takes, turns and all."""
LOOK_EVERY: Final = 0.2
STAND_BY: Final = 1.0
KEPT: Final = timedelta(days=30)
CLEAN_EVERY: Final = 3600.0
WAIT: Final = 2.0


@dataclass(frozen=True)
class Kind:
    """One sort of message: how it looks when it is sent, and whether sending it again does harm."""

    render: Callable[[Words, Mapping[str, Any]], Screen]
    repeat: Literal["safe", "never"]
    unasked: bool = False
    """Of our own accord: not to whom that is not welcome, and not while she is left in peace."""


@dataclass(frozen=True)
class Reader:
    """Whom a send reaches: in which words, and what follows when she has blocked us."""

    words: Callable[[int], Awaitable[Words]]
    blocked: Callable[[int, int], Awaitable[None]]
    """(chat, send)"""
    welcome: Callable[[int], Awaitable[datetime | None]]
    """From when on what she did not ask for may come to this chat; None: never."""


class Sender:
    def __init__(
        self,
        sends: Sends,
        lease: Lease,
        voice: Voice,
        turns: Turns,
        clock: Clock,
        *,
        kinds: Mapping[str, Kind],
        reader: Reader,
    ) -> None:
        self._sends = sends
        self._lease = lease
        self._voice = voice
        self._turns = turns
        self._clock = clock
        self._kinds = kinds
        self._reader = reader
        self._safe = [name for name, kind in kinds.items() if kind.repeat == "safe"]
        self._calls: set[asyncio.Task[None]] = set()
        self._chats: set[int] = set()
        self._held_until = -1.0
        self._cleaned_at = -CLEAN_EVERY
        self.trouble: str | None = None

    async def run(self) -> None:
        """Until cancelled. Another process's lease is waited for, as is a PostgreSQL that is away."""
        try:
            while True:
                try:
                    pause = await self._round()
                    self.trouble = None
                except (Unavailable, *CONFLICTS) as away:
                    self.trouble, pause = f"sends wait: {away}", STAND_BY
                await self._clock.sleep(pause)
        finally:
            await self._end()

    async def work(self) -> bool:
        """Say what is due and may go now, and wait for it to be said; whether there was any."""
        started = await self._start_due()
        if self._calls:
            await asyncio.wait(set(self._calls))
        return started > 0

    async def _round(self) -> float:
        if not await self._hold():
            return STAND_BY
        await self._see_to_leftovers()
        while await self._start_due():
            await asyncio.wait(set(self._calls), timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            if not await self._hold():
                return STAND_BY
        return LOOK_EVERY

    async def _hold(self) -> bool:
        now = self._clock.monotonic()
        if now < self._held_until - LEASE_SECONDS * 2 / 3:
            return True
        held = await self._lease.hold(self._clock.real())
        self._held_until = now + LEASE_SECONDS if held else -1.0
        return held

    async def _start_due(self) -> int:
        free = IN_FLIGHT - len(self._calls)
        if free <= 0:
            return 0
        until = self._clock.real() + timedelta(seconds=CALL_SECONDS)
        claimed = await self._sends.claim(self._clock.now(), until, most=free, not_to=list(self._chats))
        for one in claimed:
            task = asyncio.create_task(self._carry(one))
            self._calls.add(task)
            self._chats.add(one.chat_id)
            task.add_done_callback(self._calls.discard)
        return len(claimed)

    async def _carry(self, one: Claimed) -> None:
        with log.bound(correlation_id=str(one.correlation_id), send=one.key):
            try:
                settled = await self._say(one)
                await self._settle(one, settled)
            except (Unavailable, *CONFLICTS) as away:
                LOG.warning("send_not_settled", error=repr(away))
            finally:
                self._chats.discard(one.chat_id)

    async def _say(self, one: Claimed) -> Settled:
        if one.wanted_until is not None and one.wanted_until <= self._clock.now():
            return Settled("lapsed", error="no longer wanted")
        kind = self._kinds.get(one.kind)
        if kind is None:
            LOG.error("send_of_unknown_kind", kind=one.kind)
            return Settled("failed", error=f"nobody knows how to say {one.kind!r}")
        try:
            if kind.unasked and (kept_back := await self._kept_back(one)) is not None:
                return kept_back
            screen = kind.render(await self._reader.words(one.chat_id), one.arguments)
            wait = await self._turns.free(one.chat_id)
            if wait > 0:
                return self._later(wait, "its turn has not come")
            return Settled("sent", await self._voice.send(one.chat_id, screen))
        except Exception as error:  # noqa: BLE001 - every error has its answer there
            return await self._after(one, kind, error)

    async def _kept_back(self, one: Claimed) -> Settled | None:
        """Asked as late as can be: hours may lie between what called for it and this moment."""
        welcome = await self._reader.welcome(one.chat_id)
        if welcome is None:
            return Settled("lapsed", error="she does not want to be written to")
        if welcome <= self._clock.now():
            return None
        return Settled("waiting", error="she is left in peace now", not_before=welcome, is_attempt=False)

    async def _after(self, one: Claimed, kind: Kind, error: Exception) -> Settled:
        if isinstance(error, Forbidden):
            await self._reader.blocked(one.chat_id, one.id)
            return Settled("failed", error=str(error))
        if isinstance(error, Unavailable | NotSent):
            return self._later(getattr(error, "wait", WAIT), str(error))
        if isinstance(error, Lost) and kind.repeat == "never":
            LOG.error("send_unknown", kind=one.kind, error=str(error))
            return Settled("unknown", error=str(error))
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
            return self._later(WAIT, str(error))
        LOG.error("send_failed", kind=one.kind, attempt=one.attempts, exc_info=error)
        return self._failed(one, error)

    def _failed(self, one: Claimed, error: Exception) -> Settled:
        if one.attempts >= ATTEMPTS:
            return Settled("failed", error=repr(error))
        not_before = self._clock.now() + timedelta(seconds=2.0**one.attempts)
        return Settled("waiting", error=repr(error), not_before=not_before)

    def _later(self, seconds: float, why: str) -> Settled:
        wait = seconds * random.uniform(1.0, 1.2)
        not_before: datetime = self._clock.now() + timedelta(seconds=wait)
        return Settled("waiting", error=why, not_before=not_before, is_attempt=False)

    async def _settle(self, one: Claimed, how: Settled) -> None:
        """Written down however long PostgreSQL takes to come back: a said thing must not be said again."""
        while True:
            try:
                await self._sends.settle(one.id, how)
            except (Unavailable, *CONFLICTS):
                await self._clock.sleep(STAND_BY)
            else:
                break
        if how.state in {"failed", "unknown", "lapsed"}:
            metrics.sends_total.labels(how.state).inc()

    async def _see_to_leftovers(self) -> None:
        for cut in await self._sends.left_over(self._clock.real(), self._safe):
            LOG.warning("send_was_cut_off", kind=cut.kind, key=cut.key, state=cut.state)
        if self._clock.monotonic() - self._cleaned_at >= CLEAN_EVERY:
            self._cleaned_at = self._clock.monotonic()
            while await self._sends.prune(self._clock.now() - KEPT):
                await self._clock.sleep(0)

    async def _end(self) -> None:
        """Let what is being said be said; give the lease to whoever waits for it."""
        if self._calls:
            await asyncio.wait(set(self._calls), timeout=10)
        try:
            await self._lease.let_go()
        except Unavailable as away:
            LOG.debug("lease_not_let_go", error=str(away))
