"""The page that a reader has open, shown from wherever she comes to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dianabot.operations.page import Page, names, page, wall
from dianabot.operations.unit import Unit
from dianabot.screens import start, story
from dianabot.screens.screen import Screen
from dianabot.telegram.asked import Asked

KINDS = {"items": "item", "hints": "hint", "unlock_fragments": "fragment"}
"""The gifts that are things of the world, and the kind of each."""


def name_of(asked: Asked) -> str:
    return asked.member.first_name or asked.words.label("start.stranger")


async def current(asked: Asked) -> Page | None:
    return await asked.read(lambda unit: page(unit, asked.member.id, asked.member.language))


async def screen(asked: Asked, above: Sequence[str] = ()) -> Screen:
    """The page she has open, or the wall before it."""
    opened = await current(asked)
    if opened is None:
        return start.menu(asked.words)
    if opened.closed:
        return await wall_before(asked, opened.here.key)
    return story.page(asked.words, opened, name=name_of(asked), nonce=asked.nonce(), before=above)


async def wall_before(asked: Asked, key: str) -> Screen:
    closed = await asked.read(lambda unit: wall(unit, asked.member.id, asked.member.language, key))
    return story.wall(asked.words, closed, name=name_of(asked))


async def turn(
    asked: Asked, before: Page | None, visit: int, choice: str, given: Mapping[str, Any], paid: int = 0
) -> None:
    """The page that she leaves keeps what she chose, without its buttons; the next one is a new message.

    `before` is what she had open. After a second tap, or a crash between the step and its answer, that is no longer
    the page of `visit`, and the tapped message is not written over with it.
    """
    following = await screen(asked, await told(asked, given, paid))
    left = None
    if before is not None and before.here.visit == visit:
        page_left = story.page(asked.words, before, name=name_of(asked), nonce="")
        left = story.turned(asked.words, page_left.text, choice, name_of(asked))
    await asked.turn(left, following)


async def told(asked: Asked, given: Mapping[str, Any], paid: int = 0) -> list[str]:
    """What a step brought and cost, in words; `given` is a reward's document."""
    wanted = {(kind, key) for gift, kind in KINDS.items() for key in given.get(gift, ())}

    async def question(unit: Unit) -> Mapping[tuple[str, str], str]:
        return await names(unit, asked.member.language, wanted)

    called = await asked.read(question) if wanted else {}
    return story.gifts(asked.words, story.listed(given, called, paid))
