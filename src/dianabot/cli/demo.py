"""`dianabot demo`: the whole system on this machine, with Telegram at home, from one command."""

import asyncio
import random
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from importlib import resources
from pathlib import Path

import click
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from dianabot.cli.fans import Fans
from dianabot.cli.run import ALL
from dianabot.cli.session import OPERATOR, running, settings
from dianabot.content import pack, store
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import check_port
from dianabot.kernel.health import background
from dianabot.kernel.partitions import make_ahead
from dianabot.kernel.settings import Settings, with_secret_key
from dianabot.operations.publish import Publish
from dianabot.operations.unit import Unit
from dianabot.supervisor import servers, stay, until_told
from dianabot.web.app import address
from dianabot.wiring import House, build, modules
from telesim.app import create
from telesim.app import running as simulating
from telesim.world.scene import Past, Resident, Scene

DIANA = "diana"
WORLD = Path(str(resources.files("dianabot"))) / "packs" / "mansion"
SCENE = Scene(
    bot_name="La mansión de Diana",
    bot_username="mansion_de_diana_bot",
    residents=(
        Resident("Lucía", "es", "lucia"),
        Resident("Diana", "es", DIANA, owns=True),
        Resident("Alex", "en", "alex", "Reed"),
    ),
    free_title="Los jardines de Diana",
    free_username="jardines_de_diana",
    vip_title="El Diván",
    group_title="La tertulia",
    past=(
        Past(
            "vip",
            76.2,
            "🛋 <b>Este es El Diván</b>\n\nLo que aquí se cuenta, aquí se queda: nada de este salón puede copiarse ni "
            "reenviarse. Elegid un rincón y poneos cómodas.",
        ),
        Past(
            "free",
            73.6,
            "🌿 <b>Os doy la bienvenida a mis jardines</b>\n\nAquí se pasea sin prisa: noticias de la casa, algún "
            "acertijo y lo que se oye tras las ventanas.\n\nLa puerta principal es @mansion_de_diana_bot. Llamad: "
            "Lucien abre siempre.",
        ),
        Past(
            "group",
            71.9,
            "Esto es La tertulia 🫖 Aquí se comenta lo que ocurre en los jardines. Una sola regla: quien conozca un "
            "final, que no lo cuente.",
        ),
        Past(
            "free",
            27.3,
            "🕯 Anoche alguien dejó una carta bajo el banco de piedra. No lleva firma, solo una hora: "
            "<i>medianoche</i>.\n\n¿Quién se atreve a acudir?",
        ),
        Past(
            "vip",
            5.8,
            "🥂 Esta noche leeré en voz baja la página que arranqué de la historia. Solo para quienes tienen la llave.",
        ),
        Past(
            "free",
            3.4,
            "🌹 Han florecido las rosas negras del invernadero. Lucien asegura que solo ocurre cuando está a punto de "
            "llegar una visita.",
        ),
    ),
)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where the pages listen (DIANABOT_PORT, 8080).")
@click.option(
    "--data", type=click.Path(path_type=Path), help="The folder that keeps everything (DIANABOT_DATA, ./data)."
)
@click.option("--no-simulated-fans", is_flag=True, help="Nobody is there but you.")
def demo(port: int | None, data: Path | None, *, no_simulated_fans: bool) -> None:
    """Try everything on this machine: no token, no Telegram, nothing else installed."""
    clock = SystemClock()
    given = {name: value for name, value in (("port", port), ("data", data)) if value is not None}
    chosen = settings(clock, quiet=True, **given)
    check_port(chosen.host, chosen.port)
    click.echo("Preparing the demo …", err=True)
    running(until_told(play(chosen, clock, fans=not no_simulated_fans)))
    click.echo("Stopped. Everything is kept; start it again with the same command.", err=True)


async def play(chosen: Settings, clock: SystemClock, *, fans: bool) -> None:
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(servers(chosen, clock, "supervisor", tell=tell))
        chosen = with_secret_key(chosen)
        simulator = create(data=chosen.data / "simulator", scene=SCENE, on_clock=lambda offset: move(house, offset))
        await stack.enter_async_context(simulating(simulator))
        chosen = at_home(chosen, simulator)
        house = await stack.enter_async_context(
            build(chosen, addresses.dsn, addresses.valkey_url, clock, role="demo", works=True)
        )
        await same_time(house, simulator)
        await open_book(house)
        parts = modules(house, ALL, port=chosen.port, routes=pages(simulator))
        if fans:
            crowd = Fans(chosen.bot_api_url, clock, random.Random())
            parts.append(background("fans", crowd.run, needs=("telegram", "web"), vital=False))
        tell("starting the bot")
        await stay(house.registry, parts, addresses, started=lambda: welcome(chosen, house))


async def open_book(house: House) -> None:
    """The demo's own story lies ready, unless somebody has published another."""
    async with house.coordinator.reading() as unit:
        if await store.published(unit.tx) is not None:
            return
    tell("laying out the story")
    written = await asyncio.to_thread(pack.read, WORLD)
    pictures = {name: one.sha256 for name, one in written.media.items()}

    async def keep(unit: Unit) -> None:
        await store.keep_pictures(unit.tx, written.media.values())

    act = Publish(world=written.world, pictures=pictures, expected=0, reason="the demo's own story")
    await house.coordinator.run(act, key="PUBLICAR_CONTENIDO:demo", member=None, actor=OPERATOR, beside=keep)


def at_home(chosen: Settings, simulator: Starlette) -> Settings:
    """Settings whose Telegram is the simulator of this very process."""
    world = simulator.state.sim.world
    bot = next(iter(world.bots.values()))
    owner = world.usernames.get(DIANA)
    there = {
        "bot_token": SecretStr(bot.token),
        "bot_api_url": f"{address(chosen.host, chosen.port)}/sim",
        "webhook_url": None,
        "owner_telegram_id": owner.id if owner is not None else None,
    }
    return chosen.model_copy(update=there)


def pages(simulator: Starlette) -> list[BaseRoute]:
    return [Route("/", lambda _: RedirectResponse("/sim/")), Mount("/sim", simulator)]


async def move(house: House, offset: timedelta) -> None:
    """The application's time follows the world's, and the months it reaches have their partitions first."""
    ahead = (offset - house.clock.offset).total_seconds()
    if ahead > 0:
        await house.presence.move_clock(
            ahead, before=lambda until: make_ahead(house.db, house.clock.now(), until=until)
        )


async def same_time(house: House, simulator: Starlette) -> None:
    """Whichever of the two stands further ahead, after a stop in the middle of a move."""
    world = simulator.state.sim.world
    behind = house.clock.offset.total_seconds() - simulator.state.sim.clock.offset
    if behind > 0:
        world.move_clock(behind)
    await move(house, timedelta(seconds=simulator.state.sim.clock.offset))


def tell(step: str) -> None:
    """Progress is for whoever looks on."""
    if sys.stderr.isatty():
        click.echo(f"  … {step}", err=True)


def welcome(chosen: Settings, house: House) -> None:
    if not house.registry.ready:
        modules = house.registry.report()["modules"]
        problems = [f"  {name}: {module['problem']}" for name, module in modules.items() if module["problem"]]
        click.echo("\n".join(["Something did not start, and is tried again:", *problems]), err=True)
    click.echo(f"\n  DianaBot is ready.\n\n  The chat:  {address(chosen.host, chosen.port)}/sim/\n", err=True)
    click.echo("  Open it in your browser and press the big button at the bottom: Lucien will answer.", err=True)
    click.echo("  Ctrl-C stops everything; nothing is lost.\n", err=True)
