"""/perfil."""

from dianabot.screens import profile
from dianabot.telegram.asked import Asked


async def show(asked: Asked) -> None:
    await asked.attend()  # which takes over the name that she goes by now
    await asked.refresh()
    await asked.show(profile.profile(asked.words, asked.member, house_zone=asked.rules.creator.time_zone))
