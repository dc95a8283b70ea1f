"""`dianabot content`: a story as files: checked, drawn, played, published and taken out again."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from dianabot.cli import content_play
from dianabot.cli.content_import import shown, told, unpaid
from dianabot.cli.content_stats import recount, stats
from dianabot.cli.output import show
from dianabot.cli.session import OPERATOR, as_json, house, running, settings
from dianabot.content import drawing, pack, schema, store, twee_reading, twee_writing, writing
from dianabot.content.difference import Whole, difference
from dianabot.content.examination import examined
from dianabot.content.finding import Finding, has_errors, said
from dianabot.content.folder import MEDIA
from dianabot.content.pack import Pack
from dianabot.content.play import play as play_at_random
from dianabot.gamification.levels import LevelsRules
from dianabot.kernel import embedded
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import OperatorError
from dianabot.operations.publish import Publish
from dianabot.operations.rulebook import LiveRules
from dianabot.operations.unit import Unit
from dianabot.screens.words import Words
from dianabot.supervisor import servers
from dianabot.vocabulary.world import Language, World

WORDS = Words("en")
DRAWINGS: Mapping[str, Callable[[World, Iterable[Finding]], str]] = {
    "svg": drawing.svg,
    "dot": drawing.dot,
    "mermaid": drawing.mermaid,
}

story = click.argument("path", type=click.Path(exists=True, path_type=Path))
language = click.option(
    "--language", type=click.Choice(["es", "en"]), default="es", help="Of a Twee file that does not say it itself."
)


@click.group()
def content() -> None:
    """Check, draw, play, import and export a story: a folder of YAML (a content pack) or a Twee 3 file."""


def _read(path: Path, language: Language) -> Pack:
    if path.suffix.lower() in twee_reading.ENDINGS:
        return twee_reading.read(path, language)
    if path.is_dir() and not (path / pack.HEAD).exists() and (near := _near(path)):
        raise click.UsageError(f"There is no {pack.HEAD} in {path.absolute()}. {near}")
    if path.is_dir() or path.name == pack.HEAD:
        return pack.read(path if path.is_dir() else path.parent)
    endings = ", ".join(twee_reading.ENDINGS)
    raise click.UsageError(f"{path} is neither a folder with a {pack.HEAD} nor a Twee file ({endings}).")


def _near(folder: Path) -> str:
    """A story that stands one folder further in, or a head whose name is not quite right."""
    misnamed = [one for one in folder.iterdir() if one.name.lower() in {"pack.yaml", "pack.yml"}]
    if misnamed:
        return f"Rename {misnamed[0].name} to {pack.HEAD}."
    further_in = sorted(str(one.parent) for one in folder.glob(f"*/{pack.HEAD}"))[:3]
    return f"Did you mean {' or '.join(further_in)}?" if further_in else ""


def _growth() -> LevelsRules:
    """How levels are made where this runs; by the default rules where no database is, and none is started for it."""
    try:
        return running(_levels())
    except OperatorError as away:
        click.echo(f"{away}\nLevels are reckoned by the default rules.", err=True)
        return LevelsRules()


async def _levels() -> LevelsRules:
    clock = SystemClock()
    chosen = settings(clock, quiet=True)
    if chosen.database_url is None and embedded.running(chosen.data) is None:
        return LevelsRules()
    async with servers(chosen, clock, "command") as addresses, Database(addresses.dsn, size=1) as db:
        rules = LiveRules(db, clock)
        await rules.load()
        return rules.now.levels


@content.command(short_help="Everything that is wrong with a story.")
@story
@language
@as_json
def check(path: Path, *, language: Language, as_json: bool) -> None:
    """Everything that is wrong with the story at PATH, by file and line. Exit code 1 when it could not be published."""
    findings = examined(_read(path, language), _growth())
    show([one.to_json(WORDS) for one in findings], lambda: _told(findings), as_json=as_json)
    if has_errors(findings):
        click.get_current_context().exit(1)


def _told(findings: Sequence[Finding]) -> list[str]:
    return [*map(_line, findings), _summary(findings)]


def _line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}: " if finding.line else f"{finding.file}: " if finding.file else ""
    words = said(WORDS, finding)
    named = f" ({finding.path})" if finding.path and finding.path not in words else ""
    return f"{place}{finding.severity}: {words}{named}"


def _summary(findings: Sequence[Finding]) -> str:
    counts = [(sum(one.severity == kind for one in findings), kind) for kind in ("error", "warning", "note")]
    said_so = ", ".join(f"{number} {kind}{'' if number == 1 else 's'}" for number, kind in counts if number)
    return said_so or "Nothing is wrong."


@content.command("map", short_help="Draw a story, with what is wrong in colour.")
@story
@click.option("--format", "form", type=click.Choice(list(DRAWINGS)), default="svg", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Default: stdout.")
@language
def map_(path: Path, *, form: str, output: Path | None, language: Language) -> None:
    """Draw the story at PATH: ways and their conditions, with what is wrong in colour."""
    read = _read(path, language)
    if not read.complete or not (read.world.fragments or read.sound):
        _refuse(read.problems, "Nothing was drawn.")
    drawn = DRAWINGS[form](read.world, examined(read, _growth()))
    if output is None:
        click.echo(drawn, nl=False)
        return
    try:
        output.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{output} cannot be written: {error.strerror}", exit_code=3) from None
    click.echo(f"{output} is drawn.", err=True)


@content.command(short_help="Play a story at random, and report.")
@story
@click.option("--random", "runs", type=click.IntRange(1, 1_000_000), required=True, help="How many times.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same report.")
@language
@as_json
def play(path: Path, *, runs: int, seed: int, language: Language, as_json: bool) -> None:
    """Play the story at PATH at random, again and again, and report what was met."""
    read = _read(path, language)
    if not read.complete or has_errors(read.problems):
        _refuse(read.problems, "Nothing was played.")
    growth = _growth()
    with click.progressbar(length=runs, label="Playing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        report = play_at_random(
            read.world,
            runs=runs,
            seed=seed,
            processes=os.cpu_count() or 1,
            growth=growth,
            progress=lambda done, _: bar.update(done - bar.pos),
        )
    show(report.to_json(), lambda: content_play.told(report), as_json=as_json)


def _refuse(findings: Iterable[Finding], why: str) -> None:
    for finding in findings:
        click.echo(_line(finding), err=True)
    raise OperatorError(why, exit_code=1)


@content.command("import", short_help="Publish a story, whole or not at all.")
@story
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--reason", default="", help="For the audit.")
@language
@as_json
def import_(path: Path, *, dry_run: bool, yes: bool, reason: str, language: Language, as_json: bool) -> None:
    """Publish the story at PATH, whole or not at all. It is checked first, and what would change is shown.

    One story is published at a time: another takes its place. To keep the one that goes: `content export`.
    """
    read = _read(path, language)
    findings = examined(read, _growth())
    if has_errors(findings):
        if as_json:
            click.echo(json.dumps({"findings": [one.to_json(WORDS) for one in findings]}, ensure_ascii=False, indent=2))
        _refuse(() if as_json else findings, f"{_summary(findings)}. Nothing is imported.")
    for finding in findings:
        click.echo(_line(finding), err=True)
    document = running(_import(read, dry_run=dry_run, yes=yes, reason=reason, as_json=as_json))
    if as_json:
        found = {"findings": [one.to_json(WORDS) for one in findings], **document}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _ask(question: str) -> None:
    """Whoever says no has used the command rightly."""
    if not click.confirm(question, err=True):
        raise OperatorError("Nothing was done.", exit_code=1)


async def _import(read: Pack, *, dry_run: bool, yes: bool, reason: str, as_json: bool) -> dict[str, Any]:
    pictures = {name: one.sha256 for name, one in read.media.items()}
    async with house() as built:
        async with built.coordinator.reading() as unit:
            before = await store.published(unit.tx)
        known = Whole() if before is None else Whole(before.world, before.pictures)
        changes = difference(known, Whole(read.world, pictures))
        version = 0 if before is None else before.version
        document = {"version": version, "changes": [asdict(change) for change in changes], "moved": []}
        for line in (*shown(changes, known.world, read.world), *unpaid(known.world, read.world)):
            click.echo(line, err=as_json)
        if not changes and before is not None:
            click.echo(f"Nothing has changed: version {version} says exactly this.", err=True)
            return document
        if dry_run:
            click.echo("Nothing is published: this was a dry run.", err=True)
            return document
        if not yes:
            _ask("Publish this for everybody?")

        async def keep(unit: Unit) -> None:
            await store.keep_pictures(unit.tx, read.media.values())

        act = Publish(world=read.world, pictures=pictures, expected=version, reason=reason)
        key = f"PUBLICAR_CONTENIDO:{uuid4()}"
        report = await built.coordinator.run(act, key=key, member=None, actor=OPERATOR, beside=keep)
    for line in told(report):
        click.echo(line, err=True)
    return document | {"version": report.version, "moved": [one.model_dump(mode="json") for one in report.moved]}


@content.command(short_help="Write the published story into files.")
@click.argument("path", type=click.Path(path_type=Path))
def export(path: Path) -> None:
    """Write the published story to PATH: a folder that is empty or not there yet, or a new .twee file.

    Beside a .twee file, its pictures go into the folder media.
    """
    as_twee = path.suffix.lower() in twee_reading.ENDINGS
    if path.exists() and (as_twee or not path.is_dir() or any(path.iterdir())):
        raise _taken(path)

    async def found() -> tuple[store.Published, dict[str, bytes]]:
        async with house() as built, built.coordinator.reading() as unit:
            newest = await store.published(unit.tx)
            if newest is None:
                raise OperatorError("No story is published yet: dianabot content import PATH.", exit_code=1)
            return newest, await store.pictures_of(unit.tx, newest)

    newest, pictures = running(found())
    try:
        if as_twee:
            _export_twee(newest.world, path, pictures)
        else:
            writing.write(newest.world, path, pictures)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", exit_code=3) from None
    count = f"{len(pictures)} picture{'' if len(pictures) == 1 else 's'}"
    beside = f", its {count} in {path.parent / MEDIA}" if as_twee and pictures else ""
    click.echo(f"Version {newest.version} is in {path}{beside}.", err=True)


def _export_twee(world: World, path: Path, pictures: Mapping[str, bytes]) -> None:
    if other := writing.in_the_way(pictures, path.parent):
        raise _taken(other)
    writing.put_pictures(pictures, path.parent)
    path.write_text(twee_writing.write(world), encoding="utf-8")


def _taken(path: Path) -> click.UsageError:
    return click.UsageError(f"{path} is there already. Nothing is overwritten: name an empty folder or a new file.")


@content.command("schema", short_help="What a story's files may hold, for editors.")
def schema_() -> None:
    """The JSON Schema of a pack's files, by which editors complete and check them."""
    click.echo(json.dumps(schema.pack_schema(), ensure_ascii=False, indent=2))


content.add_command(stats)
content.add_command(recount)
