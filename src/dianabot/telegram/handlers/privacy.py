"""A person's own data: taken along, or forgotten."""

from dianabot.operations.asks import Erase as EraseMe
from dianabot.operations.export import export as everything_of
from dianabot.screens import privacy
from dianabot.screens.callbacks import Erase
from dianabot.telegram.asked import Asked


async def export(asked: Asked) -> None:
    data = await asked.read(lambda unit: everything_of(unit, asked.member.id))
    await asked.show(privacy.export(asked.words, data))


async def ask_erase(asked: Asked) -> None:
    await asked.show(privacy.ask_erase(asked.words, asked.nonce()))


async def erase(asked: Asked) -> None:
    await asked.run(EraseMe(), nonce=asked.tapped(Erase).nonce)
    await asked.forget()
    await asked.show(privacy.erased(asked.words))
