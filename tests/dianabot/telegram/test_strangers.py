"""Whom nobody knows, or not any more: the door opens to /start and to nothing else, and nothing of her is kept."""

import pytest

from tests.dianabot.telegram.stage import Stage
from tests.dianabot.telegram.test_boundary import arrives_late
from tests.dianabot.telegram.test_conversation import OPEN, tap
from tests.dianabot.telegram.test_forgotten import knowing
from tests.dianabot.telegram.working import at_rest, working
from tests.telesim.home import DIANA

pytestmark = pytest.mark.slow

ASKED_IN = {
    "es": "No encuentro su nombre en mi libro de visitas. Escriba /start y le abriré la puerta.",
    "en": "I do not find your name in my book of guests. Write /start and I shall open the door.",
}
STICKER = {
    "file_id": "x", "file_unique_id": "y", "type": "regular", "width": 1, "height": 1, "is_animated": False,
    "is_video": False,
}  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("es", ASKED_IN["es"]), ("en-GB", ASKED_IN["en"])])
async def test_a_stranger_is_asked_in_and_nothing_of_her_is_kept(bot: Stage, language: str, words: str) -> None:
    zuleika = await bot.stranger("Zuleika", language)
    for written in ("hola", "/historia", "/perfil", "/nadie_lo_conoce", "start"):
        assert (await bot.says(zuleika, written))["text"] == words, written
    await bot.until(OPEN, lambda left: left == 0)

    assert await knowing(bot, "Zuleika") == set()
    assert await knowing(bot, str(zuleika)) == {"telegram_updates"}, "the numbers of her updates, against repeats"
    assert (
        await bot.column("SELECT id FROM users UNION SELECT id FROM operations UNION SELECT seq FROM event_logs") == []
    )


async def test_a_strangers_sticker_or_old_tap_is_answered_with_words(bot: Stage) -> None:
    ana = await bot.stranger()
    somebody = {"id": ana, "is_bot": False, "first_name": "Ana", "language_code": "es"}
    message = {"message_id": 5, "date": 1, "chat": {"id": ana, "type": "private"}, "from": somebody, "sticker": STICKER}
    await bot.raw({"update_id": 10**9, "message": message})
    first = await bot.next_from_bot(ana, 0)
    await arrives_late(bot, tap(ana, 5, "menu", update_id=10**9 + 1), minutes=3)

    assert [first["text"], (await bot.next_from_bot(ana, first["message_id"]))["text"]] == [ASKED_IN["es"]] * 2
    assert await bot.value("SELECT count(*) FROM users") == 0


async def test_a_closed_house_says_so_instead_of_asking_in(bot: Stage) -> None:
    bot.house.rules.now = bot.house.rules.now.model_copy(
        update={"flags": bot.house.rules.now.flags.model_copy(update={"registration": False})}
    )
    await bot.raw(tap(await bot.stranger(), 5, "menu", update_id=10**9))

    said = await bot.until_called("answerCallbackQuery")
    assert "no recibe nuevas visitas" in said["params"]["text"]


async def test_not_even_the_owner_of_the_settings_comes_in_by_words(bot: Stage) -> None:
    assert (await bot.says(DIANA, "hola"))["text"] in ASKED_IN.values()
    assert await bot.value("SELECT count(*) FROM users") == 0


async def test_whoever_was_erased_is_unknown_until_she_writes_start(postgres_dsn: str) -> None:
    async with working(postgres_dsn) as bot:
        ana = await bot.person()
        page = await bot.says(ana, "/historia")
        asked, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🔥 Borrar mis datos")
        await bot.taps(ana, asked, "Sí, borrar todo")

        said = await bot.sim.act(ana, "tap", message_id=page["message_id"], label="Entrar")
        assert (said["text"], said["show_alert"]) == (ASKED_IN["es"], True)
        for written in ("hola", "/historia"):
            assert (await bot.says(ana, written))["text"] == ASKED_IN["es"], written
        await at_rest(bot)
        assert await bot.column("SELECT erased_at IS NULL FROM users") == [False]
        newest = "SELECT event_type FROM event_logs WHERE event_type LIKE 'user.%' ORDER BY seq DESC LIMIT 1"
        assert await bot.value(newest) == "user.erased"

        assert "Permítame presentarme" in (await bot.says(ana, "/start"))["text"], "as if for the first time"
        assert await bot.column("SELECT erased_at IS NULL FROM users ORDER BY id") == [False, True]
