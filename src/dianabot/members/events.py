"""What others may care about: somebody came, did something, left."""

from typing import ClassVar

from dianabot.kernel.events import MemberFact, Priority


class UserRegistered(MemberFact):
    """First contact."""

    event_type: ClassVar[str] = "user.registered"
    language: str


class CommandExecuted(MemberFact):
    """She used one of the bot's commands, named without its slash."""

    event_type: ClassVar[str] = "user.command_executed"
    priority: ClassVar[Priority] = Priority.LOW
    command: str


class UserActivity(MemberFact):
    """Any other sign of life: `kind` says which (text, callback, …), never what she wrote."""

    event_type: ClassVar[str] = "user.activity"
    priority: ClassVar[Priority] = Priority.LOW
    kind: str


class UserErased(MemberFact):
    """Her personal data is gone; what else is kept about her can go too."""

    event_type: ClassVar[str] = "user.erased"
