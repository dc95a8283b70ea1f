"""Nothing is lost: reload, a lost connection, another person, what was chosen before."""

import pytest
from playwright.async_api import Route, expect

from telesim.app import create, running

from .conftest import Home, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_reload_in_the_middle_keeps_the_place_and_the_draft(stage: Stage) -> None:
    await stage.well_read([f"línea {n}" for n in range(60)])
    await expect(stage.bubble("línea 59")).to_be_in_viewport()
    await stage.page.locator("#composer-field").fill("a medias")
    middle = stage.page.get_by_text("línea 30", exact=True)
    await middle.evaluate("node => node.scrollIntoView()")
    before = await middle.bounding_box()
    await stage.page.reload()
    await expect(middle).to_be_in_viewport()
    after = await middle.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 3
    await expect(stage.page.locator("#composer-field")).to_have_value("a medias")


async def test_after_a_lost_connection_nothing_is_missing_and_nothing_comes_twice(stage: Stage) -> None:
    person = await stage.started()
    await stage.bot.send(person, "antes")
    await expect(stage.bubble("antes")).to_be_visible()
    await stage.home.down()
    await expect(stage.page.locator("#connecting")).to_contain_text("Conectando")
    field = stage.page.locator("#composer-field")
    for text in ("uno", "dos"):
        await field.fill(text)
        await field.press("Enter")
    await expect(stage.page.locator(".pending .icon-clock")).to_have_count(2)
    await stage.home.up()
    await stage.bot.send(person, "durante")
    await expect(stage.page.locator("#connecting")).to_be_hidden()
    assert [(await stage.bot.heard("message"))["text"] for _ in range(2)] == ["uno", "dos"]
    await stage.bot.send(person, "después")
    await expect(stage.bubble("después")).to_be_visible()
    assert sorted(await stage.words()) == sorted(["/start", "antes", "uno", "dos", "durante", "después"])
    kept = await stage.look(f"people/{person}/messages")
    assert [message["text"] for message in kept].count("uno") == 1


async def test_a_simulator_that_began_a_new_world_is_met_anew(stage: Stage) -> None:
    await stage.started()
    await stage.home.down()
    app = create()
    async with running(app):
        anew = Home(app, stage.home.port)
        await anew.up()
        stage.may_be_refused = True  # the feed of a person whom the new world does not know
        await expect(stage.page.get_by_role("button", name="Iniciar", exact=True)).to_be_visible(timeout=10_000)
        await anew.down()
    await stage.home.up()


async def test_a_text_whose_reply_was_lost_is_written_once(stage: Stage) -> None:
    await stage.started()
    reached = 0

    async def swallow_first(route: Route) -> None:
        nonlocal reached
        reached += 1
        await route.fetch()
        await (route.abort("connectionreset") if reached == 1 else route.continue_())

    await stage.page.route("**/send", swallow_first)
    field = stage.page.locator("#composer-field")
    await field.fill("solo una vez")
    await field.press("Enter")
    await expect(stage.page.locator(".pending")).to_have_count(0)
    await expect(stage.page.locator(".item .words")).to_have_text(["/start", "solo una vez"])
    assert (await stage.bot.heard("message"))["text"] == "solo una vez"


async def test_two_people_have_their_own_chats_and_their_own_language(stage: Stage) -> None:
    ana = await stage.started("Ana")
    await stage.bot.send(ana, "solo para Ana")
    page = stage.page
    await page.get_by_role("button", name="Eres Ana").click()
    await page.get_by_role("menuitem", name="Añadir persona").click()
    await page.get_by_label("Nombre").fill("Ben")
    await page.get_by_label("Idioma").select_option("en")
    await page.get_by_role("button", name="Crear").click()
    await page.get_by_role("button", name="Start", exact=True).click()
    asked = await stage.bot.heard("message")
    assert (asked["from"]["first_name"], asked["from"]["language_code"]) == ("Ben", "en")
    await stage.bot.send(asked["chat"]["id"], "only for Ben")
    await expect(stage.bubble("only for Ben")).to_be_visible()
    assert "solo para Ana" not in await stage.words()
    await page.get_by_role("button", name="You are Ben").click()
    await page.get_by_role("menuitemradio", name="Ana", exact=True).click()
    await expect(stage.bubble("solo para Ana")).to_be_visible()
    assert "only for Ben" not in await stage.words()
    await expect(page.locator("#composer-field")).to_have_attribute("placeholder", "Mensaje")


async def test_theme_and_language_are_remembered(stage: Stage) -> None:
    await stage.started()
    page = stage.page
    await page.get_by_role("button", name="Menú", exact=True).first.click()
    await page.get_by_role("menuitem", name="Tema e idioma").click()
    await page.get_by_label("Oscuro").check()
    await page.get_by_label("English").check()
    await expect(page.locator("#composer-field")).to_have_attribute("placeholder", "Message")
    await page.reload()
    await expect(page.locator("html[data-theme=dark][lang=en]")).to_be_attached()
    await expect(page.locator("#composer-field")).to_have_attribute("placeholder", "Message")


async def test_the_clock_moves_on_and_a_fault_strikes_once(stage: Stage) -> None:
    person = await stage.started()
    page = stage.page
    await stage.bot.send(person, "de hoy")
    await expect(page.locator(".day")).to_have_text("Hoy")
    await page.locator(".tool-clock").click()
    await page.get_by_role("button", name="+30 días").click()
    await expect(stage.toast("El reloj ha avanzado")).to_be_visible()
    await expect(page.locator(".day")).to_contain_text(" de ")
    assert (await stage.look("state"))["clock"]["offset_seconds"] == pytest.approx(30 * 86400)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Provocar un fallo").click()
    await page.get_by_label("Qué falla").select_option("500")
    await page.get_by_label("Método").fill("sendMessage")
    await page.get_by_role("button", name="Provocar", exact=True).click()
    await expect(page.locator(".fault-list")).to_contain_text("sendMessage", ignore_case=True)
    await page.keyboard.press("Escape")
    with pytest.raises(AssertionError, match="500"):
        await stage.bot.send(person, "no llega")
    await stage.bot.send(person, "sí llega")
    await expect(stage.bubble("sí llega")).to_be_visible()


async def test_the_bots_calls_are_listed_filtered_and_opened(stage: Stage) -> None:
    person = await stage.started()
    page = stage.page
    await page.locator(".tools").get_by_role("button", name="Llamadas del bot").click()
    await stage.bot.send(person, "mírame")
    call = page.locator(".call", has_text="sendMessage")
    await expect(call).to_contain_text("mírame")
    await call.locator("summary").click()
    await expect(call.locator(".json").first).to_contain_text('"text": "mírame"')
    await page.get_by_label("Filtrar").fill("getMe")
    await expect(call).to_have_count(0)
    await page.reload()
    await expect(page.locator(".calls .call-method", has_text="sendMessage")).to_be_visible()
    await page.set_viewport_size({"width": 768, "height": 1024})
    await expect(page.locator("#composer-field")).to_be_in_viewport()
    covered = (
        "(node) => document.elementFromPoint(node.getBoundingClientRect().x + 30, node.getBoundingClientRect().y + 20)"
    )
    assert await page.locator("#composer-field").evaluate(f"(node) => ({covered})(node) === node"), (
        "the calls hide the chat"
    )
