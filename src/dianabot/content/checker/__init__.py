"""The checker: what is wrong with a world, before a reader meets it."""

from dianabot.content.checker.check import check

__all__ = ["check"]
