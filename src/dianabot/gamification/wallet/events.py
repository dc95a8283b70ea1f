"""What others may care about: besitos came, besitos went."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact, Priority
from dianabot.vocabulary.reason import Reason


class BesitosEarned(MemberFact):
    """`seq` is the row of her ledger; `cut` is what the day's cap kept back."""

    event_type: ClassVar[str] = "gamification.besitos_earned"
    amount: int
    balance: int
    reason: Reason
    reference: str
    seq: int
    cut: int


class BesitosSpent(MemberFact):
    """Also when they had been set aside before."""

    event_type: ClassVar[str] = "gamification.besitos_spent"
    amount: int
    balance: int
    reason: Reason
    reference: str
    seq: int


class FraudFlagged(MemberFact):
    """Something about her is unusual enough for a person to look at; `signal` names what."""

    event_type: ClassVar[str] = "system.fraud_flagged"
    priority: ClassVar[Priority] = Priority.LOW
    signal: str
