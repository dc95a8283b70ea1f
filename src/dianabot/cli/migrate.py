"""`dianabot migrate [up|down REVISION]`."""

import asyncio
from typing import Literal

import click

from dianabot import migrations
from dianabot.cli.session import running, settings
from dianabot.kernel.clock import SystemClock
from dianabot.supervisor import servers


@click.command()
@click.argument("direction", type=click.Choice(["up", "down"]), default="up")
@click.argument("revision", required=False)
def migrate(direction: Literal["up", "down"], revision: str | None) -> None:
    """Bring the database to the schema of this version, or back down to REVISION."""
    if direction == "down" and revision is None:
        raise click.UsageError("down needs the revision to go back to, such as: dianabot migrate down base")
    target = revision or "head"

    async def go() -> None:
        clock = SystemClock()
        async with servers(settings(clock, quiet=True), clock, "command", migrate=False) as addresses:
            await asyncio.to_thread(migrations.migrate, addresses.dsn, target, down=direction == "down")

    running(go())
    click.echo(f"The database stands at {target}.", err=True)
