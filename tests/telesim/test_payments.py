"""Stars: invoices, the ten seconds before a payment, subscriptions, refunds, transactions."""

import asyncio
from typing import Any

import pytest

from tests.telesim.home import ALEX, LUCIA, TALK, Answer, Home

Object = dict[str, Any]
MONTH = 2_592_000
GOOD: Object = {
    "title": "VIP",
    "description": "A month",
    "payload": "vip:1",
    "currency": "XTR",
    "prices": [{"label": "VIP", "amount": 250}],
}


async def agree(sim: Home, **answer: Any) -> Object:
    """The bot answers the question that comes before a payment."""
    query: Object = await sim.next_update("pre_checkout_query")
    given = {"ok": True} | answer
    assert await sim.ok("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], **given) is True
    return query


async def paying(sim: Home, **what: Any) -> "asyncio.Task[Answer]":
    given = {"outcome": "paid"} | what
    return asyncio.create_task(sim.control("POST", f"people/{LUCIA}/pay", given))


async def bought(sim: Home, **what: Any) -> str:
    """Pay and agree; the charge id."""
    payment = await paying(sim, **what)
    await agree(sim)
    answer = await payment
    assert answer.body["outcome"] == "paid", answer
    return str(answer.body["charge_id"])


async def stars(sim: Home) -> int:
    state = (await sim.control("GET", "state")).body
    return next(int(person["stars"]) for person in state["people"] if person["id"] == LUCIA)


async def test_an_invoice_is_paid_after_the_bot_agreed(chat: Home) -> None:
    sent = await chat.ok("sendInvoice", chat_id=LUCIA, **GOOD, provider_token="")
    assert sent["invoice"]["total_amount"] == 250
    assert sent["reply_markup"]["inline_keyboard"][0][0]["pay"] is True
    payment = await paying(chat, message_id=sent["message_id"])
    query = await agree(chat)
    assert (query["currency"], query["total_amount"], query["invoice_payload"]) == ("XTR", 250, "vip:1")
    charge = (await payment).body["charge_id"]
    message = await chat.next_update("message")
    paid = message["successful_payment"]
    assert paid == {
        "currency": "XTR", "total_amount": 250, "invoice_payload": "vip:1",
        "telegram_payment_charge_id": charge, "provider_payment_charge_id": "",
    }  # fmt: skip
    assert await stars(chat) == 750
    assert await chat.ok("getMyStarBalance") == {"amount": 250}
    shown = next(one for one in await chat.messages(LUCIA) if one["message_id"] == sent["message_id"])
    assert shown["sim"]["invoice"]["state"] == "paid"
    again = await chat.control("POST", f"people/{LUCIA}/pay", {"message_id": sent["message_id"], "outcome": "paid"})
    assert (again.status, again.body["code"]) == (409, "already_paid")


async def test_a_pay_button_that_the_bot_does_not_name_speaks_the_persons_language(chat: Home) -> None:
    await chat.says(ALEX, "hello")
    for person, label in ((LUCIA, "Pagar ⭐️250"), (ALEX, "Pay ⭐️250"), (TALK, "Pay ⭐️250")):
        sent = await chat.ok("sendInvoice", chat_id=person, **GOOD)
        assert sent["reply_markup"]["inline_keyboard"] == [[{"text": label, "pay": True}]]


async def test_a_payment_that_the_bot_refuses_or_misses_costs_nothing(chat: Home) -> None:
    link = await chat.ok("createInvoiceLink", **GOOD)
    payment = await paying(chat, invoice_link=link)
    await agree(chat, ok=False, error_message="Sold out")
    assert (await payment).body == {"outcome": "failed", "code": "bot_refused", "error": "Sold out"}
    late = await paying(chat, invoice_link=link)
    query = await chat.next_update("pre_checkout_query")
    chat.hands.tick(10.1)
    assert (await late).body["code"] == "bot_silent"
    assert await chat.refused("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True) == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )
    assert await stars(chat) == 1000


async def test_the_bot_has_ten_seconds_and_the_refusal_needs_words(chat: Home) -> None:
    payment = await paying(chat, invoice_link=await chat.ok("createInvoiceLink", **GOOD))
    query = await chat.next_update("pre_checkout_query")
    chat.hands.tick(9.9)
    place = {"pre_checkout_query_id": query["id"]}
    assert await chat.refused("answerPreCheckoutQuery", **place, ok=False) == (
        "Bad Request: error message must be non-empty"
    )
    await chat.ok("answerPreCheckoutQuery", **place, ok=True)
    assert (await payment).body["outcome"] == "paid"


async def test_a_person_may_cancel_or_be_too_poor_and_payments_may_fail(chat: Home) -> None:
    link = await chat.ok("createInvoiceLink", **GOOD)
    assert (await (await paying(chat, invoice_link=link, outcome="cancelled"))).body == {"outcome": "cancelled"}
    assert await chat.updates() == []
    failed = await paying(chat, invoice_link=link, outcome="failed")
    await agree(chat)
    assert (await failed).body["code"] == "payment_failed"
    await chat.control("POST", "faults", {"kind": "payment_failed"})
    failed = await paying(chat, invoice_link=link)
    await agree(chat)
    assert (await failed).body["outcome"] == "failed"
    await chat.control("PATCH", f"people/{LUCIA}", {"stars": 10})
    poor = await (await paying(chat, invoice_link=link))
    assert (poor.status, poor.body["need"], poor.body["have"]) == (402, 250, 10)
    assert poor.body["code"] == "not_enough_stars"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": "x" * 33}, "INVOICE_TITLE_TOO_LONG"),
        ({"title": ""}, "PRODUCT_TITLE_EMPTY"),
        ({"description": "x" * 256}, "INVOICE_DESCRIPTION_TOO_LONG"),
        ({"payload": "ж" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"payload": ""}, "INVOICE_PAYLOAD_INVALID"),
        ({"currency": "XXX"}, "CURRENCY_INVALID"),
        ({"prices": []}, "prices are empty"),
        ({"prices": [{"label": "a", "amount": 1}] * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"provider_token": "x"}, "PAYMENT_PROVIDER_INVALID"),
        ({"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
        ({"subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"),
        ({"subscription_period": MONTH, "prices": [{"label": "a", "amount": 10_001}]}, "STARS_AMOUNT_INVALID"),
    ],
)
async def test_invoices_have_limits(chat: Home, wrong: Object, error: str) -> None:
    assert await chat.refused("createInvoiceLink", **(GOOD | wrong)) == f"Bad Request: {error}"


async def test_a_subscription_comes_by_link_only(chat: Home) -> None:
    assert await chat.refused("sendInvoice", chat_id=LUCIA, **GOOD, subscription_period=MONTH) == (
        'Bad Request: unknown parameter "subscription_period"'
    )


async def test_other_money_goes_through_a_provider(chat: Home) -> None:
    euros = GOOD | {"currency": "EUR", "provider_token": "p", "prices": [{"label": "a", "amount": 100}] * 2}
    await bought(chat, invoice_link=await chat.ok("createInvoiceLink", **euros))
    paid = (await chat.next_update("message"))["successful_payment"]
    assert (paid["total_amount"], paid["provider_payment_charge_id"] != "") == (200, True)
    assert await stars(chat) == 1000
    assert (await chat.ok("getStarTransactions"))["transactions"] == []


async def subscribe(sim: Home) -> str:
    link = await sim.ok("createInvoiceLink", **GOOD, subscription_period=MONTH)
    return await bought(sim, invoice_link=link)


async def test_a_subscription_renews_itself_when_the_clock_moves(chat: Home) -> None:
    first = await subscribe(chat)
    paid = (await chat.next_update("message"))["successful_payment"]
    assert (paid["is_recurring"], paid["is_first_recurring"]) == (True, True)
    ends = paid["subscription_expiration_date"]
    assert ends == int(chat.clock.now()) + MONTH
    await chat.control("POST", "clock", {"advance_seconds": MONTH + 1})
    renewed = (await chat.next_update("message"))["successful_payment"]
    assert "is_first_recurring" not in renewed
    assert renewed["subscription_expiration_date"] == ends + MONTH
    assert renewed["telegram_payment_charge_id"] != first
    assert await stars(chat) == 500
    assert await chat.updates() == []


async def test_a_subscription_without_stars_fails_and_says_so(chat: Home) -> None:
    await subscribe(chat)
    await chat.updates()
    await chat.control("PATCH", f"people/{LUCIA}", {"stars": 0})
    await chat.control("POST", "clock", {"advance_seconds": MONTH + 1})
    failed = await chat.update("subscription")
    assert (failed["state"], failed["invoice_payload"], failed["user"]["id"]) == ("failed", "vip:1", LUCIA)


async def test_a_person_cancels_and_takes_it_back(chat: Home) -> None:
    charge = await subscribe(chat)
    await chat.updates()
    for canceled, state in ((True, "canceled"), (False, "active"), (True, "canceled")):
        await chat.act(LUCIA, "subscription", charge_id=charge, canceled=canceled)
        assert (await chat.update("subscription"))["state"] == state
    await chat.control("POST", "clock", {"advance_seconds": MONTH + 1})
    assert await chat.updates() == []
    assert await stars(chat) == 750
    late = await chat.control("POST", f"people/{LUCIA}/subscription", {"charge_id": charge, "canceled": False})
    assert late.status == 409


async def test_the_bot_stops_a_renewal_and_only_lets_the_person_start_it_again(chat: Home) -> None:
    charge = await subscribe(chat)
    await chat.updates()
    place = {"user_id": LUCIA, "telegram_payment_charge_id": charge}
    await chat.ok("editUserStarSubscription", **place, is_canceled=True)
    refused = await chat.control("POST", f"people/{LUCIA}/subscription", {"charge_id": charge, "canceled": False})
    assert refused.status == 409
    await chat.ok("editUserStarSubscription", **place, is_canceled=False)
    await chat.act(LUCIA, "subscription", charge_id=charge, canceled=False)
    assert (await chat.update("subscription"))["state"] == "active"
    await chat.control("POST", "clock", {"advance_seconds": MONTH + 1})
    assert "successful_payment" in await chat.update("message")


async def test_only_the_first_payment_names_a_subscription(chat: Home) -> None:
    await subscribe(chat)
    await chat.control("POST", "clock", {"advance_seconds": MONTH + 1})
    renewal = (await chat.updates())[-1]["message"]["successful_payment"]["telegram_payment_charge_id"]
    assert (
        await chat.refused(
            "editUserStarSubscription", user_id=LUCIA, telegram_payment_charge_id=renewal, is_canceled=True
        )
        == "Bad Request: CHARGE_ID_INVALID"
    )


async def test_a_refund_gives_back_once_and_shows_in_the_transactions(chat: Home) -> None:
    charge = await bought(chat, invoice_link=await chat.ok("createInvoiceLink", **GOOD))
    await chat.updates()
    place = {"user_id": LUCIA, "telegram_payment_charge_id": charge}
    assert await chat.ok("refundStarPayment", **place) is True
    message = await chat.update("message")
    assert message["refunded_payment"]["telegram_payment_charge_id"] == charge
    assert await stars(chat) == 1000
    assert await chat.refused("refundStarPayment", **place) == "Bad Request: CHARGE_ALREADY_REFUNDED"
    paid, back = (await chat.ok("getStarTransactions"))["transactions"]
    assert paid["id"] == back["id"] == charge
    assert paid["source"]["invoice_payload"] == "vip:1"
    assert "receiver" in back
    assert (await chat.ok("getStarTransactions", offset=1, limit=500))["transactions"] == [back]
    assert await chat.refused("refundStarPayment", user_id=LUCIA, telegram_payment_charge_id="x") == (
        "Bad Request: CHARGE_ID_INVALID"
    )


async def test_invoices_are_not_copied_and_shipping_is_not_asked(chat: Home) -> None:
    sent = await chat.ok("sendInvoice", chat_id=LUCIA, **GOOD)
    assert await chat.refused("copyMessage", chat_id=LUCIA, from_chat_id=LUCIA, message_id=sent["message_id"]) == (
        "Bad Request: message can't be copied"
    )
    assert "too old" in await chat.refused("answerShippingQuery", shipping_query_id="1", ok=True, shipping_options=[])


async def test_an_invoice_link_can_be_looked_at(chat: Home) -> None:
    link = await chat.ok("createInvoiceLink", **GOOD, subscription_period=MONTH)
    shown = (await chat.control("GET", f"invoice/{link.rpartition('$')[2]}")).body
    assert (shown["title"], shown["total_amount"], shown["subscription_period"]) == ("VIP", 250, MONTH)
    assert (await chat.control("GET", "invoice/nothing")).status == 404
