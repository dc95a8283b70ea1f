"""What a person meets: commands, buttons, words, in her language."""

import json
from typing import Any

import pytest

from dianabot.screens.callbacks import Callback
from dianabot.screens.words import Words
from dianabot.telegram.app.introduction import commands
from dianabot.telegram.routes import BUTTONS
from tests.dianabot.telegram.stage import Stage, stage
from tests.telesim.home import DIANA

pytestmark = pytest.mark.slow

OPEN = "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')"


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def test_a_stranger_is_greeted_in_her_language_and_is_a_member_from_then_on(bot: Stage) -> None:
    ana, alex = await bot.stranger("Ana", "es-MX"), await bot.stranger("Alex", "en-GB")

    assert "soy Lucien, el mayordomo" in (await bot.says(ana, "/start"))["text"]
    assert "I am Lucien, the butler" in (await bot.says(alex, "/start"))["text"]
    assert "Qué alegría verle de nuevo, Ana" in (await bot.says(ana, "/start"))["text"]
    assert await bot.column("SELECT first_name FROM users ORDER BY id") == ["Ana", "Alex"]
    assert await bot.column("SELECT event_type FROM event_logs WHERE user_id = 1 ORDER BY seq") == [
        "user.registered",
        "user.command_executed",
        "user.command_executed",
    ]


async def test_the_link_that_she_came_by_is_kept_and_a_strange_one_does_no_harm(bot: Stage) -> None:
    for written in ("/start gift_7", "/start", "/start what is this?", "/start " + "x" * 65):
        assert "Lucien" in (await bot.says(await bot.stranger(), written))["text"]

    kept = await bot.column("SELECT input->>'payload' FROM operations WHERE name = 'REGISTRAR' ORDER BY id")
    assert kept == ["gift_7", "", "", ""]


async def test_whatever_she_writes_is_answered(bot: Stage) -> None:
    ana = await bot.person()
    for written, answered in (
        ("/ayuda", "A su servicio"),
        ("/help", "A su servicio"),
        ("/HELP@home_bot", "A su servicio"),
        ("/perfil", "Su ficha en esta casa"),
        ("/ajustes", "Ajustes"),
        ("/perfil ahora", "Su ficha en esta casa"),
        ("/nadie_lo_conoce", "Esa orden no la conozco"),
        ("hola", "Le leo con gusto"),
        ("/ ", "Le leo con gusto"),
        ("x" * 4096, "Le leo con gusto"),
    ):
        assert answered in (await bot.says(ana, written))["text"], written


async def test_a_command_for_another_bot_is_left_to_it(bot: Stage) -> None:
    ana = await bot.stranger()
    await bot.sim.says(ana, "/start@other_bot")

    assert "soy Lucien" in (await bot.says(ana, "/start@home_bot"))["text"]
    assert len([said for said in await bot.sim.messages(ana) if said["from"]["is_bot"]]) == 1


async def test_what_is_written_in_no_command_is_not_in_the_log(bot: Stage) -> None:
    await bot.says(await bot.person(), "/my_secret_name")

    assert await bot.column("SELECT event_data->>'command' FROM event_logs WHERE event_type LIKE '%command%'") == [
        "start",
        "unknown",
    ]


async def test_every_room_is_reached_by_buttons_and_left_again(bot: Stage) -> None:
    ana = await bot.person()
    screen = await bot.says(ana, "/start")
    for door in ("🪞 Mi ficha", "🕯 Vestíbulo", "🛎 Ayuda", "🕯 Vestíbulo", "🗝 Ajustes", "💬 Idioma", "‹ Volver"):
        before = screen
        screen, said = await bot.taps(ana, screen, door)
        assert screen["message_id"] == before["message_id"]
        assert said["callback_query_id"]
    assert labels(screen) == [
        "💬 Idioma",
        "🕰 Zona horaria",
        "✉️ Cartas de Lucien",
        "📜 Mis datos",
        "🔥 Borrar mis datos",
        "🕯 Vestíbulo",
    ]


async def test_the_language_is_changed_by_a_button(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "💬 Idioma")
    screen, said = await bot.taps(ana, screen, "English")

    assert said["text"] == "From now on I shall speak English with you."
    assert screen["text"].startswith("Settings")
    assert "At your service" in (await bot.says(ana, "/ayuda"))["text"]


async def test_the_time_zone_is_chosen_by_a_button(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    screen, said = await bot.taps(ana, screen, "Bogotá")

    assert said["text"] == "Mis relojes ya van con los suyos: Bogotá."
    assert await bot.value("SELECT time_zone FROM users") == "America/Bogota"


async def test_the_time_zone_is_asked_for_until_it_is_understood(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await bot.taps(ana, screen, "✍️ Escribir mi ciudad")

    assert "atlas" in (await bot.says(ana, "Xyzzyplugh"))["text"]
    answer = await bot.says(ana, "madrid")

    assert answer["text"].startswith("Mis relojes ya van con los suyos: Madrid.")
    assert await bot.value("SELECT time_zone FROM users") == "Europe/Madrid"
    assert "no esperaba" in (await bot.says(ana, "lima"))["text"]


async def test_several_places_of_that_name_are_offered(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await bot.taps(ana, screen, "✍️ Escribir mi ciudad")

    answer = await bot.says(ana, "méxico")
    assert "Ciudad de México" in labels(answer)
    await bot.taps(ana, answer, "Ciudad de México")

    assert await bot.value("SELECT time_zone FROM users") == "America/Mexico_City"


@pytest.mark.parametrize("instead", ["/ayuda", "a button"])
async def test_a_command_or_a_button_makes_the_question_forgotten(bot: Stage, instead: str) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    screen, _ = await bot.taps(ana, screen, "✍️ Escribir mi ciudad")
    if instead == "a button":
        await bot.taps(ana, screen, "🕯 Vestíbulo")
    else:
        await bot.says(ana, instead)

    assert "no esperaba" in (await bot.says(ana, "madrid"))["text"]
    assert await bot.value("SELECT count(*) FROM users WHERE time_zone IS NOT NULL") == 0


async def test_her_data_is_handed_to_her_as_a_file(bot: Stage) -> None:
    ana = await bot.person("Ana & Co")
    document, said = await bot.taps(ana, await bot.says(ana, "/ajustes"), "📜 Mis datos")

    assert said["text"] == "Le llevo sus papeles."
    assert document["document"]["file_name"] == "dianabot.json"
    info = await bot.sim.ok("getFile", file_id=document["document"]["file_id"])
    address = f"{bot.sim.address}/file/bot{bot.sim.token}/{info['file_path']}"
    async with bot.sim.session.get(address) as response:
        exported = json.loads(await response.text())
    assert exported["member"]["first_name"] == "Ana & Co"
    assert exported["member"]["telegram_id"] == ana

    menu, _ = await bot.taps(ana, document, "‹ Volver")
    assert menu["text"].startswith("Ajustes")


async def test_she_is_forgotten_only_after_she_confirmed_it(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🔥 Borrar mis datos")
    screen, _ = await bot.taps(ana, screen, "No, me quedo")
    assert await bot.value("SELECT erased_at FROM users") is None

    asked, _ = await bot.taps(ana, screen, "🔥 Borrar mis datos")
    gone, _ = await bot.taps(ana, asked, "Sí, borrar todo")

    assert "El fuego se ha llevado" in gone["text"]
    assert "reply_markup" not in gone
    assert await bot.value("SELECT first_name FROM users WHERE erased_at IS NOT NULL") is None
    assert "soy Lucien, el mayordomo" in (await bot.says(ana, "/start"))["text"]


async def test_what_she_wrote_is_forgotten_with_her(bot: Stage) -> None:
    ana, eva = await bot.person(), await bot.person("Eva")
    await bot.says(eva, "/start")
    await bot.raw({"update_id": 10**9, "message": {"from": {"id": ana}, "chat": {"id": ana}, "text": "mi secreto"}})
    await bot.until("SELECT count(*) FROM dead_letters", lambda letters: letters == 1)
    asked, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🔥 Borrar mis datos")
    await bot.until(OPEN, lambda left: left == 0)

    await bot.taps(ana, asked, "Sí, borrar todo")
    await bot.until(OPEN, lambda left: left == 0)

    kept = await bot.column("SELECT raw::text FROM telegram_updates ORDER BY update_id")
    assert not [raw for raw in kept if "mi secreto" in raw or "/ajustes" in raw]
    assert [raw for raw in kept if "/start" in raw], "what others wrote stays"
    assert await bot.value("SELECT count(*) FROM dead_letters") == 0


async def test_a_double_tap_forgets_her_once_and_does_not_make_her_known_again(bot: Stage) -> None:
    ana = await bot.person()
    asked, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🔥 Borrar mis datos")
    data = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await bot.taps(ana, asked, "Sí, borrar todo")
    last = await bot.value("SELECT max(update_id) FROM telegram_updates")

    await bot.raw(tap(ana, asked["message_id"], data, update_id=last + 1))
    await bot.until(OPEN, lambda left: left == 0)

    assert await bot.column("SELECT erased_at IS NULL FROM users") == [False]
    assert len(await bot.column("SELECT id FROM operations WHERE name = 'BORRAR_DATOS'")) == 1


def tap(person: int, message_id: int, data: str, *, update_id: int) -> dict[str, Any]:
    """A tapped button, as Telegram tells of it."""
    somebody = {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "es"}
    chat = {"id": person, "type": "private", "first_name": "Ana"}
    return {
        "update_id": update_id,
        "callback_query": {
            "id": "42",
            "from": somebody,
            "chat_instance": "1",
            "message": {"message_id": message_id, "date": 0, "chat": chat},
            "data": data,
        },
    }


async def test_a_forged_or_forgotten_button_shows_how_things_stand(bot: Stage) -> None:
    ana = await bot.person()
    screen = await bot.says(ana, "/start")
    forged = ("nobody:knows", "lang:fr", "zone:Nowhere/Land", "", "erase", "\x00", "set:1:2:3", "menu")

    for number, data in enumerate(forged):
        await bot.raw(tap(ana, screen["message_id"], data, update_id=10**9 + number))
    await bot.until(OPEN, lambda left: left == 0)

    shown = (await bot.sim.messages(ana))[-1]
    assert shown["message_id"] == screen["message_id"]
    assert "Mi ficha" in str(labels(shown))
    assert len(await bot.calls("answerCallbackQuery")) == len(forged)
    assert await bot.value("SELECT count(*) FROM dead_letters") == 0


async def test_a_tap_on_a_message_that_is_gone_shows_the_screen_anew(bot: Stage) -> None:
    ana = await bot.person()
    screen = await bot.says(ana, "/start")

    await bot.raw(tap(ana, 999_999, "me", update_id=10**9))
    shown = await bot.next_from_bot(ana, screen["message_id"])

    assert shown["text"].startswith("Su ficha")


async def test_a_strange_name_does_no_harm(bot: Stage) -> None:
    names = ("<b>&\"'</b>", "N" * 5000, "\u202eevil\x00\n", "👩\u200d👩\u200d👧 Ana", "\ud800")
    for number, name in enumerate(names):
        ana = await bot.person()
        person = {"id": ana, "is_bot": False, "first_name": name, "language_code": "en"}
        chat = {"id": ana, "type": "private", "first_name": name}
        message = {"message_id": 5, "date": 1, "chat": chat, "from": person, "text": "/perfil"}
        await bot.raw({"update_id": 10**9 + number, "message": message})
    await bot.until(OPEN, lambda left: left == 0)

    said = [call["params"]["text"] for call in await bot.calls("sendMessage")]
    sent = sorted(text.split("\n")[2] for text in said if text.startswith("<b>"))
    assert sent == sorted(
        [
            "Nombre: <b>&lt;b&gt;&amp;\"'&lt;/b&gt;</b>",
            f"Nombre: <b>{'N' * 64}</b>",
            "Nombre: <b>evil</b>",
            "Nombre: <b>👩\u200d👩\u200d👧 Ana</b>",
            "Nombre: <b>querida visita</b>",
        ]
    )
    assert await bot.value("SELECT count(*) FROM dead_letters") == 0


async def test_a_sticker_or_a_picture_is_taken_kindly(bot: Stage) -> None:
    ana = await bot.person()
    start = await bot.says(ana, "/start")
    person = {"id": ana, "is_bot": False, "first_name": "Ana", "language_code": "es"}
    sticker = {"file_id": "x", "file_unique_id": "y", "type": "regular", "width": 1, "height": 1,
               "is_animated": False, "is_video": False}  # fmt: skip
    message = {"message_id": 5, "date": 1, "chat": {"id": ana, "type": "private"}, "from": person, "sticker": sticker}

    await bot.raw({"update_id": 10**9, "message": message})

    assert "repisa" in (await bot.next_from_bot(ana, start["message_id"]))["text"]


async def test_the_owner_of_the_settings_is_recognised(postgres_dsn: str) -> None:
    async with stage(postgres_dsn, owner_telegram_id=DIANA) as bot:
        await bot.says(DIANA, "/start")
        assert "quien manda" in (await bot.says(DIANA, "/perfil"))["text"]


async def test_telegram_is_told_which_commands_there_are_in_each_language(bot: Stage) -> None:
    await bot.until_called("setMyDescription", times=2)
    scope = json.dumps({"type": "all_private_chats"})
    for code, language in ((None, "es"), ("es", "es"), ("en", "en")):
        given = {"scope": scope} if code is None else {"scope": scope, "language_code": code}
        told = await bot.sim.ok("getMyCommands", **given)
        words = Words("es" if language == "es" else "en")
        assert told == [{"command": one.command, "description": one.description} for one in commands(words)]


def test_every_button_has_a_route() -> None:
    ours = {kind for kind in Callback.known.values() if kind.__module__.startswith("dianabot.")}
    assert set(BUTTONS) == ours


async def test_an_update_and_its_letter_name_the_member_unless_she_is_erased(bot: Stage) -> None:
    ana = await bot.person()
    await bot.raw({"update_id": 10**9, "message": {"from": {"id": ana}, "chat": {"id": ana, "type": "private"}}})
    await bot.until(OPEN, lambda count: count == 0)

    assert await bot.column("SELECT member FROM telegram_updates ORDER BY update_id") == [1, 1]
    assert await bot.column("SELECT user_id FROM dead_letters") == [1]
    assert await bot.column("SELECT user_id FROM telegram_sends") == [1]

    await bot.part._front.updates.forget(ana)

    assert await bot.column("SELECT member FROM telegram_updates") == [None, None]
