"""The command `dianabot`. One file a family of commands, read only when it is asked for: most carry the whole house."""

import sys
from importlib import import_module
from typing import Final, NoReturn

import click

from dianabot.kernel.errors import OperatorError

__all__ = ["COMMANDS", "dianabot", "main"]

COMMANDS: Final = {
    "demo": "Try everything on this machine: no token, no Telegram.",
    "run": "Run everything in this process. Needs BOT_TOKEN.",
    "bot": "Run the Telegram part alone.",
    "web": "Run the web part alone.",
    "worker": "Run the consequences alone: lanes, tails, timers.",
    "simulator": "Run the Telegram simulator alone.",
    "doctor": "Look at everything this installation needs.",
    "migrate": "Bring the database to the schema of this version.",
    "content": "Check, draw, play, import and export a story.",
    "rules": "See and change amounts, limits, features, texts.",
    "events": "Read the log of events; mend what failed.",
    "user": "Find a member; see, export and erase what is kept of her.",
    "admin": "Give roles.",
}
"""In the order in which a newcomer meets them."""
PLACES: Final = {"bot": "run", "web": "run", "worker": "run"}
"""The file of those that have none of their own name."""
MEANT: Final = {"status": "doctor", "health": "doctor", "start": "run"}
"""What the same things are called elsewhere, where nothing in the spelling would lead to ours."""


class _Door(click.Group):
    """Knows what there is; reads a command's file when that command is meant."""

    def __init__(self, **given: object) -> None:
        super().__init__(commands={name: click.Command(name) for name in COMMANDS}, **given)  # type: ignore[arg-type]  # click's own arguments, passed on

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f"dianabot.cli.{PLACES.get(cmd_name, cmd_name)}"), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in MEANT:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {MEANT[args[0]]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dianabot", message="%(version)s")
def dianabot() -> None:
    """An interactive story, a game economy and a VIP club on Telegram.

    Start with `dianabot demo`: everything, on this machine, without Telegram.
    """


def main() -> NoReturn:
    """Exit codes: 0 done, 1 found problems, 2 wrong use, 3 the outside failed; 130 broken off by Ctrl-C."""
    try:
        code = dianabot(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except OperatorError as error:
        click.echo(str(error), err=True)
        code = error.exit_code
    except click.Abort as abort:
        broken_off = isinstance(abort.__cause__, KeyboardInterrupt)
        click.echo("Stopped." if broken_off else "Nothing was done.", err=True)
        code = 130 if broken_off else 2
    sys.exit(code)
