"""/perfil."""

from dianabot.screens import profile
from dianabot.telegram.asked import Asked


async def show(asked: Asked) -> None:
    await asked.attend()  # which takes over the name that she goes by now
    await asked.refresh()
    club = await asked.read(lambda unit: unit.subscriptions.club(asked.member.id))
    await asked.show(profile.profile(asked.words, asked.member, club, house_zone=asked.rules.creator.time_zone))
