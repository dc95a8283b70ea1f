"""What she has found out, and how she joins it."""

from collections.abc import Container, Sequence
from typing import Final

from dianabot.narrative.hints import Found
from dianabot.screens.callbacks import CombineHints, MarkHints, ShowHints, ShowStory
from dianabot.screens.parts import button, choice, way_back
from dianabot.screens.prose import plain, prose
from dianabot.screens.screen import Button, Screen
from dianabot.screens.words import Html, Words

MOST_AT_ONCE: Final = 5


def hints(words: Words, found: Sequence[Found], *, name: str, above: Sequence[str] = ()) -> Screen:
    told = [
        words("hints.line", title=plain(hint.title, name=name), text=Html(prose(hint.text, name=name)))
        for hint in found
    ] or [words("hints.empty")]
    rows: list[tuple[Button, ...]] = []
    if len(found) > 1:
        rows.append((button(words, "combine", MarkHints("")),))
    text = "\n\n".join([*above, words("hints.title"), *told])
    return Screen(text, (*rows, *way_back(words, ShowStory())))


def combining(
    words: Words, found: Sequence[Found], chosen: Sequence[int], *, name: str, notice: str | None = None
) -> Screen:
    """A button for each hint, by its place; a tap chooses it or lets it go."""
    rows: list[tuple[Button, ...]] = []
    for hint in found:
        place = hint.place
        others = [one for one in chosen if one != place] if place in chosen else [*chosen, place][-MOST_AT_ONCE:]
        label = plain(hint.title, name=name)
        rows.append((choice(words, label, MarkHints(packed(others)), chosen=place in chosen),))
    if len(chosen) > 1:
        rows.append((button(words, "combine_now", CombineHints(packed(chosen))),))
    return Screen(words("hints.combine"), (*rows, *way_back(words, ShowHints())), notice=notice)


def packed(places: Sequence[int]) -> str:
    return ".".join(map(str, places))


def unpacked(places: str, known: Container[int]) -> list[int]:
    """Places that exist, each once; whatever else a button may carry is left out."""
    numbers = [int(place) for place in places.split(".") if place.isascii() and place.isdigit() and len(place) < 4]
    return [place for place in dict.fromkeys(numbers) if place in known][:MOST_AT_ONCE]
