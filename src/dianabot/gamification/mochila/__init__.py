"""Mochila: the items that she carries."""

from dianabot.gamification.mochila.events import ItemAcquired
from dianabot.gamification.mochila.rules import NoSuchItem, NotEnoughItems
from dianabot.gamification.mochila.service import Mochila
from dianabot.gamification.mochila.store import Owned, Published

__all__ = ["ItemAcquired", "Mochila", "NoSuchItem", "NotEnoughItems", "Owned", "Published"]
