"""The SQL of what content leaves in the database beside the slices: its newest version whole, and its pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dianabot.content.folder import Picture
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.world import World

NEWEST = "SELECT version, world FROM content_versions ORDER BY version DESC LIMIT 1"
KEEP_PICTURE = """
INSERT INTO media_files (sha256, kind, content, at) VALUES ($1, $2, $3, $4) ON CONFLICT (sha256) DO NOTHING
"""
PICTURES = "SELECT sha256, kind, content FROM media_files WHERE sha256 = ANY($1)"


@dataclass(frozen=True, slots=True)
class Kept:
    version: int
    world: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptPicture:
    sha256: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Published:
    """The world that everybody reads, and the sha256 of its pictures by their names."""

    version: int
    world: World
    pictures: Mapping[str, str]


async def published(tx: Tx) -> Published | None:
    kept = await tx.one(Kept, NEWEST)
    if kept is None:
        return None
    return Published(kept.version, World.model_validate(kept.world["world"]), kept.world["pictures"])


async def keep_pictures(tx: Tx, pictures: Iterable[Picture]) -> None:
    """Each once, whatever it is called."""
    for picture in pictures:
        await tx.send(KEEP_PICTURE, picture.sha256, picture.kind, picture.content, tx.at)


async def pictures_of(tx: Tx, found: Published) -> dict[str, bytes]:
    """By the names that fragments say."""
    kept = {one.sha256: one.content for one in await tx.all(KeptPicture, PICTURES, list(found.pictures.values()))}
    return {name: kept[sha256] for name, sha256 in found.pictures.items() if sha256 in kept}
