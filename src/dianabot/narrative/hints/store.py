"""The SQL of hints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dianabot.kernel.tx import Tx
from dianabot.vocabulary import reward
from dianabot.vocabulary.reward import Reward

KEYS = "SELECT hints.key FROM user_hints JOIN hints ON hints.id = hint_id WHERE user_id = $1"
GIVE = """
WITH new AS (
    INSERT INTO user_hints (user_id, hint_id, cause, at)
    SELECT $1, id, $3, $4 FROM hints WHERE key = ANY($2) AND status = 'published'
    ON CONFLICT (user_id, hint_id) DO NOTHING
    RETURNING hint_id
)
SELECT key FROM new JOIN hints ON hints.id = new.hint_id ORDER BY array_position($2::text[], key)
"""
FOUND = """
SELECT key, coalesce(translations #>> ARRAY[$2::text, 'title'], title),
       coalesce(translations #>> ARRAY[$2::text, 'body'], body), at, place
FROM (SELECT hint_id, at, row_number() OVER (ORDER BY at, hint_id) AS place
      FROM user_hints WHERE user_id = $1) AS hers
JOIN hints ON hints.id = hint_id
WHERE status = 'published'
ORDER BY place
"""
MADE = """
SELECT key, coalesce(translations #>> ARRAY[$2::text, 'body'], body), at
FROM user_hint_combinations JOIN hint_combinations ON id = combination_id
WHERE user_id = $1 AND status = 'published'
ORDER BY at, key
"""
TOLD = """
SELECT jsonb_build_object(
    'found', (SELECT coalesce(jsonb_agg(jsonb_build_object('hint', key, 'cause', cause, 'at', at)
                                        ORDER BY at, key), '[]')
              FROM user_hints JOIN hints ON hints.id = hint_id WHERE user_id = $1),
    'combined', (SELECT coalesce(jsonb_agg(jsonb_build_object('combination', key, 'at', at) ORDER BY at, key), '[]')
                 FROM user_hint_combinations JOIN hint_combinations ON id = combination_id WHERE user_id = $1))
"""
TITLES = """
SELECT key, coalesce(translations #>> ARRAY[$2::text, 'title'], title)
FROM hints
WHERE key = ANY ($1) AND status = 'published'
"""
COMBINATION = """
SELECT key, coalesce(translations #>> ARRAY[$2::text, 'body'], body), extended_rewards
FROM hint_combinations
WHERE hints = $1 AND status = 'published'
"""
COMBINE = """
INSERT INTO user_hint_combinations (user_id, combination_id, at)
SELECT $1, id, $3 FROM hint_combinations WHERE key = $2
ON CONFLICT (user_id, combination_id) DO NOTHING
"""
PUBLISH_HINTS = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS wanted (key text, title text, body text, translations jsonb)
), retired AS (
    UPDATE hints SET status = 'retired'
    WHERE status = 'published' AND key NOT IN (SELECT key FROM wanted)
    RETURNING key
), written AS (
    INSERT INTO hints AS old (key, title, body, translations, status)
    SELECT key, title, body, translations, 'published' FROM wanted
    ON CONFLICT (key) DO UPDATE
    SET title = excluded.title, body = excluded.body, translations = excluded.translations, status = excluded.status
    WHERE (old.title, old.body, old.translations, old.status)
          IS DISTINCT FROM (excluded.title, excluded.body, excluded.translations, excluded.status)
    RETURNING key, xmax = 0 AS added
)
SELECT key, CASE WHEN added THEN 'added' ELSE 'changed' END FROM written
UNION ALL
SELECT key, 'retired' FROM retired
ORDER BY 1
"""
RETIRE_COMBINATIONS = """
WITH wanted AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS wanted (key text, hints text[]))
UPDATE hint_combinations AS old SET status = 'retired'
WHERE status = 'published' AND NOT EXISTS (SELECT FROM wanted WHERE wanted.key = old.key AND wanted.hints = old.hints)
RETURNING key
"""
"""Also those whose hints change: two combinations that trade theirs would meet for a moment."""
PUBLISH_COMBINATIONS = """
WITH wanted AS (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS wanted (key text, hints text[], body text, translations jsonb,
                                                  extended_rewards jsonb)
), written AS (
    INSERT INTO hint_combinations AS old (key, hints, body, translations, extended_rewards, status)
    SELECT key, hints, body, translations, extended_rewards, 'published' FROM wanted
    ON CONFLICT (key) DO UPDATE
    SET hints = excluded.hints, body = excluded.body, translations = excluded.translations,
        extended_rewards = excluded.extended_rewards, status = excluded.status
    WHERE (old.hints, old.body, old.translations, old.extended_rewards, old.status)
          IS DISTINCT FROM (excluded.hints, excluded.body, excluded.translations, excluded.extended_rewards,
                            excluded.status)
    RETURNING key, xmax = 0 AS added
)
SELECT key, CASE WHEN added THEN 'added' ELSE 'changed' END FROM written ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    key: str
    title: str
    text: str
    at: datetime
    place: int
    """Among all that she ever found, so that it stays the same when others are told no more."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a combination of hers."""

    key: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Combined:
    key: str
    text: str
    reward: Reward


@dataclass(frozen=True, slots=True)
class Combination:
    key: str
    text: str
    reward: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """A hint, or a combination of some."""

    key: str
    what: str
    """`added`, `changed` or `retired`."""


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def keys(self, member: int) -> list[str]:
        return await self._tx.column(str, KEYS, member)

    async def give(self, member: int, keys: list[str], cause: str) -> list[str]:
        return await self._tx.column(str, GIVE, member, keys, cause, self._tx.at)

    async def found(self, member: int, language: str | None) -> list[Found]:
        return await self._tx.all(Found, FOUND, member, language)

    async def made(self, member: int, language: str | None) -> list[Made]:
        return await self._tx.all(Made, MADE, member, language)

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def titles(self, keys: list[str], language: str | None) -> dict[str, str]:
        return {named.key: named.title for named in await self._tx.all(Named, TITLES, keys, language)}

    async def combination(self, hints: list[str], language: str | None) -> Combined | None:
        made = await self._tx.one(Combination, COMBINATION, hints, language)
        return None if made is None else Combined(made.key, made.text, reward.parse(made.reward))

    async def combine(self, member: int, key: str) -> bool:
        """False when she has done it before."""
        return bool(await self._tx.run(COMBINE, member, key, self._tx.at))

    async def publish(
        self, hints: Sequence[Mapping[str, object]], combinations: Sequence[Mapping[str, object]]
    ) -> list[Published]:
        told = await self._tx.all(Published, PUBLISH_HINTS, Jsonb(list(hints)))
        made = Jsonb(list(combinations))
        retired = await self._tx.column(str, RETIRE_COMBINATIONS, made)
        written = await self._tx.all(Published, PUBLISH_COMBINATIONS, made)
        kept = {combination["key"] for combination in combinations}
        gone = [Published(key, "retired") for key in retired if key not in kept]
        return [*told, *gone, *written]
