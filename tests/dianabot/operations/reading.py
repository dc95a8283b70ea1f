"""How tests read the small story."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.operations.decide import Decide
from dianabot.operations.read_on import ReadOn
from dianabot.operations.steps import Taken
from dianabot.vocabulary.world import Language
from tests.proof.house import House
from tests.proof.tale import publish, way

FACTS = "SELECT event_type, event_data FROM event_logs WHERE user_id = $1 AND event_type LIKE $2 ORDER BY seq"


@asynccontextmanager
async def told(dsn: str) -> AsyncIterator[House]:
    """A house in which the story is published."""
    async with House(dsn) as house:
        await publish(house)
        yield house


async def reader(house: House) -> MemberId:
    """Somebody new, at the entry."""
    [member] = await house.members()
    await house.coordinator.run(ReadOn(), key=f"begin {member}", member=member, actor="member")
    return member


async def decide(
    house: House, member: MemberId, decision: int, visit: int, *, language: Language | None = None
) -> Taken:
    """As the chat asks: the key holds the visit and the decision."""
    key = f"TOMAR_DECISION:{member}:{visit}:{decision}"
    act = Decide(decision=decision, visit=visit)
    return await house.coordinator.run(act, key=key, member=member, actor="member", language=language)


async def take(house: House, member: MemberId, *decisions: str) -> Taken:
    """These ways, one after the other; what came of the last."""
    taken = [await decide(house, member, *await way(house, member, decision)) for decision in decisions]
    return taken[-1]


async def facts(house: House, member: MemberId, kinds: str = "%") -> list[tuple[str, dict[str, Any]]]:
    return [
        (kind, {name: value for name, value in values.items() if name != "member"})
        for kind, values in await house.rows(FACTS, member, kinds)
    ]
