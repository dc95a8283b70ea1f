"""Formatted text as Telegram understands it."""

from telesim.text.formatted import LONGEST_CAPTION, LONGEST_TEXT, formatted

__all__ = ["LONGEST_CAPTION", "LONGEST_TEXT", "formatted"]
