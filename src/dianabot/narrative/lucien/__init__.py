"""Lucien, the butler: what he says of his own accord, and what he remembers when he says it."""

from dianabot.narrative.lucien.events import LucienSpoke
from dianabot.narrative.lucien.rules import (
    FILTERS,
    NAMES,
    SET_APART,
    Kinds,
    LucienRules,
    Memory,
    NoSuchMessage,
    Unsayable,
    Uses,
    Wrong,
    may_speak_at,
    read,
    render,
    spoken_of,
)
from dianabot.narrative.lucien.service import Lucien
from dianabot.narrative.lucien.store import Called, Due, Published

__all__ = [
    "FILTERS",
    "NAMES",
    "SET_APART",
    "Called",
    "Due",
    "Kinds",
    "Lucien",
    "LucienRules",
    "LucienSpoke",
    "Memory",
    "NoSuchMessage",
    "Published",
    "Unsayable",
    "Uses",
    "Wrong",
    "may_speak_at",
    "read",
    "render",
    "spoken_of",
]
