"""The page, the files that were sent, and the headers that keep a page from doing harm."""

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telesim.sim import Sim
from telesim.world.files import StoredFile

PAGE = Path(__file__).parent / "page"
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "audio/mpeg", "audio/ogg"})
"""What a browser may show in place; everything else it is told to save."""


class Guard:
    """Headers for whatever a browser may be shown; the bots' door has no use for them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/bot" in scope["path"] or "/api/" in scope["path"]:
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers["content-security-policy"] = POLICY
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, guarded)


def file_routes(sim: Sim) -> list[BaseRoute]:
    def of_bot(request: Request) -> Response:
        if request.path_params["token"] not in sim.world.tokens:
            return _refused(401, "Unauthorized")
        stored = sim.world.files.by_path.get(request.path_params["path"])
        return _whole(stored) if stored else _refused(404, "Not Found")

    def of_page(request: Request) -> Response:
        stored = sim.world.files.by_id.get(request.path_params["file"])
        return _whole(stored) if stored else JSONResponse({"error": "there is no such file"}, 404)

    def _whole(stored: StoredFile) -> Response:
        shown = stored.mime in SHOWN
        return FileResponse(
            sim.world.files.folder / stored.path,
            media_type=stored.mime if shown else "application/octet-stream",
            filename=stored.name,
            content_disposition_type="inline" if shown else "attachment",
            headers={"x-content-type-options": "nosniff", "cache-control": "max-age=3600"},
        )

    return [
        Route("/file/bot{token}/{path:path}", of_bot),
        Route("/api/files/{file}", of_page),
        Route("/page/{file}", lambda request: _asset(request.path_params["file"])),
        Route("/", lambda _: _asset("index.html")),
    ]


def lost(_: Request, error: Exception) -> Response:
    """No such path, or not in that way."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _refused(code: int, what: str) -> Response:
    return JSONResponse({"ok": False, "error_code": code, "description": what}, code)


def _asset(name: str) -> Response:
    path = PAGE / name
    if path.parent != PAGE or not path.is_file():
        return JSONResponse({"error": "there is no such page"}, 404)
    return FileResponse(path, headers={"cache-control": "no-cache"})
