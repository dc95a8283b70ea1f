"""Budgets and house rules that no linter knows. `make check` runs this; tests/house breaks each rule once.

A deviation is an entry of `tools/budgets.toml` with its reason. One that is no longer needed is refused.
Complexity and imports inside functions are ruff's (C901, PLC0415); who imports whom is import-linter's; who reads the
time is a test's (tests/dianabot/kernel/test_no_clock_reads.py).
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

FUNCTION, FILE, SLICE = 50, 350, 800
SLICE_NAMES = frozenset({"__init__.py", "service.py", "store.py", "tables.py", "rules.py", "events.py"})
EMPTY_NAMES = frozenset({"base", "common", "data", "helper", "helpers", "info", "manager", "util", "utils"})
EMPTY_ENDINGS = ("Common", "Helper", "Helpers", "Manager", "Util", "Utils")
SQL_PLACES = (
    "src/dianabot/kernel/**/*.py",
    "src/dianabot/migrations/**/*.py",
    "src/dianabot/**/store.py",
    "src/dianabot/operations/reports.py",
)
SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+(AS\s+\w+\s+)?SET\s|DELETE\s+FROM\s|WITH\s+(RECURSIVE\s+)?\w+(\s*\(.*?\))?\s+AS\s"
    r"|(CREATE|ALTER|DROP|TRUNCATE|LOCK)\s+(TABLE|INDEX|FUNCTION|TRIGGER|SEQUENCE|SCHEMA|DATABASE)\s)",
    re.DOTALL,
)
CODE = ("src", "tests", "tools", "bench")


@dataclass(frozen=True, order=True)
class Finding:
    rule: str
    place: str
    says: str
    size: int = 0


@dataclass(frozen=True)
class Deviation:
    rule: str
    place: str
    reason: str
    limit: int = 0
    """How far it may go; for rules that count."""

    def covers(self, finding: Finding) -> bool:
        return (self.rule, self.place) == (finding.rule, finding.place) and finding.size <= self.limit


def main() -> int:
    root = Path.cwd()
    deviations = read_deviations(root / "tools" / "budgets.toml")
    problems = judge(sorted(findings(root)), deviations)
    print("\n".join(problems) or f"within budget, {len(deviations)} deviations with their reasons")
    return 1 if problems else 0


def read_deviations(place: Path) -> list[Deviation]:
    return [Deviation(**entry) for entry in tomllib.loads(place.read_text()).get("deviation", [])]


def judge(found: Sequence[Finding], deviations: Sequence[Deviation]) -> list[str]:
    """What is wrong: findings that no deviation covers, and deviations that cover nothing or say nothing."""
    open_ones = [f"{one.place}: {one.says}" for one in found if not any(entry.covers(one) for entry in deviations)]
    stale = [
        f"{entry.place}: the deviation from '{entry.rule}' in tools/budgets.toml is not needed any more"
        for entry in deviations
        if not any(entry.covers(one) for one in found)
    ]
    mute = [f"{entry.place}: a deviation needs a reason" for entry in deviations if not entry.reason.strip()]
    return [*open_ones, *stale, *mute]


def findings(root: Path) -> Iterator[Finding]:
    for folder in CODE:
        for place in sorted((root / folder).rglob("*")):
            if place.suffix in {".py", ".js", ".css"} and "__pycache__" not in place.parts:
                yield from of_file(place, place.relative_to(root))
    for service in sorted((root / "src").rglob("service.py")):
        yield from of_slice(service.parent, service.parent.relative_to(root))


def of_file(place: Path, name: PurePath) -> Iterator[Finding]:
    text = place.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > FILE:
        yield Finding("file", str(name), f"{lines} lines, {FILE} are allowed", lines)
    if place.suffix == ".py":
        yield from of_name(name)
        tree = ast.parse(text)
        yield from of_functions(tree, name)
        yield from of_classes(tree, name)
        if name.parts[0] == "src":
            yield from of_sql(tree, name)


def of_slice(folder: Path, name: PurePath) -> Iterator[Finding]:
    """A slice has six names and no seventh, and becomes two when it outgrows itself."""
    files = [place for place in folder.iterdir() if place.name != "__pycache__"]
    for place in sorted(files):
        if place.name not in SLICE_NAMES:
            yield Finding("slice-names", f"{name}/{place.name}", "a seventh name in a slice")
    lines = sum(len(place.read_text(encoding="utf-8").splitlines()) for place in files if place.suffix == ".py")
    if lines > SLICE:
        yield Finding("slice", str(name), f"{lines} lines in this slice, {SLICE} are allowed", lines)


def of_name(name: PurePath) -> Iterator[Finding]:
    own = name.parent.name if name.stem == "__init__" else name.stem
    if own.lower().strip("_") in EMPTY_NAMES or own.rpartition("_")[2] in EMPTY_NAMES - {"data", "info", "base"}:
        yield Finding("names", str(name), f"'{own}' says nothing: name the thing")


def of_classes(tree: ast.Module, name: PurePath) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(EMPTY_ENDINGS):
            yield Finding("names", f"{name}::{node.name}", f"'{node.name}' says nothing: name the thing")


def of_functions(tree: ast.Module, name: PurePath) -> Iterator[Finding]:
    for path, node in functions(tree):
        lines = length(node)
        if lines > FUNCTION:
            yield Finding("function", f"{name}::{path}", f"{lines} lines, {FUNCTION} are allowed", lines)


def functions(node: ast.AST, path: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            here = f"{path}.{child.name}" if path else child.name
            if not isinstance(child, ast.ClassDef):
                yield here, child
            yield from functions(child, here)
        else:
            yield from functions(child, path)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring."""
    first = node.body[0]
    said = first.value if isinstance(first, ast.Expr) else None
    is_doc = isinstance(said, ast.Constant) and isinstance(said.value, str)
    doc = (first.end_lineno or 0) - first.lineno + 1 if is_doc else 0
    return (node.end_lineno or 0) - node.lineno + 1 - doc


def of_sql(tree: ast.Module, name: PurePath) -> Iterator[Finding]:
    if any(matches(name, place) for place in SQL_PLACES):
        return
    for line, text in strings(tree):
        if SQL.match(text):
            yield Finding("sql", f"{name}:{line}", "SQL lives in a store.py (or in the kernel and the migrations)")


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """String literals with their line; docstrings left out, the parts of an f-string joined."""
    docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs | inside:
            yield node.lineno, node.value
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values),
            )


def matches(name: PurePath, pattern: str) -> bool:
    """`**/` stands for any folders, none included (PurePath.match learned that in Python 3.13)."""
    regex = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(regex, str(name)) is not None


if __name__ == "__main__":
    sys.exit(main())
