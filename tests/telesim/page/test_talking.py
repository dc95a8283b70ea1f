"""A person talks with a bot: starts, presses, reads what changes."""

import pytest
from playwright.async_api import expect

from .conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_newcomer_presses_start_and_is_answered(stage: Stage) -> None:
    page, bot = stage.page, stage.bot
    await page.goto(stage.home.url + "/")
    start = page.get_by_role("button", name="Iniciar", exact=True)
    await expect(start).to_be_focused()
    await expect(page.locator(".hint-card")).to_contain_text("Pulsa INICIAR")
    await start.click()
    asked = await bot.heard("message")
    assert asked["text"] == "/start"
    await bot.send(asked["chat"]["id"], "Hola, <b>Diana</b> &amp; <i>co</i>", parse_mode="HTML")
    await expect(stage.bubble("Hola").locator("strong")).to_have_text("Diana")
    await expect(page.locator(".hint-card")).to_have_count(0)
    await expect(page.locator(".message.mine")).to_contain_text("/start")


async def test_a_deep_link_in_the_address_waits_behind_start(stage: Stage) -> None:
    person = await stage.person()
    await stage.page.goto(f"{stage.home.url}/?start=gift_7#/{person}")
    await stage.page.get_by_role("button", name="Iniciar", exact=True).click()
    assert (await stage.bot.heard("message"))["text"] == "/start gift_7"


async def test_a_link_to_the_bot_in_a_message_opens_inside_the_page(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(
        person, f'<a href="https://t.me/{stage.bot.username}?start=secret">aquí</a>', parse_mode="HTML"
    )
    await stage.bubble("aquí").get_by_role("link").click()
    await stage.page.get_by_role("button", name="Iniciar", exact=True).click()
    assert (await stage.bot.heard("message"))["text"] == "/start secret"
    await expect(stage.page.locator("#composer-field")).to_be_visible()


async def test_the_commands_are_offered_by_the_button_and_while_typing(stage: Stage) -> None:
    commands = [{"command": "historia", "description": "Seguir"}, {"command": "tienda", "description": "Comprar"}]
    await stage.bot.call("setMyCommands", commands=commands)
    await stage.started()
    options = stage.page.get_by_role("option")
    await stage.page.get_by_role("button", name="Órdenes del bot").click()
    await expect(options).to_have_count(2)
    await stage.page.locator("#composer-field").fill("/t")
    await expect(options).to_have_count(1)
    await stage.page.keyboard.press("Enter")
    assert (await stage.bot.heard("message"))["text"] == "/tienda"
    await expect(options).to_have_count(0)


async def test_a_button_waits_for_its_answer_and_shows_it_as_a_toast(stage: Stage) -> None:
    person = await stage.started()
    keys = {"inline_keyboard": [[{"text": "Besitos", "callback_data": "b"}, {"text": "Otra", "callback_data": "o"}]]}
    await stage.bot.send(person, "Elige", reply_markup=keys)
    await stage.key("Besitos").click()
    query = await stage.bot.heard("callback_query")
    assert query["data"] == "b"
    await expect(stage.key("Besitos")).to_have_attribute("aria-busy", "true")
    await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Tienes 120")
    await expect(stage.toast("Tienes 120")).to_be_visible()
    await expect(stage.key("Besitos")).not_to_have_attribute("aria-busy", "true")


async def test_an_alert_is_read_and_closed(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(person, "Elige", reply_markup={"inline_keyboard": [[{"text": "Oye", "callback_data": "x"}]]})
    await stage.key("Oye").click()
    query = await stage.bot.heard("callback_query")
    await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"], text="¡Cuidado!", show_alert=True)
    alert = stage.page.get_by_role("alertdialog")
    await expect(alert).to_contain_text("¡Cuidado!")
    await stage.page.keyboard.press("Enter")
    await expect(alert).to_have_count(0)
    await expect(stage.key("Oye")).to_be_focused()


async def test_an_edit_changes_the_bubble_and_keeps_the_focus_on_its_keyboard(stage: Stage) -> None:
    person = await stage.started()
    page_of = {n: {"inline_keyboard": [[{"text": f"Página {n}", "callback_data": str(n)}]]} for n in (1, 2)}
    sent = await stage.bot.send(person, "Primera", reply_markup=page_of[1])
    await stage.key("Página 1").focus()
    await stage.page.keyboard.press("Enter")
    query = await stage.bot.heard("callback_query")
    where = {"chat_id": person, "message_id": sent["message_id"]}
    await stage.bot.call("editMessageText", **where, text="Segunda", reply_markup=page_of[2])
    await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"])
    await expect(stage.key("Página 2")).to_be_focused()
    assert await stage.words() == ["/start", "Segunda"]


async def test_a_deleted_message_leaves(stage: Stage) -> None:
    person = await stage.started()
    sent = await stage.bot.send(person, "Me iré")
    await expect(stage.bubble("Me iré")).to_be_visible()
    await stage.bot.call("deleteMessage", chat_id=person, message_id=sent["message_id"])
    await expect(stage.page.locator(".item .bubble", has_text="Me iré")).to_have_count(0)


async def test_the_reply_keyboard_writes_what_its_key_says(stage: Stage) -> None:
    person = await stage.started()
    keys = {"keyboard": [[{"text": "📖 Historia"}], [{"text": "💋 Besitos"}]], "resize_keyboard": True}
    await stage.bot.send(person, "¿Qué hacemos?", reply_markup=keys)
    await stage.page.get_by_role("button", name="💋 Besitos").click()
    assert (await stage.bot.heard("message"))["text"] == "💋 Besitos"
    await stage.bot.send(person, "Fuera", reply_markup={"remove_keyboard": True})
    await expect(stage.page.locator(".reply-keyboard")).to_have_count(0)


async def test_typing_is_seen_until_the_message_comes(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.call("sendChatAction", chat_id=person, action="typing")
    status = stage.page.locator(".head-status")
    await expect(status).to_contain_text("escribiendo")
    await stage.bot.send(person, "Ya")
    await expect(status).to_have_text("bot")


async def test_a_double_tap_is_a_heart_that_the_bot_hears_and_a_second_one_takes_it_back(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(person, "¿Te gusta?")
    await stage.bubble("¿Te gusta?").dblclick()
    heard = await stage.bot.heard("message_reaction")
    assert [reaction["emoji"] for reaction in heard["new_reaction"]] == ["❤"]
    heart = stage.page.get_by_role("button", name="❤")
    await expect(heart).to_have_attribute("aria-pressed", "true")
    await heart.click()
    assert (await stage.bot.heard("message_reaction"))["new_reaction"] == []
    await expect(heart).to_have_count(0)


async def test_replying_editing_and_deleting_by_the_menu_of_a_message(stage: Stage) -> None:
    person = await stage.started()
    question = await stage.bot.send(person, "¿Cómo te llamas?")
    page = stage.page

    async def choose(bubble: str, act: str) -> None:
        await stage.bubble(bubble).click(button="right")
        await page.get_by_role("menuitem", name=act).click()

    await choose("¿Cómo te llamas?", "Responder")
    await page.keyboard.type("Anna")
    await page.keyboard.press("Enter")
    answer = await stage.bot.heard("message")
    assert answer["reply_to_message"]["message_id"] == question["message_id"]
    await expect(stage.bubble("Anna").locator(".replied")).to_contain_text("¿Cómo te llamas?")
    await choose("Anna", "Editar")
    await page.locator("#composer-field").fill("Ana")
    await page.keyboard.press("Enter")
    assert (await stage.bot.heard("edited_message"))["text"] == "Ana"
    await expect(page.locator(".edited")).to_have_count(1)
    await choose("Ana", "Eliminar")
    await page.get_by_role("button", name="Eliminar").click()
    await expect(page.locator(".item:not(.going) .words")).to_have_text(["/start", "¿Cómo te llamas?"])


async def test_a_question_that_wants_a_reply_gets_one(stage: Stage) -> None:
    person = await stage.started()
    asked = await stage.bot.send(person, "¿Tu nombre?", reply_markup={"force_reply": True})
    await expect(stage.page.locator(".about")).to_contain_text("¿Tu nombre?")
    await stage.page.keyboard.type("Ana")
    await stage.page.keyboard.press("Enter")
    assert (await stage.bot.heard("message"))["reply_to_message"]["message_id"] == asked["message_id"]


async def test_a_blocked_bot_is_silent_until_it_is_unblocked(stage: Stage) -> None:
    await stage.started()
    page = stage.page
    await page.get_by_role("button", name="Más acciones").click()
    await page.get_by_role("menuitem", name="Bloquear el bot").click()
    assert (await stage.bot.heard("my_chat_member"))["new_chat_member"]["status"] == "kicked"
    await expect(page.locator("#composer-field")).to_have_count(0)
    await page.get_by_role("button", name="Desbloquear").click()
    assert (await stage.bot.heard("my_chat_member"))["new_chat_member"]["status"] == "member"
    assert (await stage.bot.heard("message"))["text"] == "/start"
    await expect(page.locator("#composer-field")).to_be_visible()
