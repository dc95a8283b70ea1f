"""Files of every kind, and what the bot says of itself."""

import io
from typing import Any

import aiohttp
import pytest

from tests.telesim.home import ALEX, BOT, DIANA, LUCIA, PNG, VIP, Home

Object = dict[str, Any]


# Files


def form(**fields: Any) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            data.add_field(name, io.BytesIO(value), filename=f"{name}.png", content_type="image/png")
        else:
            data.add_field(name, str(value))
    return data


async def upload(sim: Home, method: str, **fields: Any) -> Any:
    return (await sim.request("POST", f"/bot{sim.token}/{method}", data=form(**fields))).result


async def test_a_photo_is_uploaded_fetched_and_sent_again_by_its_id(chat: Home) -> None:
    sent = await upload(chat, "sendPhoto", chat_id=LUCIA, photo=PNG, caption="<i>hi</i>", parse_mode="HTML")
    (photo,) = sent["photo"]
    assert (photo["width"], photo["height"], sent["caption"]) == (2, 2, "hi")
    file = await chat.ok("getFile", file_id=photo["file_id"])
    async with chat.session.get(f"{chat.address}/file/bot{chat.token}/{file['file_path']}") as answer:
        assert await answer.read() == PNG
    again = await chat.ok("sendPhoto", chat_id=LUCIA, photo=photo["file_id"], has_spoiler=True)
    assert again["photo"] == sent["photo"]
    shown = (await chat.messages(LUCIA))[-1]["sim"]["media_url"][photo["file_id"]]
    async with chat.session.get(chat.address.removesuffix("/sim") + shown) as answer:
        assert (await answer.read(), answer.headers["x-content-type-options"]) == (PNG, "nosniff")


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("sendDocument", "document"), ("sendVideo", "video"), ("sendAnimation", "animation"), ("sendAudio", "audio"),
        ("sendVoice", "voice"), ("sendVideoNote", "video_note"), ("sendSticker", "sticker"),
    ],
)  # fmt: skip
async def test_every_kind_of_file_can_be_sent(chat: Home, method: str, kind: str) -> None:
    sent = await upload(chat, method, chat_id=LUCIA, **{kind: PNG})
    again = await chat.ok(method, chat_id=LUCIA, **{kind: sent[kind]["file_id"]})
    assert again[kind]["file_id"] == sent[kind]["file_id"]


async def test_albums_belong_together_and_can_be_edited(chat: Home) -> None:
    media = '[{"type":"photo","media":"attach://a","caption":"one"},{"type":"photo","media":"attach://b"}]'
    first, second = await upload(chat, "sendMediaGroup", chat_id=LUCIA, media=media, a=PNG, b=PNG)
    assert first["media_group_id"] == second["media_group_id"]
    place = {"chat_id": LUCIA, "message_id": first["message_id"]}
    edited = await chat.ok("editMessageCaption", **place, caption="two")
    assert edited["caption"] == "two"
    other = {"type": "photo", "media": second["photo"][0]["file_id"], "caption": "three"}
    assert (await chat.ok("editMessageMedia", **place, media=other))["caption"] == "three"
    assert await chat.refused("sendMediaGroup", chat_id=LUCIA, media=[]) == "Bad Request: there are no messages to send"
    mixed = [other, other | {"type": "document"}]
    assert await chat.refused("sendMediaGroup", chat_id=LUCIA, media=mixed) == (
        "Bad Request: Document can't be mixed with other media types"
    )


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "there is no photo in the request"),
        ({"photo": "attach://gone"}, "there is no photo in the request"),
        ({"photo": "https://a.b/c.png"}, "failed to get HTTP URL content"),
        ({"photo": "nonsense"}, "wrong file identifier/HTTP URL specified"),
        ({"photo": b"no picture"}, "IMAGE_PROCESS_FAILED"),
        ({"photo": b""}, "file must be non-empty"),
        (
            {"photo": PNG + bytes(10 << 20)},
            f"file of size {len(PNG) + (10 << 20)} bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
        ({"photo": PNG, "caption": "x" * 1025}, "message caption is too long"),
    ],
)
async def test_bad_photos_are_refused(chat: Home, given: Object, error: str) -> None:
    answer = await chat.request("POST", f"/bot{chat.token}/sendPhoto", data=form(chat_id=LUCIA, **given))
    assert answer.error == f"Bad Request: {error}"


@pytest.mark.slow
async def test_large_files_are_sent_but_not_fetched(chat: Home) -> None:
    sent = await upload(chat, "sendDocument", chat_id=LUCIA, document=bytes((20 << 20) + 1))
    assert await chat.refused("getFile", file_id=sent["document"]["file_id"]) == "Bad Request: file is too big"
    assert await chat.refused("getFile", file_id="x") == "Bad Request: invalid file_id"


async def test_a_person_sends_a_photo(chat: Home) -> None:
    data = form(file=PNG, kind="photo", caption="look", client_id="c1")
    sent = await chat.request("POST", f"/api/people/{LUCIA}/upload", data=data)
    heard = await chat.update("message")
    assert (heard["message_id"], heard["caption"], len(heard["photo"])) == (sent.body["message_id"], "look", 1)
    again = await chat.request("POST", f"/api/people/{LUCIA}/upload", data=form(file=PNG, kind="photo", client_id="c1"))
    assert again.body == sent.body
    bad = await chat.request("POST", f"/api/people/{LUCIA}/upload", data=form(file=b"no", kind="photo"))
    assert bad.status == 400


async def test_a_chat_has_a_picture(sim: Home) -> None:
    assert await upload(sim, "setChatPhoto", chat_id=VIP, photo=PNG) is True
    assert await sim.ok("deleteChatPhoto", chat_id=VIP) is True
    assert await sim.refused("deleteChatPhoto", chat_id=VIP) == "Bad Request: CHAT_NOT_MODIFIED"


# What the bot says of itself


async def test_commands_depend_on_scope_and_language(chat: Home) -> None:
    async def shown(person: int) -> list[str]:
        rows = (await chat.control("GET", f"people/{person}/chats")).body
        return next([one["command"] for one in row["commands"]] for row in rows if row["chat"]["id"] == BOT)

    def commands(name: str) -> list[Object]:
        return [{"command": name, "description": "d"}]

    await chat.ok("setMyCommands", commands=commands("default"))
    await chat.ok("setMyCommands", commands=commands("ingles"), language_code="en")
    await chat.ok(
        "setMyCommands", commands=commands("private"), scope={"type": "all_private_chats"}, language_code="es"
    )
    await chat.ok("setMyCommands", commands=commands("hers"), scope={"type": "chat", "chat_id": LUCIA})
    assert (await shown(LUCIA), await shown(ALEX), await shown(DIANA)) == (["hers"], ["ingles"], ["private"])
    assert await chat.ok("getMyCommands", language_code="en") == commands("ingles")
    assert await chat.ok("deleteMyCommands", scope={"type": "chat", "chat_id": LUCIA}) is True
    assert await shown(LUCIA) == ["private"]
    assert await chat.refused("setMyCommands", commands=commands("Bad!")) == "Bad Request: BOT_COMMAND_INVALID"
    assert await chat.refused("setMyCommands", commands=[{"command": "a", "description": "x" * 257}]) == (
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"
    )
    assert "100" in await chat.refused("setMyCommands", commands=commands("a") * 101)


async def test_names_descriptions_buttons_and_rights(chat: Home) -> None:
    await chat.ok("setMyName", name="Casa")
    assert await chat.ok("getMyName", language_code="es") == {"name": "Casa"}
    await chat.ok("setMyDescription", description="Hola", language_code="es")
    assert await chat.ok("getMyDescription", language_code="es") == {"description": "Hola"}
    await chat.ok("setMyShortDescription", short_description="s")
    assert await chat.ok("getMyShortDescription", language_code="fr") == {"short_description": "s"}
    await chat.ok("setChatMenuButton", menu_button={"type": "commands"})
    assert await chat.ok("getChatMenuButton") == {"type": "commands"}
    await chat.ok("setMyDefaultAdministratorRights", rights={"can_manage_chat": True})
    assert (await chat.ok("getMyDefaultAdministratorRights"))["can_manage_chat"] is True
    assert await chat.ok("logOut") is await chat.ok("close") is True
    rows = (await chat.control("GET", f"people/{LUCIA}/chats")).body
    assert next(row["description"] for row in rows if row["chat"]["id"] == BOT) == "Hola"
