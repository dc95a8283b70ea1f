"""What others may care about: who is in the club."""

from datetime import datetime
from typing import ClassVar

from dianabot.kernel.events import MemberFact, Priority


class SubscriptionStarted(MemberFact):
    """She got in, on trial or for good."""

    event_type: ClassVar[str] = "admin.subscription_started"
    until: datetime
    trial: bool
    cause: str


class SubscriptionExtended(MemberFact):
    """She stays for longer."""

    event_type: ClassVar[str] = "admin.subscription_extended"
    until: datetime
    cause: str


class VipStatusChanged(MemberFact):
    """What is for the club is open to her from now on, or no longer."""

    event_type: ClassVar[str] = "admin.vip_status_changed"
    priority: ClassVar[Priority] = Priority.HIGH
    vip: bool
