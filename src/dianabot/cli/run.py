"""`dianabot run`: all parts in one process; `bot`, `web` and `worker`: one part each, to grow by processes."""

import click

from dianabot.cli.session import running, settings
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import check_port
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.settings import Settings, with_secret_key
from dianabot.supervisor import servers, stay, until_told
from dianabot.wiring import Part, build, modules

ALL: frozenset[Part] = frozenset({"telegram", "web", "worker"})
NEXT_PORT = {"run": 0, "web": 0, "bot": 1, "worker": 2}
"""Each process answers health and metrics on a port of its own, beside that of the web."""
LAST_PORT = 65535


async def serve(chosen: Settings, clock: SystemClock, *, role: str, parts: frozenset[Part]) -> None:
    """Start the parts and stay until told to stop."""
    port = chosen.port + NEXT_PORT[role]
    check_port(chosen.host, port)
    works = "worker" in parts
    async with (
        servers(chosen, clock, "supervisor" if role == "run" else "part") as addresses,
        build(with_secret_key(chosen), addresses.dsn, addresses.valkey_url, clock, role=role, works=works) as house,
    ):
        await stay(house.registry, modules(house, parts, port=port), addresses)


def _start(role: str, parts: frozenset[Part]) -> None:
    clock = SystemClock()
    chosen = settings(clock)
    if "telegram" in parts and chosen.bot_token is None:
        raise OperatorError("BOT_TOKEN is not set. @BotFather gives you one; put it into .env or the environment.")
    if chosen.port + NEXT_PORT[role] > LAST_PORT:
        raise OperatorError(f"DIANABOT_PORT {chosen.port} leaves no port for {role}, which takes one further on.")
    running(until_told(serve(chosen, clock, role=role, parts=parts)))


@click.command()
def run() -> None:
    """Run everything in this process. Needs BOT_TOKEN."""
    _start("run", ALL)


@click.command()
def bot() -> None:
    """Run the Telegram part alone: updates in, answers out."""
    _start("bot", frozenset({"telegram"}))


@click.command()
def web() -> None:
    """Run the web part alone."""
    _start("web", frozenset({"web"}))


@click.command()
def worker() -> None:
    """Run the consequences alone: lanes, tails and timers."""
    _start("worker", frozenset({"worker"}))
