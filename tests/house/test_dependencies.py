"""Each dependency is locked with its hash, explained in one line, and named with its licence."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
LOCKS = {"run": PROJECT["project"]["dependencies"], "dev": GROUPS["dev"], "build": GROUPS["build"]}
EVERY = [(lock, Requirement(text)) for lock, texts in LOCKS.items() for text in texts]
NAMES = [requirement.name for _, requirement in EVERY]
LINE = re.compile(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def locked(name: str) -> dict[str, list[str]]:
    """Package -> the versions that this lock file may install, one a platform."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")):
        pinned = re.match(r"([\w.-]+)(?:\[.*?\])?==([\w.+!-]+)", entry)
        assert pinned, f"requirements/{name}.txt: not pinned: {entry[:60]}"
        assert "--hash=sha256:" in entry, f"requirements/{name}.txt: no hash for {pinned[1]}"
        found.setdefault(canonicalize_name(pinned[1]), []).append(pinned[2])
    return found


@pytest.mark.parametrize(("lock", "wanted"), EVERY, ids=NAMES)
def test_a_dependency_is_locked_at_a_version_that_fits(lock: str, wanted: Requirement) -> None:
    versions = locked(lock).get(canonicalize_name(wanted.name))
    assert versions, f"{wanted.name} is not in requirements/{lock}.txt: make lock"
    assert all(wanted.specifier.contains(version) for version in versions), f"{wanted} but {versions}: make lock"


def test_what_runs_is_developed_against() -> None:
    run, dev = locked("run"), locked("dev")
    assert {name: versions for name, versions in run.items() if dev.get(name) != versions} == {}


def test_lock_files_name_no_host() -> None:
    for place in sorted((ROOT / "requirements").glob("*.txt")):
        assert "://" not in place.read_text(encoding="utf-8"), place.name


@pytest.mark.parametrize("name", NAMES)
def test_a_dependency_has_its_line(name: str) -> None:
    lines = {row[0]: row[1:] for row in LINE.findall((ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"))}
    assert name in lines, f"docs/dependencies.md says nothing about {name}"
    assert all(cell.strip() for cell in lines[name])


def test_no_line_outlives_its_dependency() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert {row[0] for row in LINE.findall(text)} == set(NAMES)
