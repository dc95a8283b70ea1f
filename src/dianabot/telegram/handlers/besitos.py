"""/besitos: her balance, her level, and her ledger page by page."""

from zoneinfo import ZoneInfo

from dianabot.operations.unit import Unit
from dianabot.screens import besitos
from dianabot.screens.callbacks import ShowBesitos
from dianabot.screens.screen import Screen
from dianabot.telegram.asked import Asked


async def show(asked: Asked) -> None:
    await _show(asked, before=0)


async def turn(asked: Asked) -> None:
    await _show(asked, before=asked.tapped(ShowBesitos).before)


async def _show(asked: Asked, before: int) -> None:
    member = asked.member.id
    zone = ZoneInfo(asked.member.time_zone or asked.rules.creator.time_zone)

    async def question(unit: Unit) -> Screen:
        entries = await unit.wallet.history(member, before=before or None, limit=besitos.A_PAGE + 1)
        purse, level = await unit.wallet.purse(member), await unit.levels.of(member)
        return besitos.besitos(asked.words, purse, level, entries, zone=zone, before=before)

    await asked.show(await asked.read(question))
