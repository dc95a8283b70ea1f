"""Parameters of a request, however they were sent: query, form, JSON, multipart."""

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

from telesim.errors import ApiError, bad_request
from telesim.world.files import Upload

LARGEST_UPLOAD = 50 << 20
LARGEST_BODY = LARGEST_UPLOAD + (1 << 20)
LARGEST_ALBUM = 10 * LARGEST_UPLOAD
LARGEST_TEXT = 1 << 20
MOST_FIELDS = 200
TOO_LARGE = ApiError(413, "Request Entity Too Large")


async def parameters(request: Request) -> dict[str, Any]:
    """By name; uploads are on disk already. What cannot be read is a Bad Request, what is too large a 413."""
    given: dict[str, Any] = {}
    query = request.scope["query_string"]
    if query:
        given.update(_pairs(query))
    if request.method == "GET":
        return given
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        given.update(await _multipart(request))
        return given
    body = await _body(request)
    if kind == "application/json":
        given.update(_object(body))
    elif body:
        given.update(_pairs(body))
    return given


def read_json(source: str | bytes) -> Any:
    """What JSON can say, and no more: a number without an end could not be told to a browser again."""
    return json.loads(source, parse_float=_finite, parse_constant=_finite)


def check_unicode(given: Any) -> None:
    """Half a pair of surrogates is no character: nobody could read what holds one."""
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is no number of JSON")
    return number


def _pairs(source: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            source.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"
        )
    except ValueError as error:
        raise bad_request("too many parameters") from error
    return dict(pairs)


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        given = read_json(body)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(given, dict):
        raise bad_request("JSON object expected")
    if b"\\ud" in body.lower():
        check_unicode(given)
    return given


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_TEXT:
            raise TOO_LARGE
        parts.append(part)
    return b"".join(parts)


async def _multipart(request: Request) -> dict[str, Any]:
    limited = Request(request.scope, _at_most(request.receive, LARGEST_ALBUM))
    parser = MultiPartParser(
        limited.headers, limited.stream(), max_files=20, max_fields=MOST_FIELDS, max_part_size=LARGEST_TEXT
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, HTTPException) as error:
        raise bad_request("can't parse multipart form data") from error
    try:
        return _from_form(form)
    finally:
        await form.close()


def _from_form(form: FormData) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in form.multi_items():
        given[name] = value if isinstance(value, str) else _to_disk(value)
    return given


def _to_disk(part: UploadFile) -> Upload:
    size = part.size or 0
    if size > LARGEST_UPLOAD:
        raise TOO_LARGE
    with tempfile.NamedTemporaryFile(prefix="telesim-upload-", delete=False) as out:
        shutil.copyfileobj(part.file, out)
    name = Path(part.filename or "file").name[:255] or "file"
    return Upload(Path(out.name), size, name, part.content_type or "application/octet-stream")


def _at_most(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise TOO_LARGE
        return message

    return counted
