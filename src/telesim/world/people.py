"""Who lives in the world: people, and bots."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Person:
    id: int
    first_name: str
    language_code: str
    last_name: str | None = None
    username: str | None = None
    stars: int = 0
    simulated: bool = False
    deactivated: bool = False
    blocked: set[int] = field(default_factory=set)
    """Bots that this person has blocked."""
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    """`client_id` of the last few sends -> (chat, message), so that a repeated send writes nothing."""

    @property
    def key(self) -> str:
        return str(self.id)


@dataclass(slots=True)
class Webhook:
    url: str
    secret_token: str | None = None
    max_connections: int = 40
    ip_address: str | None = None
    has_custom_certificate: bool = False
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass(slots=True)
class Bot:
    id: int
    token: str
    first_name: str
    username: str
    stars: int = 0
    next_message_id: int = 1
    """Private chats of one account count their messages together, as on Telegram."""
    allowed_updates: list[str] | None = None
    """None is Telegram's default selection."""
    webhook: Webhook | None = None
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """`scope/language` -> commands; see `methods.profile`."""
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_rights: dict[str, dict[str, bool]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.id)
