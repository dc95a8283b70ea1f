"""What others may care about: Lucien had something to say."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact


class LucienSpoke(MemberFact):
    """His words lie with the message; whoever carries words to people takes them there."""

    event_type: ClassVar[str] = "narrative.lucien_spoke"
    message: int
    template: str
    template_version: int
