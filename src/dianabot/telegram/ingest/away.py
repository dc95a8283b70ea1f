"""One kind sentence a minute in each chat while PostgreSQL is away: the rest of the work waits and is not lost."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from telegram.error import TelegramError

from dianabot.kernel import log
from dianabot.kernel.clock import Clock
from dianabot.operations.rulebook import Rules
from dianabot.screens import problems
from dianabot.telegram.asked import words_of_code
from dianabot.telegram.ingest.arrival import language_code, private_chat
from dianabot.telegram.sender.voice import Voice

LOG = log.get(__name__)

EVERY: Final = 60.0
_REMEMBERED: Final = 10_000


class Away:
    def __init__(self, voice: Voice, rules: Callable[[], Rules], clock: Clock) -> None:
        self._voice = voice
        self._rules = rules
        self._clock = clock
        self._told: OrderedDict[int, float] = OrderedDict()

    async def tell(self, said: Mapping[str, Any]) -> None:
        """If that fails too, nothing more can be done for now."""
        chat = private_chat(said)
        now = self._clock.monotonic()
        if chat is None or now - self._told.get(chat, -EVERY) < EVERY:
            return
        self._told[chat] = now
        self._told.move_to_end(chat)
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        try:
            await self._voice.say(chat, problems.away(words_of_code(self._rules(), language_code(said))))
        except TelegramError as error:
            LOG.info("kind_words_not_said", error=str(error))
