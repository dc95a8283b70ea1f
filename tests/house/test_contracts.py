"""The import contracts bite: each is broken once in a copy of the source, and `lint-imports` must say so."""

import configparser
import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

# contract, what is planted, where, and what is written there
PLANTED = (
    ("floors", "a leaf of the kernel calls the command line", "kernel/clock.py", "import dianabot.cli"),
    ("floors", "a slice knows another", "members/rules.py", "import dianabot.rulebook"),
    ("floors", "an operation draws a screen", "operations/unit.py", "import dianabot.screens"),
    ("floors", "the bot and the web know each other", "web/app.py", "import dianabot.telegram"),
    ("floors", "the kernel knows a value of the business", "kernel/tx.py", "import dianabot.vocabulary"),
    ("floors", "a place that nobody declared", "helpers.py", "A_PLACE_OF_ITS_OWN = True"),
    ("kernel", "the transaction calls the bus", "kernel/tx.py", "import dianabot.kernel.bus"),
    ("kernel", "a kernel module that nobody declared", "kernel/extra.py", "A_PLACE_OF_ITS_OWN = True"),
    ("slices", "rules read the store", "members/rules.py", "import dianabot.members.store"),
    ("slices", "a seventh name in a slice", "members/queries.py", "A_SEVENTH = True"),
    ("doors", "an operation goes round the door", "operations/unit.py", "import dianabot.members.store"),
    ("doors", "a screen goes round the door", "screens/__init__.py", "import dianabot.rulebook.rules"),
    ("operations", "the store calls the unit", "operations/store.py", "import dianabot.operations.unit"),
    ("operations", "a verb that nobody declared", "operations/steal.py", "A_VERB = True"),
    (
        "slices",
        "a fragment's rules read the store",
        "narrative/fragments/rules.py",
        "import dianabot.narrative.fragments.store",
    ),
    (
        "doors",
        "a step goes round the wallet's door",
        "operations/steps.py",
        "import dianabot.gamification.wallet.store",
    ),
    ("groups", "levels pay by themselves", "gamification/levels/service.py", "import dianabot.gamification.wallet"),
    ("groups", "hints know fragments", "narrative/hints/rules.py", "import dianabot.narrative.fragments"),
    (
        "floors",
        "the story asks for the club",
        "narrative/fragments/service.py",
        "import dianabot.channels.subscriptions",
    ),
    ("operations", "one verb calls another", "operations/decide.py", "import dianabot.operations.enter_vip"),
    ("content", "a finding knows the checker", "content/finding.py", "import dianabot.content.checker"),
    ("content", "a part of content that nobody declared", "content/extra.py", "A_PLACE_OF_ITS_OWN = True"),
    ("telegram", "a table calls a handler", "telegram/tables.py", "import dianabot.telegram.handlers"),
    ("telegram", "a part of the bot that nobody declared", "telegram/extra.py", "A_PLACE_OF_ITS_OWN = True"),
    ("handlers", "one handler calls another", "telegram/handlers/one.py", "import dianabot.telegram.handlers.two"),
    ("pure-rules", "a rule waits", "members/rules.py", "import asyncio"),
    ("pure-rules", "a rule throws dice", "members/rules.py", "import random"),
    ("pure-rules", "a screen reads the clock", "screens/__init__.py", "import dianabot.kernel.clock"),
    ("pure-rules", "a requirement asks the database", "vocabulary/missing.py", "import dianabot.kernel.tx"),
    ("telegram-library", "an operation talks to Telegram", "operations/unit.py", "import telegram"),
    ("telegram-library", "the simulator leans on a bot library", "../telesim/clock.py", "import telegram.ext"),
    ("database-driver", "a service runs SQL of its own", "members/service.py", "import psycopg"),
    ("simulator-enters", "the bot knows that it is simulated", "telegram/handlers/one.py", "import telesim"),
    ("simulator-is-a-stranger", "the simulator knows the bot", "../telesim/clock.py", "import dianabot"),
    ("no-cycles", "two that need each other", "kernel/ids.py", "import dianabot.kernel.events"),
)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source, with two more handlers and whole slices in it, so that there is always something to break."""
    source = tmp_path_factory.mktemp("house") / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "*.js", "*.css", "locales"))
    for name in ("one", "two"):
        (source / "dianabot" / "telegram" / "handlers" / f"{name}.py").write_text("")
    for slice_name, name in itertools.product(("members", "rulebook"), ("service", "store", "rules")):
        (source / "dianabot" / slice_name / f"{name}.py").touch()
    return source


def lint(source: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Started inside the copy, whose packages are therefore found before the installed ones."""
    command: list[str | Path] = [LINT, "--no-logo", "--no-cache", "--config", ROOT / ".importlinter", *words]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


def test_the_source_keeps_every_contract(copied: Path) -> None:
    done = lint(copied)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("contract", "what", "where", "line"), PLANTED, ids=[row[1] for row in PLANTED])
def test_a_planted_violation_is_found(copied: Path, contract: str, what: str, where: str, line: str) -> None:
    place = copied / "dianabot" / where
    before = place.read_text() if place.exists() else None
    place.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copied, "--contract", contract)
    finally:
        place.unlink() if before is None else place.write_text(before)
    assert done.returncode == 1, f"{contract} let this pass: {what}\n{done.stdout}{done.stderr}"
    assert "1 broken" in done.stdout, done.stdout


def test_every_contract_is_broken_once() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    declared = {section.rpartition(":")[2] for section in config.sections() if ":contract:" in section}
    assert declared == {row[0] for row in PLANTED}


def test_every_slice_is_guarded() -> None:
    """A folder with a service is a slice: its inside and its door are in the contracts."""
    package = ROOT / "src" / "dianabot"
    slices = {".".join(place.parent.relative_to(package).parts) for place in package.rglob("service.py")}
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    inside = config["importlinter:contract:slices"]["containers"].split()
    doors = config["importlinter:contract:doors"]["protected_modules"].split()
    assert slices <= {name.removeprefix("dianabot.") for name in inside}
    assert slices <= {name.removeprefix("dianabot.").removesuffix(".*") for name in doors}
