"""What others may care about: the rules are others now."""

from typing import ClassVar

from dianabot.kernel.events import Fact, Priority


class RulesChanged(Fact):
    """A new version; `paths` says where it differs, never the values, which may be texts."""

    event_type: ClassVar[str] = "admin.rules_changed"
    priority: ClassVar[Priority] = Priority.HIGH
    rules_version: int
    paths: tuple[str, ...]
    reverts_to: int | None = None
