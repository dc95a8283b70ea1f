"""What others may care about: she rose."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact


class LevelReached(MemberFact):
    """One for each level, also when one cause lifts her over several; `cause` is what brought the experience."""

    event_type: ClassVar[str] = "gamification.level_reached"
    level: int
    cause: str
