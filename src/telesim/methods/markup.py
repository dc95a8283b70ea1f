"""Keyboards: what may be sent under a message, and what becomes of it."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from telesim.errors import bad_request
from telesim.methods.params import Decoded, Given
from telesim.world.chats import Chat

LONGEST_DATA = 64
LONGEST_MARKUP = 10_000
MOST_BUTTONS = 100
MOST_IN_ROW = 8
ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
)  # fmt: skip
"""In the order in which the server looks: the first one given counts."""


class WebApp(Given):
    url: str


class Login(Given):
    url: str
    forward_text: str | None = None
    bot_username: str | None = None
    request_write_access: bool | None = None


class CopyText(Given):
    text: str


class ChosenChat(Given):
    query: str | None = None
    allow_user_chats: bool | None = None
    allow_bot_chats: bool | None = None
    allow_group_chats: bool | None = None
    allow_channel_chats: bool | None = None


class Nothing(Given):
    """An object without content."""


class InlineButton(Given):
    text: str
    icon_custom_emoji_id: str | None = None
    style: Literal["danger", "success", "primary"] | None = None
    url: str | None = None
    callback_data: str | None = None
    web_app: WebApp | None = None
    login_url: Login | None = None
    switch_inline_query: str | None = None
    switch_inline_query_current_chat: str | None = None
    switch_inline_query_chosen_chat: ChosenChat | None = None
    copy_text: CopyText | None = None
    callback_game: Nothing | None = None
    pay: bool | None = None
    disabled: Nothing | None = None


class PollType(Given):
    type: str | None = None


class RequestUsers(Given):
    request_id: int
    user_is_bot: bool | None = None
    user_is_premium: bool | None = None
    max_quantity: int | None = None
    request_name: bool | None = None
    request_username: bool | None = None
    request_photo: bool | None = None


class KeyboardButton(Given):
    text: str
    icon_custom_emoji_id: str | None = None
    style: Literal["danger", "success", "primary"] | None = None
    request_users: RequestUsers | None = None
    request_contact: bool | None = None
    request_location: bool | None = None
    request_poll: PollType | None = None
    web_app: WebApp | None = None


class Markup(Given):
    """Any of the four keyboards."""

    inline_keyboard: list[list[InlineButton]] | None = None
    keyboard: list[list[KeyboardButton | str]] | None = None
    remove_keyboard: bool | None = None
    force_reply: bool | None = None
    is_persistent: bool | None = None
    resize_keyboard: bool | None = None
    one_time_keyboard: bool | None = None
    input_field_placeholder: str | None = Field(None, max_length=64)
    selective: bool | None = None


AnyMarkup = Annotated[Markup, Decoded]


def inline(markup: Markup | None, where: Chat) -> dict[str, Any] | None:
    """The inline keyboard as the message keeps it, or None when there is none."""
    if markup is None or not markup.inline_keyboard:
        return None
    rows = [[_button(button, where) for button in row] for row in markup.inline_keyboard if row]
    if not rows:
        return None
    kept = {"inline_keyboard": rows}
    if len(json.dumps(kept, ensure_ascii=False).encode()) > LONGEST_MARKUP or sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    if any(len(row) > MOST_IN_ROW for row in rows):
        raise bad_request("BUTTONS_TOO_MANY_IN_ROW" if where.type == "private" else "reply markup is too long")
    return kept


def only_inline(markup: Markup | None, where: Chat) -> dict[str, Any] | None:
    """The same where no other kind of keyboard can be."""
    if markup is not None and (markup.keyboard or markup.remove_keyboard or markup.force_reply):
        raise bad_request("inline keyboard expected")
    return inline(markup, where)


def _button(button: InlineButton, where: Chat) -> dict[str, Any]:
    if not button.text.strip():
        raise bad_request("inline keyboard button text is empty")
    given = button.model_dump(exclude_none=True)
    action = next((name for name in ACTIONS if name in given and given[name] is not False), None)
    if action is None:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    value = given[action]
    if action == "callback_data" and not 1 <= len(value.encode()) <= LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not _is_link(value):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "web_app":
        if where.type != "private":
            raise bad_request("BUTTON_TYPE_INVALID")
        if not value["url"].startswith("https://"):
            raise bad_request(
                f"inline keyboard button Web App URL '{value['url']}' is invalid: Only HTTPS links are allowed"
            )
    look: dict[str, Any] = {name: given[name] for name in ("icon_custom_emoji_id", "style") if name in given}
    return {"text": button.text, **look, action: value}


def _is_link(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    if not rest:
        return "." in url and " " not in url and ":" not in url.split("/", maxsplit=1)[0]
    host = rest.split("/", maxsplit=1)[0].split("?", maxsplit=1)[0]
    return scheme.lower() in {"http", "https", "tg", "ton"} and bool(host) and " " not in url


def reply_keyboard(markup: Markup | None) -> dict[str, Any] | None:
    """What shows under the input field from now on: a keyboard, `{}` to take it away, or None to leave it."""
    if markup is None:
        return None
    if markup.remove_keyboard:
        return {}
    if markup.force_reply and not markup.keyboard:
        return markup.model_dump(exclude_none=True)
    if not markup.keyboard:
        return None
    rows = [
        [KeyboardButton(text=button) if isinstance(button, str) else button for button in row]
        for row in markup.keyboard
    ]
    if any(not button.text for row in rows for button in row):
        raise bad_request("keyboard button text must be non-empty")
    kept = markup.model_dump(exclude_none=True)
    kept["keyboard"] = [[button.model_dump(exclude_none=True) for button in row] for row in rows if row]
    return kept
