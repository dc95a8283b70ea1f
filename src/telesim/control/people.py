"""People come, change and block."""

from typing import Any

from pydantic import Field

from telesim.control.door import Asked
from telesim.control.reading import person_view
from telesim.control.sight import chat_for
from telesim.control.writing import block_bot
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.world.people import Person
from telesim.world.scene import add_bot, add_person

MOST_AT_ONCE = 100_000


class NewPerson(Asked):
    first_name: str = Field(min_length=1, max_length=64)
    last_name: str | None = Field(None, max_length=64)
    username: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9_]{2,31}$")
    language_code: str = Field("es", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")
    stars: int = Field(1000, ge=0, le=10**9)
    simulated: bool = False
    count: int | None = Field(None, ge=1, le=MOST_AT_ONCE)


class ChangedPerson(Asked):
    first_name: str | None = Field(None, min_length=1, max_length=64)
    last_name: str | None = Field(None, max_length=64)
    language_code: str | None = Field(None, pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")
    stars: int | None = Field(None, ge=0, le=10**9)
    deactivated: bool | None = None


class Block(Asked):
    blocked: bool
    bot_id: int | None = None


class NewBot(Asked):
    first_name: str = Field(min_length=1, max_length=64)
    username: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{1,28}(?i:bot)$")


def create(sim: Sim, asked: NewPerson) -> dict[str, Any]:
    """One person, or with `count` a crowd: `{id}`, or `{ids}`."""
    if asked.username and (asked.username.lower() in sim.world.usernames or asked.count):
        raise ControlError("that username is taken")
    more = asked.model_dump(exclude={"first_name", "language_code", "count"})
    names = [asked.first_name] if asked.count is None else [f"{asked.first_name} {n + 1}" for n in range(asked.count)]
    ids = [add_person(sim.world, name[:64], asked.language_code, **more).id for name in names]
    sim.feed.publish("people")
    return {"id": ids[0]} if asked.count is None else {"ids": ids}


def change(sim: Sim, person: Person, asked: ChangedPerson) -> dict[str, Any]:
    for name, value in asked.model_dump(exclude_unset=True).items():
        if value is None and name != "last_name":
            continue
        setattr(person, name, value or None if name == "last_name" else value)
    sim.world.keep(person)
    sim.feed.publish("person", person=person.id)
    sim.feed.publish("people")
    return person_view(person)


def block(sim: Sim, person: Person, asked: Block) -> dict[str, Any]:
    where = chat_for(sim, person, asked.bot_id)
    if where.type != "private":
        raise ControlError("only bots can be blocked")
    block_bot(sim, person, where, blocked=asked.blocked)
    return {"blocked": asked.blocked}


def create_bot(sim: Sim, asked: NewBot) -> dict[str, Any]:
    if asked.username.lower() in sim.world.usernames:
        raise ControlError("that username is taken")
    bot = add_bot(sim.world, asked.first_name, asked.username)
    sim.feed.publish("people")
    return {"id": bot.id, "token": bot.token, "username": bot.username, "first_name": bot.first_name}
