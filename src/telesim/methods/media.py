"""Photos, files and what else is not text; and getting files back."""

from typing import Annotated, Any

from telesim.acts.attaching import content_of, store
from telesim.errors import bad_request
from telesim.methods.editing import MEDIA, Editing, apply, editable
from telesim.methods.method import Caller, Method
from telesim.methods.params import Decoded, Entities, FileOrId, Given, Integer, Params
from telesim.methods.sending import Captioned, Sending, caption_content, send
from telesim.world.files import StoredFile, Upload

LARGEST_DOWNLOAD = 20 << 20


class SendPhoto(Captioned):
    photo: FileOrId
    show_caption_above_media: bool | None = None
    has_spoiler: bool | None = None


class SendDocument(Captioned):
    document: FileOrId
    thumbnail: FileOrId | None = None
    disable_content_type_detection: bool | None = None


class Timed(Captioned):
    duration: Integer | None = None
    thumbnail: FileOrId | None = None


class SendVideo(Timed):
    video: FileOrId
    width: Integer | None = None
    height: Integer | None = None
    cover: FileOrId | None = None
    start_timestamp: Integer | None = None
    show_caption_above_media: bool | None = None
    has_spoiler: bool | None = None
    supports_streaming: bool | None = None


class SendAnimation(Timed):
    animation: FileOrId
    width: Integer | None = None
    height: Integer | None = None
    show_caption_above_media: bool | None = None
    has_spoiler: bool | None = None


class SendAudio(Timed):
    audio: FileOrId
    performer: str | None = None
    title: str | None = None


class SendVoice(Captioned):
    voice: FileOrId
    duration: Integer | None = None


class SendVideoNote(Sending):
    video_note: FileOrId
    duration: Integer | None = None
    length: Integer | None = None
    thumbnail: FileOrId | None = None


class SendSticker(Sending):
    sticker: FileOrId
    emoji: str | None = None


class InputMedia(Given):
    """One picture or file of an album, or what a message is to show instead."""

    type: str
    media: str
    caption: str = ""
    parse_mode: str | None = None
    caption_entities: Entities | None = None
    thumbnail: str | None = None
    cover: str | None = None
    start_timestamp: int | None = None
    show_caption_above_media: bool | None = None
    has_spoiler: bool | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    supports_streaming: bool | None = None
    performer: str | None = None
    title: str | None = None
    disable_content_type_detection: bool | None = None


class EditMedia(Editing):
    media: Annotated[InputMedia, Decoded]


class GetFile(Params):
    file_id: str


def resolve(call: Caller, given: FileOrId, kind: str) -> StoredFile:
    """The file meant by an upload, `attach://name`, a file id; addresses lead outside and are not fetched."""
    if isinstance(given, str) and given.startswith("attach://"):
        given = call.uploads.get(given.removeprefix("attach://"), "")
        if not given:
            raise bad_request(f"there is no {kind} in the request")
    if isinstance(given, Upload):
        return store(call.world, given, kind)
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    stored = call.world.files.by_id.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind and "photo" in {stored.kind, kind}:
        raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


def shown(call: Caller, kind: str, given: FileOrId, p: Any) -> dict[str, Any]:
    """Content of a message with one file, and its caption."""
    more = {name: getattr(p, name, None) for name in ("duration", "width", "height", "performer", "title", "length")}
    if kind == "photo":
        more = {}
    content = content_of(kind, resolve(call, given, kind), **more)
    thumbnail = getattr(p, "thumbnail", None)
    if thumbnail:
        small = content_of("photo", resolve(call, thumbnail, "photo"))["photo"][0]
        content[kind]["thumbnail"] = small
    if hasattr(p, "caption"):
        content |= caption_content(p.caption, p.parse_mode, p.caption_entities)
    if getattr(p, "has_spoiler", None):
        content["has_media_spoiler"] = True
    if getattr(p, "show_caption_above_media", None) and "caption" in content:
        content["show_caption_above_media"] = True
    return content


def sender(kind: str) -> Any:
    """The method that sends this kind."""
    return lambda call, p: send(call, p, shown(call, kind, getattr(p, kind), p))


def edit_media(call: Caller, p: EditMedia) -> dict[str, Any]:
    where, said = editable(call, p)
    if MEDIA.isdisjoint(said.content) and "text" not in said.content:
        raise bad_request("there is no media in the message to edit")
    kind = p.media.type
    if kind not in MEDIA:
        raise bad_request("can't parse InputMedia: unsupported type specified")
    content = shown(call, kind, p.media.media, p.media)
    if said.media_group_id is not None and {kind, *said.content} & {"document", "audio", "animation"}:
        raise bad_request("message content type can't be changed in an album")
    return apply(call, where, said, content, p)


def get_file(call: Caller, p: GetFile) -> dict[str, Any]:
    stored = call.world.files.by_id.get(p.file_id)
    if stored is None:
        raise bad_request(
            "invalid file_id" if len(p.file_id) < 20 else "wrong file_id or the file is temporarily unavailable"
        )
    if stored.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


METHODS = [
    Method("sendPhoto", SendPhoto, sender("photo")),
    Method("sendDocument", SendDocument, sender("document")),
    Method("sendVideo", SendVideo, sender("video")),
    Method("sendAnimation", SendAnimation, sender("animation")),
    Method("sendAudio", SendAudio, sender("audio")),
    Method("sendVoice", SendVoice, sender("voice")),
    Method("sendVideoNote", SendVideoNote, sender("video_note")),
    Method("sendSticker", SendSticker, sender("sticker")),
    Method("editMessageMedia", EditMedia, edit_media),
    Method("getFile", GetFile, get_file),
]
