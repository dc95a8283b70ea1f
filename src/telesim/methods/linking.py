"""Invite links and join requests."""

import secrets
from typing import Annotated, Any

from telesim import views
from telesim.acts.membership import decide_request
from telesim.errors import bad_request
from telesim.methods.chatting import OfChat, OfMember
from telesim.methods.method import Caller, Method
from telesim.methods.params import Integer, clamped
from telesim.methods.paying import HIGHEST_SUBSCRIPTION, MONTH
from telesim.methods.places import check_right, find_chat
from telesim.world.chats import Chat, InviteLink

LONGEST_NAME = 32


class NewLink(OfChat):
    name: str | None = None
    expire_date: Integer | None = None
    member_limit: Annotated[int, clamped(0, 99_999)] | None = None
    creates_join_request: bool = False


class ChangedLink(NewLink):
    invite_link: str


class OneLink(OfChat):
    invite_link: str


class NewPaidLink(OfChat):
    name: str | None = None
    subscription_period: Integer
    subscription_price: Integer


class ChangedPaidLink(OneLink):
    name: str | None = None


def _place(call: Caller, p: OfChat) -> Chat:
    where = find_chat(call, p.chat_id)
    check_right(call, where, "can_invite_users", "manage chat invite link")
    return where


def _check_name(name: str | None) -> None:
    if name is not None and len(name) > LONGEST_NAME:
        raise bad_request("invite link name is too long")


def _check(call: Caller, p: NewLink) -> None:
    _check_name(p.name)
    if p.expire_date and p.expire_date <= call.sim.clock.now():
        raise bad_request("EXPIRE_DATE_INVALID")
    if p.creates_join_request and p.member_limit:
        raise bad_request("member limit can't be specified for links requiring administrator approval")


def _added(call: Caller, where: Chat, link: InviteLink) -> dict[str, Any]:
    where.links[link.hash] = link
    call.world.keep(where)
    return views.invite_link(call.world, where, link, call.bot.id)


def create(call: Caller, p: NewLink) -> dict[str, Any]:
    where = _place(call, p)
    _check(call, p)
    link = InviteLink(
        secrets.token_urlsafe(12), call.bot.id, p.name or None, p.expire_date or None, p.member_limit or None,
        p.creates_join_request,
    )  # fmt: skip
    return _added(call, where, link)


def create_paid(call: Caller, p: NewPaidLink) -> dict[str, Any]:
    where = _place(call, p)
    if where.type != "channel":
        raise bad_request("CHAT_INVALID")
    if p.subscription_period != MONTH:
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    if not 1 <= p.subscription_price <= HIGHEST_SUBSCRIPTION:
        raise bad_request("PRICING_CHAT_INVALID" if p.subscription_price < 1 else "STARS_AMOUNT_INVALID")
    _check_name(p.name)
    link = InviteLink(
        secrets.token_urlsafe(12), call.bot.id, p.name or None, subscription_period=p.subscription_period,
        subscription_price=p.subscription_price,
    )  # fmt: skip
    return _added(call, where, link)


def _own(call: Caller, where: Chat, address: str) -> InviteLink:
    code = address.rsplit("/", 1)[-1].removeprefix("+")
    link = where.links.get(code)
    if link is None:
        raise bad_request("INVITE_HASH_INVALID" if not code else "INVITE_HASH_EXPIRED")
    if link.creator != call.bot.id:
        raise bad_request("not enough rights to manage the invite link" if link.is_primary else "CHAT_ADMIN_REQUIRED")
    return link


def change(call: Caller, p: ChangedLink) -> dict[str, Any]:
    where = _place(call, p)
    link = _own(call, where, p.invite_link)
    if link.is_primary or link.is_revoked or link.subscription_price is not None:
        raise bad_request("INVITE_HASH_EXPIRED" if link.is_revoked else "CHAT_INVITE_PERMANENT")
    _check(call, p)
    link.name, link.expire_date = p.name or None, p.expire_date or None
    link.member_limit, link.creates_join_request = p.member_limit or None, p.creates_join_request
    return _added(call, where, link)


def change_paid(call: Caller, p: ChangedPaidLink) -> dict[str, Any]:
    where = _place(call, p)
    link = _own(call, where, p.invite_link)
    if link.subscription_price is None:
        raise bad_request("INVITE_HASH_INVALID")
    _check_name(p.name)
    link.name = p.name or None
    return _added(call, where, link)


def revoke(call: Caller, p: OneLink) -> dict[str, Any]:
    where = _place(call, p)
    link = _own(call, where, p.invite_link)
    link.is_revoked = True
    if link.is_primary:
        _fresh_primary(call, where)
    return _added(call, where, link)


def export(call: Caller, p: OfChat) -> str:
    """A new primary link of this bot; the old one dies."""
    where = _place(call, p)
    for link in where.links.values():
        if link.is_primary and link.creator == call.bot.id:
            link.is_revoked = True
    return _fresh_primary(call, where).url


def _fresh_primary(call: Caller, where: Chat) -> InviteLink:
    link = InviteLink(secrets.token_urlsafe(12), call.bot.id, is_primary=True)
    _added(call, where, link)
    return link


def _decide(call: Caller, p: OfMember, *, approve: bool) -> bool:
    where = _place(call, p)
    if call.world.user(p.user_id) is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if not decide_request(call.sim, where, p.user_id, by=call.bot.id, approve=approve):
        present = call.world.member(where, p.user_id).present
        raise bad_request("USER_ALREADY_PARTICIPANT" if present else "HIDE_REQUESTER_MISSING")
    return True


METHODS = [
    Method("createChatInviteLink", NewLink, create),
    Method("editChatInviteLink", ChangedLink, change),
    Method("revokeChatInviteLink", OneLink, revoke),
    Method("exportChatInviteLink", OfChat, export),
    Method("createChatSubscriptionInviteLink", NewPaidLink, create_paid),
    Method("editChatSubscriptionInviteLink", ChangedPaidLink, change_paid),
    Method("approveChatJoinRequest", OfMember, lambda call, p: _decide(call, p, approve=True)),
    Method("declineChatJoinRequest", OfMember, lambda call, p: _decide(call, p, approve=False)),
]
