"""The SQL of the club."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from dianabot.channels.subscriptions.rules import Span
from dianabot.kernel.tx import Tx

SPAN = "SELECT start_date, end_date, status = 'trial' FROM subscriptions WHERE user_id = $1"
TOLD = "SELECT to_jsonb(hers) - 'id' - 'user_id' FROM subscriptions AS hers WHERE user_id = $1"
WRITE = """
INSERT INTO subscriptions (user_id, status, start_date, end_date)
VALUES ($1, CASE WHEN $4::boolean THEN 'trial' ELSE 'active' END, $2, $3)
ON CONFLICT (user_id) DO UPDATE
SET status = excluded.status, start_date = excluded.start_date, end_date = excluded.end_date
"""
OFFERS = """
SELECT key, coalesce(translations -> $1 ->> 'name', name),
       coalesce(translations -> $1 ->> 'description', description), days, price_stars
FROM plans
WHERE status = 'published'
ORDER BY position
"""
PUBLISH = """
WITH wanted AS (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS wanted (
        key text, name text, description text, translations jsonb, days integer, price_stars integer,
        position integer)
), retired AS (
    UPDATE plans AS old SET status = 'retired'
    WHERE status = 'published' AND NOT EXISTS (SELECT FROM wanted WHERE wanted.key = old.key)
    RETURNING key
), written AS (
    INSERT INTO plans AS old (key, name, description, translations, days, price_stars, position, status)
    SELECT key, name, description, translations, days, price_stars, position, 'published'
    FROM wanted
    ON CONFLICT (key) DO UPDATE
    SET name = excluded.name, description = excluded.description, translations = excluded.translations,
        days = excluded.days, price_stars = excluded.price_stars, position = excluded.position,
        status = excluded.status
    WHERE (old.name, old.description, old.translations, old.days, old.price_stars, old.position, old.status)
          IS DISTINCT FROM (excluded.name, excluded.description, excluded.translations, excluded.days,
                            excluded.price_stars, excluded.position, excluded.status)
    RETURNING key
)
SELECT key, CASE WHEN EXISTS (SELECT FROM plans AS before WHERE before.key = written.key AND status = 'published')
                 THEN 'changed' ELSE 'added' END
FROM written
UNION ALL
SELECT key, 'retired' FROM retired
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A way into the club."""

    key: str
    name: str
    description: str
    days: int
    price_stars: int | None


@dataclass(frozen=True, slots=True)
class Published:
    key: str
    what: str
    """`added`, `changed` or `retired`."""


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def span(self, member: int) -> Span | None:
        return await self._tx.one(Span, SPAN, member)

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def write(self, member: int, span: Span) -> None:
        await self._tx.send(WRITE, member, span.start, span.end, span.trial)

    async def offers(self, language: str) -> list[PlanOffer]:
        return await self._tx.all(PlanOffer, OFFERS, language)

    async def publish(self, plans: Sequence[Mapping[str, Any]]) -> list[Published]:
        return await self._tx.all(Published, PUBLISH, Jsonb(list(plans)))
