"""What there is, told at once: help reads no more of the house than it shows."""

import subprocess
import sys

import click
import pytest

from dianabot.cli import COMMANDS, MEANT, dianabot
from tests.dianabot.cli.conftest import Ask


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_that_is_listed_is_there_and_says_what_it_does(name: str) -> None:
    command = dianabot.get_command(click.Context(dianabot), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_each_command_within_a_family_says_what_it_does() -> None:
    context = click.Context(dianabot)
    families = [command for name in COMMANDS if isinstance(command := dianabot.get_command(context, name), click.Group)]
    assert {family.name for family in families} == {"content", "rules", "events", "user", "admin"}
    assert [one.name for family in families for one in family.commands.values() if not one.help] == []
    assert [family.name for family in families if "..." in "".join(_listed(family))] == []


def _listed(family: click.Group) -> list[str]:
    """As they are listed on a narrow terminal, where click cuts what is too long."""
    formatter = click.HelpFormatter(width=78)
    family.format_commands(click.Context(family), formatter)
    return formatter.getvalue().splitlines()


@pytest.mark.parametrize("words", [("--help",), ("-h",)])
def test_help_lists_everything_in_the_order_of_a_newcomer(dianabot: Ask, words: tuple[str, ...]) -> None:
    done = dianabot(*words)
    assert (done.code, done.err) == (0, "")
    shown = done.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in shown] == list(COMMANDS)
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_whatever_is_called_otherwise_elsewhere_leads_to_a_command_of_ours() -> None:
    assert set(MEANT.values()) <= set(COMMANDS)
    assert not set(MEANT) & set(COMMANDS)


def test_without_words_it_says_what_can_be_said(dianabot: Ask) -> None:
    done = dianabot()
    assert (done.code, done.out) == (2, "")
    assert "Commands:" in done.err


def test_the_version_is_that_of_the_package(dianabot: Ask) -> None:
    assert dianabot("--version").out.strip().count(".") == 2


@pytest.mark.parametrize(
    ("meant", "unread"),
    [
        ("dianabot.cli", {"psycopg", "pydantic", "telegram", "aiohttp", "sqlalchemy", "structlog"}),
        ("dianabot.cli.demo", {"sqlalchemy", "alembic"}),
    ],
)
def test_a_command_reads_only_what_it_needs(meant: str, unread: set[str]) -> None:
    asked = f"import sys, {meant}; print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert unread & set(read) == set()
