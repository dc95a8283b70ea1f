"""Buttons, reactions, polls, files: what people do, and what the bot hears of it."""

import asyncio
from typing import Any

import pytest

from tests.telesim.home import ALEX, DIANA, FREE, LUCIA, TALK, Home

Object = dict[str, Any]
BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "go:1"}, {"text": "Site", "url": "https://a.b/"}]]}


# Buttons


async def test_a_tap_asks_the_bot_and_answers_what_it_says(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=BUTTON)
    tap = asyncio.create_task(chat.act(LUCIA, "tap", message_id=sent["message_id"], label="Go"))
    query = await chat.next_update("callback_query")
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("go:1", LUCIA, sent["message_id"])
    place = {"callback_query_id": query["id"]}
    assert await chat.refused("answerCallbackQuery", **place, text="x" * 201) == "Bad Request: MESSAGE_TOO_LONG"
    assert await chat.ok("answerCallbackQuery", **place, text="Done", show_alert=True) is True
    answer = await tap
    assert (answer["answered"], answer["text"], answer["show_alert"]) == (True, "Done", True)
    assert await chat.refused("answerCallbackQuery", **place) == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )


async def test_a_tap_without_answer_ends_after_fifteen_seconds(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=BUTTON)
    tap = asyncio.create_task(chat.act(LUCIA, "tap", message_id=sent["message_id"], data="go:1"))
    query = await chat.next_update("callback_query")
    chat.hands.tick(15.1)
    assert (await tap)["answered"] is False
    assert "too old" in await chat.refused("answerCallbackQuery", callback_query_id=query["id"])


async def test_a_link_leads_on_and_a_missing_button_is_named(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=BUTTON)
    tap = {"message_id": sent["message_id"]}
    assert (await chat.act(LUCIA, "tap", **tap, label="Site"))["url"] == "https://a.b/"
    missing = await chat.control("POST", f"people/{LUCIA}/tap", tap | {"label": "Nope"})
    assert (missing.status, missing.body["buttons"]) == (404, ["Go", "Site"])
    assert (await chat.control("POST", f"people/{LUCIA}/tap", {"message_id": 999, "label": "Go"})).status == 404


async def test_a_button_under_a_post_names_the_person(chat: Home) -> None:
    post = await chat.ok("sendMessage", chat_id=FREE, text="news", reply_markup=BUTTON)
    tap = asyncio.create_task(chat.act(ALEX, "tap", chat_id=FREE, message_id=post["message_id"], label="Go"))
    query = await chat.next_update("callback_query")
    assert query["from"]["id"] == ALEX
    await chat.ok("answerCallbackQuery", callback_query_id=query["id"])
    assert (await tap)["answered"] is True


# Reactions


async def test_in_private_a_bot_that_asks_for_it_hears_who_reacts(chat: Home) -> None:
    await chat.updates(allowed_updates=["message_reaction"])
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="like me")
    await chat.act(LUCIA, "react", message_id=sent["message_id"], emoji="❤️")
    heard = await chat.update("message_reaction")
    assert (heard["user"]["id"], heard["old_reaction"], heard["new_reaction"]) == (
        LUCIA, [], [{"type": "emoji", "emoji": "❤"}],
    )  # fmt: skip
    await chat.act(LUCIA, "react", message_id=sent["message_id"], emoji=None)
    assert (await chat.update("message_reaction"))["new_reaction"] == []


async def test_in_channels_a_bot_hears_counts_only_and_late(chat: Home) -> None:
    await chat.updates(allowed_updates=["message_reaction", "message_reaction_count"])
    post = await chat.ok("sendMessage", chat_id=FREE, text="news")
    for person in (LUCIA, ALEX):
        await chat.act(person, "join", chat_id=FREE)
        await chat.act(person, "react", chat_id=FREE, message_id=post["message_id"], emoji="🔥")
    assert await chat.updates() == []
    chat.hands.tick(1)
    heard = await chat.next_update("message_reaction_count")
    assert heard["reactions"] == [{"type": {"type": "emoji", "emoji": "🔥"}, "total_count": 2}]
    assert "user" not in heard
    assert await chat.updates() == []


async def test_on_the_copy_in_the_discussion_group_only_counts_are_told(chat: Home) -> None:
    await chat.updates(allowed_updates=["message_reaction", "message_reaction_count"])
    await chat.ok("sendMessage", chat_id=FREE, text="news")
    await chat.act(LUCIA, "join", chat_id=TALK)
    copy = (await chat.messages(LUCIA, chat_id=TALK, limit=2))[0]
    await chat.act(LUCIA, "react", chat_id=TALK, message_id=copy["message_id"], emoji="👍")
    chat.hands.tick(1)
    assert (await chat.next_update("message_reaction_count"))["chat"]["id"] == TALK
    own = await chat.says(DIANA, "hello", chat_id=TALK)
    await chat.act(LUCIA, "react", chat_id=TALK, message_id=own, emoji="👍")
    assert (await chat.update("message_reaction"))["user"]["id"] == LUCIA


async def test_a_bot_reacts_too(chat: Home) -> None:
    message = await chat.says(LUCIA, "hi")
    place = {"chat_id": LUCIA, "message_id": message}
    assert await chat.ok("setMessageReaction", **place, reaction=[{"type": "emoji", "emoji": "👍"}]) is True
    shown = (await chat.messages(LUCIA))[-1]["sim"]["reactions"]
    assert shown == [{"emoji": "👍", "count": 1, "mine": False}]
    for reaction in ([{"type": "emoji", "emoji": "x"}], [{"type": "custom_emoji", "custom_emoji_id": "1"}]):
        assert await chat.refused("setMessageReaction", **place, reaction=reaction) == "Bad Request: REACTION_INVALID"
    assert (await chat.control("POST", f"people/{LUCIA}/react", {"message_id": message, "emoji": "x"})).status == 400


# Polls

QUIZ: Object = {
    "question": "2 + 2?", "options": [{"text": "3"}, {"text": "4"}, {"text": "5"}], "type": "quiz",
    "correct_option_ids": [1], "explanation": "<b>Four</b>", "explanation_parse_mode": "HTML", "is_anonymous": False,
}  # fmt: skip


async def test_a_quiz_is_answered_once_and_shows_the_right_answer(chat: Home) -> None:
    sent = await chat.ok("sendPoll", chat_id=LUCIA, **QUIZ)
    quiz = sent["poll"]
    assert (quiz["type"], quiz["correct_option_ids"], quiz["allows_revoting"]) == ("quiz", [1], False)
    assert len({option["persistent_id"] for option in quiz["options"]}) == 3
    before = (await chat.messages(LUCIA))[-1]["sim"]["poll"]
    assert before == {"my_option_ids": []}
    await chat.act(LUCIA, "vote", message_id=sent["message_id"], option_ids=[0])
    answer, state = await chat.updates()
    assert answer["poll_answer"]["option_ids"] == [0]
    assert answer["poll_answer"]["option_persistent_ids"] == [quiz["options"][0]["persistent_id"]]
    assert answer["poll_answer"]["user"]["id"] == LUCIA
    assert state["poll"]["options"][0]["voter_count"] == 1
    shown = (await chat.messages(LUCIA))[-1]["sim"]["poll"]
    assert shown == {"my_option_ids": [0], "correct_option_ids": [1], "explanation": "Four"}
    again = {"message_id": sent["message_id"], "option_ids": [1]}
    assert (await chat.control("POST", f"people/{LUCIA}/vote", again)).status == 409


async def test_a_regular_poll_can_be_answered_again_and_taken_back(chat: Home) -> None:
    poll = {"question": "?", "options": ["a", "b"], "is_anonymous": False, "allows_multiple_answers": True}
    sent = await chat.ok("sendPoll", chat_id=LUCIA, **poll)
    assert sent["poll"]["allows_revoting"] is True
    for chosen in ([0, 1], [1], []):
        await chat.act(LUCIA, "vote", message_id=sent["message_id"], option_ids=chosen)
        answer, _ = await chat.updates()
        assert answer["poll_answer"]["option_ids"] == chosen
    wrong = {"message_id": sent["message_id"], "option_ids": [7]}
    assert (await chat.control("POST", f"people/{LUCIA}/vote", wrong)).status == 400


async def test_anonymous_polls_tell_counts_only_and_channels_take_no_others(chat: Home) -> None:
    assert await chat.refused("sendPoll", chat_id=FREE, **QUIZ) == (
        "Bad Request: non-anonymous polls can't be sent to channel chats"
    )
    sent = await chat.ok("sendPoll", chat_id=FREE, **(QUIZ | {"is_anonymous": True}))
    await chat.act(LUCIA, "vote", chat_id=FREE, message_id=sent["message_id"], option_ids=[1])
    (state,) = await chat.updates()
    assert state["poll"]["total_voter_count"] == 1


async def test_polls_close_by_hand_and_by_time(chat: Home) -> None:
    first = await chat.ok("sendPoll", chat_id=LUCIA, **QUIZ)
    place = {"chat_id": LUCIA, "message_id": first["message_id"]}
    assert (await chat.ok("stopPoll", **place))["is_closed"] is True
    assert await chat.refused("stopPoll", **place) == "Bad Request: poll has already been closed"
    assert (await chat.update("poll"))["is_closed"] is True
    second = await chat.ok("sendPoll", chat_id=LUCIA, **QUIZ, open_period=60)
    assert second["poll"]["close_date"] == int(chat.clock.now()) + 60
    await chat.control("POST", "clock", {"advance_seconds": 61})
    assert (await chat.update("poll"))["is_closed"] is True
    vote = {"message_id": second["message_id"], "option_ids": [1]}
    assert (await chat.control("POST", f"people/{LUCIA}/vote", vote)).status == 409


async def test_a_moved_clock_brings_nearer_what_is_not_due_yet(chat: Home) -> None:
    await chat.ok("sendPoll", chat_id=LUCIA, **QUIZ, open_period=7_200)
    await chat.control("POST", "clock", {"advance_seconds": 7_190})
    assert await chat.updates() == []
    async with asyncio.timeout(60):
        while not any(left <= 10 for left in chat.hands.sleepers):
            await asyncio.sleep(0)
    chat.hands.tick(10)
    assert (await chat.next_update("poll"))["is_closed"] is True


async def test_a_forwarded_poll_shares_its_votes_and_a_copy_does_not(chat: Home) -> None:
    sent = await chat.ok("sendPoll", chat_id=LUCIA, **QUIZ)
    source = {"chat_id": TALK, "from_chat_id": LUCIA, "message_id": sent["message_id"]}
    forwarded = await chat.ok("forwardMessage", **source)
    assert forwarded["poll"]["id"] == sent["poll"]["id"]
    copied = await chat.ok("copyMessage", **source)
    await chat.act(LUCIA, "vote", message_id=sent["message_id"], option_ids=[1])
    shown = {one["message_id"]: one["poll"] for one in await chat.messages(DIANA, chat_id=TALK)}
    assert shown[forwarded["message_id"]]["total_voter_count"] == 1
    assert shown[copied["message_id"]]["total_voter_count"] == 0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"options": []}, "poll must have at least 1 option"),
        ({"options": ["a"] * 13}, "poll can't have more than 12 options"),
        ({"options": ["a", ""]}, "poll options must be non-empty"),
        ({"options": ["a", "x" * 101]}, "poll options length must not exceed 100"),
        ({"question": "x" * 301}, "poll question length must not exceed 300"),
        ({"correct_option_ids": []}, "quiz correct option identifier must be specified"),
        ({"correct_option_ids": [3]}, "wrong correct option ID specified"),
        ({"correct_option_ids": [2, 1], "allows_multiple_answers": True}, "wrong correct option ID specified"),
        ({"explanation": "a\nb\nc\nd"}, "POLL_EXPLANATION_INVALID"),
        ({"explanation": "x" * 201}, "message is too long"),
        ({"open_period": 4}, "open period must be 5 to 2628000 seconds"),
        ({"members_only": True}, "polls can be limited to members and countries in channel chats only"),
    ],
)
async def test_polls_have_limits(chat: Home, wrong: Object, error: str) -> None:
    assert await chat.refused("sendPoll", chat_id=LUCIA, **(QUIZ | wrong)) == f"Bad Request: {error}"


async def test_the_old_single_right_answer_is_still_read(chat: Home) -> None:
    old = {name: value for name, value in QUIZ.items() if name != "correct_option_ids"}
    assert (await chat.ok("sendPoll", chat_id=LUCIA, **old, correct_option_id=2))["poll"]["correct_option_ids"] == [2]
