"""The demo's story on a phone: a riddle answered, a lock opened, hints joined, the wall passed, an ending reached."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.telesim.page.conftest import window

from .conftest import Demo, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

TO_THE_GALLERY = (
    "Bajar y subir al coche",
    "Seguir hasta la puerta",
    "Darle el abrigo y las gracias",
    "Acercarse al retrato",
    "Apartarse del cuadro",
    "Entrar en el salón",
    "Sentarse y esperar la pregunta",
    "Por la luz de tu ventana",
    "Acepto",
    "Once. La que falta",
    "Subir a la galería",
)


DAY = range(10, 20)
PLACES = {"Madrid": "Europe/Madrid", "Los Angeles": "America/Los_Angeles", "Tokyo": "Asia/Tokyo"}


@asynccontextmanager
async def newcomer(demo: Demo, browser: Browser) -> AsyncIterator[Visit]:
    async with window(browser, viewport={"width": 390, "height": 780}) as context:
        made = Visit(demo.address, await context.new_page())
        await made.comes_as("Ana <3", "es")
        await made.starts()
        yield made
        assert made.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def phone(demo: Demo, browser: Browser) -> AsyncIterator[Visit]:
    """Of somebody to whom Lucien does not write: the newest message is the page that she reads, at every hour."""
    async with newcomer(demo, browser) as made:
        await made.presses("Ajustes", "Cartas de Lucien", "Que no me escriba")
        await made.reads("No le escribo si usted no me llama")
        await made.presses("Vestíbulo")
        yield made


async def test_by_day_lucien_has_a_word_about_what_she_chose_and_the_page_stays(demo: Demo, browser: Browser) -> None:
    now = datetime.now(UTC)
    day = next(city for city, zone in PLACES.items() if now.astimezone(ZoneInfo(zone)).hour in DAY)
    async with newcomer(demo, browser) as reader:
        await reader.presses("Ajustes", "Zona horaria", "Escribir mi ciudad")
        await reader.writes(day)
        await reader.reads("Mis relojes ya van con los suyos")
        await reader.presses("Vestíbulo", "Empezar a leer", "Bajar y subir al coche", "Seguir hasta la puerta")
        await reader.presses("¿Y hoy es un día bueno?")
        await reader.reads("Empieza a parecer un día bueno")
        await reader.presses("Acercarse al retrato")
        await reader.reads("Apartarse del cuadro")


async def test_a_reader_goes_from_the_letter_to_an_ending(phone: Visit) -> None:
    await phone.presses("Empezar a leer")
    await phone.reads("Un sobre sin remite", "Ana <3: esta noche")
    await walks(phone, *TO_THE_GALLERY)
    await phone.reads("La galería")
    await walks(phone, "Pedir el coche", "Subir al coche")
    await phone.reads("Aquí termina este camino")
    await phone.presses("Mi camino")
    await phone.reads("Su camino hasta aquí", "› Subir al coche")
    await phone.presses("Volver", "Empezar de nuevo")
    await phone.reads("Un sobre sin remite")


async def test_the_first_pages_are_read_below_their_pictures(phone: Visit) -> None:
    await phone.presses("Empezar a leer")
    await phone.reads("Un sobre sin remite")
    await sees_picture(phone)
    await walks(phone, "Mirar la carta a contraluz")
    await phone.reads("Zumo de limón")
    await expect(phone.said.last.locator("img")).to_have_count(0)
    await walks(phone, "Bajar y subir al coche")
    await phone.reads("cuarenta ventanas apagadas y una encendida")
    await sees_picture(phone)


async def test_a_lock_says_what_is_missing_and_opens_when_it_is_found(phone: Visit) -> None:
    await phone.presses("Empezar a leer")
    await walks(phone, *TO_THE_GALLERY, "Bajar a la cocina", "🔒 Ofrecerle una camelia")
    await phone.reads("Para esto todavía falta", "«Una camelia» en su mochila (0 de 1) · se halla en «")
    await walks(phone, "Volver", "Volver a la galería", "La puerta que huele a tierra", "Volver a la galería")
    await phone.reads("🎒 Una camelia")
    await walks(phone, "Bajar a la cocina", "Ofrecerle una camelia", "Guardar la llave y subir")
    await phone.reads("🎒 La llave del desván")
    await walks(phone, "Subir al desván")
    await expect(phone.said.last).not_to_contain_text("Para esto todavía falta")


async def test_a_riddle_is_answered_in_her_own_words_and_two_hints_make_a_thing(phone: Visit) -> None:
    await phone.presses("Empezar a leer")
    await walks(phone, *TO_THE_GALLERY, "La puerta que huele a cuero", "Examinar el escritorio", "Responder")
    await phone.reads("El cajón que pregunta", "Le escucho")
    await phone.writes("un barco")
    await phone.reads("No es eso", "Le quedan 2 intentos", "El cajón que pregunta")
    await phone.writes("¡La CARTA!")
    await phone.reads("Lo que quedaba dentro")
    await walks(phone, "Cerrar el cajón y pensar")
    await phone.reads("🔎 Tinta seca", "🎒 El tintero de Aurelia")
    await phone.writes("/pistas")
    await phone.reads("Un dedo violeta", "Tinta seca")
    await walks(phone, "Combinar", "Un dedo violeta")
    await phone.reads("✓ Un dedo violeta")  # "Tinta seca" can also be tapped before, where that is not chosen yet
    await walks(phone, "Tinta seca", "Unir lo elegido")
    await phone.reads("El violeta del dedo y el del tintero son el mismo", "🎒 El sello de Aurelia")


async def test_the_wall_shows_its_offer_and_the_invitation_opens_it(phone: Visit) -> None:
    await phone.presses("Empezar a leer")
    await walks(phone, *TO_THE_GALLERY, "🔒 La puerta de la camelia")
    await phone.reads("pertenecer al club")
    await phone.presses("El club")
    await phone.reads("tiene memoria", "Siete noches", "100 ⭐", "Diana le invita")
    await expect(phone.said.last).not_to_contain_text("gato gris")
    await phone.presses("Probar 3 días")
    await phone.reads("Bienvenida sea su visita al club")
    await phone.presses("Entrar ahora")
    await phone.reads("El ala de las camelias", "gato gris")


async def walks(phone: Visit, *labels: str) -> None:
    """Each button on the newest page, once that page has it."""
    for label in labels:
        await phone.said.last.locator(".key", has_text=label).first.click()


async def sees_picture(phone: Visit) -> None:
    """Loaded and drawn, not only asked for."""
    picture = phone.said.last.locator("img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async image => { await image.decode(); return image.naturalWidth }") == 1280
