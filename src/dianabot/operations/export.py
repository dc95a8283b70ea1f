"""Everything that is known about a member, for herself: one document with a part for each slice."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.unit import Unit

Document = dict[str, Any]

ALL = 10**6
"""A page that holds everything there can be of one person."""


async def _history(unit: Unit, member: MemberId) -> list[Document]:
    return [
        {"operation": done.name, "actor": done.actor, "at": done.at.isoformat()}
        for done in await store.history(unit.tx, member)
    ]


async def _story(unit: Unit, member: MemberId) -> Document:
    here = await unit.fragments.glance(member)
    return {
        "stands_in": None if here is None else here.key,
        "variables": await unit.fragments.variables(member),
        "completed": sorted(await unit.fragments.completed(member)),
        "decisions": [
            {"visit": one.visit, "decision": f"{one.fragment}.{one.decision}", "text": one.text, "at": _at(one.at)}
            for one in await unit.fragments.path(member, limit=ALL)
        ],
        "rewards": [
            {"cause": one.cause, "reward": one.reward, "at": _at(one.at)}
            for one in await store.rewards(unit.tx, member)
        ],
        **await unit.fragments.told(member),
    }


async def _besitos(unit: Unit, member: MemberId) -> Document:
    purse = await unit.wallet.purse(member)
    ledger = [
        {
            "seq": entry.seq,
            "amount": entry.amount,
            "balance_after": entry.balance_after,
            "reason": entry.reason,
            "reference": entry.reference,
            "at": _at(entry.at),
        }
        for entry in await unit.wallet.history(member, limit=ALL)
    ]
    return {"balance": purse.balance, "held": purse.held, "ledger": ledger, **await unit.wallet.told(member)}


async def _level(unit: Unit, member: MemberId) -> Document:
    level = await unit.levels.of(member)
    return {"level": level.level, "xp": level.xp, **await unit.levels.told(member)}


async def _club(unit: Unit, member: MemberId) -> Document:
    club = await unit.subscriptions.club(member)
    return {
        "vip": club.vip,
        "until": None if club.until is None else _at(club.until),
        **await unit.subscriptions.told(member),
    }


def _at(instant: datetime) -> str:
    return instant.isoformat()


PARTS: dict[str, Callable[[Unit, MemberId], Awaitable[Any]]] = {
    "member": lambda unit, member: unit.members.own_data(member),
    "history": _history,
    "story": _story,
    "besitos": _besitos,
    "level": _level,
    "club": _club,
    "items": lambda unit, member: unit.mochila.told(member),
    "hints": lambda unit, member: unit.hints.told(member),
    "lucien": lambda unit, member: unit.lucien.told(member),
}
"""A slice that holds something of hers adds its part."""


async def export(unit: Unit, member: MemberId) -> Document:
    """Plain JSON values. It is read, not an operation: its outcome must not be stored a second time."""
    return {
        "exported_at": unit.tx.at.isoformat(),
        **{name: await part(unit, member) for name, part in PARTS.items()},
    }
