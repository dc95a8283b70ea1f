"""Invoices, payments and subscriptions."""

import secrets
from typing import Annotated, Any

from pydantic import Field

from telesim import views
from telesim.acts.paying import STARS, refund
from telesim.errors import bad_request
from telesim.methods.method import Caller, Method
from telesim.methods.params import TOO_OLD, Decoded, Given, Integer, Params, clamped
from telesim.methods.places import writable_chat
from telesim.methods.sending import Sending, put
from telesim.world.chats import Chat
from telesim.world.messages import Charge, Invoice

MONTH = 2_592_000
HIGHEST_SUBSCRIPTION = 10_000
CURRENCIES = frozenset({STARS, "USD", "EUR", "GBP", "MXN", "ARS", "COP", "CLP", "PEN", "BRL", "RUB", "UAH"})


class Price(Given):
    label: str
    amount: Integer


class InvoiceParams(Given):
    """What both ways of making an invoice share."""

    title: str
    description: str
    payload: str
    currency: str
    prices: Annotated[list[Price], Decoded]
    provider_token: str = ""
    max_tip_amount: Integer | None = None
    suggested_tip_amounts: Annotated[list[Integer], Decoded, Field(max_length=4)] | None = None
    provider_data: str | None = None
    photo_url: str | None = None
    photo_size: Integer | None = None
    photo_width: Integer | None = None
    photo_height: Integer | None = None
    need_name: bool | None = None
    need_phone_number: bool | None = None
    need_email: bool | None = None
    need_shipping_address: bool | None = None
    send_phone_number_to_provider: bool | None = None
    send_email_to_provider: bool | None = None
    is_flexible: bool = False


class SendInvoice(InvoiceParams, Sending):
    start_parameter: str = ""


class CreateLink(InvoiceParams, Params):
    business_connection_id: str | None = None
    subscription_period: Integer | None = None


class AnswerCheckout(Params):
    pre_checkout_query_id: str
    ok: bool
    error_message: str = ""


class AnswerShipping(Params):
    shipping_query_id: str
    ok: bool
    shipping_options: Annotated[list[dict[str, Any]], Decoded] | None = None
    error_message: str = ""


class Refund(Params):
    user_id: Integer
    telegram_payment_charge_id: str


class Transactions(Params):
    offset: Annotated[int, clamped(0, 2**31)] = 0
    limit: Annotated[int, clamped(1, 100)] = 100


class EditSubscription(Params):
    user_id: Integer
    telegram_payment_charge_id: str
    is_canceled: bool


def _amount(p: InvoiceParams) -> int:
    """What it costs; Stars have one price and no provider, other money the other way round."""
    if p.currency not in CURRENCIES:
        raise bad_request("CURRENCY_INVALID")
    if not p.prices:
        raise bad_request("prices are empty")
    if p.currency == STARS and len(p.prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID")
    if (p.currency == STARS) == bool(p.provider_token):
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    amount = sum(price.amount for price in p.prices)
    if amount < 1:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount


def _invoice(call: Caller, p: InvoiceParams, **more: Any) -> Invoice:
    """The invoice, within all limits."""
    if not 1 <= len(p.title) <= 32:
        raise bad_request("PRODUCT_TITLE_EMPTY" if not p.title else "INVOICE_TITLE_TOO_LONG")
    if not 1 <= len(p.description) <= 255:
        raise bad_request("PRODUCT_DESCRIPTION_EMPTY" if not p.description else "INVOICE_DESCRIPTION_TOO_LONG")
    if not 1 <= len(p.payload.encode()) <= 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    amount = _amount(p)
    invoice = Invoice(
        secrets.token_urlsafe(12), call.bot.id, p.title, p.description, p.payload, p.currency, amount,
        photo_url=p.photo_url, provider_token=p.provider_token, is_flexible=p.is_flexible, **more,
    )  # fmt: skip
    return call.world.add(invoice)


def send_invoice(call: Caller, p: SendInvoice) -> dict[str, Any]:
    where = writable_chat(call, p.chat_id)
    rows = p.reply_markup.inline_keyboard if p.reply_markup else None
    if rows and not (rows[0] and rows[0][0].pay):
        raise bad_request("BUTTON_TYPE_INVALID: the first button must be a pay button")
    invoice = _invoice(call, p, start_parameter=p.start_parameter)
    shown = {
        "title": invoice.title,
        "description": invoice.description,
        "start_parameter": invoice.start_parameter,
        "currency": invoice.currency,
        "total_amount": invoice.amount,
    }
    default = None if rows else {"inline_keyboard": [[{"text": _pay_label(call, where, invoice), "pay": True}]]}
    said = put(call, where, p, {"invoice": shown}, invoice=invoice.slug)
    if default is not None:
        said.markup = default
        call.world.keep(said)
    return views.message(call.world, said, call.bot.id)


def _pay_label(call: Caller, where: Chat, invoice: Invoice) -> str:
    """In the language of the person whose private chat it is."""
    person = call.world.people.get(where.id) if where.type == "private" else None
    verb = "Pagar" if person is not None and person.language_code.startswith("es") else "Pay"
    return f"{verb} {_price(invoice)}"


def _price(invoice: Invoice) -> str:
    return f"⭐️{invoice.amount}" if invoice.currency == STARS else f"{invoice.amount / 100:.2f} {invoice.currency}"


def create_link(call: Caller, p: CreateLink) -> str:
    if p.subscription_period is not None:
        if p.subscription_period != MONTH or p.currency != STARS:
            raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
        if sum(price.amount for price in p.prices) > HIGHEST_SUBSCRIPTION:
            raise bad_request("STARS_AMOUNT_INVALID")
    return _invoice(call, p, subscription_period=p.subscription_period).url


def answer_checkout(call: Caller, p: AnswerCheckout) -> bool:
    if not p.ok and not p.error_message:
        raise bad_request("error message must be non-empty")
    answer = {"ok": p.ok, "error_message": p.error_message}
    if call.sim.questions.answer("pre_checkout", call.bot.id, p.pre_checkout_query_id, answer) is None:
        raise bad_request(TOO_OLD)
    return True


def answer_shipping(_: Caller, __: AnswerShipping) -> None:
    """Nothing is shipped here, so nobody has asked."""
    raise bad_request(TOO_OLD)


def _charge(call: Caller, user_id: int, charge_id: str) -> Charge:
    if user_id not in call.world.people:
        raise bad_request("user not found")
    charge = call.world.charges.get(charge_id)
    if charge is None or charge.person != user_id or charge.bot != call.bot.id or charge.currency != STARS:
        raise bad_request("CHARGE_ID_INVALID" if charge_id else "CHARGE_ID_EMPTY")
    return charge


def refund_payment(call: Caller, p: Refund) -> bool:
    charge = _charge(call, p.user_id, p.telegram_payment_charge_id)
    if charge.refunded is not None:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    if call.bot.stars < charge.amount:
        raise bad_request("BALANCE_TOO_LOW")
    refund(call.sim, charge)
    return True


def transactions(call: Caller, p: Transactions) -> dict[str, Any]:
    """In the order of time; a refund carries the id of the payment that it gives back."""
    rows: list[tuple[int, dict[str, Any]]] = []
    for charge in call.world.charges.values():
        if charge.bot != call.bot.id or charge.currency != STARS:
            continue
        partner: dict[str, Any] = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": views.user_by_id(call.world, charge.person),
            "invoice_payload": charge.payload,
        }
        if charge.subscription_period:
            partner["subscription_period"] = charge.subscription_period
        row = {"id": charge.id, "amount": charge.amount}
        rows.append((charge.date, row | {"date": charge.date, "source": partner}))
        if charge.refunded is not None:
            rows.append((charge.refunded, row | {"date": charge.refunded, "receiver": partner}))
    rows.sort(key=lambda dated: dated[0])
    return {"transactions": [row for _, row in rows[p.offset : p.offset + p.limit]]}


def edit_subscription(call: Caller, p: EditSubscription) -> bool:
    """Stop the renewal; taken back, only the person may start it again."""
    charge = _charge(call, p.user_id, p.telegram_payment_charge_id)
    if not charge.subscription_period or charge.first is not None or charge.ended:
        raise bad_request("SUBSCRIPTION_NOT_ACTIVE" if charge.ended else "CHARGE_ID_INVALID")
    by = set(charge.canceled_by)
    if p.is_canceled:
        by.add("bot")
    elif "bot" in by:
        by = (by - {"bot"}) | {"person"}
    charge.canceled_by = sorted(by)
    call.world.keep(charge)
    return True


def star_balance(call: Caller, _: Params) -> dict[str, int]:
    return {"amount": call.bot.stars}


METHODS = [
    Method("sendInvoice", SendInvoice, send_invoice),
    Method("createInvoiceLink", CreateLink, create_link),
    Method("answerPreCheckoutQuery", AnswerCheckout, answer_checkout),
    Method("answerShippingQuery", AnswerShipping, answer_shipping),
    Method("refundStarPayment", Refund, refund_payment),
    Method("getStarTransactions", Transactions, transactions),
    Method("editUserStarSubscription", EditSubscription, edit_subscription),
    Method("getMyStarBalance", Params, star_balance),
]
