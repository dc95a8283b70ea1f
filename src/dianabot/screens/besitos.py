"""Her besitos, one by one, and the level that her experience makes."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from dianabot.gamification.levels import Level
from dianabot.gamification.wallet import Entry, Purse
from dianabot.screens.callbacks import ShowBesitos
from dianabot.screens.parts import button, way_back
from dianabot.screens.screen import Button, Screen
from dianabot.screens.words import Words

A_PAGE: Final = 10
"""One more is asked for, to know whether there are more."""


def besitos(
    words: Words, purse: Purse, level: Level, entries: Sequence[Entry], *, zone: ZoneInfo, before: int
) -> Screen:
    shown, more = entries[:A_PAGE], len(entries) > A_PAGE
    head = [words("besitos.title"), "", words("besitos.balance", count=purse.balance)]
    if purse.held:
        head.append(words("besitos.held", held=purse.held))
    head += ["", words("besitos.level", level=level.level, xp=level.xp)]
    if level.next_at is not None:
        head.append(words("besitos.next", left=level.next_at - level.xp))
    lines = [*_by_day(words, shown, zone)] or [words("besitos.empty")]
    turns: list[Button] = []
    if more:
        turns.append(button(words, "earlier", ShowBesitos(shown[-1].seq)))
    if before:
        turns.append(button(words, "later", ShowBesitos(0)))
    rows = (tuple(turns),) if turns else ()
    return Screen("\n".join([*head, "", *lines]), (*rows, *way_back(words)))


def _by_day(words: Words, entries: Sequence[Entry], zone: ZoneInfo) -> Iterator[str]:
    for day, of_day in groupby(entries, key=lambda entry: entry.at.astimezone(zone).date()):
        yield words("besitos.day", day=words.day(day))
        for entry in of_day:
            amount = f"{entry.amount:+d}".replace("-", "\N{MINUS SIGN}")
            yield words("besitos.line", amount=amount, reason=words.label(f"reasons.{entry.reason}"))
