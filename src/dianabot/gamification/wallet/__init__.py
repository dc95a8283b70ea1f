"""Wallet: besitos, every movement of them, and what is set aside."""

from dianabot.gamification.wallet.events import BesitosEarned, BesitosSpent, FraudFlagged
from dianabot.gamification.wallet.rules import HoldNotOpen, NotEnoughBesitos, WalletRules
from dianabot.gamification.wallet.service import TOO_MANY, Granted, Purse, Wallet
from dianabot.gamification.wallet.store import Entry

__all__ = [
    "TOO_MANY",
    "BesitosEarned",
    "BesitosSpent",
    "Entry",
    "FraudFlagged",
    "Granted",
    "HoldNotOpen",
    "NotEnoughBesitos",
    "Purse",
    "Wallet",
    "WalletRules",
]
