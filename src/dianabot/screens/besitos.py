"""Her besitos, one by one, and the level that her experience makes."""

from collections.abc import Sequence
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
    lines = [_line(words, entry, zone) for entry in shown] or [words("besitos.empty")]
    turns: list[Button] = []
    if more:
        turns.append(button(words, "earlier", ShowBesitos(shown[-1].seq)))
    if before:
        turns.append(button(words, "later", ShowBesitos(0)))
    rows = (tuple(turns),) if turns else ()
    return Screen("\n".join([*head, "", *lines]), (*rows, *way_back(words)))


def _line(words: Words, entry: Entry, zone: ZoneInfo) -> str:
    day = words.day(entry.at.astimezone(zone).date())
    return words("besitos.line", amount=f"{entry.amount:+d}", reason=words.label(f"reasons.{entry.reason}"), day=day)
