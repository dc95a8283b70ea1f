"""What has changed, in order, for whoever watches: long reads of a chat, and the page's live feed.

A change says where to look, not what is there: it is drawn when it is read, in its newest state, so a world that
nobody watches pays nothing, and a thousand members of a channel cost one entry.
"""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, Literal

EVERYWHERE = "*"
Kind = Literal[
    "message", "edit", "delete", "chat", "typing", "callback", "person", "people", "clock", "call", "fault"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    n: int
    kind: Kind
    chat: str | None = None
    """Key of the chat it happened in: only those who can see the chat hear of it."""
    person: int | None = None
    """Only this person hears of it."""
    message: int | None = None
    body: dict[str, Any] = field(default_factory=dict)


class Feed:
    def __init__(self, room: int = 20_000) -> None:
        self._changes: deque[Change] = deque(maxlen=room)
        self._waiting: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self.n = 0

    def publish(
        self,
        kind: Kind,
        *,
        chat: str | None = None,
        person: int | None = None,
        message: int | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        self.n += 1
        self._changes.append(Change(self.n, kind, chat, person, message, body or {}))
        if self._waiting:
            self._wake(EVERYWHERE)
            if chat is not None:
                self._wake(chat)

    def since(self, n: int) -> list[Change] | None:
        """What came after `n`, or None when that is no longer known (or was counted by an earlier process)."""
        if n == self.n:
            return []
        if n > self.n or not self._changes or self._changes[0].n > n + 1:
            return None
        fresh: list[Change] = []
        for change in reversed(self._changes):
            if change.n <= n:
                break
            fresh.append(change)
        return fresh[::-1]

    def next_change(self, chat: str = EVERYWHERE) -> "asyncio.Future[None]":
        """Done as soon as something changes (in that chat)."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[chat].append(future)
        return future

    def forget(self, chat: str, future: "asyncio.Future[None]") -> None:
        """Nobody waits for this any more."""
        waiting = self._waiting.get(chat)
        if waiting and future in waiting:
            waiting.remove(future)
        if not waiting:
            self._waiting.pop(chat, None)

    def _wake(self, chat: str) -> None:
        for future in self._waiting.pop(chat, ()):
            if not future.done():
                future.set_result(None)
