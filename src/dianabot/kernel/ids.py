"""Names of things: members, events, chains of causes."""

import hashlib
import os
import threading
from datetime import datetime
from typing import NewType
from uuid import UUID

MemberId = NewType("MemberId", int)
TelegramId = NewType("TelegramId", int)

_RANDOM_BITS = 74
_guard = threading.Lock()
_last = 0


def uuid7(at: datetime) -> UUID:
    """A UUIDv7 of application time; within one millisecond each is greater than the one before.

    Event ids decide in which monthly partition a row lies, so they must carry the time that the application lives in,
    which is why the database does not make them.
    """
    global _last  # noqa: PLW0603 - one counter a process is the point
    milliseconds = int(at.timestamp() * 1000)
    candidate = (milliseconds << _RANDOM_BITS) | (int.from_bytes(os.urandom(10)) >> 6)
    with _guard:
        if candidate <= _last and (_last >> _RANDOM_BITS) == milliseconds:
            candidate = _last + 1
        _last = candidate
    return _marked(candidate)


def lasting_uuid7(at: datetime, *names: int) -> UUID:
    """The same each time, and in every process, for what is known by that instant and those names."""
    said = hashlib.sha256(repr(names).encode()).digest()
    return _marked((int(at.timestamp() * 1000) << _RANDOM_BITS) | (int.from_bytes(said[:10]) >> 6))


def earliest_uuid7(at: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: the edge of a partition."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _marked(candidate: int) -> UUID:
    """Its bits with version and variant among them."""
    high, low = candidate >> 62, candidate & ((1 << 62) - 1)
    time_and_version = ((high >> 12) << 16) | (7 << 12) | (high & 0xFFF)
    return UUID(int=(time_and_version << 64) | (2 << 62) | low)
