"""Formatted text as Telegram understands it."""

from telesim.text.formatted import Formatted, formatted, length

__all__ = ["Formatted", "formatted", "length"]
