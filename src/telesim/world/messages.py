"""What is said in chats: messages, polls, invoices, and payments for them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

SERVICE: frozenset[str] = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "pinned_message", "successful_payment", "refunded_payment", "group_chat_created",
})  # fmt: skip


@dataclass(slots=True)
class Message:
    chat: str
    id: int
    date: int
    content: dict[str, Any]
    """The part that depends on the kind, in the Bot API's shape: text and entities, photo and caption …"""
    sender: int | None = None
    """A person or a bot; nobody for a channel's post."""
    sender_chat: int | None = None
    author: int | None = None
    """Who pressed send in a channel; not shown, but rights depend on it."""
    reply_to: int | None = None
    quote: dict[str, Any] | None = None
    markup: dict[str, Any] | None = None
    edit_date: int | None = None
    forward_origin: dict[str, Any] | None = None
    automatic_forward: bool = False
    discussion: int | None = None
    """For a channel post: the id of its copy in the discussion group."""
    protected: bool = False
    media_group_id: str | None = None
    poll: str | None = None
    invoice: str | None = None
    pinned: int | None = None
    """For the service message: the message that was pinned."""
    effect_id: str | None = None
    thread: int | None = None
    reactions: Annotated[dict[int, list[str]], Field(exclude=True)] = field(default_factory=dict)
    """Who reacted how; kept apart, as `Reaction`."""
    client_id: str | None = None
    charge: str | None = None
    """The payment that settled this invoice message."""

    @property
    def key(self) -> str:
        return f"{self.chat}/{self.id}"

    @property
    def is_service(self) -> bool:
        return self.pinned is not None or not SERVICE.isdisjoint(self.content)


@dataclass(slots=True)
class Poll:
    id: str
    owner: int
    """The bot or person that sent it."""
    question: str
    question_entities: list[dict[str, Any]]
    options: list[dict[str, Any]]
    is_anonymous: bool = True
    type: str = "regular"
    multiple: bool = False
    revoting: bool = True
    members_only: bool = False
    country_codes: list[str] = field(default_factory=list)
    correct: list[int] = field(default_factory=list)
    explanation: str | None = None
    explanation_entities: list[dict[str, Any]] = field(default_factory=list)
    description: str | None = None
    description_entities: list[dict[str, Any]] = field(default_factory=list)
    open_period: int | None = None
    close_date: int | None = None
    closed: bool = False
    hide_until_close: bool = False
    votes: Annotated[dict[int, list[int]], Field(exclude=True)] = field(default_factory=dict)
    """Who chose what; kept apart, as `Vote`."""
    counts: Annotated[Counter[int], Field(exclude=True)] = field(default_factory=Counter)
    """How often each option was chosen, so that a vote does not count all the others again."""
    places: list[tuple[str, int]] = field(default_factory=list)
    """Chat and id of the messages that show it: forwarded copies share the votes."""

    @property
    def key(self) -> str:
        return self.id

    def choose(self, user: int, option_ids: list[int]) -> None:
        """Somebody's choice from now on; nothing takes it back."""
        self.counts.subtract(self.votes.pop(user, []))
        if option_ids:
            self.votes[user] = option_ids
            self.counts.update(option_ids)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One person's reactions to one message: a line of its own, so that ten thousand hearts cost ten thousand lines."""

    chat: str
    message: int
    user: int
    emojis: list[str]

    @property
    def key(self) -> str:
        return f"{self.chat}/{self.message}/{self.user}"


@dataclass(frozen=True, slots=True)
class Vote:
    poll: str
    user: int
    option_ids: list[int]

    @property
    def key(self) -> str:
        return f"{self.poll}/{self.user}"


@dataclass(slots=True)
class Invoice:
    slug: str
    bot: int
    title: str
    description: str
    payload: str
    currency: str
    amount: int
    start_parameter: str = ""
    photo_url: str | None = None
    subscription_period: int | None = None
    provider_token: str = ""
    is_flexible: bool = False

    @property
    def key(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"https://t.me/${self.slug}"


@dataclass(slots=True)
class Charge:
    """One payment that went through."""

    id: str
    bot: int
    person: int
    payload: str
    currency: str
    amount: int
    date: int
    subscription_period: int | None = None
    first: str | None = None
    """For a renewal: the first payment's id."""
    expires: int | None = None
    """Of the whole subscription; kept on the first payment."""
    canceled_by: list[str] = field(default_factory=list)
    """`bot` and `person`: while anyone has cancelled it, it does not renew."""
    ended: bool = False
    refunded: int | None = None
    """When."""

    @property
    def key(self) -> str:
        return self.id
