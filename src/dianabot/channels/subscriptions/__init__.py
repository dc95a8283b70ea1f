"""Subscriptions: who is in the club, until when, and the ways in."""

from dianabot.channels.subscriptions.events import SubscriptionExtended, SubscriptionStarted, VipStatusChanged
from dianabot.channels.subscriptions.rules import AlreadyVip, ClubRules, TrialUsed
from dianabot.channels.subscriptions.service import TRIAL, Subscriptions
from dianabot.channels.subscriptions.store import PlanOffer, Published

__all__ = [
    "TRIAL",
    "AlreadyVip",
    "ClubRules",
    "PlanOffer",
    "Published",
    "SubscriptionExtended",
    "SubscriptionStarted",
    "Subscriptions",
    "TrialUsed",
    "VipStatusChanged",
]
