"""The bot as a part of a process: what it is made of, started and stopped in order."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from dianabot.kernel import log
from dianabot.kernel.breaker import State
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import OperatorError, Unavailable
from dianabot.kernel.health import Unwell
from dianabot.kernel.presence import ALIVE_SECONDS
from dianabot.kernel.settings import Settings
from dianabot.kernel.valkey import Valkey
from dianabot.members import Profile
from dianabot.operations.asks import MarkBlocked
from dianabot.operations.coordinator import Coordinator
from dianabot.operations.rulebook import LiveRules
from dianabot.screens import lucien, problems
from dianabot.screens.words import Words
from dianabot.telegram.app.introduction import introduce
from dianabot.telegram.asked import Front, words_for
from dianabot.telegram.ingest import polling
from dianabot.telegram.ingest.arrival import Job
from dianabot.telegram.ingest.away import Away
from dianabot.telegram.ingest.desk import Desk, Hands
from dianabot.telegram.ingest.polling import Poller
from dianabot.telegram.ingest.webhook import COME_BACK, Webhook
from dianabot.telegram.request import AiohttpRequest
from dianabot.telegram.routes import SERVED, dispatch, read
from dianabot.telegram.sender import durable
from dianabot.telegram.sender.durable import Kind, Reader, Sender
from dianabot.telegram.sender.pace import USUAL_PACE, Pace, Turns
from dianabot.telegram.sender.pictures import Pictures
from dianabot.telegram.sender.store import Files
from dianabot.telegram.sender.voice import Voice
from dianabot.telegram.store import Lease, Sends, Updates

LOG = log.get(__name__)

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

KINDS: Final[Mapping[str, Kind]] = {
    "sorry": Kind(problems.sorry, "safe"),
    "lucien": Kind(lucien.says, "never", unasked=True),
}
"""What is said unasked: how each sort looks, and whether it may be said twice."""

STOP_SECONDS: Final = 15.0
WEBHOOK_CONNECTIONS: Final = 100


class TelegramPart:
    """Without a `pace` nothing is held back: for a Telegram that sets no limits."""

    def __init__(
        self,
        settings: Settings,
        *,
        process: str,
        clock: Clock,
        db: Database,
        valkey: Valkey,
        rules: LiveRules,
        coordinator: Coordinator,
        pace: Pace | None = USUAL_PACE,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        if settings.bot_token is None:
            raise OperatorError("BOT_TOKEN is not set. @BotFather gives you one; put it into .env or the environment.")
        token = settings.bot_token.get_secret_value()
        self._settings = settings
        self._clock = clock
        self._rules = rules
        self._coordinator = coordinator
        self._requests = AiohttpRequest(clock)
        self._polls = AiohttpRequest(clock, breaks=False)
        self.bot = Bot(
            token,
            settings.ptb_base_url,
            settings.ptb_base_file_url,
            request=self._requests,
            get_updates_request=self._polls,
        )
        number = int(token.partition(":")[0])
        turns = Turns(valkey, clock, number, pace)
        self.voice = Voice(self.bot, self._requests, turns, Pictures(Files(db, number)))
        updates = Updates(db, number, process)
        self._away = Away(self.voice, lambda: rules.now, clock)
        self._front = Front(
            bot=number,
            username="",
            coordinator=coordinator,
            voice=self.voice,
            updates=updates,
            clock=clock,
            rules=lambda: rules.now,
            owner=settings.owner_telegram_id,
        )
        self._desk = Desk(updates, Hands(self._serve, self._say_away), clock, alive_seconds=ALIVE_SECONDS)
        self._poller = self._build_poller(db, number, process)
        self._sender = self._build_sender(db, number, process, turns, kinds)
        self._webhook: Webhook | None = None
        self._tasks: dict[str, tuple[Work, asyncio.Task[None]]] = {}

    def _build_poller(self, db: Database, number: int, process: str) -> Poller:
        return Poller(
            self._polls,
            f"{self.bot.base_url}/getUpdates",
            tuple(SERVED),
            desk=self._desk,
            lease=Lease(db, f"poll:{number}", process, seconds=polling.LEASE_SECONDS),
            away=self._away,
            clock=self._clock,
        )

    def _build_sender(self, db: Database, number: int, process: str, turns: Turns, kinds: Mapping[str, Kind]) -> Sender:
        return Sender(
            Sends(db, process),
            Lease(db, f"send:{number}", process, seconds=durable.LEASE_SECONDS),
            self.voice,
            turns,
            self._clock,
            kinds=kinds,
            reader=Reader(self._words_of, self._mark_blocked, self._welcome),
        )

    async def start(self) -> None:
        """Telegram knows the bot, and updates come in. May be called again when it failed."""
        await self._requests.initialize()
        await self._polls.initialize()
        await self._meet()
        if self._settings.webhook_url is None:
            self._begin("polling", self._poller.run)
        else:
            self._webhook = Webhook(self._settings.webhook_proof, self._desk, self._away)
        self._begin("looking after updates", self._desk.look_after)
        self._begin("sending", self._sender.run)
        self._begin("introducing", self._introduce)

    async def stop(self) -> None:
        """Take nothing new, finish what is at work, hand the rest back."""
        self._webhook = None
        await self._end("introducing", "polling", "looking after updates")
        try:
            await self._poller.let_go()
            await self._desk.stop(STOP_SECONDS)
        except Unavailable as away:
            LOG.info("updates_not_handed_back", error=str(away))
        await self._end("sending")
        await self._requests.shutdown()
        await self._polls.shutdown()

    async def check(self) -> None:
        for name, (work, task) in list(self._tasks.items()):
            if task.done() and name != "introducing":
                self._begin(name, work)
                raise Unwell(f"{name} had ended and was begun anew: {_end_of(task)!r}")
        if self._poller.trouble is not None:
            raise Unwell(self._poller.trouble)
        if self._sender.trouble is not None:
            raise Unwell(self._sender.trouble)
        breaker = self._requests.breaker
        if breaker is not None and breaker.state is State.OPEN:
            raise Unwell("Telegram does not answer; it is left alone for a moment")

    async def webhook(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application behind `/telegram/webhook`."""
        if self._webhook is None:
            await Response("The bot is not there.", 503, COME_BACK)(scope, receive, send)
        else:
            await self._webhook(scope, receive, send)

    async def _meet(self) -> None:
        """Learn who we are, and settle how updates come to us."""
        settings = self._settings
        try:
            await self.bot.initialize()
            if settings.webhook_url is None:
                await self.bot.delete_webhook()
            else:
                await self.bot.set_webhook(
                    settings.webhook_url,
                    secret_token=settings.webhook_proof,
                    allowed_updates=tuple(SERVED),
                    max_connections=WEBHOOK_CONNECTIONS,
                )
        except InvalidToken:
            raise OperatorError(
                f"BOT_TOKEN is not accepted by {settings.bot_api_url}. Copy it again from @BotFather (/mybots).",
                exit_code=3,
            ) from None
        except TelegramError as error:
            raise Unwell(
                f"Telegram ({settings.bot_api_url}) does not serve the bot: {error} Check the network and BOT_API_URL"
                f"{'' if settings.webhook_url is None else ' and WEBHOOK_URL'}."
            ) from None
        self._front = replace(self._front, username=self.bot.username or "")

    async def _introduce(self) -> None:
        try:
            await introduce(self.bot, self._rules.now)
        except TelegramError as error:
            LOG.warning("not_introduced", error=str(error))

    async def _serve(self, job: Job) -> None:
        content = read(job.said, self.bot)
        if content is not None:
            await dispatch(self._front, content, job)

    async def _say_away(self, job: Job) -> None:
        await self._away.tell(job.said)

    async def _words_of(self, chat_id: int) -> Words:
        profile = await self._profile_of(chat_id)
        rules = self._rules.now
        return words_for(rules, rules.creator.language if profile is None else profile.language)

    async def _mark_blocked(self, chat_id: int, send: int) -> None:
        profile = await self._profile_of(chat_id)
        if profile is not None:
            key = f"{self._coordinator.name_of(MarkBlocked)}:send:{send}"
            await self._coordinator.run(MarkBlocked(), key=key, member=profile.id, actor="telegram")

    async def _welcome(self, chat_id: int) -> datetime | None:
        async with self._coordinator.reading() as unit:
            profile = await unit.members.find(chat_id)
            if profile is None:
                return None
            return await unit.lucien.welcome(profile.id, ZoneInfo(profile.time_zone or unit.rules.time_zone))

    async def _profile_of(self, chat_id: int) -> Profile | None:
        async with self._coordinator.reading() as unit:
            return await unit.members.find(chat_id)

    def _begin(self, name: str, work: Work) -> None:
        self._tasks[name] = (work, asyncio.create_task(work(), name=name))

    async def _end(self, *names: str) -> None:
        """Whatever they died of, the others are ended too."""
        for name in names:
            if name in self._tasks:
                _, task = self._tasks.pop(name)
                task.cancel()
                await asyncio.wait([task])
                if (error := _end_of(task)) is not None:
                    LOG.warning("ended_before", task=name, error=repr(error))


def _end_of(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()
