"""Every Bot API call received: for tests that ask what a bot did, and for the page that shows it."""

import itertools
from collections import deque
from dataclasses import dataclass
from typing import Any

ROOM = 20_000
BYTES = 64 << 20
LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Call:
    n: int
    at: float
    bot: int
    method: str
    params: dict[str, Any]
    answer: bytes
    """The answer as it went out: the JSON envelope."""

    @property
    def size(self) -> int:
        return len(self.answer) + sum(len(str(value)) for value in self.params.values())


class Calls:
    """The newest ones; memory is bounded by number and by size."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque()
        self._size = 0
        self._numbers = itertools.count(1)

    def add(self, at: float, bot: int, method: str, params: dict[str, Any], answer: bytes) -> Call:
        if len(answer) > LONGEST:
            answer = b'{"ok":true,"result":"%d bytes, not kept"}' % len(answer)
        short = {
            name: value[:LONGEST] if isinstance(value, str) and len(value) > LONGEST else value
            for name, value in params.items()
        }
        call = Call(next(self._numbers), at, bot, method, short, answer)
        self._calls.append(call)
        self._size += call.size
        while len(self._calls) > ROOM or self._size > BYTES:
            self._size -= self._calls.popleft().size
        return call

    def after(self, n: int) -> list[Call]:
        newer: list[Call] = []
        for call in reversed(self._calls):
            if call.n <= n:
                break
            newer.append(call)
        return newer[::-1]
