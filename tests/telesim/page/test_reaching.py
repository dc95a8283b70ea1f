"""Everybody can use the page: by keyboard alone, on every size, in both themes, with readable contrast."""

import pytest
from playwright.async_api import Browser, expect

from .conftest import Stage, staged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1440, 900)}
LEAST_CONTRAST = 4.5

# Every visible text against what lies behind it. Half-transparent layers are put over each other; where the
# wallpaper shines through, its worst colour counts. Emoji and disabled things are not text to be read.
CONTRASTS = r"""
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const root = getComputedStyle(document.documentElement);
  const walls = [1, 2, 3, 4].map((n) => parse(root.getPropertyValue(`--wall-${n}`)));
  const backs = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage.includes('gradient') && style.backgroundColor === 'rgba(0, 0, 0, 0)') {
        const stops = style.backgroundImage.match(/rgba?\([^)]*\)/g) ?? [];
        if (stops.length && !at.classList.contains('key')) return stops.map(parse).filter((c) => c[3] === 1);
      }
      const colour = parse(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) return [layers.reduceRight((below, top) => over(top, below))];
      if (at.matches('.conversation, .nothing')) return walls.map((wall) => layers.reduceRight((below, top) => over(top, below), wall));
    }
    return [[255, 255, 255, 1]];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (!/[\p{L}\p{N}]/u.test(text) || node.closest('.sr, :disabled, .spoiler:not(.open), .avatar, svg, noscript, .leaving')) continue;
    if (!node.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const colour = parse(getComputedStyle(node).color);
    const worst = Math.min(...backs(node).map((back) => ratio(over(colour, back), back)));
    if (worst < %s) poor.push(`${worst.toFixed(2)} ${node.className || node.tagName}: ${text.slice(0, 30)}`);
  }
  return poor;
}
""" % LEAST_CONTRAST  # noqa: UP031  # JavaScript is full of braces


async def furnished(stage: Stage) -> int:
    """A chat with one of everything that has colours of its own."""
    person = await stage.started()
    chat = {"chat_id": person}
    keys = {"inline_keyboard": [[{"text": "Uno", "callback_data": "1"}, {"text": "Web", "url": "https://example.org"}]]}
    text = '<b>Hola</b> <a href="https://example.org">enlace</a> <code>código</code><blockquote>cita</blockquote><pre>x = 1</pre>'
    await stage.bot.send(person, text, parse_mode="HTML", reply_markup=keys)
    await stage.ask(f"people/{person}/send", {"text": "https://example.org y /start"})
    quiz = {"question": "¿Sí?", "options": [{"text": "Sí"}, {"text": "No"}], "type": "quiz", "correct_option_ids": [0]}
    polled = await stage.bot.call("sendPoll", **chat, **quiz, is_anonymous=False, explanation="Porque sí")
    await stage.ask(f"people/{person}/vote", {"message_id": polled["message_id"], "option_ids": [1], "chat_id": stage.bot.id})
    await stage.bot.call("sendPoll", **chat, question="¿Cuál?", options=[{"text": "Esta"}, {"text": "Otra"}])
    prices = [{"label": "Llave", "amount": 100}]
    await stage.bot.call("sendInvoice", **chat, title="Llave", description="Abre", payload="k", currency="XTR", prices=prices)
    await stage.bot.call("setMyCommands", commands=[{"command": "start", "description": "Empezar"}])
    channel = await stage.public("channel")
    await stage.ask(f"people/{person}/join", {"chat_id": channel["id"]})
    post = await stage.bot.send(channel["id"], "Noticia")
    await stage.ask(f"people/{person}/react", {"chat_id": channel["id"], "message_id": post["message_id"], "emoji": "❤"})
    return person


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_can_be_read_in_this_theme(browser: Browser, theme: str) -> None:
    async with staged(browser, color_scheme=theme, viewport={"width": 1440, "height": 900}) as stage:
        person = await furnished(stage)
        page = stage.page
        poor: list[str] = []

        async def look() -> None:
            poor.extend(await page.evaluate(CONTRASTS))

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
        assert sorted(set(poor)) == []


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
        assert await stage.page.evaluate("document.querySelector('.history').scrollWidth <= document.querySelector('.history').clientWidth")
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
    await stage.bot.send(person, "Te esperan", reply_markup={"inline_keyboard": [[{"text": "Ir", "callback_data": "x"}]]})
    told = stage.page.get_by_role("status").filter(has_text="Te esperan")
    await expect(told).to_have_text(f"{stage.bot.name}: Te esperan. Botones: Ir")
    await expect(stage.page.get_by_role("listitem", name="Te esperan")).to_be_visible()


async def test_with_reduced_motion_nothing_moves(browser: Browser) -> None:
    async with staged(browser, reduced_motion="reduce") as stage:
        person = await stage.started()
        await stage.bot.send(person, "Quieto")
        await stage.bubble("Quieto").wait_for()
        await expect(stage.page.locator(".arriving")).to_have_count(0)
        longest = "Math.max(0, ...document.getAnimations().map(one => one.effect.getComputedTiming().duration))"
        assert await stage.page.evaluate(longest) <= 1
