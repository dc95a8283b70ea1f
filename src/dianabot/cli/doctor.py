"""`dianabot doctor`: everything a new operator gets wrong, and how to mend it."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

from dianabot.cli.misspelt import misspelt
from dianabot.cli.output import show
from dianabot.cli.session import as_json, house, running
from dianabot.kernel.embedded.place import free_bytes
from dianabot.kernel.errors import OperatorError, Unavailable
from dianabot.kernel.settings import TELEGRAM_API, Settings
from dianabot.operations import reports
from dianabot.telegram.probe import Told, ask_telegram
from dianabot.wiring import House

LEAST_FREE = 1 << 30
LEAST_VERSION = 15
FURTHEST_OFF = 30.0
LONGEST_LAG = 60.0
WHY = {
    "start": "Whatever stops a command from starting stops the bot, too.",
    "settings": "A variable that nobody knows is passed over, and what it was to change stays as it was.",
    "disk": "A full disk stops the database, and with it everything.",
    "database": "All that is remembered is there; without it the bot only asks for patience.",
    "valkey": "It wakes the workers at once and keeps what is asked often. Without it all is slower, nothing is lost.",
    "dead letters": "Events and updates that were given up after three tries wait here for a person's decision.",
    "consequences": "Rewards, notices and figures follow from what people do. Late ones mean that no worker keeps up.",
    "telegram": "Without a token that Telegram accepts, and a way to it, nobody can be heard or answered.",
    "clock": "Offers, subscriptions and sign-ins go by this machine's clock, Telegram by its own.",
    "webhook": "It is where Telegram delivers; where it does not fit, nothing arrives.",
    "api": "Another address than Telegram's is a simulator or a server of your own.",
    "owner": "The owner rules the bot from the chat and is told when something is wrong.",
    "root": "What breaks into a program has its rights: this one needs none of root's.",
    "alerts": "An alert that can only go through Telegram is silent when Telegram is the trouble.",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `mend` says what to do when it is not well."""

    name: str
    well: bool
    says: str
    mend: str = ""


@click.command()
@click.option("--production", is_flag=True, help="Also what must stand before real people come.")
@click.option("--explain", is_flag=True, help="Also why each thing matters.")
@as_json
def doctor(*, production: bool, explain: bool, as_json: bool) -> None:
    """Look at everything this installation needs. Exit code 1 when something is to be mended."""
    findings = running(examine(production=production))
    found = [asdict(finding) | ({"why": WHY[finding.name]} if explain else {}) for finding in findings]
    show(found, lambda: _lines(findings, explain=explain), as_json=as_json)
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


async def examine(*, production: bool) -> list[Finding]:
    try:
        async with house(warns=False) as built:
            settings = built.settings
            there = next(folder for folder in (settings.data, *settings.data.parents) if folder.exists())
            found = [names(misspelt()), disk(settings.data, free_bytes(there)), *await _inside(built)]
            found += telegram(settings, await ask_telegram(settings, built.clock))
            return found + (readiness(settings, os.geteuid()) if production else [])
    except OperatorError as error:
        return [Finding("start", well=False, says=str(error), mend="Mend this first; the rest cannot be looked at.")]


async def _inside(built: House) -> list[Finding]:
    try:
        return [
            database(await reports.server_version(built.db), own=built.settings.database_url is not None),
            valkey(answers=await built.valkey.ping()),
            letters(await reports.dead_letters(built.db)),
            lanes(await reports.waiting(built.db), built.clock.now()),
        ]
    except Unavailable as away:
        return [Finding("database", well=False, says=f"PostgreSQL does not answer: {away}", mend="See that it runs.")]


def names(unknown: Sequence[str]) -> Finding:
    says = " ".join(unknown) or "every name is known"
    return Finding("settings", not unknown, says, "Correct the name or take it out.")


def disk(place: Path, free: int) -> Finding:
    says = f"{free / 1e9:.1f} GB free in {place}"
    return Finding("disk", free > LEAST_FREE, says, "Make room: PostgreSQL stops when the disk is full.")


def database(version: int, *, own: bool) -> Finding:
    return Finding(
        "database",
        version >= LEAST_VERSION,
        f"PostgreSQL {version}, {'your own' if own else 'embedded'}; the schema is current",
        f"DianaBot needs PostgreSQL {LEAST_VERSION} or newer.",
    )


def valkey(*, answers: bool) -> Finding:
    says = "answers" if answers else "does not answer; everything works, more slowly"
    return Finding("valkey", answers, says, "Check REDIS_URL.")


def letters(number: int) -> Finding:
    says = "none" if not number else f"{number} wait for a person"
    return Finding("dead letters", not number, says, "See them: dianabot events list --dead")


def lanes(waiting: Sequence[reports.Waiting], now: datetime) -> Finding:
    late = [lane.consumer for lane in waiting if (now - lane.oldest).total_seconds() > LONGEST_LAG]
    says = "up to date" if not late else f"late: {', '.join(late)}"
    return Finding("consequences", not late, says, "See that a worker runs: dianabot worker, or dianabot run.")


def telegram(settings: Settings, told: Told) -> list[Finding]:
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


def readiness(settings: Settings, user: int) -> list[Finding]:
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
            user != 0,
            "runs as root" if user == 0 else "runs as a user of its own",
            "Run it as a user of its own.",
        ),
        Finding(
            "alerts",
            settings.alert_webhook_url is not None,
            "a second way out" if settings.alert_webhook_url else "only Telegram",
            "Set ALERT_WEBHOOK_URL: when Telegram is down, alerts need another way.",
        ),
    ]


def _lines(findings: list[Finding], *, explain: bool) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.well else 'NOT'}  {finding.name}: {finding.says}")
        if not finding.well:
            lines.append(f"       {finding.mend}")
        if explain:
            lines.append(f"       {WHY[finding.name]}")
    well = all(finding.well for finding in findings)
    return [*lines, "", "All is well." if well else "Mend what says NOT, and look again."]
