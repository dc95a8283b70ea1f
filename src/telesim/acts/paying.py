"""Invoices are paid, subscriptions renewed and cancelled, payments given back."""

import secrets
from typing import Any, Literal

from telesim import views
from telesim.acts.posting import changed, post
from telesim.acts.telling import lane_of_user
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.world.messages import Charge, Invoice, Message
from telesim.world.people import Bot, Person

Outcome = Literal["paid", "cancelled", "failed"]
STARS = "XTR"


async def pay(sim: Sim, person: Person, invoice: Invoice, said: Message | None, outcome: Outcome) -> dict[str, Any]:
    """Go through the payment dialog; the bot has ten seconds to agree."""
    if outcome == "cancelled":
        return {"outcome": "cancelled"}
    _check_payable(sim, person, invoice, said)
    bot = sim.world.bots[invoice.bot]
    refusal = await _checkout(sim, bot, person, invoice)
    if refusal is not None:
        return {"outcome": "failed", **refusal}
    if outcome == "failed" or sim.faults.fails_payment():
        return {"outcome": "failed", "code": "payment_failed", "error": "the payment did not go through"}
    _check_payable(sim, person, invoice, said)
    charge = _charge(sim, bot, person, invoice)
    if said is not None:
        said.charge = charge.id
        changed(sim, said)
    return {"outcome": "paid", "charge_id": charge.id}


def _check_payable(sim: Sim, person: Person, invoice: Invoice, said: Message | None) -> None:
    if said is not None and said.charge is not None:
        raise ControlError("this invoice is paid already", 409, code="already_paid")
    if invoice.currency == STARS and person.stars < invoice.amount:
        more = {"need": invoice.amount, "have": person.stars}
        raise ControlError("not enough Stars", 402, code="not_enough_stars", **more)
    if invoice.subscription_period and _running(sim, person, invoice):
        raise ControlError("this subscription is active already", 409, code="already_subscribed")


def _running(sim: Sim, person: Person, invoice: Invoice) -> bool:
    return any(
        charge.person == person.id and charge.bot == invoice.bot and charge.payload == invoice.payload
        and charge.subscription_period and charge.first is None and not charge.ended
        and (charge.expires or 0) > sim.clock.now()
        for charge in sim.world.charges.values()
    )  # fmt: skip


async def _checkout(sim: Sim, bot: Bot, person: Person, invoice: Invoice) -> dict[str, str] | None:
    """Why the payment does not go on, as a code and a sentence, or None when it does."""
    question = sim.questions.ask("pre_checkout", bot.id, person.id)
    query = {
        "id": question.id,
        "from": views.user(person),
        "currency": invoice.currency,
        "total_amount": invoice.amount,
        "invoice_payload": invoice.payload,
    }
    sim.inboxes.tell(bot, "pre_checkout_query", query, lane_of_user(person.id))
    told = await sim.questions.wait(question)
    if told is None:
        return {"code": "bot_silent", "error": "the bot did not answer in time"}
    return None if told["ok"] else {"code": "bot_refused", "error": str(told["error_message"])}


def _charge(sim: Sim, bot: Bot, person: Person, invoice: Invoice, first: Charge | None = None) -> Charge:
    """Move the money, and write the receipt into the private chat."""
    now = sim.clock.seconds()
    charge = Charge(
        f"stx{secrets.token_urlsafe(24)}", bot.id, person.id, invoice.payload, invoice.currency, invoice.amount, now,
        subscription_period=invoice.subscription_period, first=first.id if first else None,
    )  # fmt: skip
    if invoice.currency == STARS:
        person.stars -= invoice.amount
        bot.stars += invoice.amount
    if invoice.subscription_period:
        head = first or charge
        head.expires = (head.expires or now) + invoice.subscription_period
        charge.expires = head.expires
        sim.world.keep(head)
        renew_later(sim, head)
    sim.world.add(charge)
    for thing in (person, bot):
        sim.world.keep(thing)
    _receipt(sim, bot, person, charge, first)
    sim.feed.publish("person", person=person.id)
    return charge


def _receipt(sim: Sim, bot: Bot, person: Person, charge: Charge, first: Charge | None) -> None:
    payment: dict[str, Any] = {
        "currency": charge.currency,
        "total_amount": charge.amount,
        "invoice_payload": charge.payload,
    }
    if charge.expires is not None:
        payment |= {"subscription_expiration_date": charge.expires, "is_recurring": True}
        if first is None:
            payment["is_first_recurring"] = True
    payment["telegram_payment_charge_id"] = charge.id
    payment["provider_payment_charge_id"] = "" if charge.currency == STARS else f"prov_{charge.id[3:15]}"
    _service(sim, bot, person, {"successful_payment": payment})


def _service(sim: Sim, bot: Bot, person: Person, content: dict[str, Any]) -> None:
    where = sim.world.open_private(bot.id, person.id)
    post(sim, where, Message(where.key, 0, 0, content, sender=person.id))


def renew_later(sim: Sim, first: Charge) -> None:
    """When the paid time is over it is paid again, ends quietly if cancelled, or fails for want of Stars."""

    def renew() -> None:
        if first.ended or first.refunded or (first.expires or 0) > sim.clock.now():
            return
        person, bot = sim.world.people[first.person], sim.world.bots[first.bot]
        cancelled = bool(first.canceled_by)
        if cancelled or person.stars < first.amount or sim.faults.fails_payment():
            first.ended = True
            sim.world.keep(first)
            if not cancelled:
                tell_subscription(sim, first, "failed")
            return
        invoice = Invoice(
            "", bot.id, "", "", first.payload, first.currency, first.amount,
            subscription_period=first.subscription_period,
        )  # fmt: skip
        _charge(sim, bot, person, invoice, first)

    sim.timeline.at(first.expires or 0, renew)


def tell_subscription(sim: Sim, first: Charge, state: str) -> None:
    person = sim.world.people[first.person]
    update = {"user": views.user(person), "invoice_payload": first.payload, "state": state}
    sim.inboxes.tell(sim.world.bots[first.bot], "subscription", update, lane_of_user(person.id))


def switch_subscription(sim: Sim, person: Person, first: Charge, *, canceled: bool) -> None:
    """The person cancels, or takes it back while the time runs."""
    if first.ended or (first.expires or 0) <= sim.clock.now():
        raise ControlError("this subscription has ended", 409)
    if not canceled and "bot" in first.canceled_by:
        raise ControlError("the bot has cancelled this subscription", 409)
    if canceled == ("person" in first.canceled_by):
        return
    (first.canceled_by.append if canceled else first.canceled_by.remove)("person")
    sim.world.keep(first)
    tell_subscription(sim, first, "canceled" if canceled else "active")
    sim.feed.publish("person", person=person.id)


def refund(sim: Sim, charge: Charge) -> None:
    """Give a payment back, and write that into the private chat; what it paid for is over."""
    person, bot = sim.world.people[charge.person], sim.world.bots[charge.bot]
    charge.refunded = sim.clock.seconds()
    charge.ended = True
    person.stars += charge.amount
    bot.stars -= charge.amount
    for thing in (charge, person, bot):
        sim.world.keep(thing)
    content = {
        "currency": STARS,
        "total_amount": charge.amount,
        "invoice_payload": charge.payload,
        "telegram_payment_charge_id": charge.id,
    }
    _service(sim, bot, person, {"refunded_payment": content})
    for said in sim.world.messages.get(f"{bot.id}:{person.id}", {}).values():
        if said.charge == charge.id:
            changed(sim, said)
    sim.feed.publish("person", person=person.id)
