"""What a figure was measured on: without it the figure says nothing."""

import os
import platform
import re
from pathlib import Path


def describe() -> dict[str, str | int]:
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def processor() -> str:
    cpu = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", cpu.read_text()) if cpu.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def short(machine: dict[str, str | int]) -> str:
    """For a file's name."""
    words = re.sub(r"[^a-z0-9]+", "-", str(machine["processor"]).lower()).strip("-")
    return f"{machine['cores']}x-{words}"[:60].rstrip("-")
