"""How a screen becomes calls: cut to what Telegram takes, changed in place where it can be, sent anew where not."""

import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

from telegram import Bot, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from dianabot.kernel import log, metrics
from dianabot.screens.screen import MOST_CAPTION, MOST_NOTICE, Button, File, Screen, pages, shown_length
from dianabot.telegram.request import AiohttpRequest, NotSent, TooFast
from dianabot.telegram.sender.pace import Turns
from dianabot.telegram.sender.pictures import Pictures, Sent

LOG = log.get(__name__)

_UNCHANGED: Final = "message is not modified"
_GONE: Final = ("message to edit not found", "message can't be edited", "in the message to edit")
"""The last: it holds something else than was thought (no text, no caption, no media)."""
_TOO_OLD: Final = ("query is too old", "query id is invalid")
_HTML: Final = {"parse_mode": "HTML"}
_FILENAME: Final = "picture"

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Spot:
    """A message of ours that is to show something else. Telegram makes a text a photo, never a photo a text."""

    chat_id: int
    message_id: int
    holds: Literal["text", "photo", "other"] = "text"
    protected: bool = False


class Voice:
    """Of a sent message only its id is of use, so the calls that are made most pass by the library's types.

    Without `pictures` their texts stand alone.
    """

    def __init__(self, bot: Bot, request: AiohttpRequest, turns: Turns, pictures: Pictures | None = None) -> None:
        self._bot = bot
        self._request = request
        self._turns = turns
        self._pictures = pictures

    async def say(self, chat_id: int, screen: Screen, *, silently: bool = False) -> int:
        """As one message or several; the id of the last, which carries the buttons."""
        await self._turns.wait(chat_id)
        return await self.send(chat_id, screen, silently=silently)

    async def change(self, spot: Spot, screen: Screen) -> int:
        """Show it where the other one stood; the id of the message that shows it now."""
        if screen.file is not None or spot.holds == "other":
            return await self.say(spot.chat_id, screen)
        await self._turns.wait(spot.chat_id)
        if not _in_place(spot, screen):
            return await self._replace(spot, screen)
        try:
            return await self._edit(spot, screen)
        except BadRequest as error:
            if _says(error, _UNCHANGED):
                return spot.message_id
            if not _says(error, *_GONE):
                raise
            return await self.send(spot.chat_id, screen)

    async def leave(self, spot: Spot, text: str | None) -> None:
        """It stays without its buttons, and with this text where there is one that it can hold."""
        chat_id, kept = spot.chat_id, {"message_id": spot.message_id}
        await self._turns.wait(chat_id)
        if text is not None and spot.holds == "photo" and _is_caption(text):
            leaving = self._ask("editMessageCaption", chat_id, caption=text, **_HTML, **kept)
        elif text is not None and spot.holds == "text" and len(pages(text)) == 1:
            leaving = self._ask("editMessageText", chat_id, text=text, **_HTML, **kept)
        else:
            leaving = self._ask("editMessageReplyMarkup", chat_id, **kept)
        try:
            await self._counted(chat_id, leaving)
        except BadRequest as error:
            if not _says(error, _UNCHANGED, *_GONE):
                raise

    async def answer(self, query_id: str, notice: str | None, *, alert: bool = False) -> None:
        """A tap that is too old to be answered is no error."""
        given = {
            "callback_query_id": query_id,
            "text": None if notice is None else notice[:MOST_NOTICE],
            "show_alert": alert or None,
        }
        try:
            await self._request.ask(f"{self._bot.base_url}/answerCallbackQuery", given)
        except BadRequest as error:
            if not _says(error, *_TOO_OLD):
                raise
            LOG.debug("tap_too_old", query=query_id)

    async def send(self, chat_id: int, screen: Screen, *, silently: bool = False) -> int:
        """Without waiting for a turn: for whoever has taken it."""
        if screen.file is not None:
            return await self._send_file(chat_id, screen, screen.file)
        shown = await self._send_picture(chat_id, screen, silently=silently)
        if shown is not None and _is_caption(screen.text):
            return shown
        how = {**_HTML, "disable_notification": silently or None, "protect_content": screen.protected or None}
        *before, last = pages(screen.text)
        for text in before:
            await self._counted(chat_id, self._ask("sendMessage", chat_id, text=text, **how))
        sending = self._ask("sendMessage", chat_id, text=last, reply_markup=keyboard(screen), **how)
        return await self._counted(chat_id, sending)

    async def _edit(self, spot: Spot, screen: Screen) -> int:
        """Its text, or picture and text at once."""
        chat_id = spot.chat_id
        if screen.picture is not None and self._pictures is not None:

            async def sending(photo: str | bytes) -> Sent:
                media = InputMediaPhoto(photo, caption=screen.text, parse_mode=ParseMode.HTML, filename=_FILENAME)
                markup = self._markup(screen)
                sent = await self._bot.edit_message_media(media, chat_id, spot.message_id, reply_markup=markup)
                assert isinstance(sent, Message), "what stands in a chat is answered whole"
                return _sent(sent)

            shown = await self._pictures.show(screen.picture, lambda photo: self._counted(chat_id, sending(photo)))
            if shown is not None:
                return shown
            if spot.holds == "photo":
                return await self._replace(spot, replace(screen, picture=None))
        given = {**_HTML, "message_id": spot.message_id, "text": screen.text, "reply_markup": keyboard(screen)}
        return await self._counted(chat_id, self._ask("editMessageText", chat_id, **given))

    async def _replace(self, spot: Spot, screen: Screen) -> int:
        """Said first and taken away then: nobody is ever left with nothing, and a message that stays does no harm."""
        said = await self.send(spot.chat_id, screen)
        where = {"chat_id": spot.chat_id, "message_id": spot.message_id}
        try:
            await self._request.ask(f"{self._bot.base_url}/deleteMessage", where)
        except BadRequest:  # after two days it can only be made harmless
            with contextlib.suppress(TelegramError):
                await self._request.ask(f"{self._bot.base_url}/editMessageReplyMarkup", where)
        except TelegramError as error:
            LOG.info("replaced_message_stays", error=str(error))
        return said

    async def _send_picture(self, chat_id: int, screen: Screen, *, silently: bool) -> int | None:
        """With the text and the buttons below it, if that fits; alone, if not."""
        if screen.picture is None or self._pictures is None:
            return None
        whole = _is_caption(screen.text)

        async def sending(photo: str | bytes) -> Sent:
            sent = await self._bot.send_photo(
                chat_id,
                photo,
                caption=screen.text if whole else None,
                parse_mode=ParseMode.HTML,
                reply_markup=self._markup(screen) if whole else None,
                disable_notification=silently or None,
                protect_content=screen.protected or None,
                filename=_FILENAME,
            )
            return _sent(sent)

        return await self._pictures.show(screen.picture, lambda photo: self._counted(chat_id, sending(photo)))

    async def _ask(self, method: str, chat_id: int, **given: object) -> int:
        said = await self._request.ask(f"{self._bot.base_url}/{method}", {"chat_id": chat_id, **given})
        return int(said["message_id"])

    def _markup(self, screen: Screen) -> InlineKeyboardMarkup | None:
        buttons = keyboard(screen)
        return InlineKeyboardMarkup.de_json(buttons, self._bot) if buttons else None

    async def _send_file(self, chat_id: int, screen: Screen, file: File) -> int:
        caption: str | None = screen.text
        if not _is_caption(screen.text):
            await self.send(chat_id, Screen(screen.text))
            caption = None
        content = InputFile(file.content, filename=file.name)
        markup = self._markup(screen)

        async def send() -> int:
            sent = await self._bot.send_document(
                chat_id, content, caption=caption, parse_mode=ParseMode.HTML, reply_markup=markup
            )
            return sent.message_id

        return await self._counted(chat_id, send())

    async def _counted(self, chat_id: int, sending: Awaitable[Outcome]) -> Outcome:
        try:
            sent = await sending
        except TooFast as asked:
            metrics.sends_total.labels("too fast").inc()
            await self._turns.rest(chat_id, asked.wait)
            raise
        except TelegramError as error:
            metrics.sends_total.labels(_outcome(error)).inc()
            raise
        metrics.sends_total.labels("sent").inc()
        return sent


def keyboard(screen: Screen) -> dict[str, Any] | None:
    if not screen.rows:
        return None
    return {"inline_keyboard": [[_button(button) for button in row] for row in screen.rows]}


def _button(button: Button) -> dict[str, str | None]:
    if button.callback is not None:
        return {"text": button.label, "callback_data": button.callback.pack()}
    return {"text": button.label, "url": button.url}


def _in_place(spot: Spot, screen: Screen) -> bool:
    """Whether that very message can show it. What was not protected from the start cannot be protected later."""
    if screen.protected and not spot.protected:
        return False
    if screen.picture is not None:
        return _is_caption(screen.text)
    return spot.holds == "text" and len(pages(screen.text)) == 1


def _is_caption(text: str) -> bool:
    return shown_length(text) <= MOST_CAPTION


def _sent(message: Message) -> Sent:
    return Sent(message.message_id, message.photo[-1].file_id if message.photo else None)


def _says(error: BadRequest, *sentences: str) -> bool:
    said = error.message.lower()
    return any(sentence in said for sentence in sentences)


def _outcome(error: TelegramError) -> str:
    if isinstance(error, Forbidden):
        return "blocked"
    if isinstance(error, BadRequest):
        return "refused"
    return "away" if isinstance(error, NotSent) else "lost"
