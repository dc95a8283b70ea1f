"""The command `dianabot`. One file a family of commands."""

import sys

import click

from dianabot.cli.admin import admin
from dianabot.cli.demo import demo
from dianabot.cli.doctor import doctor
from dianabot.cli.events import events
from dianabot.cli.migrate import migrate
from dianabot.cli.rules import rules
from dianabot.cli.run import bot, run, web, worker
from dianabot.cli.simulator import simulator
from dianabot.cli.user import user
from dianabot.kernel.errors import OperatorError, Refusal, Unavailable

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dianabot", message="%(version)s")
def dianabot() -> None:
    """An interactive story, a game economy and a VIP club on Telegram.

    Start with `dianabot demo`: everything, on this machine, without Telegram.
    """


for command in (demo, run, bot, web, worker, simulator, migrate, doctor, rules, events, user, admin):
    dianabot.add_command(command)


def main() -> None:
    """Exit codes: 0 done, 1 found problems, 2 wrong use, 3 the outside failed."""
    try:
        dianabot(standalone_mode=True)
    except OperatorError as error:
        _end(str(error), error.exit_code)
    except Unavailable as error:
        _end(f"PostgreSQL cannot be reached: {error}", 3)
    except Refusal as refusal:
        _end(str(refusal), 1)


def _end(sentence: str, code: int) -> None:
    click.echo(sentence, err=True)
    sys.exit(code)
