"""Find the Chromium that drives the browser tests; on Debian, as root, fetch it from the system's packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "DIANABOT_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
PACKAGES = ("chromium", "fonts-noto-color-emoji")


def find() -> Path | None:
    """The browser that is named by the environment, on the PATH, or where macOS keeps it."""
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [*(shutil.which(name) for name in NAMES), *map(str, MACOS)]
    return next((Path(place) for place in candidates if place and answers(place)), None)


def answers(place: str) -> bool:
    """Some systems put a script there that only tells how to install the real one."""
    try:
        return subprocess.run([place, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def provide() -> Path | None:
    """Find it, or install it where that is allowed without asking anybody."""
    found = find()
    if found is None and os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        print("Fetching Chromium from the system's packages (once)…", file=sys.stderr, flush=True)
        if not _install():
            _apt("update")
            _install()
        found = find()
    return found


def _install() -> bool:
    return _apt("install", "--yes", "--no-install-recommends", *PACKAGES)


def _apt(*words: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "-qq", *words], env=environment, capture_output=True, check=False)
    return done.returncode == 0
