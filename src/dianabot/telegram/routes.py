"""Which handler an update comes to: every command, every button, every answer to a question, and all the rest.

A new command is a line in COMMANDS, a handler, words in each language and its English name; a new button a line in
BUTTONS.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, Protocol
from uuid import UUID

from telegram import Bot, CallbackQuery, ChatMemberUpdated, MaybeInaccessibleMessage, Message, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import Forbidden

from dianabot.kernel.errors import KeyReused, Refusal
from dianabot.members import Contact
from dianabot.operations.answer_challenge import RIDDLE
from dianabot.operations.asks import MarkBlocked
from dianabot.screens import callbacks, privacy, problems
from dianabot.screens.screen import Screen
from dianabot.screens.start import ENGLISH
from dianabot.telegram.asked import TOO_OLD, Asked, Front, Heard, greet, known, show, words_of_code
from dianabot.telegram.hall import old_button
from dianabot.telegram.handlers import besitos, club, hints, profile, settings, start, story
from dianabot.telegram.handlers import privacy as own_data
from dianabot.telegram.sender.voice import Spot

Handler = Callable[[Asked], Awaitable[None]]

COMMANDS: Final[Mapping[str, Handler]] = {
    "start": start.greet,
    "ayuda": start.help_,
    "perfil": profile.show,
    "ajustes": settings.show,
    "historia": story.read,
    "pistas": hints.show,
    "besitos": besitos.show,
}
_BY_ENGLISH: Final = {english: command for command, english in ENGLISH.items()}
UNKNOWN: Final = "unknown"
"""Stands for every command that we do not know: what people write is not for the log."""

BUTTONS: Final[Mapping[type[callbacks.Callback], Handler]] = {
    callbacks.ShowMenu: start.menu,
    callbacks.ShowHelp: start.help_,
    callbacks.ShowProfile: profile.show,
    callbacks.ShowSettings: settings.show,
    callbacks.ShowLanguages: settings.languages,
    callbacks.PickLanguage: settings.pick_language,
    callbacks.ShowTimeZones: settings.time_zones,
    callbacks.PickTimeZone: settings.pick_time_zone,
    callbacks.TypeTimeZone: settings.ask_time_zone,
    callbacks.ExportMyData: own_data.export,
    callbacks.AskErase: own_data.ask_erase,
    callbacks.Erase: own_data.erase,
    callbacks.ShowStory: story.read,
    callbacks.Choose: story.choose,
    callbacks.ShowLock: story.why_locked,
    callbacks.AnswerOption: story.pick_option,
    callbacks.WriteAnswer: story.ask_riddle,
    callbacks.ShowPath: story.path,
    callbacks.ReadAgain: story.read_again,
    callbacks.BeginAgain: story.begin_again,
    callbacks.ShowClub: club.show,
    callbacks.EnterVip: club.enter,
    callbacks.TryClub: club.try_it,
    callbacks.ShowHints: hints.show,
    callbacks.TurnHints: hints.turn,
    callbacks.MarkHint: hints.mark,
    callbacks.TurnMarks: hints.turn_marks,
    callbacks.CombineHints: hints.combine,
    callbacks.ShowBesitos: besitos.turn,
    callbacks.ShowLetters: settings.letters,
    callbacks.HearLucien: settings.hear_lucien,
}
ANSWERS: Final[Mapping[str, Handler]] = {
    settings.TIME_ZONE: settings.written_time_zone,
    RIDDLE: story.written_answer,
}
"""By what the next free text of a person means."""

Content = Message | CallbackQuery | ChatMemberUpdated
SERVED: Final[Mapping[str, type[Message] | type[CallbackQuery] | type[ChatMemberUpdated]]] = {
    "message": Message,
    "callback_query": CallbackQuery,
    "my_chat_member": ChatMemberUpdated,
}
"""The kinds of update that we ask Telegram for."""

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Whence(Protocol):
    """What is known of an update beside its content."""

    update_id: int
    received_at: datetime
    correlation_id: UUID

    @property
    def again(self) -> bool: ...


class Unreadable(Exception):  # noqa: N818 - says what it is
    """An update of a kind we serve, in a form that we do not understand. It will not read better a second time."""


def read(said: Mapping[str, Any], bot: Bot) -> Content | None:
    """The content as python-telegram-bot understands it; None for a kind that we do not serve."""
    for kind, form in SERVED.items():
        if kind in said:
            try:
                return form.de_json(said[kind], bot)
            except Exception as error:
                raise Unreadable(repr(error)) from error
    return None


def heard_in(content: Content, username: str, whence: Whence) -> Heard | None:
    """What a person said to us in private; None for anything else."""
    if isinstance(content, CallbackQuery):
        return _tap(content, whence)
    return _message(content, username, whence) if isinstance(content, Message) else None


def handler_of(heard: Heard) -> Handler | None:
    """None for free text, whose meaning lies in the database."""
    if heard.kind == "command":
        return COMMANDS.get(heard.command, start.unknown_command)
    if heard.kind == "tap":
        return old_button if heard.button is None else BUTTONS[type(heard.button)]
    return start.thing if heard.kind == "thing" else None


async def dispatch(front: Front, content: Content, whence: Whence) -> None:
    """Do what it asks and answer. What cannot be raises: Telegram or PostgreSQL away, or a defect."""
    if isinstance(content, ChatMemberUpdated):
        await _membership(front, content, whence)
        return
    heard = heard_in(content, front.username, whence)
    if heard is None:
        return
    try:
        await _serve(front, heard)
    except Forbidden:
        await _mark_blocked(front, heard.contact.telegram_id, whence)


async def _serve(front: Front, heard: Heard) -> None:
    if (heard.again or isinstance(heard.button, callbacks.Erase)) and await _is_forgotten(front, heard):
        await _already_erased(front, heard)
        return
    try:
        asked = await greet(front, heard)
    except Refusal as refusal:
        words = words_of_code(front.rules(), heard.contact.language_code)
        await front.voice.say(heard.chat_id, problems.refused(words, refusal))
        return
    if asked is None:
        await _ask_in(front, heard)
        return
    try:
        await (handler_of(heard) or await _answer_to(asked))(asked)
    except Refusal as refusal:
        await asked.refuse(refusal)
    except KeyReused:  # a forged nonce
        await old_button(asked)
    except Exception:
        await asked.apologise()
        raise
    await asked.attend()
    await asked.answer()


async def _answer_to(asked: Asked) -> Handler:
    pending = await asked.read(lambda unit: unit.members.expected(asked.member.id, asked.heard.correlation_id))
    return story.unasked_text if pending is None else ANSWERS.get(pending.kind, start.unasked_text)


async def _is_forgotten(front: Front, heard: Heard) -> bool:
    """Nobody knows her, and what she said is of a time in which she was known: it does not make her known again."""
    if await known(front, heard) is not None:
        return False
    if isinstance(heard.button, callbacks.Erase):
        return True
    async with front.coordinator.reading() as unit:
        return await front.updates.is_done(unit.tx, heard.update_id)


async def _already_erased(front: Front, heard: Heard) -> None:
    """Also when it is the tap that asked for it, whose first try may have come no further than that."""
    words = words_of_code(front.rules(), heard.contact.language_code)
    await front.updates.forget(heard.contact.telegram_id)

    async def answer(notice: str | None) -> None:
        assert heard.query_id is not None
        await front.voice.answer(heard.query_id, notice)

    await show(front, heard, privacy.erased(words), answer=answer)


async def _ask_in(front: Front, heard: Heard) -> None:
    """To somebody unknown who did not write /start: she may, and until then nothing of her is kept."""
    rules = front.rules()
    words = words_of_code(rules, heard.contact.language_code)
    key = "pointer.stranger" if rules.flags.registration else "refusals.registration_closed"
    if heard.query_id is not None and front.clock.real() - heard.received_at < TOO_OLD:
        await front.voice.answer(heard.query_id, words.label(key), alert=True)
    else:
        await front.voice.say(heard.chat_id, Screen(words(key)))


async def _membership(front: Front, change: ChatMemberUpdated, whence: Whence) -> None:
    """She blocked us; that she unblocked us shows when she writes."""
    if change.chat.type == ChatType.PRIVATE and change.new_chat_member.status == ChatMemberStatus.BANNED:
        await _mark_blocked(front, change.from_user.id, whence)


async def _mark_blocked(front: Front, telegram_id: int, whence: Whence) -> None:
    async with front.coordinator.reading() as unit:
        profile_ = await unit.members.find(telegram_id)
    if profile_ is not None:
        name = front.coordinator.name_of(MarkBlocked)
        await front.coordinator.run(
            MarkBlocked(),
            key=f"{name}:tg:{front.bot}:{whence.update_id}",
            member=profile_.id,
            actor="telegram",
            correlation_id=whence.correlation_id,
        )


def _tap(query: CallbackQuery, whence: Whence) -> Heard | None:
    message = query.message
    if query.from_user.is_bot or (message is not None and message.chat.type != ChatType.PRIVATE):
        return None
    return Heard(
        whence.update_id,
        whence.received_at,
        whence.correlation_id,
        chat_id=query.from_user.id if message is None else message.chat.id,
        contact=_contact(query.from_user),
        kind="tap",
        query_id=query.id,
        spot=None if message is None else _spot(message),
        button=callbacks.read(query.data),
        beside=_beside(message),
        again=whence.again,
        stood=(message.text_html or message.caption_html) if whence.again and isinstance(message, Message) else None,
    )


def _beside(message: MaybeInaccessibleMessage | None) -> tuple[callbacks.Callback, ...]:
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup is not None else ()
    read = (callbacks.read(button.callback_data) for row in rows for button in row)
    return tuple(button for button in read if button is not None)


def _message(message: Message, username: str, whence: Whence) -> Heard | None:
    person = message.from_user
    if person is None or person.is_bot or message.chat.type != ChatType.PRIVATE:
        return None
    text = message.text
    command = _COMMAND.fullmatch(text) if text else None
    name, addressed, rest = command.groups() if command else ("", None, None)
    if addressed and addressed.casefold() != username.casefold():
        return None
    if not text and message.effective_attachment is None:  # Telegram's own notes: pinned, timer set, …
        return None
    name = _BY_ENGLISH.get(name.lower(), name.lower())
    payload = rest if name == "start" and rest and _PAYLOAD.fullmatch(rest) else ""
    return Heard(
        whence.update_id,
        whence.received_at,
        whence.correlation_id,
        chat_id=message.chat.id,
        contact=_contact(person),
        kind="command" if command else "text" if text else "thing",
        text=text or "",
        command=name if name in COMMANDS or not command else UNKNOWN,
        payload=payload,
        again=whence.again,
    )


def _spot(message: MaybeInaccessibleMessage) -> Spot:
    """What Telegram does not tell any more is taken for a text, as most of our messages are."""
    if not isinstance(message, Message):
        return Spot(message.chat.id, message.message_id)
    holds: Literal["text", "photo", "other"] = "text"
    if message.photo:
        holds = "photo"
    elif message.effective_attachment is not None:
        holds = "other"
    return Spot(message.chat.id, message.message_id, holds, protected=bool(message.has_protected_content))


def _contact(person: User) -> Contact:
    return Contact(person.id, person.first_name, person.username, person.language_code, person.is_bot)
