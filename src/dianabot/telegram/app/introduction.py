"""What the bot says of itself on Telegram: its commands in each language, and what it is about."""

from collections.abc import Sequence
from typing import Final

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats

from dianabot.members import LANGUAGES, Language
from dianabot.operations.rulebook import Rules
from dianabot.screens.start import called
from dianabot.screens.words import Words
from dianabot.telegram.asked import words_for
from dianabot.telegram.handlers.start import LISTED

EVERYWHERE: Final = BotCommandScopeAllPrivateChats()


def commands(words: Words) -> Sequence[BotCommand]:
    return [BotCommand(called(words, name), words.label(f"commands.{name}")) for name in LISTED]


async def introduce(bot: Bot, rules: Rules) -> None:
    """In each language, and in the creator's for whoever speaks another. What is so already is left alone."""
    readers: list[tuple[str | None, Language]] = [(None, rules.creator.language)]
    readers += [(language, language) for language in LANGUAGES]
    for code, language in readers:
        words = words_for(rules, language)
        wanted = commands(words)
        if list(await bot.get_my_commands(EVERYWHERE, code)) != wanted:
            await bot.set_my_commands(wanted, EVERYWHERE, code)
        await _describe(bot, words, code)


async def _describe(bot: Bot, words: Words, code: str | None) -> None:
    name, about, description = words.label("bot.name"), words.label("bot.about"), words.label("bot.description")
    if name and (await bot.get_my_name(code)).name != name:
        await bot.set_my_name(name, code)
    if (await bot.get_my_short_description(code)).short_description != about:
        await bot.set_my_short_description(about, code)
    if (await bot.get_my_description(code)).description != description:
        await bot.set_my_description(description, code)
