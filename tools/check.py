"""Everything about the code that is not a test, two checks at a time; a check that passes says one word."""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
BIN = Path(PYTHON).parent
PLACES = tuple(place for place in ("src", "tests", "tools", "bench") if Path(place).is_dir())


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str | Path, ...]
    mends: str
    """What to do when it fails, in one line."""


def checks(site: Path) -> tuple[Check, ...]:
    """The longest first, so that the last one does not run alone."""
    tool = (PYTHON, "-m")
    return (
        Check("types", (BIN / "mypy", *PLACES), "give each name its type; see CONTRIBUTING"),
        Check("schema", (*tool, "tools.schema"), "write a revision: the tables and the migrations differ"),
        Check("docs", (BIN / "mkdocs", "build", "--strict", "--site-dir", site), "mend the named page"),
        Check("pages", (*tool, "tools.pages", "--check"), "make docs, then commit the pages it wrote"),
        Check("imports", (BIN / "lint-imports", "--no-logo"), "see docs/architecture: who may import whom"),
        Check("security", (BIN / "bandit", "-q", "-r", "src", "-c", "pyproject.toml"), "mend it, or # nosec with why"),
        Check("lint", (BIN / "ruff", "check", *PLACES), f"{BIN / 'ruff'} check --fix"),
        Check("format", (BIN / "ruff", "format", "--check", *PLACES), f"{BIN / 'ruff'} format"),
        Check("budgets", (*tool, "tools.budgets"), "split it, or name it with its reason in tools/budgets.toml"),
    )


def main() -> int:
    failed: list[Check] = []
    with tempfile.TemporaryDirectory() as site, ThreadPoolExecutor(2) as pool:
        running = {pool.submit(run, check): check for check in checks(Path(site))}
        for future in as_completed(running):
            check, done = running[future], future.result()
            print(f"  {check.name:9} {'FAILED' if done.returncode else 'ok'}", flush=True)
            if done.returncode:
                failed.append(check)
                print(done.stdout + done.stderr, flush=True)
    for check in failed:
        print(f"{check.name} failed: {check.mends}")
    if not failed:
        print("All checks passed. Next: make test, then commit.")
    return 1 if failed else 0


def run(check: Check) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [str(word) for word in check.command]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
