"""/start, /ayuda, the menu, and whatever nobody asked for."""

from dianabot.screens import start
from dianabot.telegram.asked import Asked

LISTED = ("start", "historia", "pistas", "besitos", "perfil", "ajustes", "ayuda")
"""The commands that people are told of, in this order. Each has a description in the locales and a route."""


async def greet(asked: Asked) -> None:
    await asked.show(start.greeting(asked.words, asked.member.first_name, new=asked.new, begun=await _has_begun(asked)))


async def help_(asked: Asked) -> None:
    await asked.show(start.assistance(asked.words, LISTED))


async def menu(asked: Asked) -> None:
    await asked.show(start.menu(asked.words, begun=await _has_begun(asked)))


async def unknown_command(asked: Asked) -> None:
    await asked.show(start.pointer(asked.words, "command", begun=await _has_begun(asked)))


async def unasked_text(asked: Asked) -> None:
    await asked.show(start.pointer(asked.words, "text", begun=await _has_begun(asked)))


async def thing(asked: Asked) -> None:
    """A sticker, a photo, a voice: taken kindly."""
    await asked.show(start.pointer(asked.words, "thing", begun=await _has_begun(asked)))


async def old_button(asked: Asked) -> None:
    """Forged, or of a version that is gone: the present state, kindly."""
    notice = asked.words.label("pointer.old_button")
    await asked.show(start.menu(asked.words, begun=await _has_begun(asked), notice=notice))


async def _has_begun(asked: Asked) -> bool:
    """To read the story."""
    return not asked.new and await asked.read(lambda unit: unit.fragments.has_begun(asked.member.id))
