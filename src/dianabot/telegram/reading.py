"""The page that a reader has open, shown from wherever she comes to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from dianabot.narrative.fragments import NoSuchDecision, StaleChoice
from dianabot.operations.page import Page, names, page, wall, why_shut
from dianabot.operations.read_on import ReadOn
from dianabot.operations.requirements import RequirementsNotMet
from dianabot.operations.steps import Opened, Taken, VipOnly
from dianabot.operations.unit import Act, Unit
from dianabot.screens import start, story
from dianabot.screens.callbacks import Choose, ShowLock, door_by, way_through
from dianabot.screens.problems import refusal_notice
from dianabot.screens.screen import Screen
from dianabot.telegram.asked import Asked

Found = TypeVar("Found")

KINDS = {"items": "item", "hints": "hint", "unlock_fragments": "fragment"}
"""The gifts that are things of the world, and the kind of each."""


def name_of(asked: Asked) -> str:
    return asked.member.first_name or asked.words.label("start.stranger")


async def current(asked: Asked) -> Page | None:
    return await asked.read(lambda unit: page(unit, asked.member.id, asked.member.language))


async def screen(asked: Asked, above: Sequence[str] = (), *, listening: bool = False) -> Screen:
    """The page she has open, or the wall before it. `listening`: her next words are her answer to it."""
    opened = await current(asked)
    if opened is None:
        return start.menu(asked.words, begun=False)
    if opened.closed:
        return await wall_before(asked, opened.here.key, inside=opened)
    return story.page(asked.words, opened, name=name_of(asked), before=above, listening=listening)


async def wall_before(asked: Asked, key: str, *, door: str | None = None, inside: Page | None = None) -> Screen:
    """`door` is how she came there, if not by the fragment's key."""
    closed = await asked.read(lambda unit: wall(unit, asked.member.id, asked.member.language, key))
    return story.wall(asked.words, closed, name=name_of(asked), door=key if door is None else door, inside=inside)


async def read_on(asked: Asked) -> None:
    """At the beginning, or where she left the story; if that is gone, where she is moved, which is told."""
    await show_opened(asked, await asked.run(ReadOn()))


async def show_opened(asked: Asked, opened: Opened) -> None:
    moved = [asked.words("story.moved"), ""] if opened.moved_from else []
    await asked.show(await screen(asked, [*moved, *await brought(asked, opened)]))


async def attempt(asked: Asked, act: Act[Found], *, door: str = "", nonce: str | None = None) -> Found | None:
    """What came of her try to go on; None: it was refused, and she has been shown why and where she stands.

    `door` is the way that she tapped, as buttons of the club carry it, so that she goes on by that one once she is in.
    """
    tapped = way_through(door)
    try:
        return await asked.run(act, nonce=nonce)
    except (StaleChoice, NoSuchDecision) as refusal:
        await afresh(asked, refusal_notice(asked.words, refusal))
    except VipOnly as closed:  # or the page was shown while she belonged
        await asked.show(await wall_before(asked, closed.fragment, door=door))
    except RequirementsNotMet:  # it was shown while it was open
        if tapped is None:
            raise
        await show_lock(asked, tapped)
    return None


async def show_lock(asked: Asked, tapped: Choose | ShowLock) -> None:
    member, language = asked.member.id, asked.member.language
    found = await asked.read(lambda unit: why_shut(unit, member, language, tapped.visit, tapped.decision))
    if found is None or not found[0].lacks:  # gone, or open by now
        await afresh(asked)
        return
    await asked.show(story.lock(asked.words, *found, name=name_of(asked), door=door_by(tapped)))


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
    following = await screen(asked, await brought(asked, taken, taken.cost))
    left = None
    if before is not None and now != taken.visit and not before.closed:
        page_left = story.page(asked.words, before, name=name_of(asked))
        left = story.turned(asked.words, page_left.text, taken.choice, name_of(asked))
    elif asked.heard.stood:  # the first try took the step, and may not have come to leave the page behind it
        left = story.turned(asked.words, asked.heard.stood, taken.choice, name_of(asked))
    await asked.turn(left, following)


async def stale(asked: Asked) -> None:
    """A button of a page that she has left long ago: where she is now."""
    await afresh(asked, asked.words.label("refusals.stale_choice"))


async def afresh(asked: Asked, notice: str | None = None) -> None:
    """The page she has open, under that notice; if it is gone, the one to which she is moved."""
    if await current(asked) is None:
        await read_on(asked)
        return
    await asked.show(replace(await screen(asked), notice=notice))


async def brought(asked: Asked, step: Taken | Opened, paid: int = 0) -> list[str]:
    """What a step brought and cost, as lines above the page that it led to."""
    secret = [asked.words("story.secret"), ""] if step.secret else []
    return [*secret, *await told(asked, step.given, paid)]


async def told(asked: Asked, given: Mapping[str, Any], paid: int = 0) -> list[str]:
    """What a step brought and cost, in words; `given` is a reward's document."""
    wanted = {(kind, key) for gift, kind in KINDS.items() for key in given.get(gift, ())}

    async def question(unit: Unit) -> Mapping[tuple[str, str], str]:
        return await names(unit, asked.member.language, wanted)

    called = await asked.read(question) if wanted else {}
    return story.gifts(asked.words, story.listed(given, called, paid))
