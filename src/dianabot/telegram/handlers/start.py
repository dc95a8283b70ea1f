"""/start, /ayuda, the menu, and whatever nobody asked for."""

from dianabot.screens import start
from dianabot.telegram.asked import Asked
from dianabot.telegram.hall import has_begun, point, show_hall

LISTED = ("start", "historia", "pistas", "besitos", "perfil", "ajustes", "ayuda")
"""The commands that people are told of, in this order. Each has a description in the locales and a route."""


async def greet(asked: Asked) -> None:
    await asked.show(start.greeting(asked.words, asked.member.first_name, new=asked.new, begun=await has_begun(asked)))


async def help_(asked: Asked) -> None:
    await asked.show(start.assistance(asked.words, LISTED))


async def menu(asked: Asked) -> None:
    await show_hall(asked)


async def unknown_command(asked: Asked) -> None:
    await point(asked, "command")


async def unasked_text(asked: Asked) -> None:
    await point(asked, "text")


async def thing(asked: Asked) -> None:
    """A sticker, a photo, a voice: taken kindly."""
    await point(asked, "thing")
