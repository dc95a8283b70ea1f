"""Everybody can use the page: by keyboard alone, on every size, in both themes, with readable contrast."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from .conftest import Stage, staged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1440, 900)}
LEAST_CONTRAST = 4.5

CONTRASTS = Path(__file__).with_name("contrast.js").read_text()


async def furnished(stage: Stage) -> int:
    """A chat with one of everything that has colours of its own."""
    person = await stage.started()
    chat = {"chat_id": person}
    keys = {"inline_keyboard": [[{"text": "Uno", "callback_data": "1"}, {"text": "Web", "url": "https://example.org"}]]}
    text = '<b>Hola</b> <a href="https://example.org">enlace</a> <code>código</code>'
    text += "<blockquote>cita</blockquote><pre>x = 1</pre>"
    await stage.bot.send(person, text, parse_mode="HTML", reply_markup=keys)
    await stage.ask(f"people/{person}/send", {"text": "https://example.org y /start"})
    quiz = {"question": "¿Sí?", "options": [{"text": "Sí"}, {"text": "No"}], "type": "quiz", "correct_option_ids": [0]}
    polled = await stage.bot.call("sendPoll", **chat, **quiz, is_anonymous=False, explanation="Porque sí")
    await stage.ask(
        f"people/{person}/vote", {"message_id": polled["message_id"], "option_ids": [1], "chat_id": stage.bot.id}
    )
    await stage.bot.call("sendPoll", **chat, question="¿Cuál?", options=[{"text": "Esta"}, {"text": "Otra"}])
    prices = [{"label": "Llave", "amount": 100}]
    await stage.bot.call(
        "sendInvoice", **chat, title="Llave", description="Abre", payload="k", currency="XTR", prices=prices
    )
    await stage.bot.call("setMyCommands", commands=[{"command": "start", "description": "Empezar"}])
    channel = await stage.public("channel")
    await stage.ask(f"people/{person}/join", {"chat_id": channel["id"]})
    post = await stage.bot.send(channel["id"], "Noticia")
    await stage.ask(
        f"people/{person}/react", {"chat_id": channel["id"], "message_id": post["message_id"], "emoji": "❤"}
    )
    return person


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_can_be_read_in_this_theme(browser: Browser, theme: str) -> None:
    async with staged(browser, color_scheme=theme, viewport={"width": 1440, "height": 900}) as stage:
        person = await furnished(stage)
        page = stage.page
        poor: list[str] = []

        async def look() -> None:
            poor.extend(await page.evaluate(CONTRASTS, LEAST_CONTRAST))

        await look()
        await page.locator(".tools .tool").last.click()
        await page.locator(".call summary").first.click()
        await look()
        await stage.bubble("Hola").click(button="right")
        await look()
        await page.keyboard.press("Escape")
        await stage.key("100").click()
        await page.wait_for_timeout(250)  # the dialog fades in
        await look()
        await page.keyboard.press("Escape")
        await page.locator("#composer-field").fill("/")
        await look()
        await stage.open(person, (await stage.public("channel"))["id"])
        await stage.bubble("Noticia").wait_for()
        await look()
        assert not poor, "\n".join(sorted(set(poor)))


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_sticks_out_at_this_size(browser: Browser, size: str) -> None:
    width, height = SIZES[size]
    async with staged(browser, viewport={"width": width, "height": height}, has_touch=size == "phone") as stage:
        person = await furnished(stage)
        await stage.bot.send(person, "W" * 300 + " " + "palabra " * 50, reply_markup={
            "inline_keyboard": [[{"text": f"Botón muy largo {n}", "callback_data": str(n)} for n in range(4)]],
        })  # fmt: skip
        await stage.bubble("WWW").wait_for()
        wide = "() => [...document.querySelectorAll('.bubble, .key, .head, .composer, .side')].filter(node =>"
        wide += " node.checkVisibility({visibilityProperty: true}) &&"
        wide += " node.getBoundingClientRect().right > innerWidth + 1).map(node => node.className)"
        assert await stage.page.evaluate(wide) == []
        within = "(node) => node.scrollWidth <= node.clientWidth"
        assert await stage.page.locator(".history").evaluate(within)
        assert stage.complaints == []


async def test_on_a_phone_the_list_and_the_chat_are_two_screens(browser: Browser) -> None:
    async with staged(browser, viewport={"width": 390, "height": 844}, has_touch=True) as stage:
        await stage.started()
        page = stage.page
        await expect(page.locator(".side")).to_be_hidden()
        await page.get_by_role("button", name="Volver a los chats").click()
        await expect(page.locator(".side")).to_be_visible()
        await expect(page.locator(".conversation")).to_have_count(0)
        await page.locator(".chat-row").first.click()
        await expect(page.locator(".conversation")).to_be_visible()
        await page.go_back()
        await expect(page.locator(".side")).to_be_visible()


async def test_everything_is_done_with_the_keyboard_alone(stage: Stage) -> None:
    page, bot = stage.page, stage.bot
    await page.goto(stage.home.url + "/")
    await expect(page.get_by_role("button", name="Iniciar", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    person = (await bot.heard("message"))["chat"]["id"]
    await expect(page.locator("#composer-field")).to_be_focused()
    keys = {"inline_keyboard": [[{"text": "Uno", "callback_data": "1"}, {"text": "Dos", "callback_data": "2"}]]}
    await bot.send(person, "Elige con el teclado", reply_markup=keys)
    await stage.key("Dos").wait_for()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".item", has_text="Elige con el teclado")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(stage.key("Dos")).to_be_focused()
    await page.keyboard.press("Enter")
    query = await bot.heard("callback_query")
    assert query["data"] == "2"
    await bot.call("answerCallbackQuery", callback_query_id=query["id"])
    await expect(stage.key("Dos")).to_be_focused()
    await page.keyboard.press("Shift+F10")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    assert (await bot.heard("message_reaction"))["new_reaction"][0]["emoji"] == "👍"
    await page.keyboard.press("Escape")
    row = page.locator(".chat-row[data-chat]")
    await expect(row.first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".head-title h1")).to_have_text(await row.nth(1).locator(".row-title").inner_text())


async def test_a_new_message_is_announced_to_a_screen_reader(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(
        person, "Te esperan", reply_markup={"inline_keyboard": [[{"text": "Ir", "callback_data": "x"}]]}
    )
    told = stage.page.get_by_role("status").filter(has_text="Te esperan")
    await expect(told).to_have_text(f"{stage.bot.name}: Te esperan. Botones: Ir")
    await expect(stage.page.get_by_role("listitem", name="Te esperan")).to_be_visible()


RUNNING = """document.getAnimations()
    .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().endTime > 1).length"""
"""What lasts no millisecond is seen by nobody."""


async def test_with_reduced_motion_nothing_moves(browser: Browser) -> None:
    async with staged(browser, reduced_motion="reduce") as stage:
        await stage.open(await stage.person())
        await stage.page.locator(".start").wait_for()
        assert await stage.page.evaluate(RUNNING) == 0
        await stage.page.locator(".start").click()
        await stage.bot.send((await stage.bot.heard("message"))["chat"]["id"], "Quieto")
        await stage.bubble("Quieto").wait_for()
        await expect(stage.page.locator(".arriving")).to_have_count(0)


async def test_with_motion_messages_glide_in_and_out(browser: Browser) -> None:
    async with staged(browser, reduced_motion="no-preference") as stage:
        await stage.open(await stage.person())
        await stage.page.locator(".start").wait_for()
        assert await stage.page.evaluate(RUNNING) > 0
        await stage.page.locator(".start").click()
        person = (await stage.bot.heard("message"))["chat"]["id"]
        sent = await stage.bot.send(person, "Me iré")
        await stage.bubble("Me iré").wait_for()
        await stage.bot.call("deleteMessage", chat_id=person, message_id=sent["message_id"])
        await expect(stage.page.locator(".item .bubble", has_text="Me iré")).to_have_count(0)
        assert stage.complaints == []
