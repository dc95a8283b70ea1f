"""How the world outlives its process: a file of lines, the last line about a thing being what is true of it.

A change marks the thing; all marked things are written by one `write`, at the latest when the event loop turns and
always before an answer leaves, so a kill -9 loses at most what nobody was answered yet. On start the file is read and
rewritten without what is outdated.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter


class Kept(Protocol):
    @property
    def key(self) -> str: ...


class Journal:
    """Without a path nothing is kept: the world lives as long as its process."""

    def __init__(self, path: Path | None, kinds: dict[str, type[Any]]) -> None:
        self._path = path
        self._adapters: dict[str, TypeAdapter[Any]] = {
            kind: TypeAdapter(of) for kind, of in kinds.items() if path is not None
        }
        self._kind_of = {of: kind for kind, of in kinds.items()}
        self._changed: dict[tuple[str, str], Kept | None] = {}
        self._file = -1
        self._scheduled = False

    def read(self) -> Iterator[Any]:
        """Everything that is true, oldest first; then open the file for what follows."""
        if self._path is None:
            return
        lines = _last_lines(self._path)
        for (kind, _), line in lines.items():
            yield self._adapters[kind].validate_python(json.loads(line)[2])
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as out:
            out.writelines(lines.values())
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)

    def keep(self, thing: Kept) -> None:
        if self._path is not None:
            self._mark(self._kind_of[type(thing)], thing.key, thing)

    def drop(self, kind: str, key: str) -> None:
        if self._path is not None:
            self._mark(kind, key, None)

    def write(self) -> None:
        """Put what was marked into the file."""
        self._scheduled = False
        if not self._changed or self._file < 0:
            return
        changed, self._changed = self._changed, {}
        lines = [self._line(kind, key, thing) for (kind, key), thing in changed.items()]
        data = b"".join(lines)
        while data:
            data = data[os.write(self._file, data) :]

    def close(self) -> None:
        self.write()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _mark(self, kind: str, key: str, thing: Kept | None) -> None:
        self._changed[kind, key] = thing
        if self._scheduled:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the world is being built before its loop runs: `close` or the next change writes
            return
        self._scheduled = True
        loop.call_soon(self.write)

    def _line(self, kind: str, key: str, thing: Kept | None) -> bytes:
        body = b"null" if thing is None else self._adapters[kind].dump_json(thing, exclude_defaults=True)
        return b'["%b",%b,%b]\n' % (kind.encode(), json.dumps(key).encode(), body)


def _last_lines(path: Path) -> dict[tuple[str, str], bytes]:
    """The newest line of everything that still exists, in the order in which things began; a torn tail is left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    lines: dict[tuple[str, str], bytes] = {}
    with path.open("rb") as old:
        for line in old:
            if not line.endswith(b"\n"):
                break
            kind, key, body = json.loads(line)
            if body is None:
                lines.pop((kind, key), None)
            else:
                lines[kind, key] = line
    return lines
