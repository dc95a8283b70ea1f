"""The files of a pack: nothing outside its folder, nothing too large, and never an exception."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

LARGEST_FILE: Final = 10_000_000
LARGEST_PACK: Final = 50_000_000
MOST_FILES: Final = 5_000
MEDIA: Final = "media"


class Unreadable(Exception):  # noqa: N818 - says what is the matter
    """A finding's code and values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Picture:
    kind: str
    """Its MIME type."""
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def picture(content: bytes) -> Picture | None:
    """By what it holds, not by what it is called."""
    if content.startswith(b"\xff\xd8\xff"):
        return Picture("image/jpeg", content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("image/png", content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Picture("image/webp", content)
    return None


class Folder:
    """Reads by name relative to `root`, with `/` on every system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read_so_far: set[str] = set()
        self._bytes = 0

    def read(self, name: str) -> bytes:
        """The file's content, or `Unreadable`."""
        path = self._inside(name)
        try:
            if not path.is_file():
                raise Unreadable("file_missing", file=name)
            size = path.stat().st_size
            if size > LARGEST_FILE:
                raise Unreadable("file_too_large", file=name, limit=LARGEST_FILE // 1_000_000)
            if self._bytes + size > LARGEST_PACK:
                raise Unreadable("pack_too_large", file=name, limit=LARGEST_PACK // 1_000_000)
            content = path.read_bytes()
        except OSError as error:  # forbidden, a name too long, a disk that fails
            raise Unreadable("file_unreadable", file=name, reason=error.strerror or type(error).__name__) from None
        self._bytes += len(content)
        self.read_so_far.add(name)
        return content

    def has(self, name: str) -> bool:
        try:
            return self._inside(name).is_file()
        except (OSError, Unreadable):
            return False

    def unread(self) -> Iterator[str]:
        """YAML files and pictures that nothing named."""
        found = sorted(self.root.rglob("*"))[:MOST_FILES] if self.root.is_dir() else []
        for path in found:
            name = path.relative_to(self.root).as_posix()
            hidden = any(part.startswith(".") for part in name.split("/"))
            wanted = path.suffix in {".yaml", ".yml"} or name.startswith(f"{MEDIA}/")
            if wanted and not hidden and name not in self.read_so_far and path.is_file():
                yield name

    def _inside(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        windows = "\\" in name or (len(name) > 1 and name[1] == ":")
        if not parts or name.startswith("/") or ".." in parts or windows or not name.isprintable():
            raise Unreadable("outside", file=name)
        path = self.root / name
        try:
            inside = path.resolve().is_relative_to(self.root.resolve())
        except (OSError, RuntimeError, ValueError):  # a circle of symbolic links, a name too long
            raise Unreadable("file_missing", file=name) from None
        if not inside:
            raise Unreadable("outside", file=name)
        return path
