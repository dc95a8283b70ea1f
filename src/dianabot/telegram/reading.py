"""The page that a reader has open, shown from wherever she comes to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dianabot.operations.page import Page, names, page, wall
from dianabot.operations.steps import Taken
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
        return await wall_before(asked, opened.here.key, opened)
    return story.page(asked.words, opened, name=name_of(asked), before=above)


async def wall_before(asked: Asked, key: str, inside: Page | None = None) -> Screen:
    closed = await asked.read(lambda unit: wall(unit, asked.member.id, asked.member.language, key))
    return story.wall(asked.words, closed, name=name_of(asked), inside=inside)


async def turn(asked: Asked, before: Page | None, taken: Taken) -> None:
    """The page that she leaves keeps what she chose, without its buttons; the next one is a new message.

    `before` is what she had open. Of two taps the second finds her on the next page already, which stands below; after
    a crash between the step and its answer it may not, so that it is said (again).
    """
    now = None if before is None else before.here.visit
    if now is not None and now > taken.visit:
        await stale(asked)
        return
    if now == taken.visit and not asked.heard.again:
        await asked.answer()
        return
    following = await screen(asked, await told(asked, taken.given, taken.cost))
    left = None
    if before is not None and now != taken.visit and not before.closed:
        page_left = story.page(asked.words, before, name=name_of(asked))
        left = story.turned(asked.words, page_left.text, taken.choice, name_of(asked))
    elif asked.heard.stood:  # the first try took the step, and may not have come to leave the page behind it
        left = story.turned(asked.words, asked.heard.stood, taken.choice, name_of(asked))
    await asked.turn(left, following)


async def stale(asked: Asked) -> None:
    """A button of a page that she has left long ago: where she is now."""
    await asked.answer(asked.words.label("refusals.stale_choice"))
    await asked.show(await screen(asked))


async def told(asked: Asked, given: Mapping[str, Any], paid: int = 0) -> list[str]:
    """What a step brought and cost, in words; `given` is a reward's document."""
    wanted = {(kind, key) for gift, kind in KINDS.items() for key in given.get(gift, ())}

    async def question(unit: Unit) -> Mapping[tuple[str, str], str]:
        return await names(unit, asked.member.language, wanted)

    called = await asked.read(question) if wanted else {}
    return story.gifts(asked.words, story.listed(given, called, paid))
