"""Where people and bots meet: chats, their members, links and requests."""

from dataclasses import dataclass, field
from typing import Any, Literal

ChatType = Literal["private", "group", "supergroup", "channel"]
Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

PRESENT: frozenset[str] = frozenset({"creator", "administrator", "member"})


@dataclass(slots=True)
class Member:
    chat: int
    user: int
    status: Status
    rights: dict[str, bool] = field(default_factory=dict)
    """Rights of an administrator, or permissions of somebody restricted."""
    until: int = 0
    """When a ban, a restriction or a paid membership ends; 0 is never."""
    title: str | None = None
    is_member: bool = True
    """Only for the restricted: whether the person is in the chat."""
    subscription: str | None = None
    """The paid invite link that the membership came by."""

    @property
    def key(self) -> str:
        return f"{self.chat}:{self.user}"

    @property
    def present(self) -> bool:
        return self.status in PRESENT or (self.status == "restricted" and self.is_member)

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and self.rights.get(right, False))


@dataclass(slots=True)
class InviteLink:
    hash: str
    creator: int
    name: str | None = None
    expire_date: int | None = None
    member_limit: int | None = None
    creates_join_request: bool = False
    is_primary: bool = False
    is_revoked: bool = False
    subscription_period: int | None = None
    subscription_price: int | None = None
    joined: int = 0

    @property
    def url(self) -> str:
        return f"https://t.me/+{self.hash}"


@dataclass(slots=True)
class JoinRequest:
    user: int
    date: int
    link: str | None = None


@dataclass(slots=True)
class Chat:
    id: int
    """As a bot sees it: in a private chat the person's id."""
    type: ChatType
    bot: int = 0
    """The other side of a private chat."""
    title: str | None = None
    username: str | None = None
    description: str | None = None
    linked: int | None = None
    """The discussion group of a channel and the other way round."""
    vip: bool = False
    protected: bool = False
    join_by_request: bool = False
    pinned: list[int] = field(default_factory=list)
    permissions: dict[str, bool] = field(default_factory=dict)
    links: dict[str, InviteLink] = field(default_factory=dict)
    requests: dict[int, JoinRequest] = field(default_factory=dict)
    photo: str | None = None
    next_message_id: int = 1
    slow_mode_delay: int = 0

    @property
    def key(self) -> str:
        return f"{self.bot}:{self.id}" if self.type == "private" else str(self.id)

    @property
    def is_group(self) -> bool:
        return self.type in {"group", "supergroup"}


@dataclass(slots=True)
class Dialog:
    """One person's side of one chat."""

    person: int
    chat: str
    read: int = 0
    keyboard: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        return f"{self.person}@{self.chat}"
