"""Pictures are uploaded once a bot; from then on Telegram is told the id under which it has them.

A picture never costs a reader her page: what is missing, or what Telegram will not take, is left out and told in the
log.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from telegram.error import BadRequest

from dianabot.kernel import log
from dianabot.kernel.db import CONFLICTS, MISSING
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.sender.store import Files

LOG = log.get(__name__)

_BLAMES_PICTURE: Final = ("file", "photo", "image", "media_")
"""Words of Telegram's refusals that are about the picture: wrong file identifier, PHOTO_INVALID_DIMENSIONS, …"""


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int
    file_id: str | None


Sending: TypeAlias = Callable[[str | bytes], Awaitable[Sent]]
"""One call that shows a picture, given by its file id or whole."""


class Pictures:
    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str, str] = {}
        self._unfit: set[str] = set()
        """Telegram will not have them, however often they are sent; until the process ends."""
        self._uploading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def show(self, sha256: str, sending: Sending) -> int | None:
        """The id of the message that shows it; None: it cannot be shown, and nothing was sent."""
        for _ in range(2):
            file_id = await self._find(sha256)
            if file_id is None:
                async with self._uploading[sha256]:
                    if sha256 not in self._known:
                        return await self._upload(sha256, sending)
                file_id = self._known[sha256]
            try:
                return (await sending(file_id)).message_id
            except BadRequest as refused:
                if not _blames_picture(refused):
                    raise
                LOG.info("file_id_refused", sha256=sha256, error=str(refused))
                await self._forget(sha256, file_id)
        return await self._upload(sha256, sending)

    async def _find(self, sha256: str) -> str | None:
        if sha256 not in self._known and (kept := await self._files.file_id(sha256)) is not None:
            self._known[sha256] = kept
        return self._known.get(sha256)

    async def _upload(self, sha256: str, sending: Sending) -> int | None:
        if sha256 in self._unfit:
            return None
        picture = await self._files.content(sha256)
        if picture is None:
            LOG.warning("picture_missing", sha256=sha256)
            return None
        try:
            sent = await sending(picture.content)
        except BadRequest as refused:
            if not _blames_picture(refused):
                raise
            LOG.warning("picture_refused", sha256=sha256, kind=picture.kind, error=str(refused))
            self._unfit.add(sha256)
            return None
        if sent.file_id is not None:
            await self._learn(sha256, sent.file_id)
        return sent.message_id

    async def _learn(self, sha256: str, file_id: str) -> None:
        """It has been shown: a database that is away now must not have it shown again."""
        self._known[sha256] = file_id
        try:
            await self._files.keep(sha256, file_id)
        except (Unavailable, MISSING, *CONFLICTS) as error:
            LOG.warning("file_id_not_kept", sha256=sha256, error=repr(error))

    async def _forget(self, sha256: str, file_id: str) -> None:
        if self._known.get(sha256) == file_id:
            del self._known[sha256]
        await self._files.forget(sha256, file_id)


def _blames_picture(refused: BadRequest) -> bool:
    said = refused.message.lower()
    return any(word in said for word in _BLAMES_PICTURE)
