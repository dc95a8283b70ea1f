"""What every command does first: settings, log, servers; and the house for those that look inside."""

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import click
import uvloop
from pydantic import ValidationError

from dianabot.cli.misspelt import misspelt
from dianabot.cli.wanted import key
from dianabot.kernel import embedded, log
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.errors import OperatorError, Refusal, Unavailable
from dianabot.kernel.ids import MemberId
from dianabot.kernel.settings import Settings, load_settings
from dianabot.members import AlreadyErased, LastOwner, NoSuchMember
from dianabot.screens.problems import refusal_notice
from dianabot.screens.words import Words
from dianabot.supervisor import servers
from dianabot.wiring import House, build

Result = TypeVar("Result")

OPERATOR = "operator"
"""The actor of record of what is done at the command line."""

TO_OPERATOR: Final[Mapping[type[Refusal], str]] = {
    NoSuchMember: "Nobody has that number here (Telegram's are others). See who has which: dianabot user find NAME",
    AlreadyErased: "The data of this member was erased: nothing is left to show, to change or to erase.",
    LastOwner: "This is the only owner. Make another one first: dianabot admin grant-role ID owner",
}
"""What the locales say to the member herself."""

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
member_id = click.argument("member", metavar="ID", type=key("a member's number: dianabot user find NAME tells it"))


def settings(clock: SystemClock, *, quiet: bool = False, **given: Any) -> Settings:
    """What the environment says, and what the command line says above it; the log speaks from here on.

    A `quiet` command keeps to warnings unless LOG_LEVEL asks for more. Names that are misspelt are told.
    """
    chosen = _chosen(clock, quiet=quiet, given=given)
    for warning in misspelt():
        click.echo(warning, err=True)
    return chosen


def _chosen(clock: SystemClock, *, quiet: bool, given: Mapping[str, Any]) -> Settings:
    chosen = load_settings(**given)
    data, notice = embedded.default_data(chosen.data if "data" in chosen.model_fields_set else None)
    chosen = chosen.model_copy(update={"data": data})
    level = "warning" if quiet and "log_level" not in chosen.model_fields_set else chosen.log_level
    log.configure(now=clock.now, format=chosen.log_format, level=level, secrets=chosen.secret_values)
    if notice:
        click.echo(notice, err=True)
    return chosen


def running(work: Coroutine[Any, Any, Result]) -> Result:
    """What the house refuses, or cannot do just now, is told in words."""
    try:
        return uvloop.run(work)
    except Refusal as refusal:
        told = TO_OPERATOR.get(type(refusal)) or refusal_notice(Words("en"), refusal)
        raise OperatorError(told, exit_code=1) from None
    except Unavailable as away:
        raise OperatorError(f"PostgreSQL does not answer, so nothing was done: {away}", exit_code=3) from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise OperatorError("\n".join(faults)) from None


@asynccontextmanager
async def house(role: str = "command", *, warns: bool = True) -> AsyncIterator[House]:
    """The house without its parts: for commands that look, ask and go.

    `warns` is off for the one that tells what is misspelt itself.
    """
    clock = SystemClock()
    chosen = settings(clock, quiet=True) if warns else _chosen(clock, quiet=True, given={})
    async with (
        servers(chosen, clock, "command") as addresses,
        build(chosen, addresses.dsn, addresses.valkey_url, clock, role=role) as built,
    ):
        yield built


async def known(built: House, number: int) -> MemberId:
    """Her id, or the refusal that says that there is nobody of that number; an act takes place for members only."""
    member = MemberId(number)
    async with built.coordinator.reading() as unit:
        await unit.members.own_data(member)
    return member
