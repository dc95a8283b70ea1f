"""How `.venv` is made ready, without making one: each copy stops at a Python that seems to lack its venv module."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NEEDS_VENV = "Python's venv module is missing: install the package python3-venv, then run the same command again."


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What prepare reads, in a folder with a space in its name."""
    folder = tmp_path / "a house"
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copy(ROOT / "pyproject.toml", folder)
    lacking = tmp_path / "lacking" / "ensurepip.py"
    lacking.parent.mkdir()
    lacking.write_text("raise ImportError('not packaged')\n")
    return folder


def prepare(folder: Path, level: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": "", "PYTHONPATH": str(folder.parent / "lacking"), **variables}
    command = ["sh", str(folder / "tools" / "prepare.sh"), level]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def pretend_ready(folder: Path, level: str) -> None:
    """An environment whose stamp says that it was made from exactly these files."""
    (folder / ".venv").mkdir(exist_ok=True)
    (folder / ".venv" / "pyvenv.cfg").write_text("home = /somewhere\n")
    asked = f"import sys; sys.path.insert(0, 'tools'); import prepare; print(prepare.state({level!r}), end='')"
    told = subprocess.run([sys.executable, "-c", asked], cwd=folder, capture_output=True, text=True, check=True)
    (folder / ".venv" / f".ready-{level}").write_text(told.stdout)


def test_a_python_without_venv_is_told_which_package_it_lacks(copy: Path) -> None:
    done = prepare(copy, "run")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == NEEDS_VENV
    assert not (copy / ".venv").exists()


def test_what_is_ready_is_left_alone_without_a_word(copy: Path) -> None:
    pretend_ready(copy, "dev")
    for level in ("dev", "run"):
        done = prepare(copy, level)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_who_may_run_may_not_yet_develop(copy: Path) -> None:
    pretend_ready(copy, "run")
    assert prepare(copy, "run").returncode == 0
    assert NEEDS_VENV in prepare(copy, "dev").stderr


@pytest.mark.parametrize(
    ("what", "file", "text"),
    [
        ("another lock", "requirements/run.txt", "\n# another\n"),
        ("another dependency", "pyproject.toml", "\n[project.optional-dependencies]\nmore = ['more']\n"),
        ("another environment", ".venv/pyvenv.cfg", "version = 3.99\n"),
        ("another way to prepare", "tools/prepare.py", "\n# another\n"),
    ],
)
def test_what_the_environment_is_made_from_makes_it_anew(copy: Path, what: str, file: str, text: str) -> None:
    pretend_ready(copy, "run")
    with (copy / file).open("a", encoding="utf-8") as changed:
        changed.write(text)
    assert NEEDS_VENV in prepare(copy, "run").stderr, what


def test_settings_of_tools_do_not_make_it_anew(copy: Path) -> None:
    pretend_ready(copy, "run")
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as changed:
        changed.write("\n[tool.other]\nx = 1\n")
    assert prepare(copy, "run").returncode == 0


def test_a_folder_that_was_moved_is_made_anew(copy: Path) -> None:
    pretend_ready(copy, "run")
    moved = copy.rename(copy.with_name("another house"))
    assert NEEDS_VENV in prepare(moved, "run").stderr


def test_a_python_that_will_not_do_is_refused_by_name(copy: Path) -> None:
    done = prepare(copy, "run", PYTHON="/bin/false")
    assert done.returncode == 2
    assert done.stderr == "PYTHON is '/bin/false', which is not a Python 3.11 or newer.\n"
