from dianabot.vocabulary.reason import Reason


def test_the_daily_cap_counts_exactly_the_sources_that_repeat() -> None:
    repeatable = {reason for reason in Reason if reason.repeatable}

    assert repeatable == {Reason.REACTION, Reason.GIFT, Reason.TRIVIA, Reason.MISSION, Reason.STREAK}
