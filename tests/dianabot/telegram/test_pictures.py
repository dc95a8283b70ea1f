"""Pages with a picture: shown once uploaded, replaced by pages without one, and never in the way of reading."""

import asyncio
import hashlib
from collections.abc import Mapping

import pytest
import structlog

from dianabot.content.folder import Picture
from dianabot.content.store import keep_pictures
from dianabot.operations.publish import Publish
from dianabot.operations.unit import Unit
from dianabot.vocabulary.world import World
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.stage import Message, Stage, part_of
from tests.telesim.home import PNG

pytestmark = pytest.mark.slow

SHA = hashlib.sha256(PNG).hexdigest()
HEAD = len("La puerta\nLa puerta\n\n")
OPEN = "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')"
NO_TEXTS: Mapping[str, str] = {}


def pictured(*keys: str, texts: Mapping[str, str] = NO_TEXTS) -> World:
    """The cottage, with a picture in these fragments and other words in those."""
    document = WORLD.model_dump(mode="json", exclude_none=True)
    for fragment in document["fragments"]:
        if fragment["key"] in keys:
            fragment["image"] = "it.png"
        if fragment["key"] in texts:
            fragment["text"] = {"es": texts[fragment["key"]]}
    return World.model_validate(document)


async def publish(bot: Stage, world: World, content: bytes | None = PNG) -> None:
    """Without `content` the picture is named and nowhere to be found."""
    picture = Picture("image/png", content or PNG)

    async def keep(unit: Unit) -> None:
        if content is not None:
            await keep_pictures(unit.tx, [picture])

    act = Publish(world=world, pictures={"it.png": picture.sha256})
    await bot.house.coordinator.run(act, key="publish", member=None, actor="test", beside=keep)


async def shown(bot: Stage, person: int) -> list[Message]:
    """All that the bot has shown her after its greeting."""
    return [one for one in await bot.sim.messages(person, limit=100) if one["from"]["is_bot"]][1:]


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


def uploads(bot: Stage) -> int:
    return len(bot.sim.sim.world.files.by_id)


async def test_a_picture_stands_above_its_page_and_goes_up_once_for_everybody(bot: Stage) -> None:
    await publish(bot, pictured("door"))
    people = [await bot.person(f"P{number}") for number in range(5)]
    pages = await asyncio.gather(*(bot.says(person, "/historia") for person in people))
    for number, page in enumerate(pages):
        assert page["caption"] == f"La puerta\nLa puerta\n\nHola, P{number}. La puerta está abierta."
        assert labels(page)[:2] == ["Entrar", "🔒 Bajar al sótano"]
        assert page["caption_entities"][-1]["type"] == "bold"
    await bot.until(OPEN, lambda left: left == 0)
    assert uploads(bot) == 1
    assert len({page["photo"][-1]["file_unique_id"] for page in pages}) == 1
    assert await bot.value("SELECT file_id FROM telegram_files") == pages[0]["photo"][-1]["file_id"]


async def test_whoever_starts_later_knows_what_is_uploaded(bot: Stage) -> None:
    await publish(bot, pictured("door"))
    ana = await bot.person()
    await bot.says(ana, "/historia")
    await bot.part.stop()
    bot.part = part_of(bot.house, pace=None)
    await bot.part.start()
    try:
        assert (await bot.says(ana, "/historia"))["photo"]
    finally:
        await bot.part.stop()
    assert uploads(bot) == 1


async def test_a_file_id_that_telegram_refuses_is_forgotten_and_the_picture_goes_up_again(bot: Stage) -> None:
    await publish(bot, pictured("door"))
    ana = await bot.person()
    await bot.house.db.run(
        "INSERT INTO telegram_files (bot, sha256, file_id) VALUES ($1, $2, 'AgACofanotherbot')", bot.part.bot.id, SHA
    )
    page = await bot.says(ana, "/historia")
    await bot.until(OPEN, lambda left: left == 0)
    assert await bot.column("SELECT file_id FROM telegram_files") == [page["photo"][-1]["file_id"]]
    assert (await bot.says(ana, "/historia"))["photo"]
    assert uploads(bot) == 1
    assert [len(await shown(bot, ana)), len(await bot.calls("sendPhoto"))] == [2, 3]


@pytest.mark.parametrize(("length", "whole"), [(1024, True), (1025, False), (4096, False), (4097, False)])
async def test_what_does_not_fit_below_the_picture_follows_it(bot: Stage, length: int, whole: bool) -> None:  # noqa: FBT001 - a row of the table
    marked = "**negrita** & ||velado|| "
    plain = len("negrita & velado ")
    await publish(bot, pictured("door", texts={"door": marked + ("x " * length)[: length - HEAD - plain - 1] + "x"}))
    ana = await bot.person()
    await bot.says(ana, "/historia")
    await bot.until(OPEN, lambda left: left == 0)
    photo, *texts = await shown(bot, ana)
    told = [photo["caption"]] if whole else [one["text"] for one in texts]
    assert ("caption" in photo, "reply_markup" in photo) == (whole, whole)
    assert len(told) == (2 if length > 4096 else 1)
    assert len("\n\n".join(told)) == length
    assert [labels(one)[0] for one in (photo, *texts)[-1:]] == ["Entrar"]
    assert sum("reply_markup" in one for one in (photo, *texts)) == 1


async def test_a_photo_gives_way_to_a_text_and_the_text_becomes_a_photo_again(bot: Stage) -> None:
    await publish(bot, pictured("door"))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    lock, _ = await bot.taps(ana, page, "🔒 Bajar al sótano")
    assert "«Lámpara» en su mochila" in lock["text"]
    await bot.until(OPEN, lambda left: left == 0)
    assert [one["message_id"] for one in await shown(bot, ana)] == [lock["message_id"]], "the photo is gone"
    again, _ = await bot.taps(ana, lock, "‹ Volver")
    assert (again["message_id"], again["caption"]) == (lock["message_id"], page["caption"])
    assert again["photo"] == page["photo"]
    following, _ = await bot.taps(ana, again, "Entrar")
    assert "Un espejo pregunta" in following["text"]
    left = next(one for one in await shown(bot, ana) if one["message_id"] == again["message_id"])
    assert left["caption"].endswith("abierta.\n\n› Entrar")
    assert left["photo"] == page["photo"]
    assert "reply_markup" not in left


async def test_a_photo_whose_caption_is_full_is_left_without_its_buttons(bot: Stage) -> None:
    await publish(bot, pictured("door", texts={"door": "x" * (1024 - HEAD)}))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await bot.taps(ana, page, "Entrar")
    await bot.until(OPEN, lambda left: left == 0)
    left, following = await shown(bot, ana)
    assert left["caption"] == page["caption"]
    assert "reply_markup" not in left
    assert "Un espejo pregunta" in following["text"]


async def test_one_photo_becomes_another_in_place(bot: Stage) -> None:
    await publish(bot, pictured("door", "room"))
    ana = await bot.person()
    older, newer = await bot.says(ana, "/historia"), await bot.says(ana, "/historia")
    await bot.taps(ana, newer, "Entrar")
    await bot.sim.act(ana, "tap", message_id=older["message_id"], label="🔒 Bajar al sótano")
    await bot.until(OPEN, lambda left: left == 0)
    changed = (await shown(bot, ana))[0]
    assert (changed["message_id"], changed["photo"]) == (older["message_id"], older["photo"])
    assert "Un espejo pregunta" in changed["caption"]
    assert "✍️ Responder" in labels(changed)


async def test_a_picture_that_is_nowhere_leaves_the_text_alone_and_a_line_in_the_log(bot: Stage) -> None:
    await publish(bot, pictured("door", "room"), None)
    ana = await bot.person()
    with structlog.testing.capture_logs() as lines:
        page = await bot.says(ana, "/historia")
        assert "La puerta está abierta" in page["text"]
        lock, _ = await bot.taps(ana, page, "🔒 Bajar al sótano")
        back, _ = await bot.taps(ana, lock, "‹ Volver")
    assert (back["message_id"], back["text"]) == (page["message_id"], page["text"])
    assert [line["sha256"] for line in lines if line["event"] == "picture_missing"] == [SHA, SHA]


async def test_a_picture_that_telegram_will_not_take_is_tried_once_and_then_left_out(bot: Stage) -> None:
    await publish(bot, pictured("door"), b"\x89PNG\r\n\x1a\n, it says")
    ana = await bot.person()
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            assert "La puerta está abierta" in (await bot.says(ana, "/historia"))["text"]
    assert len(await bot.calls("sendPhoto")) == 1
    assert [line["error"] for line in lines if line["event"] == "picture_refused"] == ["Image_process_failed"]


async def test_the_wall_shows_no_picture_and_what_is_behind_it_cannot_be_carried_away(bot: Stage) -> None:
    await publish(bot, pictured("divan"))
    ana = await bot.person()
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    page, _ = await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    locked, _ = await bot.taps(ana, page, "🔒 Al diván")
    wall, _ = await bot.taps(ana, locked, "👑 El club")
    assert "Solo para ti." in wall["text"]
    assert "photo" not in wall
    assert uploads(bot) == 0
    inside, _ = await bot.taps(ana, wall, "🕯 Probar 3 días")
    page = await bot.turns(ana, inside, "🚪 Entrar ahora")
    assert "Lo demás es secreto." in page["caption"]
    assert page["has_protected_content"] is True
    end, _ = await bot.taps(ana, page, "Subir")
    assert "has_protected_content" not in end
    path, _ = await bot.taps(ana, end, "👣 Mi camino")
    again, _ = await bot.taps(ana, path, "1")
    assert again["photo"] == page["photo"]
    assert again["has_protected_content"] is True


@pytest.mark.parametrize(("fault", "photos"), [("429", 1), ("500", 1), ("drop_reply", 2)])
async def test_an_answer_with_a_picture_that_did_not_get_through_comes_later_and_nothing_happens_twice(
    bot: Stage, fault: str, photos: int
) -> None:
    await publish(bot, pictured("room"))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await bot.sim.control("POST", "faults", {"method": "sendPhoto", "kind": fault, "count": 1, "retry_after": 0})
    await bot.sim.act(ana, "tap", message_id=page["message_id"], label="Entrar")
    await bot.until(OPEN, lambda left: left == 0)
    left, *following = await shown(bot, ana)
    assert left["text"].endswith("abierta.\n\n› Entrar"), "the second try has not written over it"
    assert ["Un espejo pregunta" in one["caption"] for one in following] == [True] * photos
    assert await bot.column("SELECT amount FROM besitos_ledger") == [20]
