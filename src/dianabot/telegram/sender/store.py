"""The SQL of pictures: what they hold, and under which id Telegram has them for a bot."""

from dataclasses import dataclass

from dianabot.kernel.db import Database
from dianabot.kernel.tx import Tx

CONTENT = "SELECT kind, content FROM media_files WHERE sha256 = $1"
FILE_ID = "SELECT file_id FROM telegram_files WHERE bot = $1 AND sha256 = $2"
KEEP = """
INSERT INTO telegram_files (bot, sha256, file_id) VALUES ($1, $2, $3)
ON CONFLICT (bot, sha256) DO UPDATE SET file_id = excluded.file_id
"""
FORGET = "DELETE FROM telegram_files WHERE bot = $1 AND sha256 = $2 AND file_id = $3"
FORGET_MEMBER = """
WITH letters AS (
    DELETE FROM dead_letters WHERE consumer = 'telegram' AND user_id = $1
), said AS (
    DELETE FROM telegram_sends WHERE user_id = $1 AND state <> 'sending'
)
UPDATE telegram_updates SET raw = '{}', member = NULL WHERE member = $1 AND state IN ('answered', 'dead')
"""


@dataclass(frozen=True, slots=True)
class Content:
    kind: str
    """Its MIME type."""
    content: bytes


class Files:
    """Of one bot: another bot's file ids mean nothing to Telegram."""

    def __init__(self, db: Database, bot: int) -> None:
        self._db = db
        self._bot = bot

    async def content(self, sha256: str) -> Content | None:
        return await self._db.one(Content, CONTENT, sha256)

    async def file_id(self, sha256: str) -> str | None:
        return await self._db.one(str, FILE_ID, self._bot, sha256)

    async def keep(self, sha256: str, file_id: str) -> None:
        await self._db.run(KEEP, self._bot, sha256, file_id)

    async def forget(self, sha256: str, file_id: str) -> None:
        """Unless another is kept by now."""
        await self._db.run(FORGET, self._bot, sha256, file_id)


async def forget_member(tx: Tx, member: int) -> None:
    """What she wrote and what she was told; a message that is being sent is thrown away with its day."""
    await tx.send(FORGET_MEMBER, member)
