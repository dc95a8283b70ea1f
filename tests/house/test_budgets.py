"""The budgets bite: each rule is broken once in a made-up tree, and named lines excuse only what they name."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tools.budgets import Deviation, Finding, findings, judge, main, read_deviations

ROOT = Path(__file__).parents[2]
LONG_FUNCTION = "def go() -> None:\n" + "    x = 1\n" * 50
DOCUMENTED = 'def go() -> None:\n    """' + "why\n" * 40 + '    """\n' + "    x = 1\n" * 40
TANGLED = (
    "def go(x: int) -> int:\n"
    + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(10))
    + "    return x\n"
)

# what it is, where, what is written there, the rule that finds it (or none)
PLANTED = (
    ("a function of 51 lines", "src/dianabot/kernel/a.py", LONG_FUNCTION, "function"),
    ("a method of 51 lines", "tests/a.py", "class A:\n" + textwrap.indent(LONG_FUNCTION, "    "), "function"),
    ("a docstring does not count", "src/dianabot/kernel/a.py", DOCUMENTED, None),
    ("a file of 351 lines", "src/dianabot/a.py", "x = 1\n" * 351, "file"),
    ("a script of 351 lines", "src/telesim/page/a.js", "x = 1\n" * 351, "file"),
    ("a file of 350 lines", "src/dianabot/a.py", "x = 1\n" * 350, None),
    ("a name that says nothing", "src/dianabot/utils.py", "", "names"),
    ("a folder that says nothing", "src/dianabot/common/__init__.py", "", "names"),
    ("a name that ends in nothing", "src/dianabot/member_helpers.py", "", "names"),
    ("a class that manages", "src/dianabot/a.py", "class CacheManager: ...\n", "names"),
    ("SQL in a service", "src/dianabot/members/rules.py", 'X = "SELECT 1 FROM users"\n', "sql"),
    ("SQL in a handler, in an f-string", "src/dianabot/a.py", 'X = f"UPDATE {1} SET a = 1"\n', "sql"),
    ("SQL after a WITH", "src/dianabot/a.py", 'X = "WITH gone AS (DELETE FROM a) SELECT 1"\n', "sql"),
    ("SQL in a store", "src/dianabot/members/store.py", 'X = "SELECT 1 FROM users"\n', None),
    ("SQL in a sentence about SQL", "src/dianabot/a.py", '"""SELECT is not SQL here."""\n', None),
    ("a sentence that updates", "src/dianabot/a.py", 'X = "Update your settings"\n', None),
)


def write(root: Path, where: str, text: str) -> None:
    place = root / where
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


@pytest.mark.parametrize(("what", "where", "text", "rule"), PLANTED, ids=[row[0] for row in PLANTED])
def test_a_planted_fault_is_found(tmp_path: Path, what: str, where: str, text: str, rule: str | None) -> None:
    write(tmp_path, where, text)
    assert {found.rule for found in findings(tmp_path)} == ({rule} if rule else set()), what


def test_a_seventh_name_in_a_slice_is_refused(tmp_path: Path) -> None:
    for name in ("__init__", "service", "store", "tables", "rules", "events", "queries"):
        write(tmp_path, f"src/dianabot/members/{name}.py", "")
    assert [(one.rule, one.place) for one in findings(tmp_path)] == [
        ("slice-names", "src/dianabot/members/queries.py"),
    ]


def test_a_slice_that_outgrows_itself_is_refused(tmp_path: Path) -> None:
    for name in ("service", "store", "rules"):
        write(tmp_path, f"src/dianabot/members/{name}.py", "x = 1\n" * 300)
    assert [one.rule for one in findings(tmp_path)] == ["slice"]


LONG = Finding("file", "src/a.py", "400 lines, 350 are allowed", 400)


@pytest.mark.parametrize(
    ("what", "found", "deviation", "problems"),
    [
        ("it is named", [LONG], Deviation("file", "src/a.py", "a list", 400), 0),
        ("it has outgrown its own limit", [LONG], Deviation("file", "src/a.py", "a list", 399), 2),
        ("another is named", [LONG], Deviation("file", "src/b.py", "a list", 400), 2),
        ("it was mended", [], Deviation("file", "src/a.py", "a list", 400), 1),
        ("no reason is given", [LONG], Deviation("file", "src/a.py", " ", 400), 1),
    ],
)
def test_a_deviation_excuses_only_what_it_names(
    what: str, found: list[Finding], deviation: Deviation, problems: int
) -> None:
    assert len(judge(found, [deviation])) == problems, what


@pytest.mark.slow
def test_this_house_keeps_its_budgets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert main() == 0, capsys.readouterr().out
    assert read_deviations(ROOT / "tools" / "budgets.toml")


LEFT_TO_THE_LINTER = (
    ("C901", TANGLED),
    ("PLC0415", "def go() -> None:\n    import os\n\n    os.getcwd()\n"),
    ("BLE001", "try:\n    x = 1\nexcept Exception:\n    pass\n"),
)


@pytest.mark.parametrize(("code", "text"), LEFT_TO_THE_LINTER)
def test_the_linter_holds_what_the_budgets_leave_to_it(code: str, text: str) -> None:
    command: list[str | Path] = [
        Path(sys.executable).with_name("ruff"),
        "check",
        "--stdin-filename",
        "src/dianabot/kernel/planted.py",
        "-",
    ]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    assert code in done.stdout
