"""Children forked from a parent that has loaded everything and started nothing: no loop, no thread, no connection."""

import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import structlog

LOOK_EVERY = 0.5


def fork(life: Callable[[], object]) -> int:
    """The child's pid; the child never comes back from here."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        quiet()
        life()
        code = 0
    except BaseException:  # noqa: BLE001 - a child must never return into its parent's work
        traceback.print_exc()
    os._exit(code)


def quiet() -> None:
    """What libraries say about servers that were killed is no news here."""
    logging.disable(logging.CRITICAL)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL), cache_logger_on_first_use=True
    )


def until_told() -> asyncio.Event:
    """Set when this process is told to end, or when whoever forked it has gone."""
    told, parent, loop = asyncio.Event(), os.getppid(), asyncio.get_running_loop()

    def look() -> None:
        if os.getppid() == parent:
            loop.call_later(LOOK_EVERY, look)
        else:
            told.set()

    loop.add_signal_handler(signal.SIGTERM, told.set)
    look()
    return told


def tell_what_holds_us_up(after: float) -> None:
    """If this process is still there by then, what its tasks are waiting for."""

    def tell() -> None:
        for task in asyncio.all_tasks(loop):
            sys.stderr.write(f"{os.getpid()} {task.get_name()} waits in {' > '.join(_awaited(task.get_coro()))}\n")

    loop = asyncio.get_running_loop()
    loop.call_later(after, tell)


def _awaited(coroutine: Any) -> Iterator[str]:
    """Down to what it really waits for, which a task's own stack does not show."""
    while coroutine is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(coroutine, f"{kind}_frame")), None)
        if kind is None:
            return
        frame = getattr(coroutine, f"{kind}_frame")
        if frame is not None:
            yield f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} {frame.f_code.co_name}"
        coroutine = getattr(coroutine, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")
