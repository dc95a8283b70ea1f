import os
import signal
from pathlib import Path

import pytest

from dianabot.kernel.embedded.lock import Lock, read_run


def test_one_has_it_and_the_next_gets_it_after_release(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_forked_child_does_not_keep_it(tmp_path: Path) -> None:
    """Else a worker that outlives a killed supervisor would keep the next one from starting."""
    lock = Lock(tmp_path / "lock")
    assert lock.take()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"1" if lock.held else b"0")
        signal.pause()
    try:
        assert os.read(read, 1) == b"0"
        lock.release()
        other = Lock(tmp_path / "lock")
        assert other.take()
        other.release()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(read)
        os.close(write)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"pid": 1, "unknown": 2}', "half a fi"])
def test_a_note_that_is_not_ours_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert read_run(tmp_path / "run.json") is None
