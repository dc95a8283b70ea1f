"""Texts: sending, limits, formatting, keyboards, replies, and what comes back."""

from typing import Any

import pytest

from tests.telesim.home import ALEX, BOT, DIANA, FREE, LUCIA, TALK, Home

Object = dict[str, Any]


def keyboard(*buttons: Object) -> Object:
    return {"inline_keyboard": [list(buttons)]}


async def test_a_text_arrives_with_its_entities(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="<b>a &lt; 😀</b> <i>b</i>", parse_mode="html")
    assert sent["text"] == "a < 😀 b"
    assert sent["entities"] == [
        {"offset": 0, "length": 6, "type": "bold"},
        {"offset": 7, "length": 1, "type": "italic"},
    ]
    (shown,) = [one for one in await chat.messages(LUCIA) if one["message_id"] == sent["message_id"]]
    assert shown["text"] == sent["text"]
    assert shown["sim"]["outgoing"] is False


async def test_a_person_is_heard_with_her_name_and_language(sim: Home) -> None:
    message_id = await sim.says(ALEX, "/start hi")
    heard = await sim.update("message")
    assert heard["message_id"] == message_id
    assert heard["from"]["language_code"] == "en"
    assert heard["chat"] == {
        "id": ALEX, "type": "private", "first_name": "Alex", "last_name": "Reed", "username": "alex_home",
    }  # fmt: skip
    assert heard["entities"] == [{"offset": 0, "length": 6, "type": "bot_command"}]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": "  \n "}, "Bad Request: text must be non-empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "<b>" + "x" * 4097 + "</b>", "parse_mode": "HTML"}, "Bad Request: message is too long"),
        ({}, "Bad Request: message text is empty"),
        ({"text": "a", "chat_id": 1}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": -1}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": "@nobody_here"}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": "nonsense"}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": 10**40}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": None}, "Bad Request: chat_id is empty"),
        ({"text": "a", "parse_mode": "rtf"}, "Bad Request: unsupported parse_mode"),
        ({"text": "a", "reply_parameters": {"message_id": 999}}, "Bad Request: message to be replied not found"),
        ({"text": "a", "speed": 3}, 'Bad Request: unknown parameter "speed"'),
        ({"text": ["a"]}, 'Bad Request: can\'t parse parameter "text": input should be a valid string'),
        (
            {"text": "a", "disable_notification": "perhaps"},
            (
                'Bad Request: can\'t parse parameter "disable_notification": '
                "input should be a valid boolean, unable to interpret input"
            ),
        ),
        (
            {"text": "a", "reply_markup": "{"},
            "Bad Request: can't parse parameter \"reply_markup\": can't parse JSON",
        ),
    ],
)
async def test_what_telegram_refuses_is_refused_in_its_words(chat: Home, given: Object, error: str) -> None:
    assert await chat.refused("sendMessage", **({"chat_id": LUCIA} | given)) == error


async def test_limits_count_code_points_after_parsing(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="<b>" + "😀" * 4096 + "</b>", parse_mode="HTML")
    assert len(sent["text"]) == 4096
    assert sent["entities"][0]["length"] == 8192


@pytest.mark.parametrize(
    ("markup", "error"),
    [
        (keyboard({"text": "a", "callback_data": "ж" * 33}), "Bad Request: BUTTON_DATA_INVALID"),
        (keyboard({"text": "a", "callback_data": ""}), "Bad Request: BUTTON_DATA_INVALID"),
        (keyboard({"text": "a"}), "Bad Request: text buttons are unallowed in the inline keyboard"),
        (
            {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]] * 101},
            "Bad Request: reply markup is too long",
        ),
        (keyboard(*[{"text": "a", "callback_data": "b"}] * 9), "Bad Request: BUTTONS_TOO_MANY_IN_ROW"),
        (
            {"inline_keyboard": [[{"text": "a" * 500, "callback_data": "b"}]] * 21},
            "Bad Request: reply markup is too long",
        ),
        (
            keyboard({"text": "a", "web_app": {"url": "http://a.b"}}),
            "Bad Request: inline keyboard button Web App URL 'http://a.b' is invalid: Only HTTPS links are allowed",
        ),
        (
            keyboard({"text": "a", "url": "nonsense here"}),
            "Bad Request: inline keyboard button URL 'nonsense here' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_keyboards_have_limits(chat: Home, markup: Object, error: str) -> None:
    assert await chat.refused("sendMessage", chat_id=LUCIA, text="a", reply_markup=markup) == error


async def test_thirty_two_cyrillic_letters_fit_and_the_first_action_counts(chat: Home) -> None:
    button = {"text": "a", "callback_data": "ж" * 32, "url": "https://a.b"}
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="a", reply_markup=keyboard(button))
    assert sent["reply_markup"]["inline_keyboard"] == [[{"text": "a", "url": "https://a.b"}]]


async def test_web_app_buttons_are_for_private_chats(chat: Home) -> None:
    markup = keyboard({"text": "a", "web_app": {"url": "https://a.b"}})
    assert await chat.refused("sendMessage", chat_id=TALK, text="a", reply_markup=markup) == (
        "Bad Request: BUTTON_TYPE_INVALID"
    )


async def test_an_edit_changes_the_message_and_the_same_again_is_not_modified(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="a")
    place = {"chat_id": LUCIA, "message_id": sent["message_id"]}
    edited = await chat.ok(
        "editMessageText", **place, text="b", reply_markup=keyboard({"text": "k", "callback_data": "d"})
    )
    assert (edited["text"], "edit_date" in edited) == ("b", True)
    assert (await chat.ok("editMessageReplyMarkup", **place)).get("reply_markup") is None
    assert await chat.refused("editMessageText", **place, text="b") == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )
    assert await chat.refused("editMessageText", chat_id=LUCIA, message_id=99, text="c") == (
        "Bad Request: message to edit not found"
    )
    assert await chat.refused("editMessageCaption", **place, caption="c") == (
        "Bad Request: there is no caption in the message to edit"
    )
    for other in ({"keyboard": [["k"]]}, {"remove_keyboard": True}, {"force_reply": True}):
        assert await chat.refused("editMessageText", **place, text="c", reply_markup=other) == (
            "Bad Request: inline keyboard expected"
        )
    theirs = await chat.says(LUCIA, "mine")
    assert await chat.refused("editMessageText", chat_id=LUCIA, message_id=theirs, text="c") == (
        "Bad Request: message can't be edited"
    )


async def test_a_message_can_be_deleted_for_two_days(chat: Home) -> None:
    first = await chat.ok("sendMessage", chat_id=LUCIA, text="a")
    place = {"chat_id": LUCIA, "message_id": first["message_id"]}
    assert await chat.ok("deleteMessage", **place) is True
    assert await chat.refused("deleteMessage", **place) == "Bad Request: message to delete not found"
    second = await chat.ok("sendMessage", chat_id=LUCIA, text="a")
    await chat.control("POST", "clock", {"advance_seconds": 48 * 3600 + 1})
    assert await chat.refused("deleteMessage", chat_id=LUCIA, message_id=second["message_id"]) == (
        "Bad Request: message can't be deleted"
    )


async def test_several_are_deleted_at_once_and_missing_ones_skipped(chat: Home) -> None:
    sent = [(await chat.ok("sendMessage", chat_id=LUCIA, text="a"))["message_id"] for _ in range(3)]
    assert await chat.ok("deleteMessages", chat_id=LUCIA, message_ids=[*sent, 12345]) is True
    assert [one["text"] for one in await chat.messages(LUCIA)] == ["/start"]


async def test_forwarding_names_the_origin_and_copying_does_not(chat: Home) -> None:
    post = await chat.ok("sendMessage", chat_id=FREE, text="news")
    source = {"from_chat_id": FREE, "message_id": post["message_id"]}
    forwarded = await chat.ok("forwardMessage", chat_id=LUCIA, **source)
    assert forwarded["forward_origin"]["type"] == "channel"
    assert forwarded["forward_origin"]["message_id"] == post["message_id"]
    copied = await chat.ok("copyMessage", chat_id=LUCIA, **source)
    assert set(copied) == {"message_id"}
    assert "forward_origin" not in (await chat.messages(LUCIA))[-1]
    many = {"from_chat_id": FREE, "message_ids": [post["message_id"], 500]}
    assert len(await chat.ok("forwardMessages", chat_id=LUCIA, **many)) == 1
    assert len(await chat.ok("copyMessages", chat_id=LUCIA, **many)) == 1
    missing = {"from_chat_id": FREE, "message_id": 500}
    assert await chat.refused("forwardMessage", chat_id=LUCIA, **missing) == "Bad Request: message to forward not found"
    assert await chat.refused("copyMessage", chat_id=LUCIA, **missing) == "Bad Request: message to copy not found"
    assert await chat.refused("forwardMessages", chat_id=LUCIA, from_chat_id=FREE, message_ids=[3, 2]) == (
        "Bad Request: message identifiers must be in a strictly increasing order"
    )


async def test_protected_content_is_not_forwarded_but_a_bot_may_copy_it(chat: Home) -> None:
    kept = await chat.ok("sendMessage", chat_id=LUCIA, text="secret", protect_content=True)
    assert kept["has_protected_content"] is True
    source = {"from_chat_id": LUCIA, "message_id": kept["message_id"]}
    assert await chat.refused("forwardMessage", chat_id=FREE, **source) == (
        "Bad Request: message has protected content and can't be forwarded"
    )
    await chat.ok("copyMessage", chat_id=FREE, **source)
    forward = {"chat_id": FREE, "from_chat_id": BOT, "message_id": kept["message_id"]}
    refused = await chat.control("POST", f"people/{DIANA}/forward", forward | {"from_chat_id": None})
    assert refused.status == 404
    mine = await chat.control("POST", f"people/{LUCIA}/forward", forward)
    assert (mine.status, mine.body["error"]) == (403, "this message is protected: it can't be forwarded")


async def test_replies_carry_the_message_and_the_quote(chat: Home) -> None:
    message = await chat.says(LUCIA, "one two three")
    reply = {"message_id": message, "quote": "two"}
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="yes", reply_parameters=reply)
    assert sent["reply_to_message"]["message_id"] == message
    assert sent["quote"] == {"text": "two", "position": 4, "is_manual": True}
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await chat.ok("sendMessage", chat_id=LUCIA, text="a", reply_parameters=lenient)
    assert await chat.refused("sendMessage", chat_id=LUCIA, text="a", reply_parameters=reply | {"quote": "four"}) == (
        "Bad Request: QUOTE_TEXT_INVALID"
    )


async def test_who_blocks_the_bot_is_not_written_to_and_the_bot_is_told(chat: Home) -> None:
    await chat.act(LUCIA, "block", blocked=True)
    change = await chat.update("my_chat_member")
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    blocked = await chat.call("sendMessage", chat_id=LUCIA, text="a")
    assert (blocked.status, blocked.error) == (403, "Forbidden: bot was blocked by the user")
    assert (await chat.control("POST", f"people/{LUCIA}/send", {"text": "a"})).status == 403
    await chat.act(LUCIA, "start", payload="again")
    assert [set(one) - {"update_id"} for one in await chat.updates()] == [{"my_chat_member"}, {"message"}]
    await chat.control("PATCH", f"people/{LUCIA}", {"deactivated": True})
    assert (await chat.call("sendMessage", chat_id=LUCIA, text="a")).error == "Forbidden: user is deactivated"


async def test_a_bot_does_not_begin_a_conversation(sim: Home) -> None:
    assert await sim.refused("sendMessage", chat_id=LUCIA, text="a") == "Bad Request: chat not found"
    await sim.act(LUCIA, "join", chat_id=FREE)
    refused = await sim.call("sendMessage", chat_id=LUCIA, text="a")
    assert (refused.status, refused.error) == (403, "Forbidden: bot can't initiate conversation with a user")


async def test_a_person_may_edit_and_the_bot_hears_of_it(chat: Home) -> None:
    message = await chat.says(LUCIA, "helo")
    await chat.updates()
    await chat.act(LUCIA, "edit", message_id=message, text="hello")
    edited = await chat.update("edited_message")
    assert (edited["text"], "edit_date" in edited) == ("hello", True)


async def test_reply_keyboards_stay_until_they_are_taken_away(chat: Home) -> None:
    async def shown() -> Any:
        rows = (await chat.control("GET", f"people/{LUCIA}/chats")).body
        return next(row["keyboard"] for row in rows if row["chat"]["id"] == BOT)

    markup = {"keyboard": [["yes", {"text": "no"}]], "resize_keyboard": True}
    await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=markup)
    assert (await shown())["keyboard"] == [[{"text": "yes"}, {"text": "no"}]]
    await chat.ok("sendMessage", chat_id=LUCIA, text="still")
    assert (await shown()) is not None
    await chat.ok("sendMessage", chat_id=LUCIA, text="gone", reply_markup={"remove_keyboard": True})
    assert await shown() is None
    for once in ({"force_reply": True}, {"keyboard": [["yes"]], "one_time_keyboard": True}):
        await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=once)
        assert await shown() is not None
        await chat.says(LUCIA, "yes")
        assert await shown() is None


async def test_typing_is_shown_and_known(chat: Home) -> None:
    assert await chat.ok("sendChatAction", chat_id=LUCIA, action="typing") is True
    assert await chat.refused("sendChatAction", chat_id=LUCIA, action="dancing") == (
        "Bad Request: wrong parameter action in request"
    )


async def test_private_chats_of_one_bot_count_their_messages_together(chat: Home) -> None:
    first = await chat.says(LUCIA, "a")
    second = await chat.says(ALEX, "b")
    assert second == first + 1


async def test_small_kinds_of_messages(chat: Home) -> None:
    place = {"latitude": 40.4, "longitude": -3.7}
    assert (await chat.ok("sendLocation", chat_id=LUCIA, **place))["location"] == place
    endless = await chat.request(
        "POST", f"/bot{chat.token}/sendLocation", params={"chat_id": LUCIA, "horizontal_accuracy": "nan", **place}
    )
    assert endless.error == 'Bad Request: can\'t parse parameter "horizontal_accuracy": input should be a finite number'
    assert (await chat.ok("sendVenue", chat_id=LUCIA, **place, title="t", address="a"))["venue"]["title"] == "t"
    assert (await chat.ok("sendContact", chat_id=LUCIA, phone_number="1", first_name="a"))["contact"][
        "first_name"
    ] == "a"
    assert 1 <= (await chat.ok("sendDice", chat_id=LUCIA, emoji="🎲"))["dice"]["value"] <= 6
    assert await chat.refused("sendDice", chat_id=LUCIA, emoji="x") == "Bad Request: dice emoji is not supported"
