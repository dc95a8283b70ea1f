"""/historia: reading, choosing, answering, and the path behind."""

from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.answer_challenge import RIDDLE, AnswerChallenge
from dianabot.operations.asks import ExpectInput
from dianabot.operations.begin_again import BeginAgain
from dianabot.operations.decide import Decide
from dianabot.operations.page import page_again
from dianabot.screens import callbacks, story
from dianabot.telegram.asked import Asked
from dianabot.telegram.hall import old_button, point
from dianabot.telegram.reading import (
    afresh,
    attempt,
    current,
    name_of,
    read_on,
    screen,
    show_lock,
    show_opened,
    stale,
    turn,
    wall_before,
)


async def read(asked: Asked) -> None:
    """Where she is; whoever has not begun begins."""
    await read_on(asked)


async def choose(asked: Asked) -> None:
    """One visit, one decision: the key holds both, so a second tap is the same act."""
    tapped = asked.tapped(callbacks.Choose)
    before = await current(asked)
    act = Decide(decision=tapped.decision, visit=tapped.visit)
    nonce = f"{tapped.visit}:{tapped.decision}"
    taken = await attempt(asked, act, door=callbacks.door_by(tapped), nonce=nonce)
    if taken is not None:
        await turn(asked, before, taken)


async def why_locked(asked: Asked) -> None:
    await show_lock(asked, asked.tapped(callbacks.ShowLock))


async def ask_riddle(asked: Asked) -> None:
    """The riddle stays before her while she thinks."""
    visit = asked.tapped(callbacks.WriteAnswer).visit
    opened = await current(asked)
    if opened is None or opened.here.visit != visit:
        await stale(asked)
    elif not opened.awaits_words:
        await afresh(asked)
    else:
        await asked.run(ExpectInput(kind=RIDDLE, values={"visit": visit}))
        await asked.show(await screen(asked, listening=True))


async def written_answer(asked: Asked) -> None:
    """Her words are an answer to the page that asked for them."""
    pending = await asked.read(lambda unit: unit.members.expected(asked.member.id, asked.heard.correlation_id))
    if pending is None:
        await point(asked, "text")
        return
    await _answer(asked, AnswerChallenge(visit=int(pending.data["visit"]), text=asked.heard.text))


async def unasked_text(asked: Asked) -> None:
    """Before a riddle it is her answer; where her tries are counted, only once she has said that she answers."""
    opened = await current(asked)
    if opened is None or not opened.awaits_words:
        await point(asked, "text")
    elif opened.tries_left is None:
        await _answer(asked, AnswerChallenge(visit=opened.here.visit, text=asked.heard.text))
    else:
        await asked.show(await screen(asked, (asked.words("story.riddle_first"), "")))


async def pick_option(asked: Asked) -> None:
    tapped = asked.tapped(callbacks.AnswerOption)
    nonce = f"{tapped.visit}:{tapped.option}:{tapped.tries}"
    await _answer(asked, AnswerChallenge(visit=tapped.visit, option=tapped.option), nonce)


async def begin_again(asked: Asked) -> None:
    """Once from each page, and from none that she has left."""
    visit = asked.tapped(callbacks.BeginAgain).visit
    before = await current(asked)
    if before is None or before.here.visit == visit:
        await show_opened(asked, await asked.run(BeginAgain(), nonce=str(visit)))
        return
    await asked.show(await screen(asked))


async def path(asked: Asked) -> None:
    before = asked.tapped(callbacks.ShowPath).before
    member, language = asked.member.id, asked.member.language
    steps = await asked.read(
        lambda unit: unit.fragments.path(member, before=before or None, limit=story.A_PATH + 1, language=language)
    )
    await asked.show(story.path(asked.words, steps, name=name_of(asked), before=before))


async def read_again(asked: Asked) -> None:
    key = asked.tapped(callbacks.ReadAgain).fragment
    try:
        told = await asked.read(lambda unit: page_again(unit, asked.member.id, asked.member.language, key))
    except NoSuchFragment:
        await old_button(asked)
        return
    if told is None:
        await asked.show(await wall_before(asked, key))
        return
    await asked.show(story.read_again(asked.words, told, name=name_of(asked)))


async def _answer(asked: Asked, answer: AnswerChallenge, nonce: str | None = None) -> None:
    before = await current(asked)
    judged = await attempt(asked, answer, nonce=nonce)
    if judged is None:
        return
    if judged.step is None:
        again = [asked.words("story.wrong_try")]
        if before is not None and before.tries_left is not None:
            again.append(asked.words("story.tries_left", count=judged.tries_left))
        await asked.show(await screen(asked, (" ".join(again), ""), listening=True))
        return
    await turn(asked, before, judged.step)
