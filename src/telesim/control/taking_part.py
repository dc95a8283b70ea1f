"""A person reacts, votes, pays, joins, leaves, decides on those who ask to join, sends files."""

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from telesim import views
from telesim.acts import membership, paying, voting
from telesim.acts.attaching import content_of, store
from telesim.acts.membership import link_of, problem_of
from telesim.acts.reacting import EMOJI, plain_emoji
from telesim.acts.reacting import react as put_reaction
from telesim.control.door import Asked, Nothing, answered, person_of, refused
from telesim.control.sight import chat_for, is_open
from telesim.control.writing import At, caption_content, check_may_write, message_at, said_before, say
from telesim.errors import ApiError, ControlError
from telesim.request import parameters
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.files import Upload
from telesim.world.messages import Invoice
from telesim.world.people import Person


class React(At):
    emoji: str | None = None


class Vote(At):
    option_ids: list[int]


class Pay(Asked):
    chat_id: int | None = None
    message_id: int | None = None
    invoice_link: str | None = None
    outcome: paying.Outcome


class Subscription(Asked):
    charge_id: str
    canceled: bool


class Join(Asked):
    invite_link: str | None = None
    chat_id: int | None = None


class OneChat(Asked):
    chat_id: int


class Decision(OneChat):
    user_id: int
    approve: bool


class Viewer(Asked):
    person: int | None = Field(None)


def react(sim: Sim, person: Person, asked: React) -> dict[str, Any]:
    where, said = message_at(sim, person, asked.chat_id, asked.message_id)
    if where.type != "private" and not sim.world.member(where, person.id).present:
        raise ControlError("this person is not in the chat", 403)
    emoji = plain_emoji(asked.emoji) if asked.emoji else None
    if emoji is not None and emoji not in EMOJI:
        raise ControlError("Telegram has no such reaction")
    if said.is_service:
        raise ControlError("such a message can't be reacted to")
    put_reaction(sim, where, said, person.id, [emoji] if emoji else [])
    return {"emoji": emoji}


def vote(sim: Sim, person: Person, asked: Vote) -> dict[str, Any]:
    where, said = message_at(sim, person, asked.chat_id, asked.message_id)
    if said.poll is None:
        raise ControlError("this message is no poll")
    poll = sim.world.polls[said.poll]
    if poll.members_only and not sim.world.member(where, person.id).present:
        raise ControlError("only members may vote here", 403)
    voting.vote(sim, person, poll, asked.option_ids)
    return {"option_ids": poll.votes.get(person.id, [])}


def find_invoice(sim: Sim, address: str) -> Invoice:
    slug = address.rsplit("/", 1)[-1].removeprefix("$").removeprefix("invoice-")
    invoice = sim.world.invoices.get(slug)
    if invoice is None:
        raise ControlError("there is no such invoice", 404)
    return invoice


async def pay(sim: Sim, person: Person, asked: Pay) -> dict[str, Any]:
    if asked.invoice_link is not None:
        return await paying.pay(sim, person, find_invoice(sim, asked.invoice_link), None, asked.outcome)
    if asked.message_id is None:
        raise ControlError("say what to pay: message_id or invoice_link")
    _, said = message_at(sim, person, asked.chat_id, asked.message_id)
    if said.invoice is None:
        raise ControlError("this message is no invoice")
    return await paying.pay(sim, person, sim.world.invoices[said.invoice], said, asked.outcome)


def subscription(sim: Sim, person: Person, asked: Subscription) -> dict[str, Any]:
    """The person cancels a subscription, or takes that back."""
    charge = sim.world.charges.get(asked.charge_id)
    if charge is None or charge.person != person.id or not charge.subscription_period:
        raise ControlError("there is no such subscription", 404)
    first = sim.world.charges[charge.first] if charge.first else charge
    paying.switch_subscription(sim, person, first, canceled=asked.canceled)
    return {"canceled": asked.canceled, "expires": first.expires}


def join(sim: Sim, person: Person, asked: Join) -> dict[str, Any]:
    if asked.invite_link is not None:
        found = link_of(sim, asked.invite_link)
        if found is None:
            raise ControlError(membership.REFUSED_LINK, 404)
        where, link = found
        return {"status": membership.join(sim, person, where, link), "chat_id": where.id}
    target = sim.world.public.get(asked.chat_id or 0)
    if target is None or not is_open(sim, target):
        raise ControlError("there is no such chat that anybody may join", 404)
    return {"status": membership.join(sim, person, target, None), "chat_id": target.id}


def leave(sim: Sim, person: Person, asked: OneChat) -> dict[str, Any]:
    target = sim.world.public.get(asked.chat_id)
    if target is None:
        raise ControlError("there is no such chat", 404)
    if sim.world.member(target, person.id).status == "creator":
        raise ControlError("the owner stays", 403)
    membership.leave(sim, target, person.id)
    return {"status": sim.world.member(target, person.id).status}


def decide(sim: Sim, person: Person, asked: Decision) -> dict[str, Any]:
    where = chat_for(sim, person, asked.chat_id)
    if not sim.world.member(where, person.id).may("can_invite_users"):
        raise ControlError("only administrators decide who may join", 403)
    if not membership.decide_request(sim, where, asked.user_id, by=person.id, approve=asked.approve):
        raise ControlError("nobody has asked to join under that id", 404)
    return {"status": sim.world.member(where, asked.user_id).status}


def invite(sim: Sim, asked: Viewer, *, link: str) -> dict[str, Any]:
    found = link_of(sim, link)
    if found is None:
        raise ControlError(membership.REFUSED_LINK, 404)
    where, one = found
    problem = problem_of(sim, one)
    view: dict[str, Any] = {
        "chat": _chat_card(sim, where),
        "request": one.creates_join_request,
        "subscription": None,
        "valid": problem is None,
    }
    if one.name:
        view["name"] = one.name
    if one.subscription_price is not None:
        view["subscription"] = {"period": one.subscription_period, "price": one.subscription_price}
    if problem:
        view["error"] = problem
    person = sim.world.people.get(asked.person or 0)
    if person is not None:
        member = sim.world.member(where, person.id)
        view["status"] = "requested" if person.id in where.requests else "member" if member.present else "left"
    return view


def _chat_card(sim: Sim, where: Chat) -> dict[str, Any]:
    card = views.chat(sim.world, where) | {"members_count": len(sim.world.members_of(where))}
    return card | {"description": where.description} if where.description else card


def invoice(sim: Sim, _: Nothing, *, slug: str) -> dict[str, Any]:
    found = find_invoice(sim, slug)
    view: dict[str, Any] = {
        "title": found.title,
        "description": found.description,
        "currency": found.currency,
        "total_amount": found.amount,
        "bot": views.user(sim.world.bots[found.bot]),
    }
    if found.photo_url:
        view["photo_url"] = found.photo_url
    if found.subscription_period:
        view["subscription_period"] = found.subscription_period
    return view


def uploader(sim: Sim) -> Any:
    """Sends a file as this person: the only call that is not JSON."""

    async def upload(request: Request) -> Response:
        given: dict[str, Any] = {}
        try:
            person = person_of(sim, request)
            given = await parameters(request)
            return answered(_send_file(sim, person, given))
        except (ControlError, ApiError) as error:
            return refused(error)
        finally:
            for value in given.values():
                if isinstance(value, Upload):
                    value.path.unlink(missing_ok=True)

    return upload


def _send_file(sim: Sim, person: Person, given: dict[str, Any]) -> dict[str, Any]:
    client_id = given.get("client_id")
    if client_id is not None and (not isinstance(client_id, str) or len(client_id) > 64):
        raise ControlError("client_id has at most 64 characters")
    before = said_before(person, client_id)
    if before is not None:
        return before
    file, kind = given.get("file"), given.get("kind", "document")
    if not isinstance(file, Upload) or kind not in {"photo", "document"}:
        raise ControlError("send a file, and kind=photo or kind=document")
    where = chat_for(sim, person, _integer(given.get("chat_id")))
    check_may_write(sim, person, where)
    content = content_of(kind, store(sim.world, file, kind))
    caption = given.get("caption")
    if isinstance(caption, str):
        content |= caption_content(caption)
    return say(sim, person, where, content, client_id=client_id)


def _integer(value: Any) -> int | None:
    if value in {None, ""}:
        return None
    text = str(value)
    if not text.lstrip("-").isdecimal() or len(text) > 20:
        raise ControlError("chat_id must be a number")
    return int(text)
