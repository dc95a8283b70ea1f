"""Answers to buttons, signs of typing, and looking at chats."""

from typing import Any

from telesim import views
from telesim.acts.posting import type_in
from telesim.errors import bad_request
from telesim.methods.method import Caller, Method
from telesim.methods.params import TOO_OLD, ChatId, Integer, Params
from telesim.methods.places import check_inside, find_chat, writable_chat

ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


class AnswerCallback(Params):
    callback_query_id: str
    text: str = ""
    show_alert: bool = False
    url: str | None = None
    cache_time: Integer = 0


class ChatAction(Params):
    chat_id: ChatId
    action: str = ""
    message_thread_id: Integer | None = None
    business_connection_id: str | None = None


class OfChat(Params):
    chat_id: ChatId


class Administrators(OfChat):
    return_bots: bool = False


class OfMember(OfChat):
    user_id: Integer


def answer_callback(call: Caller, p: AnswerCallback) -> bool:
    if len(p.text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if p.url and not p.url.startswith((f"t.me/{call.bot.username}", f"https://t.me/{call.bot.username}", "tg://")):
        raise bad_request("URL_INVALID")
    answer: dict[str, Any] = {"show_alert": p.show_alert}
    if p.text:
        answer["text"] = p.text
    if p.url:
        answer["url"] = p.url
    if call.sim.questions.answer("callback", call.bot.id, p.callback_query_id, answer) is None:
        raise bad_request(TOO_OLD)
    return True


def chat_action(call: Caller, p: ChatAction) -> bool:
    where = writable_chat(call, p.chat_id)
    if p.action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    type_in(call.sim, where, call.bot.id, p.action)
    return True


def get_chat(call: Caller, p: OfChat) -> dict[str, Any]:
    where = find_chat(call, p.chat_id)
    if where.type != "private" and not where.username:
        check_inside(call, where)
    return views.full_chat(call.world, where, call.bot.id)


def get_member(call: Caller, p: OfMember) -> dict[str, Any]:
    where = find_chat(call, p.chat_id)
    if where.type == "private":
        if p.user_id not in {where.id, where.bot}:
            raise bad_request("member not found")
        return {"user": views.user_by_id(call.world, p.user_id), "status": "member"}
    check_inside(call, where)
    if call.world.user(p.user_id) is None:
        raise bad_request("user not found")
    return views.member(call.world, call.world.member(where, p.user_id))


def get_administrators(call: Caller, p: Administrators) -> list[dict[str, Any]]:
    where = find_chat(call, p.chat_id)
    if where.type == "private":
        raise bad_request("there are no administrators in the private chat")
    check_inside(call, where)
    return [
        views.member(call.world, member)
        for member in call.world.members_of(where)
        if member.status in {"creator", "administrator"}
        and (p.return_bots or member.user not in call.world.bots or member.user == call.bot.id)
    ]


def get_member_count(call: Caller, p: OfChat) -> int:
    where = find_chat(call, p.chat_id)
    if where.type == "private":
        return 2
    if not where.username:
        check_inside(call, where)
    return len(call.world.members_of(where))


METHODS = [
    Method("answerCallbackQuery", AnswerCallback, answer_callback),
    Method("sendChatAction", ChatAction, chat_action),
    Method("getChat", OfChat, get_chat),
    Method("getChatMember", OfMember, get_member),
    Method("getChatAdministrators", Administrators, get_administrators),
    Method("getChatMemberCount", OfChat, get_member_count),
    Method("getChatMembersCount", OfChat, get_member_count),
]
