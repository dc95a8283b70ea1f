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


def test_what_went_is_told_with_the_same_minus_as_in_the_story() -> None:
    paid = Entry(1, -15, 5, Reason.STORY, "x", datetime(2026, 3, 1, tzinfo=UTC))
    words = Words("es")
    text = besitos(words, Purse(5, 0, 0), Level(1, 0, None), [paid], zone=ZoneInfo("UTC"), before=0).text
    assert text.endswith("<b>−15</b> · la historia")
    assert "−15" in words.label("story.gifts.paid", count=15)
