"""Messages that change or go."""

from typing import Annotated, Any

from pydantic import Field

from telesim import views
from telesim.acts.posting import delete, edit
from telesim.errors import bad_request
from telesim.methods import markup
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Entities, Integer, Params
from telesim.methods.places import check_inside, check_may_write, find_chat, find_message
from telesim.methods.sending import Worded, caption_content, text_content
from telesim.world.chats import Chat
from telesim.world.messages import Message

TWO_DAYS = 48 * 3600
MEDIA = frozenset({"photo", "video", "animation", "audio", "document", "voice"})
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class Editing(Params):
    chat_id: ChatId | None = None
    message_id: Integer | None = None
    inline_message_id: str | None = None
    business_connection_id: str | None = None
    reply_markup: markup.AnyMarkup | None = None


class EditText(Worded, Editing):
    pass


class EditCaption(Editing):
    caption: str = ""
    parse_mode: str | None = None
    caption_entities: Entities | None = None
    show_caption_above_media: bool | None = None


class DeleteMessage(Params):
    chat_id: ChatId
    message_id: Integer


class DeleteMessages(Params):
    chat_id: ChatId
    message_ids: Annotated[list[Integer], Decoded, Field(min_length=1, max_length=100)]


def editable(call: Caller, p: Editing) -> tuple[Chat, Message]:
    """The message meant, if the bot may edit it."""
    if p.inline_message_id is not None:
        raise bad_request("MESSAGE_ID_INVALID")
    if p.chat_id is None:
        raise bad_request("chat_id is empty")
    if p.message_id is None:
        raise bad_request("message identifier is not specified")
    where, said = find_message(call, p.chat_id, p.message_id, "message to edit not found")
    check_may_write(call, where)
    mine = call.bot.id in {said.sender, said.author}
    may_edit_posts = where.type == "channel" and call.world.member(where, call.bot.id).may("can_edit_messages")
    if (not mine and not may_edit_posts) or said.is_service or said.forward_origin is not None:
        raise bad_request("message can't be edited")
    return where, said


def apply(call: Caller, where: Chat, said: Message, content: dict[str, Any], p: Editing) -> dict[str, Any]:
    """The new content and keyboard; the same as before is refused."""
    keyboard = markup.only_inline(p.reply_markup, where)
    if content == said.content and keyboard == said.markup:
        raise bad_request(NOT_MODIFIED)
    edit(call.sim, said, by=call.bot.id, content=content, markup=keyboard)
    return views.message(call.world, said, call.bot.id)


def edit_text(call: Caller, p: EditText) -> dict[str, Any]:
    where, said = editable(call, p)
    if "text" not in said.content:
        raise bad_request("there is no text in the message to edit")
    return apply(call, where, said, text_content(p), p)


def edit_caption(call: Caller, p: EditCaption) -> dict[str, Any]:
    where, said = editable(call, p)
    if MEDIA.isdisjoint(said.content):
        raise bad_request("there is no caption in the message to edit")
    content = {name: value for name, value in said.content.items() if not name.startswith("caption")}
    content |= caption_content(p.caption, p.parse_mode, p.caption_entities)
    return apply(call, where, said, content, p)


def edit_markup(call: Caller, p: Editing) -> dict[str, Any]:
    where, said = editable(call, p)
    return apply(call, where, said, said.content, p)


def check_deletable(call: Caller, where: Chat, said: Message) -> None:
    """Own messages and incoming private ones for two days; with the right, anybody's in a group or channel."""
    me = call.world.member(where, call.bot.id)
    if where.type != "private" and me.may("can_delete_messages"):
        return
    old = said.date <= call.sim.clock.now() - TWO_DAYS
    mine = call.bot.id in {said.sender, said.author}
    if old or (where.type != "private" and not mine):
        raise bad_request("message can't be deleted for everyone" if not old else "message can't be deleted")


def delete_message(call: Caller, p: DeleteMessage) -> bool:
    where, said = find_message(call, p.chat_id, p.message_id, "message to delete not found")
    check_deletable(call, where, said)
    delete(call.sim, where, [said])
    return True


def delete_messages(call: Caller, p: DeleteMessages) -> bool:
    """Those that are not there any more are skipped."""
    where = find_chat(call, p.chat_id)
    if where.type != "private":
        check_inside(call, where)
    found = [said for said in (call.world.message(where, one) for one in dict.fromkeys(p.message_ids)) if said]
    for said in found:
        check_deletable(call, where, said)
    delete(call.sim, where, found)
    return True


METHODS = [
    Method("editMessageText", EditText, edit_text),
    Method("editMessageCaption", EditCaption, edit_caption),
    Method("editMessageReplyMarkup", Editing, edit_markup),
    Method("deleteMessage", DeleteMessage, delete_message),
    Method("deleteMessages", DeleteMessages, delete_messages),
]
