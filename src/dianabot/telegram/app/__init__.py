"""The bot as a part of a process."""

from dianabot.telegram.app.part import KINDS, TelegramPart

__all__ = ["KINDS", "TelegramPart"]
