"""Everything there is, by its name, and kept: the registers of people, bots, chats, messages and money.

It knows where things are and what their numbers are, not what may be done with them: that is `acts`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from telesim.clock import Clock
from telesim.world.chats import Chat, Dialog, Member
from telesim.world.files import Files, StoredFile
from telesim.world.journal import Journal
from telesim.world.messages import Charge, Invoice, Message, Poll, Reaction, Vote
from telesim.world.pending import Pending, Reserved
from telesim.world.people import Bot, Person

MESSAGES_A_CHAT = 10_000
FIRST_PERSON = 7_000_000_101
FIRST_BOT = 7_000_000_001
FIRST_CHAT = 1_002_000_000_001

Thing = TypeVar("Thing")


@dataclass(slots=True)
class ClockOffset:
    seconds: float
    key: str = "clock"


KINDS: dict[str, type[Any]] = {
    "clock": ClockOffset, "person": Person, "bot": Bot, "chat": Chat, "member": Member, "dialog": Dialog,
    "message": Message, "reaction": Reaction, "poll": Poll, "vote": Vote, "invoice": Invoice, "charge": Charge,
    "file": StoredFile, "pending": Pending, "reserved": Reserved,
}  # fmt: skip


class World:
    def __init__(self, clock: Clock, folder: Path | None = None) -> None:
        self.clock = clock
        self.files = Files(folder / "files" if folder else None)
        self.people: dict[int, Person] = {}
        self.bots: dict[int, Bot] = {}
        self.tokens: dict[str, Bot] = {}
        self.usernames: dict[str, Person | Bot | Chat] = {}
        self.chats: dict[str, Chat] = {}
        self.public: dict[int, Chat] = {}
        """Groups and channels, by id."""
        self.members: dict[int, dict[int, Member]] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.messages: dict[str, dict[int, Message]] = {}
        self.polls: dict[str, Poll] = {}
        self.invoices: dict[str, Invoice] = {}
        self.charges: dict[str, Charge] = {}
        self.pending: dict[str, Pending] = {}
        """Updates not fetched when an earlier process ended; `updates` takes them over."""
        self.reserved: dict[str, Reserved] = {}
        self.journal = Journal(folder / "world.jsonl" if folder else None, KINDS)
        self._places: dict[type[Any], Callable[[Any], None]] = {
            ClockOffset: lambda offset: setattr(clock, "offset", max(clock.offset, offset.seconds)),
            Person: lambda person: self._name(self.people, person.id, person),
            Bot: self._place_bot,
            Chat: self._place_chat,
            Member: lambda member: self.members.setdefault(member.chat, {}).update({member.user: member}),
            Dialog: lambda dialog: self.dialogs.update({dialog.key: dialog}),
            Message: lambda message: self.messages.setdefault(message.chat, {}).update({message.id: message}),
            Reaction: self._place_reaction,
            Vote: lambda vote: self.polls[vote.poll].choose(vote.user, vote.option_ids),
            Poll: lambda poll: self.polls.update({poll.id: poll}),
            Invoice: lambda invoice: self.invoices.update({invoice.slug: invoice}),
            Charge: lambda charge: self.charges.update({charge.id: charge}),
            StoredFile: self.files.add,
            Pending: lambda pending: self.pending.update({pending.key: pending}),
            Reserved: lambda reserved: self.reserved.update({reserved.key: reserved}),
        }
        for thing in self.journal.read():
            self._places[type(thing)](thing)

    @property
    def is_empty(self) -> bool:
        return not self.bots

    def add(self, thing: Thing) -> Thing:
        """Register something new, and keep it."""
        self._places[type(thing)](thing)
        self.keep(thing)
        return thing

    def keep(self, thing: Any) -> None:
        """Remember that something has changed."""
        self.journal.keep(thing)

    def close(self) -> None:
        self.journal.close()
        self.files.close()

    # Who and where

    def user(self, user_id: int) -> Person | Bot | None:
        return self.people.get(user_id) or self.bots.get(user_id)

    def private(self, bot: int, person: int) -> Chat | None:
        return self.chats.get(f"{bot}:{person}")

    def open_private(self, bot: int, person: int) -> Chat:
        return self.private(bot, person) or self.add(Chat(person, "private", bot=bot))

    def chat_of(self, message: Message) -> Chat:
        return self.chats[message.chat]

    def member(self, chat: Chat, user: int) -> Member:
        """What somebody is in a chat; whoever was never there has left."""
        return self.members.get(chat.id, {}).get(user) or Member(chat.id, user, "left")

    def members_of(self, chat: Chat) -> list[Member]:
        """Those who are in it."""
        return [member for member in self.members.get(chat.id, {}).values() if member.present]

    def dialog(self, person: int, chat: Chat) -> Dialog:
        key = f"{person}@{chat.key}"
        return self.dialogs.get(key) or self.add(Dialog(person, chat.key))

    # Messages

    def message(self, chat: Chat, message_id: int) -> Message | None:
        return self.messages.get(chat.key, {}).get(message_id)

    def last_message(self, chat: Chat) -> Message | None:
        messages = self.messages.get(chat.key)
        return messages[next(reversed(messages))] if messages else None

    def new_message_id(self, chat: Chat) -> int:
        counter: Bot | Chat = self.bots[chat.bot] if chat.type == "private" else chat
        counter.next_message_id += 1
        self.keep(counter)
        return counter.next_message_id - 1

    def add_message(self, message: Message) -> None:
        """Register it; of a chat without end only the newest messages stay."""
        self.add(message)
        messages = self.messages[message.chat]
        if len(messages) > MESSAGES_A_CHAT:
            self.drop_message(messages[next(iter(messages))])

    def drop_message(self, message: Message) -> None:
        del self.messages[message.chat][message.id]
        self.journal.drop("message", message.key)

    # Fresh numbers

    def new_person_id(self) -> int:
        return FIRST_PERSON + len(self.people)

    def new_bot_id(self) -> int:
        return FIRST_BOT + len(self.bots)

    def new_chat_id(self) -> int:
        """Groups and channels count downwards behind -100."""
        return -FIRST_CHAT - len(self.public)

    def move_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.keep(ClockOffset(self.clock.offset))

    def rename(self, thing: Person | Bot | Chat, username: str | None) -> None:
        if thing.username:
            self.usernames.pop(thing.username.lower(), None)
        thing.username = username
        if username:
            self.usernames[username.lower()] = thing

    def _place_reaction(self, reaction: Reaction) -> None:
        """Of a message that was deleted since, nothing is left."""
        said = self.messages.get(reaction.chat, {}).get(reaction.message)
        if said is None:
            return
        if reaction.emojis:
            said.reactions[reaction.user] = reaction.emojis
        else:
            said.reactions.pop(reaction.user, None)

    def _place_bot(self, bot: Bot) -> None:
        self._name(self.bots, bot.id, bot)
        self.tokens[bot.token] = bot

    def _place_chat(self, chat: Chat) -> None:
        self._name(self.chats, chat.key, chat)
        if chat.type != "private":
            self.public[chat.id] = chat

    def _name(self, register: dict[Any, Any], key: Any, thing: Person | Bot | Chat) -> None:
        register[key] = thing
        if thing.username:
            self.usernames[thing.username.lower()] = thing
