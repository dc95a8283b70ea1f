"""What is built holds what it needs to run, and nothing of what made it."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_wheel_holds_code_words_pages_and_revisions(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = next(tmp_path.glob("dianabot-*.whl"))
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {str(place.relative_to(ROOT / "src")) for place in (ROOT / "src").rglob("*") if wanted(place)}
    assert ours <= held, f"left out: {sorted(ours - held)[:10]}"
    assert {name.partition("/")[0] for name in held if not re.match(r"dianabot-[\d.]+\.dist-info/", name)} == {
        "dianabot",
        "telesim",
    }


def wanted(place: Path) -> bool:
    return place.is_file() and "__pycache__" not in place.parts and place.suffix != ".pyc"
