"""The rulebook: every version of what the creator may change, and who changed it. It knows no type of any value."""

from dianabot.rulebook.events import RulesChanged
from dianabot.rulebook.rules import (
    Changed,
    Document,
    NoSuchRules,
    NothingChanged,
    RulesMoved,
    WrongRule,
    difference,
    with_value,
    without_value,
)
from dianabot.rulebook.service import Rulebook
from dianabot.rulebook.store import Version, published, published_at

__all__ = [
    "Changed",
    "Document",
    "NoSuchRules",
    "NothingChanged",
    "Rulebook",
    "RulesChanged",
    "RulesMoved",
    "Version",
    "WrongRule",
    "difference",
    "published",
    "published_at",
    "with_value",
    "without_value",
]
