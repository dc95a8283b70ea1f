"""How a screen becomes calls: cut to what Telegram takes, changed in place where it can be, sent anew where not."""

from collections.abc import Awaitable
from typing import Any, Final

from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError

from dianabot.kernel import log, metrics
from dianabot.screens.screen import MOST_CAPTION, MOST_NOTICE, Button, File, Screen, pages, shown_length
from dianabot.telegram.request import AiohttpRequest, NotSent, TooFast
from dianabot.telegram.sender.pace import Turns

LOG = log.get(__name__)

_UNCHANGED: Final = "message is not modified"
_GONE: Final = ("message to edit not found", "message can't be edited", "there is no text in the message to edit")
_TOO_OLD: Final = ("query is too old", "query id is invalid")


class Voice:
    """Of a sent message only its id is of use, so the calls that are made most pass by the library's types."""

    def __init__(self, bot: Bot, request: AiohttpRequest, turns: Turns) -> None:
        self._bot = bot
        self._request = request
        self._turns = turns

    async def say(self, chat_id: int, screen: Screen, *, silently: bool = False) -> int:
        """As one message or several; the id of the last, which carries the buttons."""
        await self._turns.wait(chat_id)
        return await self.send(chat_id, screen, silently=silently)

    async def change(self, chat_id: int, message_id: int, screen: Screen) -> int:
        """Show it where the other one stood; the id of the message that shows it now."""
        if screen.file is not None or len(parts := pages(screen.text)) > 1:
            return await self.say(chat_id, screen)
        await self._turns.wait(chat_id)
        try:
            await self._counted(
                chat_id,
                self._ask("editMessageText", chat_id, parts[0], reply_markup=keyboard(screen), message_id=message_id),
            )
        except BadRequest as error:
            why = error.message.lower()
            if _UNCHANGED in why:
                return message_id
            if not any(gone in why for gone in _GONE):
                raise
            return await self.send(chat_id, screen)
        return message_id

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
            if not any(old in error.message.lower() for old in _TOO_OLD):
                raise
            LOG.debug("tap_too_old", query=query_id)

    async def send(self, chat_id: int, screen: Screen, *, silently: bool = False) -> int:
        """Without waiting for a turn: for whoever has taken it."""
        if screen.file is not None:
            return await self._send_file(chat_id, screen, screen.file)
        *before, last = pages(screen.text)
        quiet = silently or None
        for text in before:
            await self._counted(chat_id, self._ask("sendMessage", chat_id, text, disable_notification=quiet))
        markup = keyboard(screen)
        sending = self._ask("sendMessage", chat_id, last, reply_markup=markup, disable_notification=quiet)
        return await self._counted(chat_id, sending)

    async def _ask(self, method: str, chat_id: int, text: str, **more: object) -> int:
        given = {"chat_id": chat_id, "text": text, "parse_mode": "HTML", **more}
        said = await self._request.ask(f"{self._bot.base_url}/{method}", given)
        return int(said["message_id"])

    async def _send_file(self, chat_id: int, screen: Screen, file: File) -> int:
        caption: str | None = screen.text
        if shown_length(screen.text) > MOST_CAPTION:
            await self.send(chat_id, Screen(screen.text))
            caption = None
        content = InputFile(file.content, filename=file.name)
        buttons = keyboard(screen)
        markup = InlineKeyboardMarkup.de_json(buttons, self._bot) if buttons else None

        async def send() -> int:
            sent = await self._bot.send_document(
                chat_id, content, caption=caption, parse_mode=ParseMode.HTML, reply_markup=markup
            )
            return sent.message_id

        return await self._counted(chat_id, send())

    async def _counted(self, chat_id: int, sending: Awaitable[int]) -> int:
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


def _outcome(error: TelegramError) -> str:
    if isinstance(error, Forbidden):
        return "blocked"
    if isinstance(error, BadRequest):
        return "refused"
    return "away" if isinstance(error, NotSent) else "lost"
