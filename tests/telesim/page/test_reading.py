"""What a bot or a channel sends is shown as Telegram shows it."""

import struct
import zlib

import pytest
from playwright.async_api import expect

from .conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror=alert(1)><b>Eva</b>"


def png(width: int, height: int) -> bytes:
    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + bytes((200, 60, y * 255 // height)) * width for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


async def test_every_kind_of_formatting_is_drawn(stage: Stage) -> None:
    person = await stage.started()
    text = (
        "👩‍👩‍👧 <b>negrita <i>y cursiva</i></b> <u>raya</u> <s>tachado</s> <code>código</code>"
        '<pre><code class="language-python">x = 1</code></pre>'
        "<blockquote expandable>" + "larga " * 40 + "</blockquote>"
        f'<a href="https://example.org/">fuera</a> <a href="tg://user?id={person}">tú</a> '
        "<tg-spoiler>oculto</tg-spoiler>"
    )
    await stage.bot.send(person, text, parse_mode="HTML")
    bubble = stage.bubble("negrita")
    for tag, words in {
        "strong": "negrita y cursiva",
        "em": "y cursiva",
        "u": "raya",
        "s": "tachado",
        "pre code": "x = 1",
    }.items():
        await expect(bubble.locator(tag)).to_have_text(words)
    await expect(bubble.locator(".pre-language")).to_have_text("python")
    await expect(bubble.get_by_role("link", name="fuera")).to_have_attribute("href", "https://example.org/")
    await expect(bubble.get_by_role("button", name="tú")).to_be_visible()
    quote = bubble.get_by_role("button", name="Ver más")
    await quote.click()
    await expect(bubble.get_by_role("button", name="Ver menos")).to_have_attribute("aria-expanded", "true")
    await expect(bubble.get_by_text("oculto")).to_be_hidden()
    await bubble.locator(".spoiler").click()
    await expect(bubble.get_by_text("oculto")).to_be_visible()


async def test_markup_in_names_and_texts_is_only_text(stage: Stage) -> None:
    person = await stage.started(HOSTILE)
    await stage.bot.send(person, HOSTILE, reply_markup={"inline_keyboard": [[{"text": HOSTILE, "callback_data": "x"}]]})
    await stage.bot.call("setChatTitle", chat_id=(await stage.public("channel"))["id"], title=HOSTILE)
    await expect(stage.page.locator(".row-title", has_text=HOSTILE)).to_be_visible()
    await expect(stage.key(HOSTILE)).to_be_visible()
    await stage.page.locator(".me-button").click()
    await expect(stage.page.locator(".me-name")).to_contain_text(HOSTILE)
    assert await stage.page.locator("img").count() == 0


async def test_photos_albums_and_files_are_shown(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.upload("sendPhoto", {"photo": ("a.png", png(60, 40))}, chat_id=person, caption="Una foto")
    photo = stage.bubble("Una foto").locator("img")
    await expect(photo).to_have_js_property("naturalWidth", 60)
    media = '[{"type":"photo","media":"attach://a","caption":"Tres"},{"type":"photo","media":"attach://b"},{"type":"photo","media":"attach://c"}]'
    files = {name: (f"{name}.png", png(50 + n, 40)) for n, name in enumerate("abc")}
    await stage.bot.upload("sendMediaGroup", files, chat_id=person, media=media)
    await expect(stage.bubble("Tres").locator(".album img")).to_have_count(3)
    await stage.bot.upload("sendDocument", {"document": ("carta.pdf", b"%PDF-1.4")}, chat_id=person)
    await expect(stage.page.locator(".file-name")).to_have_text("carta.pdf")
    await stage.bubble("Una foto").get_by_role("button").click()
    await expect(stage.page.locator(".viewer img")).to_be_visible()
    await stage.page.keyboard.press("Escape")
    await expect(stage.page.locator(".viewer")).to_have_count(0)


async def test_a_person_sends_a_photo_and_a_file(stage: Stage) -> None:
    await stage.started()
    chooser = stage.page.locator("input[type=file]")
    await chooser.set_input_files({"name": "yo.png", "mimeType": "image/png", "buffer": png(30, 30)})
    assert (await stage.bot.heard("message"))["photo"]
    await chooser.set_input_files({"name": "nota.txt", "mimeType": "text/plain", "buffer": b"hola"})
    assert (await stage.bot.heard("message"))["document"]["file_name"] == "nota.txt"
    await expect(stage.page.locator(".message.mine .file-name")).to_have_text("nota.txt")
    await expect(stage.page.locator(".message.mine img")).to_have_js_property("naturalWidth", 30)


async def test_a_protected_message_can_neither_be_copied_nor_forwarded(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(person, "Secreto", protect_content=True)
    bubble = stage.bubble("Secreto")
    await expect(bubble.get_by_title("contenido protegido").or_(bubble.locator(".icon-lock"))).to_be_visible()
    await bubble.locator(".words").dblclick(position={"x": 20, "y": 8})
    assert await stage.page.evaluate("String(getSelection())") == ""
    await bubble.click(button="right")
    labels = await stage.page.get_by_role("menuitem").all_inner_texts()
    assert not {"Copiar texto", "Reenviar"} & set(labels)
    assert any("protegido" in label for label in labels)
    await stage.page.keyboard.press("Escape")
    chosen = await stage.page.evaluate("document.execCommand('selectAll') && String(getSelection())")
    assert "/start" in chosen
    assert "Secreto" not in chosen


async def test_a_message_is_forwarded_to_another_chat(stage: Stage) -> None:
    group = await stage.public("supergroup")
    person = await stage.person()
    await stage.ask(f"people/{person}/join", {"chat_id": group["id"]})
    await stage.ask(f"people/{person}/send", {"text": "/start"})
    await stage.open(person)
    await stage.bot.send(person, "Pásalo")
    await stage.bubble("Pásalo").click(button="right")
    await stage.page.get_by_role("menuitem", name="Reenviar").click()
    await stage.page.get_by_role("dialog").get_by_role("button", name=group["title"]).click()
    await expect(stage.bubble("Pásalo").locator(".forwarded")).to_contain_text(stage.bot.name)
    await expect(stage.page.locator(".conversation")).to_have_attribute("data-chat", str(group["id"]))


async def test_a_channel_post_shows_its_views_and_counts_as_unread(stage: Stage) -> None:
    channel = await stage.public("channel")
    person = await stage.person()
    await stage.ask(f"people/{person}/join", {"chat_id": channel["id"]})
    await stage.ask(f"people/{person}/send", {"text": "/start"})
    await stage.open(person)
    await stage.bot.send(channel["id"], "Esta noche")
    row = stage.page.locator(f'.chat-row[data-chat="{channel["id"]}"]')
    await expect(row.locator(".badge")).to_have_text("1")
    await expect(row).to_contain_text("Esta noche")
    await row.click()
    await expect(stage.bubble("Esta noche").locator(".views")).to_be_visible()
    await expect(row.locator(".badge")).to_have_count(0)


async def test_a_long_history_comes_page_by_page_and_keeps_what_is_being_read(stage: Stage) -> None:
    await stage.well_read([f"número {n}" for n in range(95)])
    await expect(stage.bubble("número 94")).to_be_in_viewport()
    assert await stage.page.locator(".item .bubble").count() <= 80
    for n in (50, 20, 0):
        await stage.page.evaluate("document.querySelector('.history').scrollTop = 0")
        await expect(stage.page.get_by_text(f"número {n}", exact=True)).to_be_attached()
    shown = await stage.words()
    assert shown == ["/start", *[f"número {n}" for n in range(95)]]
    await stage.page.get_by_role("button", name="Ir al final").click()
    await expect(stage.bubble("número 94")).to_be_in_viewport()
