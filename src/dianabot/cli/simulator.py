"""`dianabot simulator`: Telegram at home in a process of its own, so that the bot can be killed under it."""

from pathlib import Path

import click

from dianabot.cli.wanted import number
from dianabot.kernel.embedded import check_port
from dianabot.kernel.settings import load_settings
from dianabot.web.app import address
from telesim.app import create
from telesim.serve import serve, standing_alone

BEHIND = 3
"""The ports before it are those of `web`, `bot` and `worker`."""


@click.command()
@click.option("--port", type=number(1, 65535), help="Where to listen; DIANABOT_PORT + 3 by default.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Keeps the simulated world.")
def simulator(port: int | None, data: Path | None) -> None:
    """Run the Telegram simulator alone. Point a bot at it with BOT_API_URL."""
    given = {} if data is None else {"data": data}
    chosen = load_settings(**given)
    listen = port or chosen.port + BEHIND
    check_port(chosen.host, listen, variable="--port")
    app = create(data=chosen.data / "simulator")
    token = next(iter(app.state.sim.world.bots.values())).token
    home = f"{address(chosen.host, listen)}/sim"
    click.echo(
        f"Simulator: {home}/\n\nIn another terminal:\n  BOT_API_URL={home} BOT_TOKEN={token} dianabot run",
        err=True,
    )
    serve(standing_alone(app), host=chosen.host, port=listen)
