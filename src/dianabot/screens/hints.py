"""What she has found out, and how she joins it."""

from collections.abc import Callable, Container, Sequence
from typing import Final, TypeVar

from dianabot.narrative.hints import Found, Made
from dianabot.screens.callbacks import Callback, CombineHints, MarkHint, ShowHints, ShowStory, TurnHints, TurnMarks
from dianabot.screens.parts import Rows, button, choice, short, way_back
from dianabot.screens.prose import plain, prose
from dianabot.screens.screen import Screen
from dianabot.screens.words import Html, Words

Listed = TypeVar("Listed", Found, Found | Made)

MOST_AT_ONCE: Final = 5
A_PAGE: Final = 8
LETTERS: Final = 3600
"""Of titles and texts on a page: a message holds them with all that stands around them."""


def hints(
    words: Words, found: Sequence[Found], made: Sequence[Made], *, name: str, page: int = 0, above: Sequence[str] = ()
) -> Screen:
    """What she made of hints stands among them, behind those of which she made it."""
    listed: list[Found | Made] = sorted([*made, *found], key=lambda one: one.at)
    pages = _pages(listed, lambda one: max(_letters(one), LETTERS // A_PAGE), LETTERS)
    page = min(page, len(pages) - 1)
    told = [_line(words, one, name) for one in pages[page]] or [words("hints.empty")]
    rows: Rows = ((button(words, "combine", TurnMarks("", 0)),),) if len(found) > 1 else ()
    rows += _turns(words, page, len(pages), TurnHints)
    text = "\n\n".join([*above, words("hints.title"), *told])
    return Screen(text, (*rows, *way_back(words, ShowStory())))


def combining(
    words: Words, found: Sequence[Found], chosen: Sequence[int], *, name: str, page: int = 0, notice: str | None = None
) -> Screen:
    """A button for each hint of the page; a tap chooses it or lets it go."""
    pages = _pages(found, lambda _: 1, A_PAGE)
    page = min(page, len(pages) - 1)
    titles = {hint.place: plain(hint.title, name=name) for hint in found}
    rows: Rows = tuple(
        (choice(words, titles[place], MarkHint(place, int(place not in chosen), page), chosen=place in chosen),)
        for place in (hint.place for hint in pages[page])
    )
    rows += _turns(words, page, len(pages), lambda number: TurnMarks(packed(chosen), number))
    if len(chosen) > 1:
        rows += ((button(words, "combine_now", CombineHints(packed(chosen))),),)
    told = [words("hints.combine")]
    if chosen and len(pages) > 1:
        told.append(words("hints.chosen", hints=" · ".join(short(titles[place]) for place in chosen)))
    return Screen("\n\n".join(told), (*rows, *way_back(words, ShowHints())), notice=notice)


def _letters(one: Found | Made) -> int:
    return len(one.text) + (len(one.title) if isinstance(one, Found) else 0)


def _line(words: Words, one: Found | Made, name: str) -> Html:
    text = Html(prose(one.text, name=name))
    if isinstance(one, Made):
        return words("hints.combined", text=text)
    return words("hints.line", title=plain(one.title, name=name), text=text)


def _pages(found: Sequence[Listed], size: Callable[[Listed], int], most: int) -> list[list[Listed]]:
    """The newest first, and on each page in the order in which she found them. One is always there."""
    pages: list[list[Listed]] = [[]]
    room = most
    for hint in reversed(found):
        if size(hint) > room and pages[-1]:
            pages.append([])
            room = most
        pages[-1].insert(0, hint)
        room -= size(hint)
    return pages


def _turns(words: Words, page: int, pages: int, to: Callable[[int], Callback]) -> Rows:
    there = [(label, number) for label, number in (("earlier", page + 1), ("later", page - 1)) if 0 <= number < pages]
    return (tuple(button(words, label, to(number)) for label, number in there),) if there else ()


def chosen_in(buttons: Sequence[Callback], known: Container[int]) -> list[int]:
    """What is chosen where these stand: those that turn the page carry all of it; where none does, all is in view."""
    turning = ".".join(one.hints for one in buttons if isinstance(one, TurnMarks))
    in_view = [one.place for one in buttons if isinstance(one, MarkHint) and not one.chosen]
    return unpacked(turning or packed(in_view), known)


def marked(chosen: Sequence[int], place: int, *, now: bool) -> list[int]:
    """Beside one more than can be combined the first goes."""
    others = [one for one in chosen if one != place]
    return [*others, place][-MOST_AT_ONCE:] if now else others


def packed(places: Sequence[int]) -> str:
    return ".".join(map(str, places))


def unpacked(places: str, known: Container[int]) -> list[int]:
    """Places that exist, each once; whatever else a button may carry is left out."""
    numbers = [int(place) for place in places.split(".") if place.isascii() and place.isdigit() and len(place) < 6]
    return [place for place in dict.fromkeys(numbers) if place in known][:MOST_AT_ONCE]
