"""Her ledger, as she reads it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dianabot.gamification.levels import Level
from dianabot.gamification.wallet import Entry, Purse
from dianabot.screens.besitos import besitos
from dianabot.screens.words import Words
from dianabot.vocabulary.reason import Reason


def test_each_day_is_named_once_and_by_her_own_clock() -> None:
    at = [
        datetime(2026, 3, 2, 12, tzinfo=UTC),
        datetime(2026, 3, 2, 3, tzinfo=UTC),
        datetime(2026, 3, 1, 23, tzinfo=UTC),
    ]
    entries = [Entry(9 - n, 5 + n, 50, Reason.STORY, "x", when) for n, when in enumerate(at)]

    text = besitos(Words("es"), Purse(50, 0, 0), Level(1, 0, None), entries, zone=ZoneInfo("Etc/GMT+6"), before=0).text

    assert text.split("\n\n")[-1].splitlines() == [
        "<i>2 de marzo de 2026</i>",
        "<b>+5</b> · la historia",
        "<i>1 de marzo de 2026</i>",
        "<b>+6</b> · la historia",
        "<b>+7</b> · la historia",
    ]
