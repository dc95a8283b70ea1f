"""The servers that come along: PostgreSQL 18 and Valkey 9, run for whoever has none of their own."""

from dianabot.kernel.embedded.scratch import Scratch, scratch, turn

__all__ = ["Scratch", "scratch", "turn"]
