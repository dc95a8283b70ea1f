"""/pistas: what she has found out, and joining it."""

from dianabot.narrative.hints import Found, HintNotFound, Made, NothingComesOfIt
from dianabot.operations.combine_hints import Combine
from dianabot.screens import hints
from dianabot.screens.callbacks import Callback, CombineHints, MarkHint, TurnHints, TurnMarks
from dianabot.screens.problems import refusal_notice
from dianabot.screens.prose import prose
from dianabot.telegram.asked import Asked
from dianabot.telegram.reading import name_of, told


async def show(asked: Asked) -> None:
    await asked.show(hints.hints(asked.words, await _found(asked), await _made(asked), name=name_of(asked)))


async def turn(asked: Asked) -> None:
    page = asked.tapped(TurnHints).page
    await asked.show(hints.hints(asked.words, await _found(asked), await _made(asked), name=name_of(asked), page=page))


async def mark(asked: Asked) -> None:
    tapped = asked.tapped(MarkHint)
    found, chosen = await _chosen(asked, tapped)
    if any(hint.place == tapped.place for hint in found):
        chosen = hints.marked(chosen, tapped.place, now=tapped.chosen > 0)
    await asked.show(hints.combining(asked.words, found, chosen, name=name_of(asked), page=tapped.page))


async def turn_marks(asked: Asked) -> None:
    tapped = asked.tapped(TurnMarks)
    found, chosen = await _chosen(asked, tapped)
    await asked.show(hints.combining(asked.words, found, chosen, name=name_of(asked), page=tapped.page))


async def combine(asked: Asked) -> None:
    found = await _found(asked)
    at_place = {hint.place: hint.key for hint in found}
    chosen = hints.unpacked(asked.tapped(CombineHints).hints, at_place)
    if len(chosen) < 2:  # stale: some of them are no longer told
        await asked.show(hints.combining(asked.words, found, chosen, name=name_of(asked)))
        return
    try:
        joined = await asked.run(Combine(hints=[at_place[place] for place in chosen]))
    except (HintNotFound, NothingComesOfIt) as refusal:
        notice = refusal_notice(asked.words, refusal)
        await asked.show(hints.combining(asked.words, found, (), name=name_of(asked), notice=notice))
        return
    above: list[str] = [asked.words("hints.combined", text=prose(joined.text, name=name_of(asked)))]
    above += [line for line in await told(asked, joined.given) if line]
    made = [one for one in await _made(asked) if one.key != joined.combination]  # that stands above
    await asked.show(hints.hints(asked.words, await _found(asked), made, name=name_of(asked), above=above))


async def _chosen(asked: Asked, tapped: Callback) -> tuple[list[Found], list[int]]:
    """As the message says it now: when she tapped, what she tapped before may not yet have been seen there."""
    found = await _found(asked)
    return found, hints.chosen_in(asked.heard.beside or (tapped,), {hint.place for hint in found})


async def _found(asked: Asked) -> list[Found]:
    return await asked.read(lambda unit: unit.hints.found(asked.member.id, asked.member.language))


async def _made(asked: Asked) -> list[Made]:
    return await asked.read(lambda unit: unit.hints.made(asked.member.id, asked.member.language))
