"""Files become part of messages."""

from typing import Any

from telesim.errors import bad_request
from telesim.pictures import dimensions
from telesim.world.files import StoredFile, Upload
from telesim.world.world import World

LARGEST_PHOTO = 10 << 20
LARGEST_FILE = 50 << 20
WIDTH_AND_HEIGHT = frozenset({"video", "animation"})
WITH_DURATION = frozenset({"video", "animation", "audio", "voice", "video_note"})
MIME = {
    "video": "video/mp4", "animation": "video/mp4", "audio": "audio/mpeg", "voice": "audio/ogg",
    "video_note": "video/mp4", "sticker": "image/webp",
}  # fmt: skip


def store(world: World, upload: Upload, kind: str) -> StoredFile:
    """Keep an upload as this kind of file, if Telegram would."""
    if upload.size == 0:
        raise bad_request("file must be non-empty")
    limit = LARGEST_PHOTO if kind == "photo" else LARGEST_FILE
    if upload.size > limit:
        what = "photo" if kind == "photo" else "file"
        raise bad_request(
            f"file of size {upload.size} bytes is too big for a {what}; the maximum size is {limit} bytes"
        )
    size = dimensions(upload.path)
    if kind == "photo":
        if size is None or 0 in size:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if sum(size) > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
    stored = world.files.take(upload, kind, size or (0, 0))
    if kind in MIME and stored.mime == "application/octet-stream":
        stored.mime = MIME[kind]
    world.keep(stored)
    return stored


def content_of(kind: str, stored: StoredFile, **more: Any) -> dict[str, Any]:
    """The part of a message that shows this file."""
    shown: dict[str, Any] = {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": stored.size}
    if kind == "photo":
        return {"photo": [shown | {"width": stored.width, "height": stored.height}]}
    if kind in WITH_DURATION:
        shown["duration"] = 0
    if kind in WIDTH_AND_HEIGHT:
        shown |= {"width": stored.width or 640, "height": stored.height or 360}
    if kind == "video_note":
        shown["length"] = 240
    elif kind == "sticker":
        shown |= {"type": "regular", "width": stored.width or 512, "height": stored.height or 512}
        shown |= {"is_animated": False, "is_video": False}
    else:
        shown["mime_type"] = stored.mime
        if kind != "voice" and stored.name:
            shown["file_name"] = stored.name
    content = {kind: shown | {name: value for name, value in more.items() if value is not None}}
    return content | {"document": _as_document(shown)} if kind == "animation" else content


def _as_document(shown: dict[str, Any]) -> dict[str, Any]:
    """Animations carry their file a second time, for bots from before there were animations."""
    return {name: value for name, value in shown.items() if name not in {"duration", "width", "height"}}
