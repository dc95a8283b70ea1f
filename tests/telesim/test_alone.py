"""The simulator as a process of its own, killed without warning."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from telesim.serve import main
from telesim.world.scene import TOKEN
from tests.telesim.home import LUCIA


def ask(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"content-type": "application/json"})  # noqa: S310  # our own
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # our own server
        return json.load(answer)


@contextmanager
def alone(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "telesim", "--port", str(port), "--data", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if b"Chat page" in line:
                    break
            yield until_up(f"http://127.0.0.1:{port}/sim"), process
        finally:
            process.kill()


def until_up(address: str) -> str:
    """The process has said that it starts; its port opens within moments."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            ask(f"{address}/api/state")
        except OSError:
            continue
        return address
    raise AssertionError("the simulator did not come up")


@pytest.mark.slow
def test_a_killed_simulator_comes_back_with_everything_it_answered(tmp_path: Path) -> None:
    with alone(tmp_path) as (address, process):
        for number in range(50):
            ask(f"{address}/api/people/{LUCIA}/send", {"text": f"{number}"})
        os.kill(process.pid, signal.SIGKILL)
    with alone(tmp_path) as (address, _):
        updates = ask(f"{address}/bot{TOKEN}/getUpdates")["result"]
        assert [update["message"]["text"] for update in updates] == [f"{number}" for number in range(50)]
        ask(f"{address}/api/people/{LUCIA}/send", {"text": "new"})
        newest = ask(f"{address}/bot{TOKEN}/getUpdates?offset=-1")["result"][-1]
        assert newest["update_id"] > updates[-1]["update_id"]


def asked(address: str, path: str) -> socket.socket:
    """A connection on which a request waits for its answer."""
    host, port = address.removeprefix("http://").removesuffix("/sim").split(":")
    waiting = socket.create_connection((host, int(port)), timeout=20)
    waiting.sendall(f"GET /sim{path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
    return waiting


def read_until(waiting: socket.socket, mark: bytes) -> None:
    read = b""
    while mark not in read:
        piece = waiting.recv(65_536)
        assert piece, f"the answer ended without {mark!r}: {read!r}"
        read += piece


def test_whoever_waits_is_sent_home_when_it_stops_and_nothing_is_complained_of(tmp_path: Path) -> None:
    with (
        alone(tmp_path) as (address, process),
        asked(address, f"/bot{TOKEN}/getUpdates?timeout=50") as poll,
        asked(address, f"/api/people/{LUCIA}/live") as feed,
    ):
        read_until(feed, b"event: hello")
        process.send_signal(signal.SIGINT)
        read_until(poll, b'"description":"Internal Server Error: restart"')
        read_until(feed, b"0\r\n\r\n")
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert [line for line in process.stderr.read().decode().splitlines() if "Bot API" not in line] == []


def test_wrong_arguments_say_what_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--port", "many"])
    assert "invalid int value: 'many'" in capsys.readouterr().err
