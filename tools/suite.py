"""Run the tests and end with a line that says what was not run and what comes next."""

import argparse
import os
import subprocess
import sys

from tools import chromium

FAST = "not slow and not browser and not drill"
WORKERS = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tools.suite")
    options.add_argument("--fast", action="store_true")
    options.add_argument("--coverage", action="store_true")
    given, rest = options.parse_known_args()
    browser = None if given.fast else chromium.provide()
    if browser is None and not given.fast and os.environ.get("REQUIRE_BROWSER"):
        print(f"{MISSING} REQUIRE_BROWSER is set, so nothing was run.", file=sys.stderr)
        return 3
    only = FAST if given.fast else "" if browser else "not browser"
    command = [*(COVERED if given.coverage else PLAIN), *WORKERS, *(("-m", only) if only else ()), *rest]
    environment = {**os.environ, COMPILE: "", **({chromium.VARIABLE: str(browser)} if browser else {})}
    code = subprocess.run(command, env=environment, check=False).returncode
    if given.coverage:
        code = code or report()
    print(last_line(ok=code == 0, fast=given.fast, browser=browser is not None), flush=True)
    return code


PLAIN = (sys.executable, "-m", "pytest")
COVERED = (sys.executable, "-m", "coverage", "run", "-m", "pytest")
COMPILE = "PYTHONDONTWRITEBYTECODE"
"""Emptied, or every process that a test starts compiles the house anew."""
MISSING = "No Chromium was found (install it, or name it in DIANABOT_CHROMIUM)."


def report() -> int:
    subprocess.run([sys.executable, "-m", "coverage", "combine", "--quiet"], check=False)
    return subprocess.run([sys.executable, "-m", "coverage", "report"], check=False).returncode


def last_line(*, ok: bool, fast: bool, browser: bool) -> str:
    if not ok:
        return "Some tests failed: their names are above. Run one alone with .venv/bin/pytest -n0 <its name>"
    if fast:
        return "The fast tests passed. Next: make test for the rest (browser, kills, long runs)."
    if not browser:
        return f"The tests passed; the browser tests were NOT RUN. {MISSING}"
    return "All tests passed. Next: make check before a commit; make demo to meet the bot."


if __name__ == "__main__":
    sys.exit(main())
