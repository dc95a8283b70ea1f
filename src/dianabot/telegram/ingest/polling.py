"""Asking Telegram for updates: one process at a time, and never ahead of what is stored."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

from telegram.error import Conflict, InvalidToken, TelegramError

from dianabot.kernel import log
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.ingest.arrival import sorted_out
from dianabot.telegram.ingest.away import Away
from dianabot.telegram.ingest.desk import Desk
from dianabot.telegram.request import AiohttpRequest, NotSent
from dianabot.telegram.store import Lease

LOG = log.get(__name__)

LEASE_SECONDS: Final = 3.0
RENEW_EVERY: Final = 0.8
POLL_SECONDS: Final = 25
AT_ONCE: Final = 100
STAND_BY: Final = 0.5
SHORTEST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 10.0

ANOTHER = (
    "Another program asks Telegram for this bot's updates with the same token. Stop it, or give this one a token of "
    "its own; until then updates arrive here and there."
)
REVOKED = "Telegram no longer accepts BOT_TOKEN. Get the present one from @BotFather and start again with it."


class Poller:
    """`url` is the bot's `getUpdates`."""

    def __init__(
        self,
        request: AiohttpRequest,
        url: str,
        kinds: Sequence[str],
        *,
        desk: Desk,
        lease: Lease,
        away: Away,
        clock: Clock,
    ) -> None:
        self._request = request
        self._url = url
        self._kinds = list(kinds)
        self._desk = desk
        self._lease = lease
        self._away = away
        self._clock = clock
        self._holds = asyncio.Event()
        self._offset = 0
        self._failures = 0
        self.trouble: str | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_lease())
            tasks.create_task(self._keep_polling())

    async def let_go(self) -> None:
        """Another process may begin at once."""
        await self._lease.let_go()

    async def _keep_polling(self) -> None:
        while True:
            await self._holds.wait()
            await self._desk.queues.room()
            await self._clock.sleep(await self._poll())

    async def _keep_lease(self) -> None:
        """While PostgreSQL is away nobody can take the lease from us, and nothing can be stored either."""
        while True:
            try:
                held = await self._lease.hold(self._clock.real())
            except (Unavailable, *CONFLICTS) as away:
                LOG.debug("lease_not_renewed", error=str(away))
            else:
                if held and not self._holds.is_set():
                    LOG.info("polling")
                    self._offset = 0
                    self._holds.set()
                elif not held:
                    self._holds.clear()
            await self._clock.sleep(RENEW_EVERY if self._holds.is_set() else STAND_BY)

    async def _poll(self) -> float:
        """One long poll; how long to pause before the next."""
        try:
            came = await self._fetch()
        except TelegramError as error:
            return self._failed(error)
        self._failures, self.trouble = 0, None
        kept, highest = sorted_out(came)
        await self._store(kept)
        if highest is None:
            return SHORTEST_PAUSE if came else 0.0
        self._offset = highest + 1
        return 0.0

    async def _fetch(self) -> list[Any]:
        asked = {
            "offset": self._offset,
            "limit": AT_ONCE,
            "timeout": POLL_SECONDS,
            "allowed_updates": self._kinds,
        }
        came = await self._request.ask(self._url, asked, patience=POLL_SECONDS + 10)
        if not isinstance(came, list):
            raise TelegramError("getUpdates answered something that is no list")
        return came

    async def _store(self, kept: list[Any]) -> None:
        """Until it is stored: what is not is never acknowledged."""
        while True:
            try:
                await self._desk.keep(kept)
            except (Unavailable, *CONFLICTS) as away:
                LOG.warning("updates_not_stored", number=len(kept), error=str(away))
                for _, said in kept:
                    await self._away.tell(said)
                await self._clock.sleep(STAND_BY)
            else:
                return

    def _failed(self, error: TelegramError) -> float:
        self._failures += 1
        before = self.trouble
        if isinstance(error, Conflict):
            self.trouble = ANOTHER
        elif isinstance(error, InvalidToken):
            self.trouble = REVOKED
        elif self._failures > 2:
            self.trouble = f"Telegram cannot be asked for updates: {error}"
        if self.trouble != before and self.trouble is not None:
            LOG.error("polling_troubled", trouble=self.trouble)
        LOG.debug("poll_failed", error=str(error))
        pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(self._failures, 10))
        asked = error.wait if isinstance(error, NotSent) else 0.0
        return max(asked, pause * random.uniform(0.5, 1.0))
