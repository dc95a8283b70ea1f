"""Where Telegram brings updates by itself: stored, then 200."""

import hmac
import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dianabot.kernel import log
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.ingest.arrival import sorted_out
from dianabot.telegram.ingest.away import Away
from dianabot.telegram.ingest.desk import Desk

LOG = log.get(__name__)

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
MOST_BYTES: Final = 4 * 1024 * 1024
COME_BACK: Final = {"Retry-After": "2"}


class Webhook:
    """An ASGI application. What we cannot store now Telegram brings again; what is no update is refused."""

    def __init__(self, secret: str, desk: Desk, away: Away) -> None:
        self._secret = secret.encode()
        self._desk = desk
        self._away = away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return Response("Telegram posts its updates here.", 405, {"Allow": "POST"})
        proof = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(proof, self._secret):
            return Response("This is for Telegram alone.", 403)
        body = await _body(request)
        if body is None:
            return Response("That is too long for an update.", 413)
        return await self._take(body)

    async def _take(self, body: bytes) -> Response:
        try:
            kept, _ = sorted_out([json.loads(body)])
        except (ValueError, RecursionError):
            kept = []
        if not kept:
            LOG.warning("webhook_got_no_update", bytes=len(body))
            return Response("That is no update.", 400)
        if not self._desk.queues.has_room:
            return Response("Too much at once.", 503, COME_BACK)
        try:
            await self._desk.keep(kept)
        except (Unavailable, *CONFLICTS):
            await self._away.tell(kept[0][1])
            return Response("Not stored.", 503, COME_BACK)
        return Response()


async def _body(request: Request) -> bytes | None:
    """None when there is more than any update has."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
