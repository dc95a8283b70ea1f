"""Time comes in through one door: code asks the injected clock, and SQL gets the instant as an argument."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"
DOORS = {SOURCE / "dianabot/kernel/clock.py", SOURCE / "telesim/clock.py"}

# What reads a clock or waits by one, by the name it has where it is defined.
READS = re.compile(
    r"""time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep|localtime|gmtime|ctime|strftime)
    | datetime\.datetime\.(now|utcnow|today) | datetime\.date\.today
    | asyncio\.sleep
    | pendulum\..* | arrow\..*""",
    re.VERBOSE,
)
# `loop.time()` and the naps of other libraries, whatever the object is called.
METHODS = {"utcnow", "today", "perf_counter", "monotonic_ns", "time_ns"}
LOOPS = re.compile(r"(loop|get_running_loop\(\)|get_event_loop\(\))\.time\(\)")
SQLALCHEMY = re.compile(r"\bfunc\.(now|current_\w+|localtime\w*)$")
SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(|"
    r"\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b|"
    r"'(now|today|tomorrow|yesterday)'",
    re.IGNORECASE,
)
SQL = re.compile(r"\b(select|insert\s+into|update|delete\s+from|values|default|create|alter)\b", re.IGNORECASE)


def names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `dt` -> `datetime.datetime`."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {part.asname or part.name.split(".")[0]: part.name for part in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {part.asname or part.name: f"{node.module}.{part.name}" for part in node.names}
    return known


def spelled(text: str, known: dict[str, str]) -> str:
    first, dot, rest = text.partition(".")
    return known.get(first, first) + dot + rest


def reads(source: str) -> Iterator[str]:
    """Every place where this source reads the time."""
    tree = ast.parse(source)
    known = names(tree)
    harmless = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and gives_way(node)}
    documented = {id(text) for text in docstrings(tree)}
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.expr) else ""
        named = isinstance(node, ast.Attribute | ast.Name) and id(node) not in harmless
        called = isinstance(node, ast.Call) and (LOOPS.search(text) or method(node) in METHODS)
        told = sentence(node) if id(node) not in documented else ""
        if (
            called
            or (named and (READS.fullmatch(spelled(text, known)) or SQLALCHEMY.search(text)))
            or (SQL.search(told) and SQL_CLOCK.search(told))
        ):
            assert isinstance(node, ast.expr)
            yield f"{node.lineno}: {text[:80]}"


def sentence(node: ast.AST) -> str:
    """The text of a literal, f-strings without what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return " ".join(sentence(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def gives_way(call: ast.Call) -> bool:
    """`asyncio.sleep(0)` waits for no time: it lets the others go first."""
    only = call.args[0] if len(call.args) == 1 and not call.keywords else None
    return isinstance(only, ast.Constant) and only.value == 0


def docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


FILES = sorted(path for path in SOURCE.rglob("*.py") if path not in DOORS)


def test_all_of_the_source_is_looked_at() -> None:
    assert {"dianabot", "telesim"} <= {path.relative_to(SOURCE).parts[0] for path in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_nothing_but_the_clock_reads_the_time(file: Path) -> None:
    assert not list(reads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "import time\nx = time.time()",
        "import time as t\nx = t.monotonic()",
        "from time import perf_counter as p\nx = p()",
        "import time\nwait = time.sleep",
        "from datetime import datetime\nx = datetime.now(UTC)",
        "import datetime as dt\nx = dt.datetime.utcnow()",
        "import datetime\nx = datetime.date.today()",
        "from datetime import date\nx = date.today()",
        "field(default_factory=datetime.utcnow)\nfrom datetime import datetime",
        "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
        "import asyncio\nasync def f(s):\n    await asyncio.sleep(s)",
        "import asyncio\nx = asyncio.get_running_loop().time()",
        "x = self.loop.time()",
        "Q = 'SELECT * FROM timers WHERE due_at <= now()'",
        "Q = 'update users set last_active_at = CURRENT_TIMESTAMP'",
        'Q = f"SELECT {columns} FROM x WHERE at < clock_timestamp ()"',
        "Q = \"INSERT INTO x VALUES ('now')\"",
        "Column('at', server_default=text('DEFAULT now()'))",
        "import sqlalchemy as sa\nx = sa.func.now()",
    ],
)
def test_a_reading_is_found(source: str) -> None:
    assert list(reads(source))


@pytest.mark.parametrize(
    "source",
    [
        "x = clock.now()",
        "x = self._clock.monotonic()",
        "async def f(clock):\n    await clock.sleep(3)",
        "import asyncio\nasync def f():\n    await asyncio.sleep(0)",
        "import asyncio\nasync def f():\n    async with asyncio.timeout(1): pass",
        "from datetime import datetime\nx = datetime.fromisoformat(text)",
        "Q = 'SELECT * FROM timers WHERE due_at <= $1'",
        "x = 'write to us now (or later)'",
        '"""Never SELECT now() here."""',
        "from datetime import timedelta\nx = timedelta(seconds=1)",
    ],
)
def test_what_reads_no_time_is_left_alone(source: str) -> None:
    assert not list(reads(source))
