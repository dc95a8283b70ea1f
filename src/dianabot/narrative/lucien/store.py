"""The SQL of Lucien."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dianabot.kernel.tx import Tx

CALLED = """
SELECT DISTINCT ON (key) key, composite_requirements, delay_minutes, is_repeatable
FROM lucien_templates
WHERE event = $1 AND status = 'published' AND $2::jsonb @> filter
ORDER BY key
"""
PLAN = """
INSERT INTO lucien_messages (user_id, template, cause, state, event, due_at, wanted_until)
SELECT $1, $2, $3, 'due', $4, $5, $6
WHERE NOT EXISTS (SELECT FROM lucien_deaf WHERE user_id = $1)
ON CONFLICT (user_id, template, cause) DO NOTHING
RETURNING id
"""
DUE = """
SELECT message.template, message.event, message.due_at, message.wanted_until, template.body, template.version,
       EXISTS (SELECT FROM lucien_deaf WHERE user_id = $1)
FROM lucien_messages AS message
LEFT JOIN LATERAL (
    SELECT body, version
    FROM lucien_templates AS template
    WHERE template.key = message.template AND status = 'published'
    ORDER BY language = $3 DESC, id
    LIMIT 1) AS template ON true
WHERE message.id = $2 AND message.user_id = $1 AND state = 'due'
"""
SAY = "UPDATE lucien_messages SET state = 'sent', said = $3, version = $4, sent_at = $5 WHERE id = $2 AND user_id = $1"
DROP = "UPDATE lucien_messages SET state = 'dropped' WHERE id = $2 AND user_id = $1"
PUT_OFF = "UPDATE lucien_messages SET due_at = $3 WHERE id = $2 AND user_id = $1"
SAID = "SELECT said FROM lucien_messages WHERE id = $2 AND user_id = $1"
TOLD = """
SELECT jsonb_build_object(
    'silent_since', (SELECT since FROM lucien_deaf WHERE user_id = $1),
    'letters', (SELECT coalesce(jsonb_agg(to_jsonb(message) - 'id' - 'user_id' ORDER BY due_at, id), '[]')
                FROM lucien_messages AS message WHERE user_id = $1))
"""
FORGET = """
WITH heard AS (DELETE FROM lucien_deaf WHERE user_id = $1)
DELETE FROM lucien_messages WHERE user_id = $1
"""
IS_DEAF = "SELECT EXISTS (SELECT FROM lucien_deaf WHERE user_id = $1)"
DEAFEN = "INSERT INTO lucien_deaf (user_id, since) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING"
HEAR = "DELETE FROM lucien_deaf WHERE user_id = $1"
PUBLISH = """
WITH wanted AS (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS wanted (
        key text, language text, body text, event text, filter jsonb, composite_requirements jsonb,
        delay_minutes integer, is_repeatable boolean)
), retired AS (
    UPDATE lucien_templates AS old SET status = 'retired'
    WHERE status = 'published'
      AND NOT EXISTS (SELECT FROM wanted WHERE wanted.key = old.key AND wanted.language = old.language)
    RETURNING key
), written AS (
    INSERT INTO lucien_templates AS old (key, language, body, event, filter, composite_requirements, delay_minutes,
                                         is_repeatable, version, status)
    SELECT key, language, body, event, filter, composite_requirements, delay_minutes, is_repeatable, 1, 'published'
    FROM wanted
    ON CONFLICT (key, language) DO UPDATE
    SET body = excluded.body, event = excluded.event, filter = excluded.filter, status = 'published',
        composite_requirements = excluded.composite_requirements, delay_minutes = excluded.delay_minutes,
        is_repeatable = excluded.is_repeatable, version = old.version + 1
    WHERE (old.body, old.event, old.filter, old.composite_requirements, old.delay_minutes, old.is_repeatable,
           old.status)
          IS DISTINCT FROM (excluded.body, excluded.event, excluded.filter, excluded.composite_requirements,
                            excluded.delay_minutes, excluded.is_repeatable, 'published')
    RETURNING key, version
)
SELECT DISTINCT key, CASE WHEN version = 1 THEN 'added' ELSE 'changed' END FROM written
UNION
SELECT DISTINCT key, 'retired' FROM retired WHERE key NOT IN (SELECT key FROM wanted)
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Called:
    """A template that an event calls for."""

    key: str
    requirement: Mapping[str, Any]
    delay_minutes: int
    is_repeatable: bool


@dataclass(frozen=True, slots=True)
class Due:
    template: str
    event: Mapping[str, Any]
    due_at: datetime
    wanted_until: datetime
    body: str | None
    """None when the template has been retired."""
    version: int | None
    deaf: bool


@dataclass(frozen=True, slots=True)
class Published:
    key: str
    what: str
    """`added`, `changed` or `retired`."""


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def called(self, event_type: str, values: Mapping[str, Any]) -> list[Called]:
        return await self._tx.all(Called, CALLED, event_type, Jsonb(values))

    async def plan(
        self, member: int, template: str, cause: str, values: Mapping[str, Any], due: datetime, until: datetime
    ) -> int | None:
        return await self._tx.value(int, PLAN, member, template, cause, Jsonb(values), due, until)

    async def due(self, member: int, message: int, language: str) -> Due | None:
        return await self._tx.one(Due, DUE, member, message, language)

    async def say(self, member: int, message: int, words: str, version: int) -> None:
        await self._tx.send(SAY, member, message, words, version, self._tx.at)

    async def drop(self, member: int, message: int) -> None:
        await self._tx.send(DROP, member, message)

    async def put_off(self, member: int, message: int, until: datetime) -> None:
        await self._tx.send(PUT_OFF, member, message, until)

    async def said(self, member: int, message: int) -> str | None:
        return await self._tx.value(str, SAID, member, message)

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def forget(self, member: int) -> None:
        await self._tx.send(FORGET, member)

    async def is_deaf(self, member: int) -> bool:
        return bool(await self._tx.value(bool, IS_DEAF, member))

    async def deafen(self, member: int) -> None:
        await self._tx.send(DEAFEN, member, self._tx.at)

    async def hear(self, member: int) -> None:
        await self._tx.send(HEAR, member)

    async def publish(self, templates: Sequence[Mapping[str, Any]]) -> list[Published]:
        return await self._tx.all(Published, PUBLISH, Jsonb(list(templates)))
