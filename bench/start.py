"""From the command to the first answer on a prepared data directory, and the memory of all that then runs."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.row import Row, middle

DIANABOT = Path(sys.executable).parent / "dianabot"
LONGEST = 120.0
ROUNDS = 3


def measure(*, full: bool) -> list[Row]:
    with _folder() as data:
        _answered(data)  # the first start makes the database
        starts, memories = [], []
        for number in range(ROUNDS):
            rest = 0.0 if number < ROUNDS - 1 else 60.0 if full else 10.0
            started, memory = _answered(data, rest=rest)
            starts.append(started)
            memories.append(memory)
    when = "60" if full else "10"
    return [
        Row("start: demo on a prepared machine → first answer", middle(starts), "s", 6, 3, "less"),
        Row(f"memory, PSS of all processes, {when} s after start", memories[-1], "MB", 350, 200, "less"),
    ]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answered(data: Path, *, rest: float = 0.0) -> tuple[float, float]:
    """Seconds until the bot's first answer arrived, and the megabytes after `rest` more."""
    port = _free_port()
    began = time.perf_counter()
    command = [str(DIANABOT), "demo", "--port", str(port), "--data", str(data), "--no-simulated-fans"]
    with (data / "bench.log").open("ab") as log:
        demo = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _say_start(port, demo, began)
        took = time.perf_counter() - began
        time.sleep(rest)
        return took, sum(map(_pss, _family(demo.pid))) / 1024
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(30)


def _say_start(port: int, demo: "subprocess.Popen[bytes]", began: float) -> None:
    home = f"http://127.0.0.1:{port}/sim/api"
    person = None
    while person is None:
        if demo.poll() is not None or time.perf_counter() - began > LONGEST:
            raise RuntimeError(f"the demo did not start: exit {demo.returncode}")
        try:
            person = _call(f"{home}/people", {"first_name": "Ana", "language_code": "es"})["id"]
        except OSError:
            time.sleep(0.01)
    _call(f"{home}/people/{person}/send", {"text": "/start"})
    while not any(message["from"].get("is_bot") for message in _call(f"{home}/people/{person}/messages?wait=5")):
        if time.perf_counter() - began > LONGEST:
            raise RuntimeError("the bot did not answer")


def _call(address: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _family(root: int) -> list[int]:
    """It, and all that came of it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    family = [root]
    for pid in family:
        family += children.get(pid, [])
    return family


def _pss(pid: int) -> int:
    """Kilobytes, shared ones divided among those who share them."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(rollup.partition("\nPss:")[2].split()[0])
