"""One update, asked by one person: what a handler is given, and all that it needs.

Whatever it runs has a key made of the update, so that an update which is worked off again (after a crash, or because
an answer did not get through) does nothing twice and answers the same.
"""

import asyncio
import contextlib
import html
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from telegram.error import NetworkError, TelegramError

from dianabot.kernel.clock import Clock
from dianabot.kernel.errors import Refusal
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members import LANGUAGES, AlreadyErased, Contact, Language, Profile
from dianabot.operations.asks import Attend, RecogniseOwner, Register
from dianabot.operations.coordinator import Coordinator, TakenBefore
from dianabot.operations.rulebook import Rules
from dianabot.operations.unit import Act, Unit
from dianabot.screens import problems
from dianabot.screens.callbacks import Callback
from dianabot.screens.screen import MOST_NOTICE, Screen
from dianabot.screens.words import Words
from dianabot.telegram.sender.voice import Spot, Voice
from dianabot.telegram.store import Updates

Outcome = TypeVar("Outcome")
Tapped = TypeVar("Tapped", bound=Callback)
Found = TypeVar("Found")

TOO_OLD: Final = timedelta(seconds=150)
"""After that Telegram takes no answer to a tap any more."""


@dataclass(frozen=True)
class Front:
    """What every asked update shares."""

    bot: int
    username: str
    coordinator: Coordinator
    voice: Voice
    updates: Updates
    clock: Clock
    rules: Callable[[], Rules]
    owner: int | None = None
    """The Telegram account that the settings name as the owner's."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came, without Telegram's many forms. A tap carries `query_id`."""

    update_id: int
    received_at: datetime
    correlation_id: UUID
    chat_id: int
    contact: Contact
    kind: Literal["command", "text", "thing", "tap"]
    text: str = ""
    command: str = ""
    payload: str = ""
    query_id: str | None = None
    spot: Spot | None = None
    """The message whose button was tapped."""
    button: Callback | None = None
    beside: tuple[Callback, ...] = ()
    """Every button of ours under that message as it was when the tap came to Telegram."""
    again: bool = False
    """It was at work before, and may not have been answered."""
    stood: str | None = None
    """As HTML, what the tapped message said then; asked only when it is worked off again."""


class Asked:
    def __init__(self, front: Front, heard: Heard, member: Profile, rules: Rules, *, new: bool) -> None:
        self.heard = heard
        self.member = member
        self.rules = rules
        self.new = new
        """Whether this update made her a member."""
        self.words = words_of(rules, member)
        self._front = front
        self._attended_in: Tx | None = None
        self._answered = False

    def tapped(self, kind: type[Tapped]) -> Tapped:
        """The button, in a handler that stands beside its kind."""
        assert isinstance(self.heard.button, kind)
        return self.heard.button

    async def run(self, act: Act[Outcome], *, nonce: str | None = None) -> Outcome:
        """One key, one transaction, one outcome. With the nonce of a button a second tap is the same act, once it is
        done; what was refused is judged anew.
        """
        name = self._front.coordinator.name_of(type(act))
        own = update_key(self._front, self.heard, name)
        if nonce is None:
            return await self._run(act, own)
        try:
            return await self._run(act, f"{name}:{self.member.id}:{nonce}")
        except Refusal as refusal:
            taken = refusal.__context__
            if not isinstance(taken, TakenBefore) or taken.stored.correlation_id == self.heard.correlation_id:
                raise
        return await self._run(act, own)  # what refused an earlier tap may be gone by now

    async def read(self, question: Callable[[Unit], Awaitable[Found]]) -> Found:
        """One consistent look."""
        async with self._front.coordinator.reading(actor_of(self.member.id)) as unit:
            return await question(unit)

    async def forget(self) -> None:
        """Her words that still lie with us. Done again when this update is."""
        await self._front.updates.forget(self.heard.contact.telegram_id)

    async def refresh(self) -> None:
        """Her profile and her words as they are now."""
        self.member = await self.read(lambda unit: unit.members.profile(self.member.id))
        self.words = words_of(self.rules, self.member)

    async def show(self, screen: Screen) -> None:
        """Where she tapped, in place; otherwise as a new message. Nothing is shown before it is written."""
        await self.attend()
        await show(self._front, self.heard, screen, answer=self.answer)

    async def turn(self, left: str | None, following: Screen) -> None:
        """The message that she tapped stays as the page she leaves, and the next one comes below it.

        With `left` it says what she did there; without, it only loses its buttons.
        """
        await self.attend()
        front, heard = self._front, self.heard
        if heard.spot is not None:
            await front.voice.leave(heard.spot, left)
            await self.answer()
        await front.voice.say(heard.chat_id, with_notice(following))

    async def refuse(self, refusal: Refusal) -> None:
        """Over the button that she tapped, if that can hold it; else as a message."""
        await self.attend()
        notice = problems.refusal_notice(self.words, refusal)
        if self._can_answer and len(notice) <= MOST_NOTICE:
            await self.answer(notice, alert=True)
        else:
            await self._front.voice.say(self.heard.chat_id, problems.refused(self.words, refusal))

    async def answer(self, notice: str | None = None, *, alert: bool = False) -> None:
        """Let go of the tapped button. Only the first answer counts; a tap that is too old needs none."""
        if self._can_answer:
            self._answered = True
            assert self.heard.query_id is not None
            await self._front.voice.answer(self.heard.query_id, notice, alert=alert)

    async def apologise(self) -> None:
        """It went wrong and will be tried again: let go of the button, if that at least works."""
        with contextlib.suppress(TelegramError):
            await self.answer(self.words.label("problems.later"))

    async def attend(self) -> None:
        """She was here: written with the first operation, or by itself where none was run."""
        if not self._attended:
            await self.run(Attend())

    def nonce(self) -> str:
        """For a button whose act must happen once, however often it is tapped."""
        return secrets.token_urlsafe(9)

    @property
    def _attended(self) -> bool:
        """In a transaction whose key was free: of one that was taken nothing stands."""
        return self._attended_in is not None and self._attended_in.operation_id is not None

    @property
    def _can_answer(self) -> bool:
        heard = self.heard
        fresh = self._front.clock.real() - heard.received_at < TOO_OLD
        return heard.query_id is not None and not self._answered and fresh

    async def _run(self, act: Act[Outcome], key: str) -> Outcome:
        return await self._front.coordinator.run(
            act,
            key=key,
            member=self.member.id,
            actor=actor_of(self.member.id),
            correlation_id=self.heard.correlation_id,
            beside=None if self._attended else self._attend,
            language=self.member.language,
        )

    async def _attend(self, unit: Unit) -> None:
        heard, member = self.heard, self.member.id
        self._attended_in = unit.tx
        if heard.again and await self._front.updates.is_done(unit.tx, heard.update_id):
            return  # the first try was here, and may have left a question that she is to answer
        command = heard.command if heard.kind == "command" else None
        await unit.members.attend(member, heard.contact, command=command or None, kind=heard.kind)
        if heard.kind == "tap":
            await unit.members.forget_expected(member)
        await self._front.updates.done(unit.tx, heard.update_id)


async def greet(front: Front, heard: Heard) -> Asked | None:
    """A member, or whoever becomes one by /start; None for anybody else, of whom nothing is kept."""
    rules = front.rules()
    profile, new = await known(front, heard), False
    if heard.command == "start" and (profile is None or heard.again):  # the first try may not have come to greet her
        registered = await front.coordinator.run(
            Register(contact=heard.contact, payload=heard.payload),
            key=update_key(front, heard, front.coordinator.name_of(Register)),
            member=None,
            actor="telegram",
            correlation_id=heard.correlation_id,
        )
        new = registered.new
        async with front.coordinator.reading() as unit:
            profile = await unit.members.profile(registered.member)
        if profile.erased_at is not None:
            raise AlreadyErased
    if profile is None:
        return None
    asked = Asked(front, heard, profile, rules, new=new)
    if heard.contact.telegram_id == front.owner and profile.role != "owner":
        await asked.run(RecogniseOwner())
        await asked.refresh()
    return asked


async def known(front: Front, heard: Heard) -> Profile | None:
    async with front.coordinator.reading() as unit:
        return await unit.members.find(heard.contact.telegram_id)


async def show(front: Front, heard: Heard, screen: Screen, *, answer: Callable[[str | None], Awaitable[None]]) -> None:
    """Both calls of a tap at once: the button is let go while the message changes.

    What stands there as a new message is not sent once more because the button could not be let go.
    """
    if heard.query_id is None:
        await front.voice.say(heard.chat_id, with_notice(screen))
        return
    shown = front.voice.say(heard.chat_id, screen) if heard.spot is None else front.voice.change(heard.spot, screen)
    said, let_go = await asyncio.gather(shown, answer(screen.notice), return_exceptions=True)
    if isinstance(said, BaseException):
        raise said
    in_place = heard.spot is not None and heard.spot.message_id == said
    if isinstance(let_go, BaseException) and (in_place or not isinstance(let_go, NetworkError)):
        raise let_go


def with_notice(screen: Screen) -> Screen:
    """Where there is no button to stand over, the notice stands above the text."""
    if screen.notice is None or screen.file is not None:
        return screen
    return replace(screen, text=f"{html.escape(screen.notice, quote=False)}\n\n{screen.text}")


def update_key(front: Front, heard: Heard, name: str) -> str:
    return f"{name}:tg:{front.bot}:{heard.update_id}"


def actor_of(member: MemberId) -> str:
    return f"member:{member}"


def words_for(rules: Rules, language: Language) -> Words:
    return Words(language, rules.texts.get(language))


def words_of(rules: Rules, member: Profile) -> Words:
    zone = ZoneInfo(member.time_zone or rules.creator.time_zone)
    return Words(member.language, rules.texts.get(member.language), zone=zone)


def words_of_code(rules: Rules, code: str | None) -> Words:
    """For somebody of whom only Telegram's word is known."""
    spoken = (code or "")[:2].lower()
    language = next((language for language in LANGUAGES if language == spoken), rules.creator.language)
    return words_for(rules, language)
