"""`dianabot doctor`: everything a new operator gets wrong, and how to mend it."""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import click

from dianabot.cli.output import show
from dianabot.cli.session import as_json, house, running
from dianabot.kernel.errors import OperatorError, Unavailable
from dianabot.kernel.settings import TELEGRAM_API, Settings
from dianabot.operations import reports
from dianabot.telegram.probe import Told, ask_telegram
from dianabot.wiring import House

LEAST_FREE = 1 << 30
LEAST_VERSION = 15
FURTHEST_OFF = 30.0
LONGEST_LAG = 60.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `mend` says what to do when it is not well."""

    name: str
    well: bool
    says: str
    mend: str = ""


@click.command()
@click.option("--production", is_flag=True, help="Also what must stand before real people come.")
@as_json
def doctor(*, production: bool, as_json: bool) -> None:
    """Look at everything this installation needs. Exit code 1 when something is to be mended."""
    findings = running(examine(production=production))
    show([asdict(finding) for finding in findings], lambda: _lines(findings), as_json=as_json)
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


async def examine(*, production: bool) -> list[Finding]:
    try:
        async with house() as built:
            found = [_disk(built.settings)]
            found += [await _looked(look, built) for look in (_database, _valkey, _letters, _lanes)]
            found += _telegram(built.settings, await ask_telegram(built.settings, built.clock))
            return found + (_production(built.settings) if production else [])
    except OperatorError as error:
        return [Finding("start", well=False, says=str(error), mend="Mend this first; the rest cannot be looked at.")]


async def _looked(look: Callable[[House], Awaitable[Finding]], built: House) -> Finding:
    try:
        return await look(built)
    except Unavailable as away:
        name = look.__name__.strip("_")
        return Finding(name, well=False, says=f"PostgreSQL does not answer: {away}", mend="See that it runs.")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data if settings.data.exists() else settings.data.parent).free
    says = f"{free / 1e9:.1f} GB free in {settings.data}"
    return Finding("disk", free > LEAST_FREE, says, "Make room: PostgreSQL stops when the disk is full.")


async def _database(built: House) -> Finding:
    version = await reports.server_version(built.db)
    kind = "your own" if built.settings.database_url else "embedded"
    return Finding(
        "database",
        version >= LEAST_VERSION,
        f"PostgreSQL {version}, {kind}; the schema is current",
        f"DianaBot needs PostgreSQL {LEAST_VERSION} or newer.",
    )


async def _valkey(built: House) -> Finding:
    if await built.valkey.ping():
        return Finding("valkey", well=True, says="answers")
    return Finding("valkey", well=False, says="does not answer; everything works, more slowly", mend="Check REDIS_URL.")


async def _letters(built: House) -> Finding:
    number = await reports.dead_letters(built.db)
    says = "none" if not number else f"{number} wait for a person"
    return Finding("dead letters", not number, says, "See them: dianabot events list --dead")


async def _lanes(built: House) -> Finding:
    waiting = await reports.waiting(built.db)
    now = built.clock.now()
    late = [lane.consumer for lane in waiting if (now - lane.oldest).total_seconds() > LONGEST_LAG]
    says = "up to date" if not late else f"late: {', '.join(late)}"
    return Finding("consequences", not late, says, "See that a worker runs: dianabot worker, or dianabot run.")


def _telegram(settings: Settings, told: Told) -> list[Finding]:
    if told.problem is not None:
        return [Finding("telegram", well=False, says=told.problem, mend=told.mend)]
    found = [Finding("telegram", well=True, says=f"the bot is @{told.username}")]
    if told.seconds_off is not None:
        says = f"{told.seconds_off:.0f} s from Telegram's"
        found.append(Finding("clock", told.seconds_off < FURTHEST_OFF, says, "Switch on time synchronisation (NTP)."))
    wanted = settings.webhook_url or ""
    if told.webhook != wanted:
        says = f"Telegram delivers to {told.webhook or 'nobody (the bot asks)'}, the settings say {wanted or 'to ask'}"
        found.append(Finding("webhook", well=False, says=says, mend="It is set right by the next start."))
    elif told.webhook_error:
        found.append(Finding("webhook", well=False, says=told.webhook_error, mend="See that WEBHOOK_URL is reachable."))
    return found


def _production(settings: Settings) -> list[Finding]:
    """What nobody notices before the first real person comes."""
    home = settings.bot_api_url != TELEGRAM_API
    return [
        Finding("api", not home, settings.bot_api_url, "Unset BOT_API_URL: people are on Telegram."),
        Finding(
            "owner",
            settings.owner_telegram_id is not None,
            "named" if settings.owner_telegram_id else "nobody",
            "Set OWNER_TELEGRAM_ID: alerts have to reach somebody.",
        ),
        Finding(
            "root",
            os.geteuid() != 0,
            "runs as root" if os.geteuid() == 0 else "runs as a user of its own",
            "Run it as a user of its own.",
        ),
        Finding(
            "alerts",
            settings.alert_webhook_url is not None,
            "a second way out" if settings.alert_webhook_url else "only Telegram",
            "Set ALERT_WEBHOOK_URL: when Telegram is down, alerts need another way.",
        ),
    ]


def _lines(findings: list[Finding]) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.well else 'NOT'}  {finding.name}: {finding.says}")
        if not finding.well:
            lines.append(f"       {finding.mend}")
    well = all(finding.well for finding in findings)
    return [*lines, "", "All is well." if well else "Mend what says NOT, and look again."]
