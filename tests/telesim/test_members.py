"""Chats, members, invite links, join requests: who is told what."""

from typing import Any

import pytest

from tests.telesim.home import ALEX, BOT, DIANA, FREE, LUCIA, TALK, VIP, Home

Object = dict[str, Any]
MONTH = 2_592_000


async def listen(sim: Home) -> None:
    """Hear of members too."""
    await sim.updates(allowed_updates=["message", "channel_post", "chat_member", "my_chat_member", "chat_join_request"])


async def test_joining_by_a_link_tells_who_and_which_link(sim: Home) -> None:
    await listen(sim)
    link = await sim.ok("createChatInviteLink", chat_id=VIP, name="for Lucía", member_limit=1)
    assert (link["creates_join_request"], link["is_primary"], link["name"]) == (False, False, "for Lucía")
    assert await sim.act(LUCIA, "join", invite_link=link["invite_link"]) == {"status": "member", "chat_id": VIP}
    change = await sim.update("chat_member")
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("left", "member")
    assert change["invite_link"]["invite_link"] == link["invite_link"]
    used_up = await sim.control("POST", f"people/{ALEX}/join", {"invite_link": link["invite_link"]})
    assert used_up.status == 410
    assert await sim.ok("getChatMemberCount", chat_id=VIP) == 3


async def test_links_expire_and_are_revoked(sim: Home) -> None:
    expiring = await sim.ok("createChatInviteLink", chat_id=VIP, expire_date=int(sim.clock.now()) + 60)
    revoked = await sim.ok("createChatInviteLink", chat_id=VIP)
    changed = await sim.ok("editChatInviteLink", chat_id=VIP, invite_link=revoked["invite_link"], name="new")
    assert changed["name"] == "new"
    assert (await sim.ok("revokeChatInviteLink", chat_id=VIP, invite_link=revoked["invite_link"]))["is_revoked"]
    await sim.control("POST", "clock", {"advance_seconds": 61})
    for link in (expiring, revoked):
        assert (await sim.control("POST", f"people/{LUCIA}/join", {"invite_link": link["invite_link"]})).status == 410
    primary = await sim.ok("exportChatInviteLink", chat_id=VIP)
    assert (await sim.ok("getChat", chat_id=VIP))["invite_link"] == primary
    assert (await sim.act(LUCIA, "join", invite_link=primary))["status"] == "member"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"creates_join_request": True, "member_limit": 5},
            "member limit can't be specified for links requiring administrator approval",
        ),
        ({"name": "x" * 33}, "invite link name is too long"),
        ({"expire_date": 5}, "EXPIRE_DATE_INVALID"),
    ],
)
async def test_links_have_rules(sim: Home, given: Object, error: str) -> None:
    assert await sim.refused("createChatInviteLink", chat_id=VIP, **given) == f"Bad Request: {error}"


async def test_who_asks_to_join_is_let_in_once(sim: Home) -> None:
    await listen(sim)
    link = await sim.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True)
    assert (await sim.act(LUCIA, "join", invite_link=link["invite_link"]))["status"] == "requested"
    asked = await sim.update("chat_join_request")
    assert (asked["from"]["id"], asked["user_chat_id"], asked["invite_link"]["creates_join_request"]) == (
        LUCIA, LUCIA, True,
    )  # fmt: skip
    assert (await sim.ok("sendMessage", chat_id=LUCIA, text="while you wait"))["text"]
    place = {"chat_id": VIP, "user_id": LUCIA}
    assert await sim.ok("approveChatJoinRequest", **place) is True
    change = await sim.update("chat_member")
    assert change["via_join_request"] is True
    assert await sim.refused("approveChatJoinRequest", **place) == "Bad Request: USER_ALREADY_PARTICIPANT"
    assert await sim.refused("declineChatJoinRequest", chat_id=VIP, user_id=ALEX) == (
        "Bad Request: HIDE_REQUESTER_MISSING"
    )


async def test_a_bot_may_write_to_who_asks_for_five_minutes_only(sim: Home) -> None:
    link = await sim.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True)
    await sim.act(LUCIA, "join", invite_link=link["invite_link"])
    await sim.control("POST", "clock", {"advance_seconds": 301})
    assert await sim.refused("sendMessage", chat_id=LUCIA, text="late") == "Bad Request: chat not found"
    assert await sim.ok("declineChatJoinRequest", chat_id=VIP, user_id=LUCIA) is True


async def test_an_administrator_decides_by_hand_too(sim: Home) -> None:
    link = await sim.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True)
    await sim.act(LUCIA, "join", invite_link=link["invite_link"])
    rows = (await sim.control("GET", f"people/{DIANA}/chats")).body
    waiting = next(row["join_requests"] for row in rows if row["chat"]["id"] == VIP)
    assert [one["user"]["id"] for one in waiting] == [LUCIA]
    decision = {"chat_id": VIP, "user_id": LUCIA, "approve": True}
    assert (await sim.control("POST", f"people/{LUCIA}/join_requests", decision)).status == 404
    assert (await sim.act(DIANA, "join_requests", **decision))["status"] == "member"


async def test_ban_and_unban(sim: Home) -> None:
    await sim.act(LUCIA, "join", chat_id=FREE)
    await listen(sim)
    place = {"chat_id": FREE, "user_id": LUCIA}
    assert await sim.ok("unbanChatMember", **place, only_if_banned=True) is True
    assert (await sim.ok("getChatMember", **place))["status"] == "member"
    await sim.ok("banChatMember", **place, until_date=int(sim.clock.now()) + 10)
    banned = await sim.ok("getChatMember", **place)
    assert (banned["status"], banned["until_date"]) == ("kicked", 0)
    assert (await sim.control("POST", f"people/{LUCIA}/join", {"chat_id": FREE})).status == 403
    await sim.ok("unbanChatMember", **place)
    assert (await sim.act(LUCIA, "join", chat_id=FREE))["status"] == "member"
    await sim.ok("unbanChatMember", **place)
    assert (await sim.ok("getChatMember", **place))["status"] == "left"
    await sim.ok("kickChatMember", **place, until_date=int(sim.clock.now()) + 60)
    await sim.control("POST", "clock", {"advance_seconds": 61})
    assert (await sim.ok("getChatMember", **place))["status"] == "left"
    states = [one["chat_member"]["new_chat_member"]["status"] for one in await sim.updates()]
    assert states == ["kicked", "left", "member", "left", "kicked", "left"]


async def test_joining_a_group_shows_and_tells(sim: Home) -> None:
    await listen(sim)
    await sim.act(LUCIA, "join", chat_id=TALK)
    changed, came = await sim.updates()
    assert changed["chat_member"]["new_chat_member"]["user"]["id"] == LUCIA
    assert came["message"]["new_chat_members"][0]["id"] == LUCIA
    await sim.says(LUCIA, "hello", chat_id=TALK)
    assert (await sim.update("message"))["text"] == "hello"
    await sim.act(LUCIA, "leave", chat_id=TALK)
    assert (await sim.updates())[1]["message"]["left_chat_member"]["id"] == LUCIA


async def test_restricted_people_are_silent_until_their_time_is_over(sim: Home) -> None:
    await sim.act(LUCIA, "join", chat_id=TALK)
    until = int(sim.clock.now()) + 60
    place = {"chat_id": TALK, "user_id": LUCIA}
    await sim.ok("restrictChatMember", **place, permissions={"can_send_messages": False}, until_date=until)
    restricted = await sim.ok("getChatMember", **place)
    assert (restricted["status"], restricted["can_send_messages"], restricted["until_date"]) == (
        "restricted", False, until,
    )  # fmt: skip
    assert (await sim.control("POST", f"people/{LUCIA}/send", {"chat_id": TALK, "text": "a"})).status == 403
    await sim.control("POST", "clock", {"advance_seconds": 61})
    await sim.says(LUCIA, "free again", chat_id=TALK)
    await sim.ok("setChatPermissions", chat_id=TALK, permissions={"can_send_messages": False})
    assert (await sim.control("POST", f"people/{LUCIA}/send", {"chat_id": TALK, "text": "a"})).status == 403
    assert await sim.refused("restrictChatMember", chat_id=FREE, user_id=LUCIA, permissions={}) == (
        "Bad Request: method is available only for supergroups"
    )


async def test_administrators_are_made_named_and_unmade(sim: Home) -> None:
    await sim.act(LUCIA, "join", chat_id=TALK)
    place = {"chat_id": TALK, "user_id": LUCIA}
    await sim.ok("promoteChatMember", **place, can_delete_messages=True)
    await sim.ok("setChatAdministratorCustomTitle", **place, custom_title="keeper")
    member = await sim.ok("getChatMember", **place)
    assert (member["status"], member["can_delete_messages"], member["custom_title"]) == (
        "administrator",
        True,
        "keeper",
    )
    listed = [one["user"]["id"] for one in await sim.ok("getChatAdministrators", chat_id=TALK)]
    assert set(listed) == {DIANA, BOT, LUCIA}
    assert await sim.refused("banChatMember", **place) == "Bad Request: user is an administrator of the chat"
    await sim.ok("promoteChatMember", **place)
    assert (await sim.ok("getChatMember", **place))["status"] == "member"
    assert await sim.refused("banChatMember", chat_id=TALK, user_id=DIANA) == "Bad Request: can't remove chat owner"
    assert await sim.refused("banChatMember", chat_id=TALK, user_id=5) == "Bad Request: PARTICIPANT_ID_INVALID"


async def test_a_paid_membership_is_renewed_and_ends_without_stars(sim: Home) -> None:
    await listen(sim)
    price = {"subscription_period": MONTH, "subscription_price": 400}
    assert await sim.refused("createChatSubscriptionInviteLink", chat_id=TALK, **price) == "Bad Request: CHAT_INVALID"
    assert await sim.refused(
        "createChatSubscriptionInviteLink", chat_id=VIP, **(price | {"subscription_price": 10_001})
    ) == ("Bad Request: STARS_AMOUNT_INVALID")
    assert await sim.refused(
        "createChatSubscriptionInviteLink", chat_id=VIP, **(price | {"subscription_period": 5})
    ) == ("Bad Request: SUBSCRIPTION_PERIOD_INVALID")
    link = await sim.ok("createChatSubscriptionInviteLink", chat_id=VIP, **price)
    own = {"chat_id": VIP, "invite_link": link["invite_link"]}
    assert await sim.refused("editChatSubscriptionInviteLink", **own, name="x" * 33) == (
        "Bad Request: invite link name is too long"
    )
    await sim.ok("editChatSubscriptionInviteLink", **own, name="club")
    await sim.act(LUCIA, "join", invite_link=link["invite_link"])
    place = {"chat_id": VIP, "user_id": LUCIA}
    ends = int(sim.clock.now()) + MONTH
    assert (await sim.ok("getChatMember", **place))["until_date"] == ends
    await sim.control("POST", "clock", {"advance_seconds": MONTH + 1})
    assert (await sim.ok("getChatMember", **place))["until_date"] == ends + MONTH
    await sim.control("POST", "clock", {"advance_seconds": MONTH + 1})
    assert (await sim.ok("getChatMember", **place))["status"] == "left"
    assert (await sim.update("chat_member"))["new_chat_member"]["status"] == "left"


async def test_a_post_is_copied_into_the_discussion_group(sim: Home) -> None:
    await sim.act(LUCIA, "join", chat_id=FREE)
    await sim.act(LUCIA, "join", chat_id=TALK)
    await sim.updates()
    post = await sim.ok("sendMessage", chat_id=FREE, text="news")
    copy = (await sim.messages(LUCIA, chat_id=TALK))[-1]
    assert (copy["is_automatic_forward"], copy["sender_chat"]["id"]) == (True, FREE)
    await sim.says(LUCIA, "nice", chat_id=TALK, reply_to_message_id=copy["message_id"])
    shown = (await sim.messages(LUCIA, chat_id=FREE))[-1]
    assert shown["message_id"] == post["message_id"]
    assert shown["sim"]["comments"] == {"chat_id": TALK, "message_id": copy["message_id"], "count": 1}


async def test_the_owner_posts_and_the_bot_hears(sim: Home) -> None:
    await sim.says(DIANA, "from the owner", chat_id=FREE)
    post = (await sim.updates())[0]["channel_post"]
    assert (post["text"], post["sender_chat"]["id"], "from" in post) == ("from the owner", FREE, False)
    assert (await sim.control("POST", f"people/{LUCIA}/send", {"chat_id": FREE, "text": "a"})).status == 403


async def test_pins_titles_and_descriptions(sim: Home) -> None:
    sent = await sim.ok("sendMessage", chat_id=TALK, text="rules")
    place = {"chat_id": TALK, "message_id": sent["message_id"]}
    await sim.ok("pinChatMessage", **place)
    heard = await sim.update("message")
    assert heard["pinned_message"]["message_id"] == sent["message_id"]
    assert (await sim.ok("getChat", chat_id=TALK))["pinned_message"]["text"] == "rules"
    await sim.ok("unpinChatMessage", **place)
    assert await sim.refused("unpinChatMessage", chat_id=VIP) == "Bad Request: message to unpin not found"
    assert await sim.ok("unpinAllChatMessages", chat_id=TALK) is True
    await sim.ok("setChatTitle", chat_id=TALK, title="Talk")
    assert (await sim.update("message"))["new_chat_title"] == "Talk"
    assert await sim.refused("setChatTitle", chat_id=TALK, title="Talk") == "Bad Request: chat title is not modified"
    await sim.ok("setChatDescription", chat_id=TALK, description="About")
    assert (await sim.ok("getChat", chat_id=TALK))["description"] == "About"


async def test_a_bot_that_left_is_outside(sim: Home) -> None:
    assert await sim.ok("leaveChat", chat_id=VIP) is True
    assert (await sim.update("my_chat_member"))["new_chat_member"]["status"] == "left"
    for method in ("sendMessage", "getChatMember"):
        given = {"text": "a"} if method == "sendMessage" else {"user_id": DIANA}
        refused = await sim.call(method, chat_id=VIP, **given)
        assert (refused.status, refused.error) == (403, "Forbidden: bot is not a member of the channel chat")


async def test_looking_at_chats_and_members(chat: Home) -> None:
    assert (await chat.ok("getChat", chat_id="@home_channel"))["linked_chat_id"] == TALK
    assert (await chat.ok("getChat", chat_id=LUCIA))["first_name"] == "Lucía"
    assert (await chat.ok("getChatMember", chat_id=FREE, user_id=DIANA))["status"] == "creator"
    assert (await chat.ok("getChatMember", chat_id=FREE, user_id=BOT))["can_post_messages"] is True
    assert (await chat.ok("getChatMember", chat_id=LUCIA, user_id=LUCIA))["status"] == "member"
    assert await chat.ok("getChatMembersCount", chat_id=LUCIA) == 2
    assert await chat.refused("getChatMember", chat_id=FREE, user_id=5) == "Bad Request: user not found"
    assert await chat.refused("getChatAdministrators", chat_id=LUCIA) == (
        "Bad Request: there are no administrators in the private chat"
    )


async def test_an_invite_can_be_looked_at(sim: Home) -> None:
    link = await sim.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True, name="n")
    code = link["invite_link"].rpartition("+")[2]
    shown = (await sim.control("GET", f"invite/{code}?person={LUCIA}")).body
    assert (shown["request"], shown["valid"], shown["status"], shown["chat"]["id"]) == (True, True, "left", VIP)
    assert (await sim.control("GET", "invite/nothing")).status == 404
