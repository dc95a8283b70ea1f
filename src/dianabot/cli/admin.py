"""`dianabot admin`: who may do what."""

from uuid import uuid4

import click

from dianabot.cli.session import OPERATOR, house, known, member_id, running
from dianabot.members import ROLES, Role
from dianabot.operations.asks import GrantRole


@click.group()
def admin() -> None:
    """Roles."""


@admin.command("grant-role")
@member_id
@click.argument("role", metavar="ROLE", type=click.Choice(ROLES))
@click.option("--reason", default="", help="For the audit.")
def grant_role(member: int, role: Role, reason: str) -> None:
    """Give the member with the number ID a role.

    ROLE is fan, reader, moderator, admin or owner.
    """

    async def go() -> None:
        async with house() as built:
            act = GrantRole(role=role, reason=reason)
            key = f"OTORGAR_ROL:{uuid4()}"
            change = await built.coordinator.run(act, key=key, member=await known(built, member), actor=OPERATOR)
        click.echo(f"Member {member} was {change.before} and is {change.after} now.", err=True)

    running(go())
