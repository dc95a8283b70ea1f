"""`dianabot user`: one member, for the operator."""

import json
from typing import Any
from uuid import uuid4

import click

from dianabot.cli.output import fields, show, table
from dianabot.cli.session import OPERATOR, as_json, house, known, member_id, running
from dianabot.kernel.ids import MemberId
from dianabot.members import Profile
from dianabot.operations.asks import Erase
from dianabot.operations.export import export as export_data

MOST_FOUND = 20


@click.group()
def user() -> None:
    """Find a member; see, export and erase what is kept about her (ID is her number here, not Telegram's)."""


@user.command(short_help="The number of a member.")
@click.argument("words", nargs=-1)
@as_json
def find(words: tuple[str, ...], *, as_json: bool) -> None:
    """The number of whoever has WORDS in her name or @username, or as her Telegram id. Without WORDS: who came last.

    The newest first, 20 at most.
    """

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            found = await unit.members.search(" ".join(words), limit=MOST_FOUND)
        rows = [_row(profile) for profile in found]
        show(rows, lambda: _found(rows, asked=bool(words)), as_json=as_json)

    running(go())


def _row(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "first_name": profile.first_name,
        "username": profile.username,
        "telegram_id": profile.telegram_id,
        "role": profile.role,
        "created_at": profile.created_at.isoformat(timespec="seconds"),
    }


def _found(rows: list[dict[str, Any]], *, asked: bool) -> list[str]:
    if not rows and not asked:
        return ["Nobody is here yet: whoever writes to the bot becomes a member."]
    if not rows:
        return [
            "Nobody is called that. A part of her name, her @username or her whole Telegram id finds her;",
            "whoever was erased is not found any more. Who came last: dianabot user find",
        ]
    shown = [(row | {"username": row["username"] and f"@{row['username']}"}).values() for row in rows]
    lines = table(("id", "name", "username", "telegram id", "role", "since"), map(tuple, shown))
    more = ["", f"These are the newest {MOST_FOUND}: say more of the name to see others."]
    return lines + more if len(rows) == MOST_FOUND else lines


@user.command("show")
@member_id
@as_json
def show_(member: int, *, as_json: bool) -> None:
    """Who she is."""

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            known = await unit.members.own_data(MemberId(member))
        show(known, lambda: fields(known), as_json=as_json)

    running(go())


@user.command()
@member_id
def export(member: int) -> None:
    """Everything that is kept about her, as one JSON document."""

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            document = await export_data(unit, MemberId(member))
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))

    running(go())


@user.command()
@member_id
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(member: int, *, yes: bool) -> None:
    """Erase her personal data. What she earned and spent stays, without her name."""
    if not yes:
        who = running(_called(member))
        click.confirm(f"The personal data of {who} will be gone for good. Go on?", abort=True, err=True)

    async def go() -> None:
        async with house() as built:
            key = f"BORRAR_DATOS:{uuid4()}"
            await built.coordinator.run(Erase(), key=key, member=await known(built, member), actor=OPERATOR)
        click.echo(f"Member {member} is erased.", err=True)

    running(go())


async def _called(member: int) -> str:
    """Her name beside her number, so that a slip is seen before it counts."""
    async with house() as built, built.coordinator.reading() as unit:
        known = await unit.members.own_data(MemberId(member))
    names = [known["first_name"], known["username"] and f"@{known['username']}"]
    return f"member {member} ({' '.join(filter(None, names)) or 'without a name'})"
