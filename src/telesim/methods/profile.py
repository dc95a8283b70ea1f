"""What a bot says of itself: commands by scope and language, name, descriptions, menu button, default rights."""

import re
from typing import Annotated, Any

from pydantic import Field

from telesim import views
from telesim.errors import bad_request
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Given, Integer, Params
from telesim.methods.places import find_chat
from telesim.world.chats import Chat
from telesim.world.people import Bot, Person
from telesim.world.scene import CHANNEL_RIGHTS, GROUP_RIGHTS
from telesim.world.world import World

COMMAND = re.compile(r"/?([a-z0-9_]{1,32})")
LANGUAGE = re.compile(r"[a-z]{2}")
SCOPES = frozenset({
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
})  # fmt: skip


class Scope(Given):
    type: str = "default"
    chat_id: ChatId | None = None
    user_id: Integer | None = None


class Command(Given):
    command: str
    description: str


class Scoped(Params):
    scope: Annotated[Scope, Decoded] = Scope()
    language_code: str = ""


class SetCommands(Scoped):
    commands: Annotated[list[Command], Decoded, Field(max_length=100)]


class InLanguage(Params):
    language_code: str = ""


class SetName(InLanguage):
    name: str = Field("", max_length=64)


class SetDescription(InLanguage):
    description: str = Field("", max_length=512)


class SetShortDescription(InLanguage):
    short_description: str = Field("", max_length=120)


class ForChat(Params):
    chat_id: ChatId | None = None


class SetMenuButton(ForChat):
    menu_button: Annotated[dict[str, Any], Decoded] | None = None


class Rights(Params):
    for_channels: bool = False


class SetRights(Rights):
    rights: Annotated[dict[str, bool], Decoded] | None = None


def _language(code: str) -> str:
    if code and not LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _scope_key(call: Caller, scope: Scope) -> str:
    if scope.type not in SCOPES:
        raise bad_request("unsupported type specified")
    if not scope.type.startswith("chat"):
        return scope.type
    if scope.chat_id is None:
        raise bad_request("chat_id is empty")
    where = find_chat(call, scope.chat_id)
    if where.type == "channel":
        raise bad_request("can't change commands in channel chats")
    if scope.type != "chat_member":
        return f"{scope.type}:{where.id}"
    if scope.user_id is None:
        raise bad_request("invalid user_id specified")
    return f"chat_member:{where.id}:{scope.user_id}"


def set_commands(call: Caller, p: SetCommands) -> bool:
    kept = []
    for command in p.commands:
        name = COMMAND.fullmatch(command.command)
        if name is None:
            raise bad_request("BOT_COMMAND_INVALID")
        description = command.description.strip()
        if not 1 <= len(description) <= 256:
            raise bad_request(
                "BOT_COMMAND_DESCRIPTION_INVALID" if description else "command description must be non-empty"
            )
        kept.append({"command": name[1], "description": description})
    place = f"{_scope_key(call, p.scope)}/{_language(p.language_code)}"
    if kept:
        call.bot.commands[place] = kept
    else:
        call.bot.commands.pop(place, None)
    _changed(call)
    return True


def delete_commands(call: Caller, p: Scoped) -> bool:
    call.bot.commands.pop(f"{_scope_key(call, p.scope)}/{_language(p.language_code)}", None)
    _changed(call)
    return True


def get_commands(call: Caller, p: Scoped) -> list[dict[str, str]]:
    return call.bot.commands.get(f"{_scope_key(call, p.scope)}/{_language(p.language_code)}", [])


def shown_commands(world: World, bot: Bot, where: Chat, person: Person) -> list[dict[str, str]]:
    """What this person sees in this chat: the most particular list, in her language before without one."""
    if where.type == "private":
        scopes = [f"chat:{person.id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member:{where.id}:{person.id}"]
        if world.member(where, person.id).status in {"creator", "administrator"}:
            scopes += [f"chat_administrators:{where.id}", "all_chat_administrators"]
        scopes += [f"chat:{where.id}", "all_group_chats", "default"]
    for scope in scopes:
        for language in (person.language_code[:2], ""):
            if commands := bot.commands.get(f"{scope}/{language}"):
                return commands
    return []


def _changed(call: Caller) -> None:
    call.world.keep(call.bot)
    call.sim.feed.publish("people")


def _set(call: Caller, texts: dict[str, str], language: str, text: str) -> bool:
    if text:
        texts[_language(language)] = text
    else:
        texts.pop(_language(language), None)
    _changed(call)
    return True


def _get(texts: dict[str, str], language: str, otherwise: str = "") -> str:
    return texts.get(_language(language)) or texts.get("", otherwise)


def set_name(call: Caller, p: SetName) -> bool:
    if p.name and not p.language_code:
        call.bot.first_name = p.name
    return _set(call, call.bot.names, p.language_code, p.name)


def set_menu_button(call: Caller, p: SetMenuButton) -> bool:
    button = p.menu_button or {"type": "default"}
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("unsupported type specified")
    call.bot.menu_buttons[str(p.chat_id or "")] = button
    call.world.keep(call.bot)
    return True


def get_menu_button(call: Caller, p: ForChat) -> dict[str, Any]:
    buttons = call.bot.menu_buttons
    button = buttons.get(str(p.chat_id or "")) or buttons.get("") or {"type": "commands"}
    return {"type": "commands"} if button["type"] == "default" else button


def set_rights(call: Caller, p: SetRights) -> bool:
    call.bot.default_rights["channel" if p.for_channels else "group"] = dict(p.rights or {})
    call.world.keep(call.bot)
    return True


def get_rights(call: Caller, p: Rights) -> dict[str, bool]:
    known = CHANNEL_RIGHTS if p.for_channels else GROUP_RIGHTS
    chosen = call.bot.default_rights.get("channel" if p.for_channels else "group", {})
    return {"is_anonymous": False} | dict.fromkeys(known, False) | chosen


def get_me(call: Caller, _: Params) -> dict[str, Any]:
    return views.me(call.bot)


def accept(_: Caller, __: Params) -> bool:
    """`close` and `logOut`: at home there is nowhere else to go."""
    return True


METHODS = [
    Method("getMe", Params, get_me),
    Method("logOut", Params, accept),
    Method("close", Params, accept),
    Method("setMyCommands", SetCommands, set_commands),
    Method("deleteMyCommands", Scoped, delete_commands),
    Method("getMyCommands", Scoped, get_commands),
    Method("setMyName", SetName, set_name),
    Method("getMyName", InLanguage, lambda c, p: {"name": _get(c.bot.names, p.language_code, c.bot.first_name)}),
    Method(
        "setMyDescription", SetDescription, lambda c, p: _set(c, c.bot.descriptions, p.language_code, p.description)
    ),
    Method("getMyDescription", InLanguage, lambda c, p: {"description": _get(c.bot.descriptions, p.language_code)}),
    Method(
        "setMyShortDescription",
        SetShortDescription,
        lambda c, p: _set(c, c.bot.short_descriptions, p.language_code, p.short_description),
    ),
    Method(
        "getMyShortDescription",
        InLanguage,
        lambda c, p: {"short_description": _get(c.bot.short_descriptions, p.language_code)},
    ),
    Method("setChatMenuButton", SetMenuButton, set_menu_button),
    Method("getChatMenuButton", ForChat, get_menu_button),
    Method("setMyDefaultAdministratorRights", SetRights, set_rights),
    Method("getMyDefaultAdministratorRights", Rights, get_rights),
]
