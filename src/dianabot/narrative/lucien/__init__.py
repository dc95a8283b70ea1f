"""Lucien, the butler: what he says of his own accord, and what he remembers when he says it."""

from dianabot.narrative.lucien.events import LucienSpoke
from dianabot.narrative.lucien.rules import (
    FILTERS,
    NAMES,
    LucienRules,
    Memory,
    NoSuchMessage,
    Uses,
    Wrong,
    may_speak_at,
    read,
    render,
)
from dianabot.narrative.lucien.service import Lucien
from dianabot.narrative.lucien.store import Called, Due, Published

__all__ = [
    "FILTERS",
    "NAMES",
    "Called",
    "Due",
    "Lucien",
    "LucienRules",
    "LucienSpoke",
    "Memory",
    "NoSuchMessage",
    "Published",
    "Uses",
    "Wrong",
    "may_speak_at",
    "read",
    "render",
]
