"""Files that people and bots have sent: bytes in a folder, and what is known of them."""

import base64
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class StoredFile:
    id: str
    unique_id: str
    path: str
    """Inside the folder, and in the address that `getFile` gives."""
    size: int
    kind: str
    mime: str = "application/octet-stream"
    name: str | None = None
    width: int = 0
    height: int = 0

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: already on disk, not yet part of the world."""

    path: Path
    size: int
    name: str
    mime: str


class Files:
    """The folder, and the register of what lies in it."""

    def __init__(self, folder: Path | None) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._folder = folder
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    @property
    def folder(self) -> Path:
        """Without one of its own the world makes one for its first file, and takes it away when it ends."""
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="telesim-")
            self._folder = Path(self._temporary.name)
        return self._folder

    def add(self, stored: StoredFile) -> None:
        self.by_id[stored.id] = stored
        self.by_path[stored.path] = stored

    def take(self, upload: Upload, kind: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        """Make an upload a file of the world."""
        number = len(self.by_id)
        seed = hashlib.sha256(f"{number}:{upload.path}".encode()).digest()
        suffix = Path(upload.name).suffix[:16] or (".jpg" if kind == "photo" else "")
        suffix = "".join(char for char in suffix if char.isalnum() or char == ".")
        stored = StoredFile(
            id="AgAC" + base64.urlsafe_b64encode(seed + seed[:13]).decode().rstrip("="),
            unique_id="AQAD" + base64.urlsafe_b64encode(seed[:9]).decode(),
            path=f"{kind}s/file_{number}{suffix}",
            size=upload.size,
            kind=kind,
            mime=upload.mime,
            name=upload.name,
            width=size[0],
            height=size[1],
        )
        target = self.folder / stored.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(upload.path, target)  # the data folder may lie on another disk than temporary files
        self.add(stored)
        return stored

    def close(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()
