"""The hall, from wherever she comes to it."""

from typing import Literal

from dianabot.screens import start
from dianabot.telegram.asked import Asked


async def show_hall(asked: Asked, notice: str | None = None) -> None:
    await asked.show(start.menu(asked.words, begun=await has_begun(asked), notice=notice))


async def point(asked: Asked, to: Literal["command", "text", "thing"]) -> None:
    """For what we do not know, did not ask for, or cannot read."""
    await asked.show(start.pointer(asked.words, to, begun=await has_begun(asked)))


async def old_button(asked: Asked) -> None:
    """Forged, or of a version that is gone: the present state, kindly."""
    await show_hall(asked, asked.words.label("pointer.old_button"))


async def has_begun(asked: Asked) -> bool:
    """To read the story."""
    return not asked.new and await asked.read(lambda unit: unit.fragments.has_begun(asked.member.id))
