"""Everything that is known about a member, for herself: one document with a part for each slice."""

from collections.abc import Awaitable, Callable
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.unit import Unit

Document = dict[str, Any]


async def _history(unit: Unit, member: MemberId) -> list[Document]:
    return [
        {"operation": done.name, "actor": done.actor, "at": done.at.isoformat()}
        for done in await store.history(unit.tx, member)
    ]


PARTS: dict[str, Callable[[Unit, MemberId], Awaitable[Any]]] = {
    "member": lambda unit, member: unit.members.own_data(member),
    "history": _history,
}
"""A slice that holds something of hers adds its part."""


async def export(unit: Unit, member: MemberId) -> Document:
    """Plain JSON values. It is read, not an operation: its outcome must not be stored a second time."""
    return {
        "exported_at": unit.tx.at.isoformat(),
        **{name: await part(unit, member) for name, part in PARTS.items()},
    }
