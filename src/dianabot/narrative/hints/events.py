"""What others may care about: something was found."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact


class HintUnlocked(MemberFact):
    """She has a hint that she did not have; `cause` names the deed that gave it."""

    event_type: ClassVar[str] = "narrative.hint_unlocked"
    hint: str
    cause: str
