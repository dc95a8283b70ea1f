"""People come into chats, ask to, go, and are let in, banned or raised."""

from dataclasses import replace
from typing import Any

from telesim import views
from telesim.acts.posting import post
from telesim.acts.telling import lane_of_user, tell_administrators
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.world.chats import Chat, InviteLink, JoinRequest, Member, Status
from telesim.world.messages import Message
from telesim.world.people import Person

REFUSED_LINK = "this invite link is not valid any more"


def set_member(
    sim: Sim, where: Chat, user: int, status: Status, *, by: int, link: InviteLink | None = None,
    approved: bool = False, **more: Any,
) -> Member:  # fmt: skip
    """Make somebody something in a chat, and tell everybody concerned."""
    old = sim.world.member(where, user)
    new = Member(where.id, user, status, **more)
    if _shown(sim, old) == _shown(sim, new) and old.subscription == new.subscription:
        return old
    sim.world.add(new)
    if new.until:
        expire_later(sim, where, new)
    _announce(sim, where, old, new, by=by, link=link, approved=approved)
    if where.is_group and old.present != new.present:
        _service(sim, where, user, by=by, came=new.present)
    sim.feed.publish("chat", chat=where.key)
    if user in sim.world.people:
        sim.feed.publish("chat", chat=where.key, person=user)
    return new


def _shown(sim: Sim, member: Member) -> dict[str, Any]:
    return views.member(sim.world, member)


def _announce(
    sim: Sim, where: Chat, old: Member, new: Member, *, by: int, link: InviteLink | None, approved: bool
) -> None:
    change: dict[str, Any] = {
        "chat": views.chat(sim.world, where),
        "from": views.user_by_id(sim.world, by),
        "date": sim.clock.seconds(),
        "old_chat_member": _shown(sim, old),
        "new_chat_member": _shown(sim, new),
    }
    if link is not None:
        viewer = link.creator if link.creator in sim.world.bots else 0
        change["invite_link"] = views.invite_link(sim.world, where, link, viewer)
    if approved:
        change["via_join_request"] = True
    bot = sim.world.bots.get(new.user)
    if bot is not None:
        sim.inboxes.tell(bot, "my_chat_member", change, lane_of_user(by))
    else:
        tell_administrators(sim, where, "chat_member", change, lane_of_user(by))


def _service(sim: Sim, where: Chat, user: int, *, by: int, came: bool) -> None:
    shown = views.user_by_id(sim.world, user)
    content = {"new_chat_members": [shown]} if came else {"left_chat_member": shown}
    post(sim, where, Message(where.key, 0, 0, content, sender=by))


def expire_later(sim: Sim, where: Chat, member: Member) -> None:
    """A ban, a restriction and a paid membership end by themselves."""

    def end() -> None:
        now = sim.world.member(where, member.user)
        if now is not member or now.until > sim.clock.now():
            return
        if member.status == "member":
            _renew_or_leave(sim, where, member)
        elif member.status == "kicked":
            set_member(sim, where, member.user, "left", by=member.user)
        else:
            set_member(sim, where, member.user, "member" if member.is_member else "left", by=member.user)

    sim.timeline.at(member.until, end)


def _renew_or_leave(sim: Sim, where: Chat, member: Member) -> None:
    """A paid membership goes on while there are Stars for it."""
    link = where.links.get(member.subscription or "")
    person = sim.world.people[member.user]
    price = link.subscription_price if link is not None else None
    if link is None or price is None or person.stars < price:
        set_member(sim, where, person.id, "left", by=person.id)
        return
    _charge(sim, person, price)
    renewed = replace(member, until=member.until + (link.subscription_period or 0))
    sim.world.add(renewed)
    expire_later(sim, where, renewed)


def _charge(sim: Sim, person: Person, price: int) -> None:
    if person.stars < price:
        raise ControlError("not enough Stars", 402, need=price, have=person.stars)
    person.stars -= price
    sim.world.keep(person)
    sim.feed.publish("person", person=person.id)


def link_of(sim: Sim, address: str) -> tuple[Chat, InviteLink] | None:
    """The chat and the link behind `https://t.me/+hash`, or the bare hash."""
    code = address.rsplit("/", 1)[-1].removeprefix("+").removeprefix("joinchat")
    for where in sim.world.public.values():
        if code in where.links:
            return where, where.links[code]
    return None


def problem_of(sim: Sim, link: InviteLink) -> str | None:
    now = sim.clock.now()
    used_up = link.member_limit is not None and link.joined >= link.member_limit
    expired = link.expire_date is not None and link.expire_date <= now
    return REFUSED_LINK if link.is_revoked or used_up or expired else None


def join(sim: Sim, person: Person, where: Chat, link: InviteLink | None) -> str:
    """Come in, or ask to: the status that follows."""
    member = sim.world.member(where, person.id)
    if member.status == "kicked":
        raise ControlError("this person is banned from the chat", 403)
    if member.present:
        return member.status
    if link is not None and (problem := problem_of(sim, link)):
        raise ControlError(problem, 410)
    if link.creates_join_request if link is not None else where.join_by_request:
        _request(sim, person, where, link)
        return "requested"
    more: dict[str, Any] = {}
    if link is not None:
        if link.subscription_price is not None:
            _charge(sim, person, link.subscription_price)
            more = {"until": sim.clock.seconds() + (link.subscription_period or 0), "subscription": link.hash}
        link.joined += 1
        sim.world.keep(where)
    return _enter(sim, where, person.id, by=person.id, link=link, **more).status


def _enter(sim: Sim, where: Chat, user: int, *, by: int, **more: Any) -> Member:
    """Whoever was restricted comes back restricted."""
    old = sim.world.member(where, user)
    if old.status == "restricted":
        return set_member(sim, where, user, "restricted", by=by, rights=old.rights, until=old.until, is_member=True)
    return set_member(sim, where, user, "member", by=by, **more)


def _request(sim: Sim, person: Person, where: Chat, link: InviteLink | None) -> None:
    if person.id in where.requests:
        return
    request = JoinRequest(person.id, sim.clock.seconds(), link.hash if link else None)
    where.requests[person.id] = request
    sim.world.keep(where)
    asked = {
        "chat": views.chat(sim.world, where),
        "from": views.user(person),
        "user_chat_id": person.id,
        "date": request.date,
    }
    if link is not None:
        viewer = link.creator if link.creator in sim.world.bots else 0
        asked["invite_link"] = views.invite_link(sim.world, where, link, viewer)
    tell_administrators(sim, where, "chat_join_request", asked, lane_of_user(person.id), "can_invite_users")
    sim.feed.publish("chat", chat=where.key)
    sim.feed.publish("chat", chat=where.key, person=person.id)


def decide_request(sim: Sim, where: Chat, user: int, *, by: int, approve: bool) -> bool:
    """Let somebody in who asked, or not; False when nobody asked."""
    request = where.requests.pop(user, None)
    if request is None:
        return False
    link = where.links.get(request.link or "")
    if approve and link is not None:
        link.joined += 1
    sim.world.keep(where)
    if approve:
        _enter(sim, where, user, by=by, link=link, approved=True)
    else:
        sim.feed.publish("chat", chat=where.key)
        sim.feed.publish("chat", chat=where.key, person=user)
    return True


def leave(sim: Sim, where: Chat, user: int) -> None:
    """Go; whoever only asked takes the request back."""
    if where.requests.pop(user, None) is not None:
        sim.world.keep(where)
    member = sim.world.member(where, user)
    if not member.present:
        sim.feed.publish("chat", chat=where.key, person=user)
        return
    if member.status == "restricted":
        set_member(sim, where, user, "restricted", by=user, rights=member.rights, until=member.until, is_member=False)
    else:
        set_member(sim, where, user, "left", by=user)
