"""`dianabot run`: all parts in one process; `bot`, `web` and `worker`: one part each, to grow by processes."""

import click

from dianabot.cli.session import running, settings
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import check_port
from dianabot.kernel.settings import Settings, with_secret_key
from dianabot.supervisor import servers, stay, until_told
from dianabot.wiring import Part, build, modules

ALL: frozenset[Part] = frozenset({"telegram", "web", "worker"})
NEXT_PORT = {"run": 0, "web": 0, "bot": 1, "worker": 2}
"""Each process answers health and metrics on a port of its own, beside that of the web."""


async def serve(chosen: Settings, clock: SystemClock, *, role: str, parts: frozenset[Part]) -> None:
    """Start the parts and stay until told to stop."""
    told, port = until_told(), chosen.port + NEXT_PORT[role]
    check_port(chosen.host, port)
    works = "worker" in parts
    async with (
        servers(chosen, clock, "supervisor" if role == "run" else "part") as addresses,
        build(with_secret_key(chosen), addresses.dsn, addresses.valkey_url, clock, role=role, works=works) as house,
    ):
        await stay(house.registry, modules(house, parts, port=port), addresses, told)


def _start(role: str, parts: frozenset[Part]) -> None:
    clock = SystemClock()
    running(serve(settings(clock), clock, role=role, parts=parts))


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
