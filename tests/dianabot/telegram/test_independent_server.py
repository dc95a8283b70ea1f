"""The bot against a Bot API server that somebody else wrote: text, menus and files, without one refused call.

Where that server differs from Telegram and from our simulator: it counts texts in UTF-16 units, refuses what it does
not model with 501 (descriptions and names of bots among it), reads no HTML, keeps no messages (so an edit never finds
that nothing changed), knows no second poller and dates everything 1970.
"""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.dianabot.telegram.elsewhere import PERSON, TOKEN, Call, Elsewhere, elsewhere

pytestmark = pytest.mark.slow

UNKNOWN_THERE = {"getMyShortDescription", "getMyDescription", "setMyShortDescription", "setMyDescription", "getMyName"}


@pytest.fixture
async def there(postgres_dsn: str) -> AsyncIterator[Elsewhere]:
    """What the bot calls is understood there, but for what that server says it does not model."""
    async with elsewhere(postgres_dsn) as bot:
        yield bot
        assert [one for one in bot.refused() if one[0] not in UNKNOWN_THERE] == []


async def test_it_asks_for_few_kinds_of_updates_by_name(there: Elsewhere) -> None:
    asked = (await there.next("getUpdates")).fields["allowed_updates"]
    assert asked == ["message", "callback_query", "my_chat_member"]


async def test_what_a_person_writes_is_answered_in_her_language(there: Elsewhere) -> None:
    hello = await there.says("/start")
    assert (hello.fields["chat_id"], hello.fields["parse_mode"]) == (PERSON, "HTML")
    assert "Buenas noches, <b>Ana &lt;b&gt;</b>" in hello.fields["text"]
    assert "Le leo con gusto" in (await there.says("hola")).fields["text"]
    assert "Esa orden no la conozco" in (await there.says("/bailar")).fields["text"]
    assert "A su servicio" in (await there.says("/ayuda@someones_bot")).fields["text"]


async def test_every_screen_behind_every_button_is_accepted(there: Elsewhere) -> None:
    """Room by room from the hall, each button once; none of them leads to a refusal or to silence."""
    hall = await there.says("/start")
    doors: list[tuple[Call, str]] = [(hall, label) for label in hall.buttons]
    seen = set(hall.buttons.values())
    opened = []
    while doors:
        screen, label = doors.pop()
        if label == "Sí, borrar todo":
            continue
        shown = await there.taps(screen, label)
        opened.append(label)
        assert shown.refused is None, (label, shown)
        fresh = [(shown, name) for name, data in shown.buttons.items() if data not in seen]
        seen |= {screen.buttons[name] for screen, name in fresh}
        doors += fresh
    assert len(opened) >= 20, opened
    assert {"🪞 Mi ficha", "English", "Bogotá", "📜 Mis datos", "🔥 Borrar mis datos"} <= set(opened)


async def test_a_menu_is_changed_in_place_and_each_tap_is_answered(there: Elsewhere) -> None:
    hall = await there.says("/start")
    settings = await there.taps(hall, "🗝 Ajustes")
    assert (settings.method, settings.fields["message_id"]) == ("editMessageText", hall.answer["message_id"])
    languages = await there.taps(settings, "💬 Idioma")
    english = await there.taps(languages, "English")
    assert "Settings" in english.fields["text"]
    answered = [call for call in there.calls if call.method == "answerCallbackQuery"]
    if len(answered) < 3:
        answered.append(await there.next("answerCallbackQuery"))
    assert len({call.fields["callback_query_id"] for call in answered}) == 3


async def test_a_city_is_asked_for_and_read(there: Elsewhere) -> None:
    zones = await there.taps(await there.taps(await there.says("/start"), "🗝 Ajustes"), "🕰 Zona horaria")
    assert "Escríbame su ciudad" in (await there.taps(zones, "✍️ Escribir mi ciudad")).fields["text"]
    assert "Mis relojes ya van con los suyos: Lima" in (await there.says("lima")).fields["text"]


async def test_her_data_arrive_as_a_document_that_can_be_fetched(there: Elsewhere) -> None:
    settings = await there.taps(await there.says("/start"), "🗝 Ajustes")
    sent = await there.taps(settings, "📜 Mis datos")
    assert sent.method == "sendDocument"
    assert "en un solo pliego" in sent.fields["caption"]
    file_id = sent.answer["document"]["file_id"]
    async with aiohttp.ClientSession() as session:
        asked = await session.post(f"{there.address}/bot{TOKEN}/getFile", json={"file_id": file_id})
        path = (await asked.json())["result"]["file_path"]
        fetched = await session.get(f"{there.address}/file/bot{TOKEN}/{path}")
        assert "Ana <b>" in json.dumps(json.loads(await fetched.read()), ensure_ascii=False)


@pytest.mark.parametrize(
    "gift",
    [
        {"photo": [{"file_id": "p", "file_unique_id": "pu", "width": 1, "height": 1}], "caption": "para usted"},
        {"document": {"file_id": "d", "file_unique_id": "du"}},
        {"voice": {"file_id": "v", "file_unique_id": "vu", "duration": 2}},
    ],
    ids=lambda gift: next(iter(gift)),
)
async def test_a_file_from_a_person_is_received_with_thanks(there: Elsewhere, gift: dict[str, object]) -> None:
    await there.says("/start")
    await there.sends(**gift)
    assert "muchas gracias" in (await there.next("sendMessage")).fields["text"]


async def test_whoever_erases_herself_is_a_stranger_afterwards(there: Elsewhere) -> None:
    settings = await there.taps(await there.says("/start"), "🗝 Ajustes")
    asked = await there.taps(settings, "🔥 Borrar mis datos")
    assert "El fuego se ha llevado" in (await there.taps(asked, "Sí, borrar todo")).fields["text"]
    assert "Permítame presentarme" in (await there.says("/start")).fields["text"]


async def test_a_server_that_does_not_say_the_bots_name_is_served_too(postgres_dsn: str) -> None:
    async with elsewhere(postgres_dsn, username=None) as there:
        assert "Lucien" in (await there.says("/start")).fields["text"]
