"""/ajustes: language and time zone."""

from dianabot.members import LANGUAGES, NothingAsked, UnknownTimeZone, WhichTimeZone
from dianabot.operations.asks import AnswerTimeZone, ChooseLanguage, ChooseSilence, ChooseTimeZone, ExpectInput
from dianabot.screens import settings
from dianabot.screens.callbacks import HearLucien, PickLanguage, PickTimeZone
from dianabot.telegram.asked import Asked
from dianabot.telegram.hall import point

TIME_ZONE = "time_zone"
"""What the next free text means, in `pending_inputs`."""


async def show(asked: Asked) -> None:
    await asked.show(settings.settings(asked.words, asked.member))


async def languages(asked: Asked) -> None:
    await asked.show(settings.languages(asked.words, asked.member))


async def pick_language(asked: Asked) -> None:
    language = asked.tapped(PickLanguage).language
    if language not in LANGUAGES:
        await languages(asked)
        return
    await asked.run(ChooseLanguage(language=language))
    await asked.refresh()
    await asked.show(settings.language_chosen(asked.words, asked.member))


async def time_zones(asked: Asked) -> None:
    await asked.show(settings.time_zones(asked.words, asked.member))


async def pick_time_zone(asked: Asked) -> None:
    try:
        await asked.run(ChooseTimeZone(written=asked.tapped(PickTimeZone).name))
    except (UnknownTimeZone, WhichTimeZone):  # a button of another version of the atlas
        await time_zones(asked)
        return
    await asked.refresh()
    await asked.show(settings.time_zone_chosen(asked.words, asked.member))


async def ask_time_zone(asked: Asked) -> None:
    await asked.run(ExpectInput(kind=TIME_ZONE))
    await asked.show(settings.type_time_zone(asked.words))


async def written_time_zone(asked: Asked) -> None:
    """The question stands until it is answered well, or she does something else."""
    try:
        await asked.run(AnswerTimeZone(written=asked.heard.text))
    except WhichTimeZone as several:
        await asked.show(settings.which_time_zone(asked.words, several.choices))
    except UnknownTimeZone:
        await asked.show(settings.unknown_time_zone(asked.words))
    except NothingAsked:
        await point(asked, "text")
    else:
        await asked.refresh()
        await asked.show(settings.time_zone_chosen(asked.words, asked.member))


async def letters(asked: Asked) -> None:
    silent = await asked.read(lambda unit: unit.lucien.is_silent(asked.member.id))
    await asked.show(settings.letters(asked.words, silent=silent))


async def hear_lucien(asked: Asked) -> None:
    silent = not asked.tapped(HearLucien).wants
    await asked.run(ChooseSilence(silent=silent))
    done = asked.words.label("letters.done_silent" if silent else "letters.done")
    await asked.show(settings.letters(asked.words, silent=silent, notice=done))
