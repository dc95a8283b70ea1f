"""How an area of the product joins the proofs: what people do there, and what must hold afterwards.

An issue that brings operations adds a `Part` to `tests/proof/all_parts.py`. Its operations are then run by the chaos
among the others', and its invariants are checked at the end of each run.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from dianabot.kernel.bus import Outside, Tail
from dianabot.kernel.ids import MemberId
from dianabot.operations.consequences import Row
from dianabot.operations.coordinator import Operation
from dianabot.operations.unit import Act


@dataclass(frozen=True)
class Ask:
    """One act as an edge would ask for it."""

    act: Act[Any]
    member: MemberId | None
    actor: str = "member"


@dataclass(frozen=True)
class Invariant:
    """A sentence that holds at rest, and the query that answers with whatever breaks it."""

    holds: str
    broken: str


Chooser = Callable[[random.Random, list[MemberId]], Ask]


@dataclass(frozen=True)
class Part:
    name: str
    asks: tuple[Chooser, ...]
    """Each equally likely; a weight is a repetition."""
    invariants: tuple[Invariant, ...] = ()
    prepare: Callable[[psycopg.Connection], None] = lambda _: None
    """Rows that must be there before anybody acts."""
    begin: Callable[[Any], Awaitable[object]] | None = None
    """What must have been done before anybody acts, in a house of its own."""
    operations: tuple[Operation, ...] = ()
    """Only those that are not registered in the product."""
    consequences: tuple[Row, ...] = ()
    tails: tuple[Tail, ...] = ()
    outsides: tuple[Outside, ...] = field(default=())
