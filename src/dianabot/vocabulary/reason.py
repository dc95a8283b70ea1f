"""Why besitos move: a closed list, kept with every row of the ledger."""

from enum import StrEnum


class Reason(StrEnum):
    # repeatable sources: the daily cap is theirs
    REACTION = "reaction"
    GIFT = "gift"
    TRIVIA = "trivia"
    MISSION = "mission"
    STREAK = "streak"
    # earned once
    STORY = "story"
    LEVEL = "level"
    ACHIEVEMENT = "achievement"
    EXPERIENCE = "experience"
    HINT = "hint"
    # bought or brought
    GIFT_CODE = "gift_code"
    PURCHASE = "purchase"
    PROMO = "promo"
    REFERRAL = "referral"
    AUCTION = "auction"
    STREAK_FREEZE = "streak_freeze"
    # by a person
    REFUND = "refund"
    ADMIN = "admin"

    @property
    def repeatable(self) -> bool:
        """Whether what it earns counts towards the daily cap."""
        return self in _REPEATABLE


_REPEATABLE = frozenset({Reason.REACTION, Reason.GIFT, Reason.TRIVIA, Reason.MISSION, Reason.STREAK})
