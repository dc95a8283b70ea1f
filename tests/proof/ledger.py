"""A small economy of the proofs' own: every double, lost, reordered or half-made effect leaves a trace in its tables.

No constraint guards these tables, on purpose: what the house promises must hold without their help.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import psycopg

from dianabot.kernel.bus import Outside, Tail
from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import Envelope, Fact, MemberFact, Priority, subject_of
from dianabot.kernel.ids import MemberId
from dianabot.kernel.timers import set_timer
from dianabot.kernel.tx import Tx
from dianabot.operations.consequences import Row
from dianabot.operations.coordinator import Operation
from dianabot.operations.unit import Act, Unit, Who
from tests.proof.ledger_invariants import INVARIANTS
from tests.proof.parts import Ask, Part

TABLES = """
CREATE TABLE proof_entries (member bigint NOT NULL, seq bigint NOT NULL, amount bigint NOT NULL,
    balance bigint NOT NULL, cause text NOT NULL);
CREATE INDEX ON proof_entries (member, seq);
CREATE INDEX ON proof_entries (cause);
CREATE TABLE proof_heard (id bigserial, consumer text NOT NULL, subject text NOT NULL, event uuid NOT NULL,
    seq bigint NOT NULL);
CREATE TABLE proof_totals (member bigint PRIMARY KEY, total bigint NOT NULL);
"""

LAST = "SELECT seq, balance FROM proof_entries WHERE member = $1 ORDER BY seq DESC LIMIT 1"
APPEND = "INSERT INTO proof_entries (member, seq, amount, balance, cause) VALUES ($1, $2, $3, $4, $5)"
HEAR = "INSERT INTO proof_heard (consumer, subject, event, seq) VALUES ($1, $2, $3, $4)"
ADD = """
INSERT INTO proof_totals (member, total) VALUES ($1, $2)
ON CONFLICT (member) DO UPDATE SET total = proof_totals.total + excluded.total
"""


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    balance: int


class Moved(MemberFact):
    """Her balance changed."""

    event_type = "proof.moved"
    seq: int
    amount: int
    cause: str


class Shared(MemberFact):
    """She gave to somebody, whose share is a consequence under that one's own lock."""

    event_type = "proof.shared"
    priority: ClassVar[Priority] = Priority.HIGH
    to: MemberId
    amount: int
    cause: str


class Denied(MemberFact):
    """She asked for what she could not have."""

    event_type = "proof.denied"
    cause: str


class Rang(MemberFact):
    """The moment that she asked for has come."""

    event_type = "proof.rang"
    cause: str


class Poisoned(MemberFact):
    """Nobody can digest this one."""

    event_type = "proof.poisoned"
    cause: str


class Sent(MemberFact):
    """What came of a call outside."""

    event_type = "proof.sent"
    answer: str


class NotEnough(Refusal):
    have: int
    need: int


class Move(Act[int]):
    """Earn, or with less than nothing spend. Outcome: the balance."""

    cause: str
    amount: int
    note: str = ""
    personal: ClassVar[frozenset[str]] = frozenset({"note"})


class Share(Act[int]):
    cause: str
    amount: int
    to: MemberId


class Remind(Act[None]):
    cause: str
    seconds: float


class Poison(Act[None]):
    cause: str


async def entry(unit: Unit, member: MemberId, amount: int, cause: str) -> int:
    """Read, reckon, write: only the member's lock makes this safe."""
    last = await unit.tx.one(Entry, LAST, member) or Entry(0, 0)
    if last.balance + amount < 0:
        raise NotEnough(last.balance, -amount).announcing(Denied(member=member, cause=cause))
    await unit.tx.send(APPEND, member, last.seq + 1, amount, last.balance + amount, cause)
    unit.tx.announce(Moved(member=member, seq=last.seq + 1, amount=amount, cause=cause))
    return last.balance + amount


async def move(unit: Unit, who: Who, act: Move) -> int:
    return await entry(unit, who.locked, act.amount, act.cause)


async def share(unit: Unit, who: Who, act: Share) -> int:
    left = await entry(unit, who.locked, -act.amount, act.cause)
    unit.tx.announce(Shared(member=who.locked, to=act.to, amount=act.amount, cause=act.cause))
    return left


async def remind(unit: Unit, who: Who, act: Remind) -> None:
    due = unit.tx.at + timedelta(seconds=act.seconds)
    await set_timer(
        unit.tx, f"proof:{act.cause}", due, kind="proof", subject=subject_of(who.locked), data={"cause": act.cause}
    )


async def poison(unit: Unit, who: Who, act: Poison) -> None:
    unit.tx.announce(Poisoned(member=who.locked, cause=act.cause))


async def hear(tx: Tx, consumer: str, event: Envelope) -> None:
    await tx.send(HEAR, consumer, event.subject, event.event_id, event.seq)


async def echo(unit: Unit, event: Envelope) -> None:
    await hear(unit.tx, "echo", event)


async def add_up(unit: Unit, event: Envelope) -> None:
    await hear(unit.tx, "totals", event)
    await unit.tx.send(ADD, event.user_id, event.data["amount"])


async def receive(unit: Unit, event: Envelope) -> None:
    await entry(unit, MemberId(event.data["to"]), event.data["amount"], f"{event.data['cause']} received")


async def ring(unit: Unit, event: Envelope) -> None:
    await hear(unit.tx, "rings", event)
    member = MemberId(int(event.subject.removeprefix("member:")))
    unit.tx.announce(Rang(member=member, cause=event.data["cause"]))


async def choke(_: Unit, event: Envelope) -> None:
    raise ValueError(event.data["cause"])


async def read(tx: Tx, events: Sequence[Envelope]) -> None:
    for event in events:
        await hear(tx, "tail", event)


async def call(event: Envelope) -> str:
    return str(event.event_id)


async def settle(tx: Tx, event: Envelope, answer: str) -> None:
    await hear(tx, "outside", event)
    assert event.user_id is not None
    tx.announce(Sent(member=MemberId(event.user_id), answer=answer))


def _to(fact: Fact) -> str:
    assert isinstance(fact, Shared)
    return subject_of(fact.to)


OPERATIONS = (
    Operation("PROBAR_MOVER", Move, move),
    Operation("PROBAR_DAR", Share, share),
    Operation("PROBAR_RECORDAR", Remind, remind),
    Operation("PROBAR_ENVENENAR", Poison, poison),
)
CONSEQUENCES = (
    Row("proof_echo", "proof.*", echo),
    Row("proof_totals", "proof.moved", add_up),
    Row("proof_receive", "proof.shared", receive, concerns=_to),
    Row("proof_rings", "timer.proof", ring),
    Row("proof_poison", "proof.poisoned", choke),
)
OUTSIDES = (Outside("proof_outside", "proof.denied", call, settle, repeat="safe", wanted_for=timedelta(days=1)),)


def _cause(chance: random.Random) -> str:
    return f"{chance.getrandbits(64):016x}"


def _move(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(Move(cause=_cause(chance), amount=chance.randint(-40, 60)), chance.choice(people))


def _share(chance: random.Random, people: list[MemberId]) -> Ask:
    giver, taker = chance.sample(people, 2)
    return Ask(Share(cause=_cause(chance), amount=chance.randint(1, 30), to=taker), giver)


def _remind(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(Remind(cause=_cause(chance), seconds=chance.random() * 3), chance.choice(people))


def _poison(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(Poison(cause=_cause(chance)), chance.choice(people))


def prepare(connection: psycopg.Connection) -> None:
    connection.execute(TABLES)


LEDGER = Part(
    "ledger",
    asks=(*[_move] * 12, *[_share] * 5, *[_remind] * 2, _poison),
    invariants=INVARIANTS,
    prepare=prepare,
    operations=OPERATIONS,
    consequences=CONSEQUENCES,
    tails=(Tail("proof_tail", ("proof.*",), read),),
    outsides=OUTSIDES,
)
