"""Votes, payments and doors: what a person decides, and what the bot hears of it."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from .conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

INVOICE = {"title": "Llave", "description": "Abre el diván", "payload": "key:1", "currency": "XTR"}


async def invoiced(stage: Stage, price: int = 100, **more: Any) -> int:
    person = await stage.started(**more)
    await stage.bot.call("sendInvoice", chat_id=person, **INVOICE, prices=[{"label": "Llave", "amount": price}])
    await stage.key("100" if price == 100 else str(price)).click()
    return person


def dialog(stage: Stage) -> Locator:
    return stage.page.get_by_role("dialog")


async def test_a_quiz_shows_the_right_answer_and_why(stage: Stage) -> None:
    person = await stage.started()
    question = {"question": "¿Capital de Francia?", "options": [{"text": "Lyon"}, {"text": "París"}], "type": "quiz"}
    await stage.bot.call(
        "sendPoll", chat_id=person, **question, correct_option_ids=[1], is_anonymous=False, explanation="Desde 987"
    )
    poll = stage.page.locator(".poll")
    await expect(poll.get_by_role("radio")).to_have_count(2)
    await poll.get_by_role("radio", name="Lyon").click()
    assert (await stage.bot.heard("poll_answer"))["option_ids"] == [0]
    await expect(poll.locator(".correct")).to_contain_text("París")
    await expect(poll.locator(".wrong")).to_contain_text("Lyon")
    await expect(poll.get_by_role("radio")).to_have_count(0)
    await expect(stage.toast("Desde 987")).to_be_visible()
    await stage.toast("Desde 987").click()
    await poll.get_by_role("button", name="Explicación").click()
    await expect(stage.toast("Desde 987")).to_be_visible()


async def test_a_poll_of_several_answers_is_sent_at_once_and_can_be_retracted(stage: Stage) -> None:
    person = await stage.started()
    options = [{"text": name} for name in ("Rojo", "Negro", "Verde")]
    await stage.bot.call(
        "sendPoll",
        chat_id=person,
        question="¿Colores?",
        options=options,
        is_anonymous=False,
        allows_multiple_answers=True,
    )
    poll = stage.page.locator(".poll")
    await expect(poll.get_by_role("button", name="Votar")).to_be_disabled()
    for name in ("Rojo", "Verde"):
        await poll.get_by_role("checkbox", name=name).click()
    await poll.get_by_role("button", name="Votar").click()
    assert (await stage.bot.heard("poll_answer"))["option_ids"] == [0, 2]
    await expect(poll.locator(".own")).to_have_count(2)
    await stage.page.locator(".poll-question").click(button="right")
    await stage.page.get_by_role("menuitem", name="Retirar mi voto").click()
    assert (await stage.bot.heard("poll_answer"))["option_ids"] == []
    await expect(poll.get_by_role("checkbox")).to_have_count(3)


async def test_an_invoice_is_paid_with_stars_and_leaves_a_receipt(stage: Stage) -> None:
    person = await invoiced(stage, stars=300)
    await expect(dialog(stage)).to_contain_text("¿Quieres comprar Llave en")
    await dialog(stage).get_by_role("button", name="Confirmar y pagar").click()
    query = await stage.bot.heard("pre_checkout_query")
    await stage.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    paid = (await stage.bot.heard("message"))["successful_payment"]
    await expect(stage.toast("Has pagado")).to_be_visible()
    await expect(dialog(stage)).to_have_count(0)
    await stage.key("Recibo").click()
    await expect(dialog(stage)).to_contain_text(paid["telegram_payment_charge_id"])
    await stage.page.keyboard.press("Escape")
    await stage.page.get_by_role("button", name="Eres Ana").click()
    await expect(stage.page.locator(".me-stars")).to_contain_text("200")
    await stage.page.keyboard.press("Escape")
    charge = paid["telegram_payment_charge_id"]
    await stage.bot.call("refundStarPayment", user_id=person, telegram_payment_charge_id=charge)
    await expect(stage.page.locator(".service", has_text="Se te han devuelto")).to_be_visible()


async def test_a_cancelled_payment_charges_nothing(stage: Stage) -> None:
    person = await invoiced(stage)
    await dialog(stage).get_by_role("button", name="Cancelar").click()
    await expect(stage.toast("Pago cancelado")).to_be_visible()
    people = (await stage.look("state"))["people"]
    assert next(one for one in people if one["id"] == person)["stars"] == 1000
    await expect(stage.key("100")).to_be_focused()


async def test_a_failed_payment_says_so_and_can_be_tried_again(stage: Stage) -> None:
    await invoiced(stage)
    await dialog(stage).get_by_role("button", name="que falle el pago").click()
    query = await stage.bot.heard("pre_checkout_query")
    await stage.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    await expect(dialog(stage).get_by_role("alert")).to_contain_text("ha fallado")
    await dialog(stage).get_by_role("button", name="Confirmar y pagar").click()
    query = await stage.bot.heard("pre_checkout_query")
    refusal = "Ya no queda ninguna"
    await stage.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=False, error_message=refusal)
    await expect(dialog(stage).get_by_role("alert")).to_contain_text(refusal)


async def test_too_few_stars_are_topped_up_on_the_spot(stage: Stage) -> None:
    stage.may_be_refused = True
    await invoiced(stage, stars=30)
    await dialog(stage).get_by_role("button", name="Confirmar y pagar").click()
    await expect(dialog(stage).get_by_role("alert")).to_contain_text("Te faltan ⭐️ 70")
    await dialog(stage).get_by_role("button", name="Conseguir estrellas").click()
    await stage.page.get_by_role("button", name="+100 gratis").click()
    await expect(stage.page.locator(".pay .balance")).to_contain_text("130")


async def test_a_subscription_is_paid_by_its_link_and_its_renewal_cancelled(stage: Stage) -> None:
    person = await stage.started()
    wanted = {**INVOICE, "prices": [{"label": "VIP", "amount": 50}], "subscription_period": 2592000}
    link = await stage.bot.call("createInvoiceLink", **wanted)
    await stage.bot.send(person, f'<a href="{link}">VIP</a>', parse_mode="HTML")
    await stage.bubble("VIP").get_by_role("link").click()
    await dialog(stage).get_by_role("button", name="Suscribirme por").click()
    query = await stage.bot.heard("pre_checkout_query")
    await stage.bot.call("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
    assert (await stage.bot.heard("message"))["successful_payment"]["is_first_recurring"]
    await stage.page.get_by_role("button", name="Suscripción pagada").click()
    await dialog(stage).get_by_role("button", name="Cancelar la renovación").click()
    assert (await stage.bot.heard("subscription"))["state"] == "canceled"
    await expect(stage.toast("No se renovará")).to_be_visible()


async def test_a_join_request_is_sent_by_one_person_and_approved_by_another(stage: Stage) -> None:
    vip = await stage.public("channel", vip=True)
    owner = (await stage.look("state"))["people"][0]
    person = await stage.started()
    made = await stage.bot.call("createChatInviteLink", chat_id=vip["id"], creates_join_request=True)
    await stage.bot.send(person, f"Entra: {made['invite_link']}")
    await stage.bubble("Entra").get_by_role("link").click()
    await expect(dialog(stage)).to_contain_text(vip["title"])
    await dialog(stage).get_by_role("button", name="Pedir acceso").click()
    assert (await stage.bot.heard("chat_join_request"))["from"]["id"] == person
    await expect(stage.toast("Solicitud enviada")).to_be_visible()
    await stage.open(owner["id"], vip["id"])
    await stage.page.get_by_role("button", name="1 solicitud de acceso").click()
    await dialog(stage).get_by_role("button", name="Aceptar").click()
    await expect(stage.page.locator(".requests-bar")).to_have_count(0)
    await stage.open(person, vip["id"])
    await stage.bot.send(vip["id"], "Bienvenida al diván")
    await expect(stage.bubble("Bienvenida al diván")).to_be_visible()


async def test_a_public_channel_is_joined_by_its_button_and_left_by_the_menu(stage: Stage) -> None:
    channel = await stage.public("channel")
    person = await stage.person()
    page = await stage.open(person, channel["id"])
    await page.get_by_role("button", name="Unirme").click()
    await expect(page.get_by_role("button", name="Silenciar")).to_be_visible()
    await page.get_by_role("button", name="Más acciones").click()
    await page.get_by_role("menuitem", name="Salir del canal").click()
    await page.get_by_role("button", name="Salir", exact=True).click()
    await expect(page.get_by_role("button", name="Unirme")).to_be_visible()
