"""Where each kept update is worked off: begun, tried, answered or set aside, and nothing behind it waits.

The attempts are raised before the work, so that whoever finds an update half done knows that it was tried. What was
away (PostgreSQL, Telegram) is no attempt. What three tries did not bring about lies among the dead letters.
"""

import asyncio
import contextlib
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from telegram.error import BadRequest, NetworkError

from dianabot.kernel import log, metrics
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.ingest.arrival import Job, jobs
from dianabot.telegram.ingest.batch import Batch
from dianabot.telegram.ingest.queues import PLACES, Queues
from dianabot.telegram.request import NotSent
from dianabot.telegram.routes import Unreadable
from dianabot.telegram.store import Came, Death, Leave, Open, Updates

LOG = log.get(__name__)

ATTEMPTS: Final = 3
LONGEST_PAUSE: Final = 15.0
BEHIND_PAUSE: Final = 0.1
PATIENCE: Final = timedelta(hours=1)
"""How long an answer is worth trying while Telegram cannot be reached."""
APOLOGY_WANTED: Final = timedelta(hours=12)
KEPT: Final = timedelta(hours=48)
CLEAN_EVERY: Final = 600.0
LOOK_EVERY: Final = 1.0
LAST_WORDS: Final = 3.0


@dataclass(frozen=True)
class Hands:
    """What the desk leaves to others."""

    serve: Callable[[Job], Awaitable[None]]
    """Do what it asks and answer the person."""
    tell_away: Callable[[Job], Awaitable[None]]
    """Say, at most once a minute in a chat, that PostgreSQL is away."""


class Desk:
    def __init__(
        self, updates: Updates, hands: Hands, clock: Clock, *, alive_seconds: float, places: int = PLACES
    ) -> None:
        self._updates = updates
        self._hands = hands
        self._clock = clock
        self._alive_seconds = alive_seconds
        self._mine: set[int] = set()
        self._cleaned_at = -CLEAN_EVERY
        self._begin: Batch[int, Leave | None] = Batch(self._begin_all)
        self._to_acknowledge: list[int] = []
        self._acknowledging: asyncio.Task[None] | None = None
        self.queues = Queues(self.work, self._fetch, clock, places=places)

    async def keep(self, came: Sequence[tuple[Came, Mapping[str, Any]]]) -> None:
        """Store them and see to them; afterwards they may be acknowledged."""
        if not came:
            return
        at = self._clock.real()
        ours = await self._updates.keep([kept for kept, _ in came], at)
        fresh = [one for one in came if one[0].update_id in ours]
        self._admit(jobs(fresh, at, (self._updates.chain_of(kept.update_id, at) for kept, _ in fresh)))

    async def look_after(self) -> None:
        """Until cancelled: take over what dead processes left, and throw away what is old."""
        while True:
            try:
                await self.take_over()
                await self._clean()
            except Unavailable as away:
                LOG.debug("updates_not_looked_after", error=str(away))
            await self._clock.sleep(LOOK_EVERY)

    async def take_over(self) -> None:
        """What was never tried joins the lines; what was may have killed its process, so it runs alone."""
        alive_since = self._clock.real() - timedelta(seconds=self._alive_seconds)
        while self.queues.has_room:
            found = await self._updates.take_over(alive_since, 1000)
            left = [self._job(kept) for kept in found if kept.update_id not in self._mine]
            if not left:
                return
            LOG.info("updates_taken_over", number=len(left), tried=sum(job.attempts > 0 for job in left))
            suspects = [job for job in left if job.attempts]
            async with self.queues.paused() if suspects else contextlib.nullcontext():
                self._admit(job for job in left if not job.attempts)
                for job in suspects:
                    self._mine.add(job.update_id)
                    if await self.work(job) is not None:
                        self.queues.add(job)

    async def stop(self, seconds: float) -> None:
        """Finish what is at work, hand everything else back."""
        waiting = await self.queues.stop(seconds)
        if self._acknowledging is not None:
            await asyncio.wait({self._acknowledging}, timeout=LAST_WORDS)
        await self._updates.hand_back([job.update_id for job in waiting if not job.cut and job.begun])

    async def work(self, job: Job) -> float | None:
        """One try; None when it is over, else in how many seconds to try again."""
        with log.bound(update_id=job.update_id, correlation_id=str(job.correlation_id)):
            try:
                return await self._try(job)
            except asyncio.CancelledError:
                job.cut = True
                raise
            except CONFLICTS as conflict:
                LOG.info("update_waits", error=repr(conflict))
            except Unavailable as away:
                LOG.info("update_waits", error=repr(away))
                await self._hands.tell_away(job)
            return _pause(job)

    async def _try(self, job: Job) -> float | None:
        if not job.begun:
            if job.attempts >= ATTEMPTS:
                await self._bury(job, "unfinished", RuntimeError("the process ended while it was at work"))
                return None
            leave = await self._begin.ask(job.update_id)
            if leave is None or not leave.ours:
                self._mine.discard(job.update_id)
                _over(job, "left to another")
                return None
            if leave.behind:
                return BEHIND_PAUSE
            job.begun, job.attempts = True, job.attempts + 1
        began = self._clock.monotonic()
        try:
            await self._hands.serve(job)
        except Exception as error:  # noqa: BLE001 - every error has its answer there
            return await self._failed(job, error)
        metrics.update_duration_seconds.observe(self._clock.monotonic() - began)
        self._answered(job, "answered")
        return None

    async def _failed(self, job: Job, error: Exception) -> float | None:
        if isinstance(error, (Unavailable, *CONFLICTS)):
            raise error
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
            return self._unreachable(job, error)
        job.begun = False
        reason = "unreadable" if isinstance(error, Unreadable) else "failed"
        LOG.error("update_failed", code=job.code, attempt=job.attempts, kind=job.kind, exc_info=error)
        if job.attempts >= ATTEMPTS or reason == "unreadable":
            await self._bury(job, reason, error)
            return None
        return _pause(job)

    def _unreachable(self, job: Job, error: Exception) -> float | None:
        """Telegram is away or asks for patience: the act is done, the answer goes out later."""
        if self._clock.real() - job.received_at > PATIENCE:
            LOG.warning("update_unanswered", code=job.code, error=str(error))
            self._answered(job, "unanswered")
            return None
        LOG.info("answer_waits", error=str(error))
        return max(_pause(job), error.wait if isinstance(error, NotSent) else 0.0)

    async def _bury(self, job: Job, reason: str, error: Exception) -> None:
        trace = "".join(traceback.format_exception(error))
        at = self._clock.now()
        death = Death(reason, repr(error), trace, job.code, job.correlation_id, job.chat)
        if await self._updates.bury(job.update_id, at, at + APOLOGY_WANTED, death):
            metrics.dead_letters_total.labels("telegram").inc()
            LOG.error("update_set_aside", code=job.code, reason=reason, kind=job.kind)
        self._mine.discard(job.update_id)
        _over(job, "dead")

    def _admit(self, found: Iterable[Job]) -> None:
        for job in found:
            if job.update_id not in self._mine:
                self._mine.add(job.update_id)
                self.queues.add(job)

    def _answered(self, job: Job, outcome: str) -> None:
        """Over, but for the note of it, which may be written a little later: who dies before answers twice."""
        self._to_acknowledge.append(job.update_id)
        if self._acknowledging is None:
            self._acknowledging = asyncio.create_task(self._acknowledge())
        _over(job, outcome)

    async def _acknowledge(self) -> None:
        while batch := self._to_acknowledge[:500]:
            try:
                await self._updates.answered(batch)
            except (Unavailable, *CONFLICTS):
                await self._clock.sleep(1.0)
            else:
                del self._to_acknowledge[: len(batch)]
                self._mine.difference_update(batch)
        self._acknowledging = None

    async def _begin_all(self, updates: list[int]) -> dict[int, Leave | None]:
        leaves = {leave.update_id: leave for leave in await self._updates.begin(updates)}
        return {update: leaves.get(update) for update in updates}

    async def _fetch(self, queue: int, after: int, most: int) -> list[Job]:
        found = await self._updates.later_of(queue, after, most)
        self._mine.update(kept.update_id for kept in found)
        return [self._job(kept) for kept in found]

    def _job(self, kept: Open) -> Job:
        return Job.of(kept, self._updates.chain_of(kept.update_id, kept.received_at))

    async def _clean(self) -> None:
        if self._clock.monotonic() - self._cleaned_at >= CLEAN_EVERY:
            self._cleaned_at = self._clock.monotonic()
            before: datetime = self._clock.real() - KEPT
            while await self._updates.prune(before):
                await self._clock.sleep(0)


KINDS: Final = frozenset({"message", "callback_query", "my_chat_member", "pre_checkout_query"})
"""Kinds that the metrics count by name."""


def _over(job: Job, outcome: str) -> None:
    metrics.updates_total.labels(job.kind if job.kind in KINDS else "other", outcome).inc()


def _pause(job: Job) -> float:
    job.pauses += 1
    return min(LONGEST_PAUSE, 0.25 * 2.0 ** min(job.pauses, 10)) * random.uniform(0.5, 1.0)
