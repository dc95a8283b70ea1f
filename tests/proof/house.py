"""The stage with a coordinator: every registered operation, and those that only a proof has."""

from collections.abc import Sequence
from typing import Any

from dianabot.kernel.bus import Consequence, Consumers, Hints, Tail
from dianabot.kernel.events import Envelope
from dianabot.kernel.limits import Limit, Limits
from dianabot.kernel.tx import Tx, Woken
from dianabot.kernel.valkey import Valkey
from dianabot.operations.acts import OPERATIONS
from dianabot.operations.consequences import CONSEQUENCES, SUMS, Row, Summing
from dianabot.operations.coordinator import Coordinator
from dianabot.operations.rulebook import LiveRules, Rules
from dianabot.operations.unit import Unit
from dianabot.telegram.sender.unasked import UNASKED
from tests.proof.parts import Part
from tests.proof.stage import Stage


class Unlimited(Limits):
    """For made-up crowds, who do more than people may."""

    async def take(self, act: str, member: int, limit: Limit) -> float:  # noqa: ARG002 - nothing is counted
        return 0.0


class House(Stage):
    def __init__(
        self,
        dsn: str,
        parts: Sequence[Part] = (),
        *,
        valkey_url: str | None = None,
        unlimited: bool = False,
        **stage: Any,
    ) -> None:
        rows = (*CONSEQUENCES, *UNASKED, *(row for part in parts for row in part.consequences))
        consumers = Consumers(
            consequences=tuple(consequence(row) for row in rows),
            tails=(*(tail(row) for row in SUMS), *(tail for part in parts for tail in part.tails)),
            outsides=tuple(outside for part in parts for outside in part.outsides),
        )
        super().__init__(dsn, consumers, wake=self._wake, **stage)
        self.valkey = Valkey(valkey_url, self.clock)
        self._hints = Hints(self.valkey)
        self.rules = LiveRules(self.db, self.clock)
        self.coordinator = Coordinator(
            db=self.db,
            transactions=self.transactions,
            rules=self.rules,
            limits=(Unlimited if unlimited else Limits)(self.valkey, self.clock),
            clock=self.clock,
            operations=(*OPERATIONS, *(operation for part in parts for operation in part.operations)),
        )

    def _wake(self, woken: set[Woken]) -> None:
        """As `wiring` does it: whom this process works for hears it at once, the others through Valkey."""
        self._hints.publish([one for one in woken if not self.bus.wake(one)])

    async def __aexit__(self, *_: object) -> None:
        await self._hints.close()
        await self.valkey.close()
        await super().__aexit__()


def consequence(row: Row) -> Consequence:
    """As `wiring` makes it, with the rules as they come."""

    async def effect(tx: Tx, event: Envelope) -> None:
        await row.effect(Unit(tx, Rules()), event)

    return Consequence(row.consumer, row.on, effect, row.concerns, singly=row.singly)


def tail(row: Summing) -> Tail:
    """As above."""

    async def effect(tx: Tx, events: Sequence[Envelope]) -> None:
        await row.effect(Unit(tx, Rules()), events)

    return Tail(row.consumer, row.on, effect, linger=row.behind, from_the_first=True)
