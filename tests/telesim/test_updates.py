"""Facts of the update queue and of `getUpdates`."""

import asyncio
from typing import Any

from telesim.app import create
from telesim.updates.kinds import DEFAULT
from tests.telesim.home import ALEX, BOT, FREE, LUCIA, Home

Object = dict[str, Any]


def ids(updates: list[Object]) -> list[int]:
    return [update["update_id"] for update in updates]


def texts(updates: list[Object]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def several(sim: Home, count: int) -> list[int]:
    """So many messages of Lucía waiting; the ids of their updates."""
    for number in range(count):
        await sim.says(LUCIA, f"{number}")
    return [pending.id for pending in sim.sim.inbox(BOT).queue]


async def test_updates_stay_until_an_offset_behind_them_confirms_them(sim: Home) -> None:
    first, second, third = await several(sim, 3)
    assert ids(await sim.ok("getUpdates")) == [first, second, third]
    assert ids(await sim.ok("getUpdates", offset=second)) == [second, third]
    assert ids(await sim.ok("getUpdates", offset=0, limit=1)) == [second]
    assert await sim.ok("getUpdates", offset=third + 1) == []


async def test_update_ids_follow_one_another(sim: Home) -> None:
    first, *others = await several(sim, 5)
    assert others == [first + 1, first + 2, first + 3, first + 4]


async def test_a_negative_offset_keeps_the_last_ones_and_forgets_the_rest(sim: Home) -> None:
    found = await several(sim, 4)
    assert ids(await sim.ok("getUpdates", offset=-2)) == found[-2:]
    assert ids(await sim.ok("getUpdates")) == found[-2:]


async def test_an_offset_from_another_life_starts_at_the_beginning(sim: Home) -> None:
    found = await several(sim, 2)
    assert ids(await sim.ok("getUpdates", offset=found[-1] + 1_000)) == found


async def test_numbers_are_clamped_and_not_refused(sim: Home) -> None:
    await several(sim, 2)
    assert len(await sim.ok("getUpdates", limit=500)) == 2
    assert len(await sim.ok("getUpdates", limit=0, offset=1)) == 1
    assert len(await sim.ok("getUpdates", timeout=-7, offset=2)) == 2
    assert len(await sim.ok("getUpdates", limit=10**30, offset=3)) == 2


async def test_a_long_poll_wakes_as_soon_as_something_happens(sim: Home) -> None:
    poll = asyncio.create_task(sim.ok("getUpdates", timeout=50))
    await sleeping(sim, 1)
    await sim.says(LUCIA, "hola")
    assert texts(await poll) == ["hola"]


async def test_a_long_poll_without_news_ends_after_at_most_fifty_seconds(sim: Home) -> None:
    poll = asyncio.create_task(sim.ok("getUpdates", timeout=999))
    await sleeping(sim, 1)
    sim.hands.tick(49.9)
    await asyncio.sleep(0)
    assert not poll.done()
    sim.hands.tick(0.2)
    assert await poll == []


async def test_a_second_long_poll_ends_the_first_with_a_409(sim: Home) -> None:
    first = asyncio.create_task(sim.call("getUpdates", timeout=50))
    await sleeping(sim, 1)
    second = asyncio.create_task(sim.call("getUpdates", timeout=50, offset=1))
    answer = await first
    assert answer.status == 409
    assert answer.error == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await sim.says(LUCIA, "for the second")
    assert texts((await second).result) == ["for the second"]


async def test_conflicts_are_told_at_most_every_three_seconds(sim: Home) -> None:
    polls = []
    for number in range(3):
        polls.append(asyncio.create_task(sim.call("getUpdates", timeout=50, offset=number)))
        await sleeping(sim, number + 1 if number < 2 else 2)
    assert (await polls[0]).status == 409
    await sleeping(sim, 2, at=3)
    assert not polls[1].done()
    sim.hands.tick(3)
    assert (await polls[1]).status == 409
    polls[2].cancel()


async def test_asking_the_same_again_at_once_is_slowed_down(sim: Home) -> None:
    await several(sim, 3)
    assert len(await sim.ok("getUpdates", offset=1)) == 3
    assert len(await sim.ok("getUpdates", offset=1)) == 1
    sim.hands.tick(0.6)
    assert len(await sim.ok("getUpdates", offset=1)) == 3
    sim.sim.inbox(BOT).queue.clear()
    again = asyncio.create_task(sim.ok("getUpdates", offset=1, timeout=0))
    await sleeping(sim, 1, at=3)
    sim.hands.tick(3)
    assert await again == []


async def test_polling_is_refused_while_a_webhook_is_set(sim: Home) -> None:
    await sim.ok("setWebhook", url="http://127.0.0.1:9/hook")
    assert await sim.refused("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


async def test_setting_a_webhook_ends_a_poll(sim: Home) -> None:
    poll = asyncio.create_task(sim.call("getUpdates", timeout=50))
    await sleeping(sim, 1)
    await sim.ok("setWebhook", url="http://127.0.0.1:9/hook")
    assert (await poll).error == "Conflict: terminated by setWebhook request"


async def test_messages_keep_for_a_day_and_questions_for_150_seconds(chat: Home) -> None:
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="?", reply_markup=one_button())
    tap = asyncio.create_task(chat.act(LUCIA, "tap", message_id=sent["message_id"], label="a"))
    await sleeping(chat, 1)
    await chat.says(LUCIA, "hola")
    await chat.control("POST", "clock", {"advance_seconds": 149})
    found = await chat.ok("getUpdates", offset=-10)
    assert [set(update) - {"update_id"} for update in found] == [{"callback_query"}, {"message"}]
    await chat.control("POST", "clock", {"advance_seconds": 2})
    assert texts(await chat.ok("getUpdates", offset=-9)) == ["hola"]
    await chat.control("POST", "clock", {"advance_seconds": 86_400})
    assert await chat.ok("getUpdates", offset=-8) == []
    tap.cancel()


async def test_by_default_a_bot_hears_all_but_what_has_to_be_asked_for(chat: Home) -> None:
    assert {"poll_answer", "chat_join_request", "my_chat_member", "pre_checkout_query"} <= DEFAULT
    assert DEFAULT.isdisjoint({"chat_member", "message_reaction", "message_reaction_count"})
    message = await chat.says(LUCIA, "react to me")
    await chat.updates()
    await chat.act(LUCIA, "react", message_id=message, emoji="❤")
    assert await chat.updates() == []
    await chat.act(ALEX, "join", chat_id=FREE)
    assert await chat.updates() == []


async def test_the_selection_holds_when_an_update_is_made_and_stays_until_changed(chat: Home) -> None:
    await chat.says(LUCIA, "before")
    assert texts(await chat.ok("getUpdates", offset=1, allowed_updates=["callback_query"])) == ["before"]
    await chat.says(LUCIA, "unheard")
    assert texts(await chat.ok("getUpdates", offset=2)) == ["before"]
    for everything in ([], ["nonsense"]):
        await chat.ok("getUpdates", offset=3, allowed_updates=["callback_query"])
        await chat.updates(offset=4, allowed_updates=everything)
        await chat.says(LUCIA, "heard")
        assert texts(await chat.updates(offset=5)) == ["heard"]


async def test_a_bot_does_not_hear_itself(chat: Home) -> None:
    await chat.ok("sendMessage", chat_id=LUCIA, text="me")
    await chat.ok("sendMessage", chat_id=FREE, text="me")
    updates = await chat.updates()
    assert updates == []


async def test_update_ids_start_from_the_clock_so_that_a_new_world_does_not_repeat_them(sim: Home) -> None:
    (first,) = await several(sim, 1)
    later = create(clock=type(sim.hands)(start=sim.hands.real() + 60))
    assert later.state.sim.inbox(BOT).queue.next_id >= first + 60 * 16
    assert first < 2**31
    later.state.sim.world.close()


def one_button(label: str = "a") -> Object:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"data {label}"}]]}


async def sleeping(sim: Home, count: int, at: float | None = None) -> None:
    """Until so many wait on the clock (for so long, if given)."""
    async with asyncio.timeout(60):
        while True:
            waiting = [one for one in sim.hands.sleepers if one < 3_000 and (at is None or abs(one - at) < 0.01)]
            if len(waiting) >= (count if at is None else 1):
                return
            await asyncio.sleep(0)
