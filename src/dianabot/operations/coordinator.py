"""One key, one transaction, one outcome (the CoordinadorCentral of plans).

Every write from an edge comes through `Coordinator.run`. The key is claimed in the same transaction as the act, so of
two that ask at once the second waits for the first and then answers what it answered. A refusal takes back what the
act did and is stored as its outcome; a technical failure leaves nothing at all, and the same key may ask again.
"""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import TypeAdapter

from dianabot.kernel import log
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS, TOO_SLOW, Database
from dianabot.kernel.errors import KeyReused, Refusal, Unavailable
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.kernel.limits import Limits
from dianabot.kernel.metrics import operation_duration_seconds, operations_running, operations_total
from dianabot.kernel.tx import Cause, Transactions, Tx
from dianabot.members import Language, NoSuchMember
from dianabot.operations import store
from dianabot.operations.rulebook import LiveRules
from dianabot.operations.unit import Act, Unit, Who

Outcome = TypeVar("Outcome")
Verb = Callable[[Unit, Who, Any], Awaitable[Any]]
Beside = Callable[[Unit], Awaitable[None]]

LOG = log.get(__name__)
CONFLICT_TRIES = 4
TIME_OUT = 10.0


@dataclass(frozen=True)
class Operation:
    """A named act: what goes in, the verb that does it, and what holds it back."""

    name: str
    act: type[Act[Any]]
    verb: Verb
    limit: str | None = None
    """The act's name among the rulebook's limits."""
    lock: str | None = None
    """For acts without a member: the name under which one runs at a time."""
    asks_first: bool = False
    """It does nothing but ask until it has its first answer, which then comes together with that to the claim."""

    @cached_property
    def outcome(self) -> TypeAdapter[Any]:
        return self.act.outcome_type()


class TakenBefore(Exception):  # noqa: N818 - says what happened
    """This act was done under this key before, and committed."""

    def __init__(self, stored: store.Stored) -> None:
        self.stored = stored


class _NotClaimed(Exception):  # noqa: N818 - as above
    """Somebody has claimed that key and has committed, or there is nobody for whom it could be claimed."""


class Coordinator:
    def __init__(
        self,
        *,
        db: Database,
        transactions: Transactions,
        rules: LiveRules,
        limits: Limits,
        clock: Clock,
        operations: tuple[Operation, ...],
    ) -> None:
        self._db = db
        self._transactions = transactions
        self._rules = rules
        self._limits = limits
        self._clock = clock
        self._operations = {operation.act: operation for operation in operations}

    def now_id(self) -> UUID:
        """A fresh correlation id."""
        return uuid7(self._clock.now())

    def name_of(self, act: type[Act[Any]]) -> str:
        return self._operations[act].name

    async def run(
        self,
        act: Act[Outcome],
        *,
        key: str,
        member: MemberId | None,
        actor: str,
        correlation_id: UUID | None = None,
        beside: Beside | None = None,
        language: Language | None = None,
    ) -> Outcome:
        """Do it once and answer what came of it, or raise the `Refusal` that came of it.

        `beside` runs in the same transaction before the act, and stands even when the act is refused. `language` is
        for the words of the story in what comes of it, and no part of what is asked.
        """
        operation = self._operations[type(act)]
        cause = Cause(actor, correlation_id or self.now_id(), operation.name)
        asked = _Asked(operation, act, key, Who(actor, member, language), cause, beside)
        started = self._clock.monotonic()
        status = "failed"
        told = log.bound(operation=operation.name, correlation_id=str(cause.correlation_id))
        with told, operations_running.track_inprogress():
            LOG.debug("operation_started", key=key)
            try:
                outcome = await self._answer(asked)
                status = "done"
            except TakenBefore as taken:
                status = "repeated"
                outcome = asked.repeat(taken.stored)
            except Refusal as refusal:
                status = "refused"
                LOG.info("operation_refused", key=key, refusal=refusal.code)
                raise
            except Unavailable as away:
                LOG.warning("operation_failed", key=key, error=str(away))
                raise
            except Exception:
                LOG.exception("operation_failed", key=key)
                raise
            finally:
                seconds = self._clock.monotonic() - started
                operations_total.labels(operation.name, status).inc()
                operation_duration_seconds.labels(operation.name).observe(seconds)
            LOG.info("operation_completed", key=key, ms=round(seconds * 1000, 1))
        return cast("Outcome", outcome)

    @asynccontextmanager
    async def reading(self, actor: str = "system") -> AsyncIterator[Unit]:
        """One consistent look for a screen. What is announced here is a defect; what is written is taken back."""
        async with self._transactions.look(Cause(actor, self.now_id())) as tx:
            yield Unit(tx, self._rules.now)

    async def _answer(self, asked: "_Asked") -> object:
        before = await self._over_limit(asked)
        if before is not None:
            raise asked.taken(before)
        try:
            return await self._tried(asked)
        except _NotClaimed:
            before = await store.stored(self._db, asked.key)
            raise (NoSuchMember() if before is None else asked.taken(before)) from None

    async def _tried(self, asked: "_Asked") -> object:
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                async with asyncio.timeout(TIME_OUT):
                    return await self._once(asked)
            except CONFLICTS:
                if attempt == CONFLICT_TRIES:
                    raise
                await self._clock.sleep(random.uniform(0.005, 0.02) * 2**attempt)
            except (TimeoutError, TOO_SLOW) as late:
                raise Unavailable(f"{asked.operation.name} took more than {TIME_OUT:.0f} s") from late
        raise AssertionError

    async def _over_limit(self, asked: "_Asked") -> store.Stored | None:
        """A flood costs no transaction: what was done before is answered, anything else refused."""
        name, member = asked.operation.limit, asked.who.member
        if name is None or member is None or not self._limits.is_full(name, member, self._rules.now.limits[name]):
            return None
        before = await store.stored(self._db, asked.key)
        if before is None:
            await self._count(asked)
        return before

    async def _count(self, asked: "_Asked") -> None:
        """After the claim, so that a repeat is never counted; each act once, however often it is tried."""
        name, member = asked.operation.limit, asked.who.member
        if name is not None and member is not None and not asked.counted:
            await self._limits.require(name, member, self._rules.now.limits[name])
            asked.counted = True

    async def _once(self, asked: "_Asked") -> object:
        rules = self._rules.now
        async with self._transactions.begin(asked.cause) as tx:
            if asked.who.member is None and asked.operation.lock is not None:
                await tx.lock_name(asked.operation.lock)
            unit = Unit(tx, rules)
            if asked.operation.asks_first:
                _, outcome = await tx.together(self._claim(unit, asked), self._act(tx, unit, asked))
            else:
                await self._claim(unit, asked)
                outcome = await self._act(tx, unit, asked)
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def _claim(self, unit: Unit, asked: "_Asked") -> None:
        unit.tx.operation_id = await store.claim(unit.tx, asked.claim(unit.rules.version))
        if unit.tx.operation_id is None:
            raise _NotClaimed
        unit.tx.unwanted |= unit.rules.unwanted
        await self._count(asked)

    async def _act(self, tx: Tx, unit: Unit, asked: "_Asked") -> object:
        """The verb's outcome, or its refusal as a value, written with the key either way."""
        if asked.beside is not None:
            await asked.beside(unit)
            await tx.write_facts()
        await tx.savepoint()
        try:
            outcome = await asked.operation.verb(unit, asked.who, asked.act)
        except Refusal as refusal:
            await tx.undo_to_savepoint()
            for fact in refusal.facts:
                tx.announce(fact)
            await store.finish(tx, asked.key, refusal.to_json(), asked.who.member)
            return refusal
        done = {"done": asked.operation.outcome.dump_python(outcome, mode="json")}
        await store.finish(tx, asked.key, done, asked.who.member or tx.created)
        return outcome


@dataclass
class _Asked:
    """One call of the coordinator."""

    operation: Operation
    act: Act[Any]
    key: str
    who: Who
    cause: Cause
    beside: Beside | None
    counted: bool = False
    """Towards its limit."""

    @cached_property
    def input(self) -> dict[str, Any]:
        return self.act.model_dump(mode="json")

    @cached_property
    def input_hash(self) -> bytes:
        said = json.dumps([self.operation.name, self.who.member, self.input], sort_keys=True)
        return hashlib.sha256(said.encode()).digest()

    def claim(self, rules_version: int) -> store.Claim:
        kept = {name: value for name, value in self.input.items() if name not in self.act.personal}
        return store.Claim(
            key=self.key,
            name=self.operation.name,
            member=self.who.member,
            actor=self.who.actor,
            input=kept,
            input_hash=self.input_hash,
            rules_version=rules_version,
            correlation_id=self.cause.correlation_id,
        )

    def taken(self, stored: store.Stored) -> TakenBefore:
        """By the same act: another's key is refused."""
        if stored.name != self.operation.name or stored.input_hash != self.input_hash:
            raise KeyReused(self.key)
        return TakenBefore(stored)

    def repeat(self, stored: store.Stored) -> object:
        """What came of it the first time."""
        assert stored.outcome is not None, "a committed operation has an outcome"
        if "refused" in stored.outcome:
            raise Refusal.from_json(stored.outcome)
        return self.operation.outcome.validate_python(stored.outcome["done"])
