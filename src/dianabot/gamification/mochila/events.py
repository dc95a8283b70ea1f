"""What others may care about: she has something new."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact


class ItemAcquired(MemberFact):
    """`item` by its key, and how many of it came."""

    event_type: ClassVar[str] = "gamification.item_acquired"
    item: str
    quantity: int
    cause: str
