"""Updates pushed to a bot's address: every lane in order, different lanes side by side, again until a 2xx."""

import asyncio
import json
import random
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from telesim.clock import Clock
from telesim.faults import Faults
from telesim.request import read_json
from telesim.updates.posting import Answer, Poster, PostError
from telesim.updates.queue import Queue
from telesim.world.pending import Pending
from telesim.world.people import Bot, Webhook

PATIENCE = 60
LONGEST_RETRY_AFTER = 3_600
GONE_FOR = 23 * 3_600
Reply = Callable[[Bot, dict[str, Any]], Awaitable[None]]


class Pump:
    """One bot's webhook while it is set."""

    def __init__(
        self, clock: Clock, queue: Queue, hook: Webhook, poster: Poster, reply: Reply, faults: Faults,
        remove: Callable[[], None],
    ) -> None:  # fmt: skip
        self._clock = clock
        self._queue = queue
        self._hook = hook
        self._poster = poster
        self._reply = reply
        self._faults = faults
        self._remove = remove
        self._lanes: OrderedDict[str, deque[Pending]] = OrderedDict()
        """Lanes that wait for a free connection; those being served are in `_served`."""
        self._served: dict[str, deque[Pending]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone_since: float | None = None
        self.ended = False
        for pending in queue:
            self.push(pending)

    def push(self, pending: Pending) -> None:
        lane = self._served.get(pending.lane)
        if lane is not None:
            lane.append(pending)
            return
        self._lanes.setdefault(pending.lane, deque()).append(pending)
        self._serve_more()

    def stop(self) -> None:
        self.ended = True
        for task in self._tasks:
            task.cancel()

    def _serve_more(self) -> None:
        while self._lanes and len(self._served) < self._hook.max_connections and not self.ended:
            name, lane = self._lanes.popitem(last=False)
            self._served[name] = lane
            task = asyncio.get_running_loop().create_task(self._serve(name, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, name: str, lane: deque[Pending]) -> None:
        while lane and not self.ended:
            pending = lane[0]
            if pending.id in self._queue:
                await self._deliver(pending)
                if self._faults.duplicates_update():
                    await self._deliver(pending)
                self._queue.forget(pending.id)
            lane.popleft()
        del self._served[name]
        self._serve_more()

    async def _deliver(self, pending: Pending) -> None:
        """Again and again until it is taken or too old: at once, then after 2, 4, 8 … seconds."""
        failures = 0
        while pending.expires > self._clock.now() and not self.ended:
            answer = await self._post(pending)
            if answer is not None and 200 <= answer.status < 300:
                self._gone_since = None
                await self._take_reply(answer)
                return
            failures += 1
            self._complain(answer)
            await self._clock.sleep(self._delay(failures, answer))

    async def _post(self, pending: Pending) -> Answer | None:
        headers = {"content-type": "application/json", "accept-encoding": "gzip, deflate"}
        if self._hook.secret_token:
            headers["x-telegram-bot-api-secret-token"] = self._hook.secret_token
        task = asyncio.ensure_future(self._poster.post(self._hook.url, headers, pending.body))
        try:
            if not await self._clock.wait(task, PATIENCE):
                self._hook.last_error_message = "Read timeout expired"
                return None
            return task.result()
        except PostError as error:
            self._hook.last_error_message = str(error)
            return None
        finally:
            task.cancel()

    def _complain(self, answer: Answer | None) -> None:
        self._hook.last_error_date = self._clock.seconds()
        if answer is None:
            return
        self._hook.last_error_message = f"Wrong response from the webhook: {answer.status}"
        if answer.status == 410:
            now = self._clock.now()
            self._gone_since = self._gone_since or now
            if now - self._gone_since > GONE_FOR:
                self._remove()
        else:
            self._gone_since = None

    @staticmethod
    def _delay(failures: int, answer: Answer | None) -> float:
        if answer is not None:
            asked = answer.headers.get("retry-after", "")
            if asked.isdigit():
                return min(int(asked), LONGEST_RETRY_AFTER)
        if failures == 1:
            return 0
        return min(2.0 ** min(failures - 1, 10), random.uniform(60, 120))

    async def _take_reply(self, answer: Answer) -> None:
        """An answer may carry one method; nobody learns how it went."""
        if not answer.body.lstrip().startswith(b"{"):
            return
        try:
            said = read_json(answer.body)
            json.dumps(said, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return
        if isinstance(said.get("method"), str):
            await self._reply(self._queue.bot, said)
