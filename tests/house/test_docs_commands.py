"""Every command that a page shows is run here, or stands in a list with the reason why it is not."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dianabot.cli import dianabot

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```", re.MULTILINE | re.DOTALL)

ENDS_BY_ITSELF = {
    ".venv/bin/dianabot doctor": {0, 1},  # 1: it found something, as it must where no token is set
    ".venv/bin/dianabot migrate": {0},
    ".venv/bin/dianabot rules history": {0},
    ".venv/bin/dianabot rules show": {0},
    ".venv/bin/dianabot user find @lucia": {0},
}
NOT_RUN = {
    "python3 -m venv /opt/dianabot": "writes outside the project; `make` does the same in .venv",
    "/opt/dianabot/bin/pip install --require-hashes -r requirements/run.txt": "the same files are installed by `make`",
    "/opt/dianabot/bin/pip install --no-deps .": "test_wheel.py builds this wheel and looks into it",
    "/opt/dianabot/bin/dianabot run": "stays in front; tests/dianabot/cli start it",
    ".venv/bin/pre-commit install": "would change this repository's hooks",
    'umask 077; echo "BOT_TOKEN=123456:ABC-your-token" > .env': "would write an .env that every other test reads",
}
STAYS_IN_FRONT = re.compile(r"([A-Z_]+=\S+ )*(\.venv/bin/dianabot (run|bot|worker|web))$")
MAKE = re.compile(r"(?P<set>([A-Z_]+=\S+ )*)make (?P<rest>.*)$")
STORY = re.compile(r"\.venv/bin/dianabot content ")
"""Run by test_writing_docs.py, on the stories that the same page shows."""
STORY_PAGES = {"docs/escribir.md", "docs/writing.md"}
PYTEST = re.compile(r"\.venv/bin/pytest -n0 (?P<place>\S+)$")


def shown() -> dict[str, str]:
    """Command -> the first page that shows it."""
    found: dict[str, str] = {}
    for page in PAGES:
        for indent, block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                command = line.removeprefix(indent).partition("  #")[0].strip()
                if command and not command.startswith("#"):
                    found.setdefault(command, str(page.relative_to(ROOT)))
    return found


SHOWN = shown()


@pytest.fixture
def data() -> Iterator[str]:
    """A data directory in a place that whoever runs the servers may enter, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory(prefix="dianabot-docs-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield f"{folder}/data"


def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    shell = ["sh", "-c", command]
    return subprocess.run(shell, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("command", [command for command in SHOWN if MAKE.match(command)])
def test_make_knows_the_target(command: str) -> None:
    """`make -n` walks through the recipe without running it; the recipes themselves are what runs these tests."""
    parts = MAKE.match(command)
    assert parts
    done = run(f"{parts['set']}make -n {parts['rest']}")
    assert done.returncode == 0, f"{SHOWN[command]}: {done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in SHOWN if command in ENDS_BY_ITSELF])
def test_a_command_that_ends_does_what_the_page_says(command: str, postgres_dsn: str, data: str) -> None:
    done = run(command, DATABASE_URL=postgres_dsn, DIANABOT_DATA=data)
    assert done.returncode in ENDS_BY_ITSELF[command], f"{SHOWN[command]}: {done.stdout}{done.stderr}"
    assert done.stdout.strip() or done.stderr.strip()


@pytest.mark.parametrize("command", [command for command in SHOWN if STAYS_IN_FRONT.match(command)])
def test_a_command_that_stays_in_front_exists(command: str) -> None:
    """That they work is shown by tests/dianabot/cli, which start them against the simulator."""
    assert usage(command.rpartition("/dianabot ")[2]), SHOWN[command]


@pytest.mark.parametrize("command", [command for command in SHOWN if PYTEST.match(command)])
def test_a_part_of_the_tests_that_a_page_names_is_there(command: str) -> None:
    parts = PYTEST.match(command)
    assert parts
    assert (ROOT / parts["place"]).exists(), SHOWN[command]


def test_every_command_is_run_or_excused() -> None:
    known = (MAKE, STAYS_IN_FRONT, PYTEST)
    unknown = {
        command: page
        for command, page in SHOWN.items()
        if not (STORY.match(command) and page in STORY_PAGES)
        and command not in ENDS_BY_ITSELF
        and command not in NOT_RUN
        and not any(form.match(command) for form in known)
    }
    assert not unknown, f"neither run nor excused: {unknown}"
    assert not NOT_RUN.keys() - SHOWN.keys(), "excused, but no page shows it any more"
    assert not ENDS_BY_ITSELF.keys() - SHOWN.keys(), "run, but no page shows it any more"


INLINE = re.compile(r"`(?:\.venv/bin/)?dianabot ([a-z-]+(?: [a-z-]+)?)[^`]*`")


@pytest.mark.parametrize(
    "words", sorted({match for page in PAGES for match in INLINE.findall(page.read_text(encoding="utf-8"))})
)
def test_a_command_named_in_a_sentence_exists(words: str) -> None:
    assert usage(words), f"there is no dianabot {words}"


def usage(words: str) -> bool:
    """Whether the command line has such a command and can say how it is used."""
    told = CliRunner().invoke(dianabot, [*words.split(), "--help"])
    return told.exit_code == 0 and "Usage:" in told.output


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert not usage("fly")
