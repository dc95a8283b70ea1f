"""What a newcomer does with the demo on her first evening, from the address in the terminal to burning her data."""

import json

import pytest
from playwright.async_api import Browser, expect

from tests.telesim.page.conftest import window

from .conftest import Demo, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_at_first_sight_there_is_one_thing_to_press_and_it_is_answered(visit: Visit) -> None:
    await visit.arrives()
    page = visit.page
    await expect(page.get_by_role("button", name="Iniciar", exact=True)).to_be_focused()
    await expect(page.locator(".hint-card")).to_contain_text("Eres Lucía")
    await expect(page.locator(".about-bot")).to_contain_text("Soy Lucien")
    await expect(page.locator(".chat-row").first).to_contain_text("La mansión de Diana")
    await expect(page.locator(".chat-row", has_text="Los jardines de Diana")).to_contain_text("rosas negras")
    await expect(page.locator(".chat-row", has_text="El Diván")).to_have_count(0)

    await page.keyboard.press("Enter")
    await visit.reads("Buenas noches, Lucía", "soy Lucien", "Mi ficha", "Ajustes", "Ayuda")
    await expect(page.locator(".hint-card")).to_have_count(0)


async def test_whoever_opens_it_in_english_is_met_in_english(demo: Demo, browser: Browser) -> None:
    async with window(browser, locale="en-GB", viewport={"width": 390, "height": 780}) as context:
        visit = Visit(demo.address, await context.new_page())
        await visit.arrives()
        await expect(visit.page.locator(".hint-card")).to_contain_text("You are Alex Reed")
        await visit.page.get_by_role("button", name="Start", exact=True).click()
        await visit.reads("Good evening, Alex", "I am Lucien", "My page")
        await visit.writes("/dance")
        await visit.reads("That is an order I do not know")
        assert visit.complaints == []


async def test_everything_speaks_english_once_she_has_chosen_it(visit: Visit) -> None:
    await visit.comes_as("Marta", "es")
    await visit.starts()
    await visit.presses("Ayuda")
    await visit.reads("A su servicio", "/perfil")
    await visit.presses("Vestíbulo", "Ajustes", "Idioma", "English")
    await visit.reads("Settings", "Language: English")
    await expect(visit.page.locator(".toast", has_text="From now on I shall speak English")).to_be_visible()
    await visit.presses("The hall")
    await visit.reads("The candles are lit")
    await visit.presses("Help")
    await visit.reads("At your service")
    await visit.presses("The hall", "My page")
    await visit.reads("Your page in the house book", "Marta", "English")
    await visit.writes("/perfil")
    await visit.reads("Your page in the house book")
    await visit.writes("buenas")
    await visit.reads("I read you with pleasure")


async def test_a_city_may_be_written_even_when_the_page_is_loaded_anew_in_between(visit: Visit) -> None:
    await visit.comes_as("Carmen", "es")
    await visit.starts()
    await visit.presses("Ajustes", "Zona horaria", "Escribir mi ciudad")
    await visit.reads("Escríbame su ciudad")
    await visit.page.reload()
    await visit.alive()
    await visit.writes("Atlantis")
    await visit.reads("¿Se refiere a este lugar?", "Atlantic")
    await visit.writes("Macondo")
    await visit.reads("He consultado todos los atlas")
    await visit.writes("lima")
    await visit.reads("Mis relojes ya van con los suyos: Lima", "Zona horaria: Lima")
    await visit.presses("Vestíbulo", "Mi ficha")
    await visit.reads("Carmen", "Lima")


async def test_her_data_come_as_a_document_that_opens(visit: Visit) -> None:
    await visit.comes_as("Inés <i>", "es")
    await visit.starts()
    await visit.presses("Ajustes", "📜 Mis datos")
    await visit.reads("dianabot.json", "en un solo pliego")
    async with visit.page.expect_download() as opened:
        await visit.said.last.locator(".file").click()
    document = json.loads((await (await opened.value).path()).read_text())
    assert "Inés <i>" in json.dumps(document, ensure_ascii=False)


async def test_she_may_have_her_data_burnt_and_come_back_as_a_stranger(visit: Visit) -> None:
    await visit.comes_as("Rosa", "es")
    await visit.starts()
    await visit.presses("Ajustes", "🔥 Borrar mis datos")
    await visit.reads("No podrá deshacerse")
    await visit.presses("No, me quedo")
    await visit.reads("Dígame cómo prefiere que le atienda")
    await visit.presses("🔥 Borrar mis datos", "Sí, borrar todo")
    await visit.reads("El fuego se ha llevado hasta la última línea")
    await visit.writes("/start")
    await visit.reads("Permítame presentarme")


async def test_two_people_share_the_page_and_nothing_of_theirs_mixes(visit: Visit) -> None:
    page = visit.page
    await visit.comes_as("Sara", "es")
    await visit.starts()
    await page.locator(".me-button").click()
    await page.get_by_role("menuitem", name="Añadir").click()
    await page.locator("#person-name").fill("Grace")
    await page.locator("#person-language").select_option("en")
    await page.keyboard.press("Enter")
    await expect(page.locator(".me-button")).to_have_accessible_name("You are Grace. Switch person")
    await visit.starts()
    await visit.reads("Good evening, Grace")
    await page.reload()
    await visit.alive()
    await visit.reads("Good evening, Grace")
    await page.locator(".me-button").click()
    await page.get_by_role("menuitemradio", name="Sara").click()
    await visit.reads("Buenas noches, Sara")
    await visit.writes("/bailar")
    await visit.reads("Esa orden no la conozco")


async def test_the_house_fills_with_guests_who_are_greeted_and_leave_hearts(visit: Visit) -> None:
    await visit.comes_as("Nora", "es")
    await visit.page.locator(".chat-row", has_text="Los jardines").click()
    await expect(visit.page.locator(".head-info")).to_contain_text("10 suscriptores", timeout=20_000)
    await expect(visit.page.locator(".reaction").first).to_be_visible(timeout=20_000)
    await visit.page.get_by_role("button", name="Unirme").click()
    await expect(visit.page.locator(".head-info")).to_contain_text("11 suscriptores")
    guests = [one for one in (await visit.ask("GET", "state"))["people"] if one["simulated"]]
    assert len(guests) == 8
    for guest in guests:
        said, *_ = await visit.ask("GET", f"people/{guest['id']}/messages?after=0&wait=20")
        assert said["from"]["id"] == guest["id"]
        assert await is_answered(visit, guest["id"], said["message_id"]), guest


async def is_answered(visit: Visit, guest: int, message: int) -> bool:
    """A guest may say more before the bot has its turn, so that the answer need not be the very next message."""
    for _ in range(20):
        newer = await visit.ask("GET", f"people/{guest}/messages?after={message}&wait=20")
        if not newer or any(one["from"]["is_bot"] for one in newer):
            return bool(newer)
        message = newer[-1]["message_id"]
    return False
