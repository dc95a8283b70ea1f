"""Wallet: besitos, every movement of them, and what is set aside."""

from dianabot.gamification.wallet.events import BesitosEarned, BesitosSpent, FraudFlagged
from dianabot.gamification.wallet.rules import HoldNotOpen, NotEnoughBesitos, WalletRules
from dianabot.gamification.wallet.service import TOO_FAST, Granted, Purse, Wallet
from dianabot.gamification.wallet.store import Entry

__all__ = [
    "TOO_FAST",
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
