"""`dianabot user`: one member, for the operator."""

import json
from uuid import uuid4

import click

from dianabot.cli.output import show
from dianabot.cli.session import OPERATOR, as_json, house, known, member_id, running
from dianabot.kernel.ids import MemberId
from dianabot.operations.asks import Erase
from dianabot.operations.export import export as export_data


@click.group()
def user() -> None:
    """See, export and erase what is kept about one member (ID is her number here, not Telegram's)."""


@user.command("show")
@member_id
@as_json
def show_(member: int, *, as_json: bool) -> None:
    """Who she is."""

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            known = await unit.members.own_data(MemberId(member))
        show(known, lambda: [f"{name}: {value}" for name, value in known.items()], as_json=as_json)

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
@click.confirmation_option(prompt="Her personal data will be gone for good. Go on?")
def erase(member: int) -> None:
    """Erase her personal data. What she earned and spent stays, without her name."""

    async def go() -> None:
        async with house() as built:
            key = f"BORRAR_DATOS:{uuid4()}"
            await built.coordinator.run(Erase(), key=key, member=await known(built, member), actor=OPERATOR)
        click.echo(f"Member {member} is erased.", err=True)

    running(go())
