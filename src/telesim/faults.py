"""What goes wrong on demand."""

import itertools
from dataclasses import asdict, dataclass
from typing import Any, Literal

from telesim.errors import ControlError

CallFault = Literal["429", "500", "timeout", "drop_reply"]
CALL_FAULTS = ("429", "500", "timeout", "drop_reply")
KINDS = (*CALL_FAULTS, "duplicate_updates", "delay_updates", "payment_failed")
MOST = 1_000_000


@dataclass(slots=True)
class Fault:
    id: int
    kind: str
    count: int
    """How many more times it strikes."""
    method: str | None = None
    """Only this Bot API method; without it every one except `getUpdates`."""
    retry_after: int = 1
    seconds: float = 1.0

    def view(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._active: list[Fault] = []

    def add(
        self, kind: str, *, count: int = 1, method: str | None = None, retry_after: int = 1, seconds: float = 1.0
    ) -> Fault:
        if kind not in KINDS:
            raise ControlError(f"unknown fault {kind!r}: choose one of {', '.join(KINDS)}")
        if not 0 < count <= MOST:
            raise ControlError(f"count must be 1 to {MOST}")
        if retry_after < 0 or seconds < 0:
            raise ControlError("a fault lasts 0 seconds or more")
        fault = Fault(next(self._ids), kind, count, method.lower() if method else None, retry_after, seconds)
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        self._active.clear()

    def list(self) -> list[dict[str, Any]]:
        return [fault.view() for fault in self._active]

    def of_call(self, method: str) -> Fault | None:
        """The fault that hits this call, used up by one."""
        if not self._active:
            return None
        for fault in self._active:
            if fault.kind in CALL_FAULTS and (
                fault.method == method or (fault.method is None and method != "getupdates")
            ):
                return self._strike(fault)
        return None

    def duplicates_update(self) -> bool:
        return self._first("duplicate_updates") is not None

    def delay_of_update(self) -> float | None:
        fault = self._first("delay_updates")
        return fault.seconds if fault else None

    def fails_payment(self) -> bool:
        return self._first("payment_failed") is not None

    def _first(self, kind: str) -> Fault | None:
        for fault in self._active:
            if fault.kind == kind:
                return self._strike(fault)
        return None

    def _strike(self, fault: Fault) -> Fault:
        fault.count -= 1
        if fault.count == 0:
            self._active.remove(fault)
        return fault
