"""A fuse in front of everything that lives outside this process.

What is away is asked five times and then left alone for half a minute, so that nobody waits for a time-out again and
again, and so that the thing itself gets air to recover. Then a single call tries it.
"""

import asyncio
from collections.abc import Callable
from enum import IntEnum
from types import TracebackType
from typing import Any

from dianabot.kernel.clock import Clock


class State(IntEnum):
    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class BreakerOpen(Exception):  # noqa: N818 - a state of the world
    """The target is being left alone: nothing was sent."""

    def __init__(self, name: str, wait: float) -> None:
        super().__init__(f"{name} is left alone for another {wait:.1f} s.")
        self.name = name
        self.wait = wait


class Breaker:
    """`async with breaker:` around one call to the target.

    Only the exceptions in `counts` speak against the target. Any other exception is an answer, so the target lives;
    being cancelled, or one of `ignores`, says nothing about it. A call that began before the fuse blew and ends later
    decides nothing.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        failures: int = 5,
        rest: float = 30.0,
        counts: tuple[type[Exception], ...] = (OSError, TimeoutError),
        ignores: tuple[type[Exception], ...] = (),
        changed: Callable[[str, State], None] | None = None,
    ) -> None:
        self.name = name
        self._clock = clock
        self._limit = failures
        self._rest = rest
        self._counts = counts
        self._ignores = ignores
        self._changed = changed
        self._failures = 0
        self._state = State.CLOSED
        self._opened_at = 0.0
        self._trial: asyncio.Task[Any] | None = None
        if changed is not None:
            changed(name, self._state)

    @property
    def state(self) -> State:
        if self._state is State.OPEN and self.wait == 0:
            return State.HALF_OPEN
        return self._state

    @property
    def wait(self) -> float:
        """Seconds until the target may be tried; 0 when it may be asked now."""
        if self._state is not State.OPEN:
            return 0.0
        return max(0.0, self._opened_at + self._rest - self._clock.monotonic())

    async def __aenter__(self) -> None:
        if self._state is State.CLOSED:
            return
        if self._trial is not None or self.wait > 0:
            raise BreakerOpen(self.name, self.wait)
        self._trial = asyncio.current_task()
        self._become(State.HALF_OPEN)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        trial = self._trial is not None and self._trial is asyncio.current_task()
        if trial:
            self._trial = None
        if not trial and self._state is not State.CLOSED:
            return
        if isinstance(error, self._ignores):
            return
        if isinstance(error, self._counts):
            self._failures += 1
            if self._failures >= self._limit:
                self._opened_at = self._clock.monotonic()
                self._become(State.OPEN)
        elif error is None or isinstance(error, Exception):
            self._failures = 0
            self._become(State.CLOSED)

    def _become(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            if self._changed is not None:
                self._changed(self.name, state)
