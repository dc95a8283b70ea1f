"""Hints: what readers find, and what they make of it."""

from dianabot.narrative.hints.events import HintUnlocked
from dianabot.narrative.hints.rules import AlreadyCombined, HintNotFound, NothingComesOfIt
from dianabot.narrative.hints.service import Hints
from dianabot.narrative.hints.store import Combined, Found, Made, Published

__all__ = [
    "AlreadyCombined",
    "Combined",
    "Found",
    "HintNotFound",
    "HintUnlocked",
    "Hints",
    "Made",
    "NothingComesOfIt",
    "Published",
]
