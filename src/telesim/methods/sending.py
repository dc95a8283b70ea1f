"""What every sending method shares, and text messages."""

from typing import Annotated, Any

from telesim import views
from telesim.acts.posting import post
from telesim.errors import bad_request
from telesim.methods import markup
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Entities, Given, Integer, Params, plain
from telesim.methods.places import find_chat, writable_chat
from telesim.text import LONGEST_CAPTION, LONGEST_TEXT, formatted
from telesim.world.chats import Chat
from telesim.world.messages import Message

PAID_BROADCAST_NEEDS = 10_000
"""Stars that a bot must have to send more than thirty messages a second."""


class ReplyParameters(Given):
    message_id: Integer | None = None
    chat_id: ChatId | None = None
    allow_sending_without_reply: bool | None = None
    quote: str | None = None
    quote_parse_mode: str | None = None
    quote_entities: Entities | None = None
    quote_position: int | None = None
    checklist_task_id: int | None = None
    poll_option_id: str | None = None


class LinkPreview(Given):
    is_disabled: bool | None = None
    url: str | None = None
    prefer_small_media: bool | None = None
    prefer_large_media: bool | None = None
    show_above_text: bool | None = None


class Target(Params):
    """Where a message goes, and how."""

    chat_id: ChatId
    message_thread_id: Integer | None = None
    direct_messages_topic_id: Integer | None = None
    disable_notification: bool | None = None
    protect_content: bool | None = None


class Answering(Target):
    """Something that may answer a message."""

    business_connection_id: str | None = None
    allow_paid_broadcast: bool | None = None
    message_effect_id: str | None = None
    reply_parameters: Annotated[ReplyParameters, Decoded] | None = None
    reply_to_message_id: Integer | None = None
    allow_sending_without_reply: bool | None = None


class Sending(Answering):
    suggested_post_parameters: Annotated[dict[str, Any], Decoded] | None = None
    reply_markup: markup.AnyMarkup | None = None


class Captioned(Sending):
    caption: str = ""
    parse_mode: str | None = None
    caption_entities: Entities | None = None


class Worded(Given):
    """What sending a text and editing one share."""

    text: str
    parse_mode: str | None = None
    entities: Entities | None = None
    link_preview_options: Annotated[LinkPreview, Decoded] | None = None
    disable_web_page_preview: bool | None = None


class SendMessage(Worded, Sending):
    pass


def text_content(p: Worded) -> dict[str, Any]:
    """Text within Telegram's limits."""
    if not p.text:
        raise bad_request("message text is empty")
    result = formatted(p.text, p.parse_mode, plain(p.entities))
    if not result.text:
        raise bad_request("text must be non-empty" if not p.text.strip() else "message text is empty")
    if len(result.text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    content = result.content()
    if p.link_preview_options is not None:
        content["link_preview_options"] = p.link_preview_options.model_dump(exclude_none=True)
    elif p.disable_web_page_preview:
        content["link_preview_options"] = {"is_disabled": True}
    return content


def caption_content(caption: str, parse_mode: str | None, entities: list[Any] | None) -> dict[str, Any]:
    result = formatted(caption, parse_mode, plain(entities))
    if len(result.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return result.content("caption") if result.text else {}


def send(call: Caller, p: Sending, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Put a message with this content where the parameters say."""
    where = writable_chat(call, p.chat_id)
    return views.message(call.world, put(call, where, p, content, **more), call.bot.id)


def put(call: Caller, where: Chat, p: Sending, content: dict[str, Any], **more: Any) -> Message:
    reply_to, quote = reply_target(call, where, p)
    kept = markup.inline(p.reply_markup, where)
    keyboard = markup.reply_keyboard(p.reply_markup)
    paid = bool(p.allow_paid_broadcast) and call.bot.stars >= PAID_BROADCAST_NEEDS
    call.sim.limits.check(call.bot.id, where, paid=paid)
    draft = outgoing(call, where, content, reply_to=reply_to, quote=quote, markup=kept, **more)
    draft.protected = bool(p.protect_content)
    draft.effect_id = p.message_effect_id if where.type == "private" else None
    said = post(call.sim, where, draft)
    if keyboard is not None and where.type == "private":
        dialog = call.world.dialog(where.id, where)
        dialog.keyboard = keyboard or None
        call.world.keep(dialog)
        call.sim.feed.publish("chat", chat=where.key)
    return said


def outgoing(call: Caller, where: Chat, content: dict[str, Any], **more: Any) -> Message:
    """A message of the bot, not yet sent: in a channel the channel speaks."""
    if where.type == "channel":
        return Message(where.key, 0, 0, content, sender_chat=where.id, author=call.bot.id, **more)
    return Message(where.key, 0, 0, content, sender=call.bot.id, **more)


def reply_target(call: Caller, where: Chat, p: Answering) -> tuple[int | None, dict[str, Any] | None]:
    """The message replied to, and the quoted part of it."""
    reply = p.reply_parameters or ReplyParameters(
        message_id=p.reply_to_message_id or None, allow_sending_without_reply=p.allow_sending_without_reply
    )
    if not reply.message_id:
        return None, None
    place = where if reply.chat_id is None else find_chat(call, reply.chat_id)
    target = call.world.message(place, reply.message_id)
    if target is None or place is not where:
        if reply.allow_sending_without_reply:
            return None, None
        raise bad_request("message to be replied not found")
    if reply.quote is None:
        return target.id, None
    quote = formatted(reply.quote, reply.quote_parse_mode, plain(reply.quote_entities))
    position = str(target.content.get("text", target.content.get("caption", ""))).find(quote.text)
    if position < 0:
        raise bad_request("QUOTE_TEXT_INVALID")
    shown: dict[str, Any] = {"text": quote.text, "position": position, "is_manual": True}
    if quote.entities:
        shown["entities"] = quote.entities
    return target.id, shown


def send_message(call: Caller, p: SendMessage) -> dict[str, Any]:
    return send(call, p, text_content(p))


METHODS = [Method("sendMessage", SendMessage, send_message)]
