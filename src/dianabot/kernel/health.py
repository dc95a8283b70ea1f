"""The parts of a running process: started in order, watched, stopped in reverse, and each on its own when it fails.

A part that fails leaves the rest running; what needs it waits. Each round of checks tries again what is not up, so
that work resumes by itself. What only the operator can mend (an OperatorError: a refused token, a taken port) ends the
start instead, for there is nobody else who would read of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from dianabot.kernel import log, metrics
from dianabot.kernel.clock import Clock
from dianabot.kernel.errors import OperatorError

_log = log.get("health")

EVERY: Final = 10.0
STOP_WITHIN: Final = 20.0
_CHECK_WITHIN: Final = 5.0
_LEAST_TO_STOP: Final = 0.5

Step = Callable[[], Awaitable[None]]


class Unwell(Exception):  # noqa: N818 - what a check says
    """The sentence that the health page shows."""


class State(StrEnum):
    UP = "up"
    UNWELL = "unwell"  # it runs, and its check complains
    FAILED = "failed"  # it did not start
    WAITING = "waiting"  # for a part that is not up
    STOPPED = "stopped"


async def _nothing() -> None:
    return


@dataclass(frozen=True)
class Module:
    """One part. `start` returns when it works, `check` raises when it does not (`Unwell` with a sentence).

    Without a `vital` part the process must not be sent any work; without another it does its work worse.
    """

    name: str
    needs: tuple[str, ...] = ()
    start: Step = _nothing
    stop: Step = _nothing
    check: Step = _nothing
    vital: bool = True
    start_within: float = 60.0


def background(
    name: str,
    work: Step,
    *,
    needs: tuple[str, ...] = (),
    vital: bool = True,
    trouble: Callable[[], str | None] = lambda: None,
) -> Module:
    """A part that is one task without end, and says itself what troubles it.

    When it ends all the same, a check says so and starts it anew.
    """
    task: asyncio.Task[None] | None = None

    async def run() -> None:
        await work()

    async def start() -> None:
        nonlocal task
        task = asyncio.create_task(run(), name=name)

    async def stop() -> None:
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def check() -> None:
        if task is not None and task.done():
            error = None if task.cancelled() else task.exception()
            _log.error("background task ended", module=name, error=repr(error), exc_info=error)
            await start()
            raise Unwell("It ended and was started anew.") from error
        if (sentence := trouble()) is not None:
            raise Unwell(sentence)

    return Module(name, needs, start, stop, check, vital)


@dataclass
class _Part:
    module: Module
    state: State = State.STOPPED
    problem: str | None = None
    since: datetime | None = None


class Registry:
    """`changed(name, state, problem)` is told of every change, for alerts and events."""

    def __init__(
        self,
        clock: Clock,
        modules: Iterable[Module] = (),
        *,
        changed: Callable[[str, State, str | None], None] = lambda *_: None,
        every: float = EVERY,
        stop_within: float = STOP_WITHIN,
        check_within: float = _CHECK_WITHIN,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._every = every
        self._stop_within = stop_within
        self._check_within = check_within
        self._modules = list(modules)
        self._parts: dict[str, _Part] = {}
        self._watch: asyncio.Task[None] | None = None

    def add(self, module: Module) -> None:
        """Before `start`."""
        self._modules.append(module)

    @property
    def ready(self) -> bool:
        """May be sent work: every vital part is up."""
        up = {name for name, part in self._parts.items() if part.state is State.UP}
        return up.issuperset(module.name for module in self._modules if module.vital)

    def report(self) -> dict[str, Any]:
        """For `/readyz`, the health page and `doctor`."""
        down = [part for part in self._parts.values() if part.state is not State.UP]
        return {
            "state": "ready" if not down else "degraded" if self.ready else "not ready",
            "modules": {
                name: {
                    "state": str(part.state),
                    "problem": part.problem,
                    "since": part.since.isoformat() if part.since else None,
                    "needs": list(part.module.needs),
                    "vital": part.module.vital,
                }
                for name, part in self._parts.items()
            },
        }

    async def start(self) -> None:
        """Start what can be started, then watch. Returns also when a part failed: `report` says which.

        Raises what only the operator can mend; `stop` is then still the caller's to call.
        """
        self._parts = {module.name: _Part(module) for module in _in_order(self._modules)}
        for part in self._parts.values():
            if (hopeless := await self._start(part)) is not None:
                raise hopeless
        self._watch = asyncio.create_task(self._keep_watch(), name="health")

    async def stop(self) -> None:
        """Stop all in reverse order, each given the time that is left but for a little for each one after it."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        deadline = self._clock.monotonic() + self._stop_within
        parts = [part for part in reversed(self._parts.values()) if part.state in {State.UP, State.UNWELL}]
        for after, part in zip(reversed(range(len(parts))), parts, strict=True):
            left = deadline - self._clock.monotonic() - after * _LEAST_TO_STOP
            problem = await _attempt(part.module.stop, max(left, _LEAST_TO_STOP))
            self._become(part, State.STOPPED, problem)

    async def look(self) -> None:
        """One round: start what is not up and can be, check the rest, all at once."""
        for part in self._parts.values():
            if part.state in {State.FAILED, State.WAITING}:
                await self._start(part)
        running = [part for part in self._parts.values() if part.state in {State.UP, State.UNWELL}]
        problems = await asyncio.gather(*(_attempt(part.module.check, self._check_within) for part in running))
        for part, problem in zip(running, problems, strict=True):
            self._become(part, State.UNWELL if problem else State.UP, problem)

    async def _keep_watch(self) -> None:
        while True:
            await self._clock.sleep(self._every)
            await self.look()

    async def _start(self, part: _Part) -> OperatorError | None:
        missing = [name for name in part.module.needs if self._parts[name].state not in {State.UP, State.UNWELL}]
        if missing:
            self._become(part, State.WAITING, f"It waits for {', '.join(missing)}.")
            return None
        hopeless: OperatorError | None = None

        async def start() -> None:
            nonlocal hopeless
            try:
                await part.module.start()
            except OperatorError as error:
                hopeless = error
                raise Unwell(str(error)) from error

        problem: str | None = "It was broken off."
        try:
            problem = await _attempt(start, part.module.start_within)
        finally:
            if problem:
                await _attempt(part.module.stop, self._check_within)  # what it had begun
        self._become(part, State.FAILED if problem else State.UP, problem)
        return hopeless

    def _become(self, part: _Part, state: State, problem: str | None) -> None:
        name = part.module.name
        metrics.modules_up.labels(name).set(state is State.UP)
        if (state, problem) == (part.state, part.problem) and part.since is not None:
            return
        if state is not part.state or part.since is None:
            part.since = self._clock.now()
        part.state, part.problem = state, problem
        say = _log.warning if problem else _log.info
        say("module " + state, module=name, problem=problem)
        try:
            self._changed(name, state, problem)
        except Exception as error:  # noqa: BLE001 - an alert that cannot be raised must not fell what it watches
            _log.error("change not told", module=name, error=repr(error), exc_info=error)


async def _attempt(step: Step, seconds: float) -> str | None:
    """What went wrong, in a sentence; None when nothing did."""
    try:
        async with asyncio.timeout(seconds):
            await step()
    except TimeoutError as error:
        return str(error) or f"It did not answer within {seconds:g} s."
    except Exception as error:  # noqa: BLE001 - isolating whatever a part may raise is what this module is for
        if not isinstance(error, Unwell):
            _log.warning("module raised", error=repr(error), exc_info=error)
        return str(error) or type(error).__name__
    return None


def _in_order(modules: list[Module]) -> list[Module]:
    """Each behind all that it needs, otherwise as they came."""
    known = {module.name for module in modules}
    if len(known) != len(modules):
        raise ValueError("Two modules have one name.")
    for module in modules:
        if unknown := set(module.needs) - known:
            raise ValueError(f"{module.name} needs {', '.join(sorted(unknown))}, which is not there.")
    ordered: list[Module] = []
    while waiting := [module for module in modules if module not in ordered]:
        met = {module.name for module in ordered}
        free = next((module for module in waiting if met.issuperset(module.needs)), None)
        if free is None:
            raise ValueError(f"These need each other: {', '.join(module.name for module in waiting)}.")
        ordered.append(free)
    return ordered
