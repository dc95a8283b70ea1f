"""`dianabot rules`: every value the creator may change."""

import json
from typing import Any
from uuid import uuid4

import click

from dianabot.cli.output import show, table
from dianabot.cli.session import OPERATOR, as_json, house, running
from dianabot.cli.wanted import key, number
from dianabot.operations.change_rules import ChangeRule, RevertRules


@click.group()
def rules() -> None:
    """See and change the rules: amounts, limits, features, texts."""


@rules.command("show", short_help="The rules that run now.")
@click.argument("path", required=False)
@as_json
def show_(path: str | None, *, as_json: bool) -> None:
    """The rules that run now, whole or at PATH (such as limits.decision)."""

    async def go() -> None:
        async with house() as built:
            now = built.rules.now
        document: Any = now.model_dump(mode="json")
        for step in path.split(".") if path else ():
            if not isinstance(document, dict) or step not in document:
                raise click.UsageError(f"No rule is called {path}.")
            document = document[step]
        found = {"version": now.version, "rules": document}
        show(found, lambda: [f"version {now.version}", *_flat(document, path or "")], as_json=as_json)

    running(go())


def _flat(value: Any, path: str) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, inner in value.items() for line in _flat(inner, f"{path}.{key}".lstrip("."))]
    return [f"{path} = {json.dumps(value, ensure_ascii=False)}"]


@rules.command("set", short_help="Set one rule, from now on.")
@click.argument("path")
@click.argument("value")
@click.option("--reason", default="", help="For the history.")
def set_(path: str, value: str, reason: str) -> None:
    """Set the rule at PATH to VALUE (JSON; a word that is no JSON is taken as text)."""
    try:
        given = json.loads(value)
    except ValueError:
        given = value

    async def go() -> None:
        async with house() as built:
            act = ChangeRule(path=path, value=given, reason=reason)
            done = await built.coordinator.run(act, key=f"CAMBIAR_REGLA:{uuid4()}", member=None, actor=OPERATOR)
        click.echo(f"Rules version {done.version} runs in every process within 2 s.", err=True)

    running(go())


@rules.command()
@click.argument("version", type=key("the number of a version: dianabot rules history shows them", least=0))
@click.option("--reason", default="", help="For the history.")
def revert(version: int, reason: str) -> None:
    """All rules as they were in VERSION, as a new version.

    Version 0 is how they came, before anybody changed one.
    """

    async def go() -> None:
        async with house() as built:
            act = RevertRules(version=version, reason=reason)
            done = await built.coordinator.run(act, key=f"RESTAURAR_REGLAS:{uuid4()}", member=None, actor=OPERATOR)
        click.echo(f"Rules version {done.version}, as version {version} was, runs within 2 s.", err=True)

    running(go())


@rules.command()
@click.option("--limit", type=number(1, 500), default=20, show_default=True, help="How many.")
@as_json
def history(*, limit: int, as_json: bool) -> None:
    """Who changed what, newest first."""

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            found = await unit.rulebook.history(number=limit)
        rows = [
            {
                "version": version.version,
                "at": version.at.isoformat(timespec="seconds"),
                "actor": version.actor,
                "reason": version.reason,
                "changed": version.changed,
            }
            for version in found
        ]
        show(rows, lambda: _history(rows), as_json=as_json)

    running(go())


def _history(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["Nobody has changed a rule yet: the defaults run."]
    said = [
        (row["version"], row["at"], row["actor"], f"{path}: {json.dumps(before)} → {json.dumps(after)}", row["reason"])
        for row in rows
        for path, (before, after) in row["changed"].items()
    ]
    return table(("version", "at", "actor", "change", "reason"), said)
