"""The SQL of reading; publishing stands at its end."""
# ruff: noqa: S608 - statements are put together from pieces of this file alone, never from values

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from psycopg.types.json import Jsonb

from dianabot.kernel.tx import Tx
from dianabot.narrative.fragments import rules
from dianabot.narrative.fragments.rules import (
    Choice,
    Chosen,
    Here,
    Page,
    Preview,
    Published,
    Step,
    Stranded,
    Target,
)
from dianabot.vocabulary import requirement, reward
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.world import Challenge

_TARGET = """target.id, target.key, target.level, target.is_vip_exclusive, target.is_secret, target.is_ending,
       target.composite_requirements, target.extended_rewards, unlocked.user_id IS NOT NULL, coalesce(went.visits, 0),
       coalesce(went.status = 'completed', false)"""
_HERS = """LEFT JOIN user_narrative_progress AS went ON went.fragment_id = target.id AND went.user_id = $1
    LEFT JOIN user_unlocked_fragments AS unlocked ON unlocked.fragment_id = target.id AND unlocked.user_id = $1"""
HERE = f"""
SELECT state.visit, state.visited_at, state.tries, state.variables, state.levels_done, here.id, here.key,
       coalesce(here.translations #>> ARRAY[$2::text, 'title'], here.title),
       coalesce(here.translations #>> ARRAY[$2::text, 'body'], here.body), here.media, here.level,
       (SELECT coalesce(translations #>> ARRAY[$2::text, 'name'], name) FROM story_levels WHERE number = here.level),
       here.is_ending,
       here.is_secret, here.is_vip_exclusive, here.status = 'published', here.extended_rewards, here.challenge,
       coalesce(done.status = 'completed', false), coalesce(done.visits, 0),
       (SELECT coalesce(json_agg(json_build_array(
                   decision.position, decision.id, decision.key,
                   coalesce(decision.translations #>> ARRAY[$2::text, 'text'], decision.text), taken_by, is_hidden,
                   cost, changes, decision.composite_requirements, decision.extended_rewards,
                   {_TARGET}))::text, '[]')
        FROM narrative_decisions AS decision
        JOIN narrative_fragments AS target ON target.id = next_fragment_id AND target.status = 'published'
        {_HERS}
        WHERE decision.fragment_id = here.id AND decision.status = 'published')
FROM user_story_state AS state
JOIN narrative_fragments AS here ON here.id = current_fragment_id
LEFT JOIN user_narrative_progress AS done ON done.user_id = $1 AND done.fragment_id = here.id
WHERE state.user_id = $1
"""
HAS_BEGUN = "SELECT EXISTS (SELECT FROM user_story_state WHERE user_id = $1 AND visit > 0)"
TARGET = f"""
SELECT {_TARGET}
FROM narrative_fragments AS target {_HERS}
WHERE target.key = $2 AND target.status = 'published'
"""
ENTRY = f"""
SELECT {_TARGET}
FROM narrative_fragments AS target {_HERS}
WHERE target.is_entry AND target.status = 'published'
ORDER BY target.position, target.id
LIMIT 1
"""
WALK = """
WITH walked AS (
    SELECT *
    FROM jsonb_to_recordset($7::jsonb) AS walked (
        fragment_id bigint, completed boolean, decision_id bigint, visits integer, seconds integer)
), taken AS (
    INSERT INTO user_decisions (user_id, visit, decision_id, at)
    SELECT $1, $4 - 1, decision_id, $5 FROM walked WHERE decision_id IS NOT NULL
), progress AS (
    INSERT INTO user_narrative_progress AS old (user_id, fragment_id, status, decision_id, visits, time_spent,
                                                last_activity_at)
    SELECT $1, fragment_id, CASE WHEN completed THEN 'completed' ELSE 'visited' END, decision_id, visits, seconds, $5
    FROM walked
    ON CONFLICT (user_id, fragment_id) DO UPDATE
    SET status = CASE WHEN old.status = 'completed' THEN old.status ELSE excluded.status END,
        decision_id = coalesce(excluded.decision_id, old.decision_id), visits = old.visits + excluded.visits,
        time_spent = old.time_spent + excluded.time_spent, last_activity_at = excluded.last_activity_at
)
INSERT INTO user_story_state (user_id, current_fragment_id, variables, visit, visited_at, levels_done)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id) DO UPDATE
SET current_fragment_id = excluded.current_fragment_id, variables = excluded.variables, visit = excluded.visit,
    visited_at = excluded.visited_at, levels_done = excluded.levels_done, tries = 0
"""
COUNT_TRY = "UPDATE user_story_state SET tries = tries + 1 WHERE user_id = $1"
VARIABLES = """
SELECT coalesce((SELECT variables FROM user_story_state WHERE user_id = $1), '{}'),
       (SELECT coalesce(jsonb_object_agg(name, initial), '{}') FROM story_variables WHERE status = 'published')
"""
SET_VARIABLES = """
INSERT INTO user_story_state (user_id, current_fragment_id, variables, visit, visited_at)
SELECT $1, place, $2, 0, $3
FROM coalesce(
    (SELECT current_fragment_id FROM user_story_state WHERE user_id = $1),
    (SELECT id FROM narrative_fragments WHERE is_entry AND status = 'published' ORDER BY position, id LIMIT 1)) AS place
WHERE place IS NOT NULL
ON CONFLICT (user_id) DO UPDATE SET variables = excluded.variables
"""
"""Visit 0 is that of somebody who has not begun to read."""
COMPLETED = """
SELECT key
FROM user_narrative_progress AS progress JOIN narrative_fragments ON id = fragment_id
WHERE user_id = $1 AND progress.status = 'completed'
"""
DECISIONS = """
SELECT DISTINCT fragment.key || '.' || decision.key
FROM user_decisions
JOIN narrative_decisions AS decision ON decision.id = decision_id
JOIN narrative_fragments AS fragment ON fragment.id = fragment_id
WHERE user_id = $1
"""
_CHOSEN = """visit, fragment.key,
       coalesce(fragment.translations #>> ARRAY[$3::text, 'title'], fragment.title), decision.key,
       coalesce(decision.translations #>> ARRAY[$3::text, 'text'], decision.text), at
FROM user_decisions
JOIN narrative_decisions AS decision ON decision.id = decision_id
JOIN narrative_fragments AS fragment ON fragment.id = fragment_id
WHERE user_id = $1"""
CHOSEN_IN = f"SELECT {_CHOSEN} AND visit = $2"
PATH = f"SELECT {_CHOSEN} AND ($2::bigint IS NULL OR visit < $2) ORDER BY visit DESC LIMIT $4"
PAGE = """
SELECT fragment.key, coalesce(fragment.translations #>> ARRAY[$3::text, 'title'], fragment.title),
       coalesce(fragment.translations #>> ARRAY[$3::text, 'body'], fragment.body), media, level, is_vip_exclusive,
       coalesce(decision.translations #>> ARRAY[$3::text, 'text'], decision.text), visits
FROM narrative_fragments AS fragment
JOIN user_narrative_progress AS progress ON progress.fragment_id = fragment.id AND user_id = $1
LEFT JOIN narrative_decisions AS decision ON decision.id = decision_id
WHERE fragment.key = $2 AND fragment.status = 'published' AND visits > 0
"""
UNLOCK = """
INSERT INTO user_unlocked_fragments (user_id, fragment_id, at)
SELECT $1, id, $3 FROM narrative_fragments WHERE key = ANY($2)
ON CONFLICT (user_id, fragment_id) DO NOTHING
RETURNING (SELECT key FROM narrative_fragments WHERE id = fragment_id)
"""
TOLD = """
SELECT jsonb_build_object(
    'place', (SELECT to_jsonb(state) - 'user_id' - 'current_fragment_id' - 'variables'
              FROM user_story_state AS state WHERE user_id = $1),
    'read', (SELECT coalesce(jsonb_agg(jsonb_build_object('fragment', key, 'status', progress.status, 'visits', visits,
                                                          'seconds', time_spent, 'last', last_activity_at)), '[]')
             FROM user_narrative_progress AS progress JOIN narrative_fragments ON id = fragment_id WHERE user_id = $1),
    'unlocked', (SELECT coalesce(jsonb_agg(jsonb_build_object('fragment', key, 'at', at)), '[]')
                 FROM user_unlocked_fragments JOIN narrative_fragments ON id = fragment_id WHERE user_id = $1))
"""
COUNT = """
WITH counted AS MATERIALIZED (
    SELECT fragment.id, counted.*
    FROM jsonb_to_recordset($1::jsonb)
        AS counted (key text, views bigint, readers bigint, completed bigint, "left" bigint, seconds bigint)
    JOIN narrative_fragments AS fragment USING (key)
    FOR NO KEY UPDATE OF fragment NOWAIT
)
UPDATE narrative_fragments AS fragment
SET view_count = view_count + views, reader_count = reader_count + readers,
    completed_count = completed_count + completed, left_count = left_count + "left",
    seconds_read = seconds_read + seconds
FROM counted
WHERE fragment.id = counted.id
"""
"""A publication that is writing the same rows, in an order of its own, is not waited for: whoever counts comes back."""
UNCOUNT = """
UPDATE narrative_fragments
SET view_count = 0, reader_count = 0, completed_count = 0, left_count = 0, seconds_read = 0
"""
READERSHIP = """
WITH place AS (
    SELECT current_fragment_id, count(*) AS standing, count(*) FILTER (WHERE visited_at <= $1) AS lost
    FROM user_story_state WHERE visit > 0 GROUP BY current_fragment_id
), taken AS (
    SELECT decision_id, count(*) AS times FROM user_decisions GROUP BY decision_id
)
SELECT key, title, level, is_ending, status, view_count, reader_count, completion_rate::float,
       average_time_spent::float, coalesce(standing, 0), CASE WHEN is_ending THEN 0 ELSE coalesce(lost, 0) END,
       (SELECT coalesce(json_agg(json_build_array(decision.key, coalesce(times, 0)) ORDER BY decision.position), '[]')
        FROM narrative_decisions AS decision LEFT JOIN taken ON decision_id = decision.id
        WHERE decision.fragment_id = fragment.id AND (decision.status = 'published' OR times > 0))
FROM narrative_fragments AS fragment LEFT JOIN place ON current_fragment_id = fragment.id
WHERE status = 'published' OR view_count > 0
ORDER BY status, position, fragment.id
"""
STRANDED = """
WITH RECURSIVE gone AS (
    SELECT id, key, redirect_to, is_vip_exclusive FROM narrative_fragments WHERE status <> 'published'
), redirected AS (
    SELECT id AS start, redirect_to, ARRAY[key] AS seen FROM gone WHERE redirect_to IS NOT NULL
    UNION ALL
    SELECT start, gone.redirect_to, seen || gone.key
    FROM redirected JOIN gone ON gone.key = redirected.redirect_to
    WHERE gone.redirect_to IS NOT NULL AND gone.key <> ALL (seen)
), author AS (
    SELECT start, key, is_vip_exclusive
    FROM redirected JOIN narrative_fragments ON key = redirected.redirect_to AND status = 'published'
)
SELECT state.user_id, gone.key, coalesce(author.key, survivor.key, entry.key),
       CASE WHEN author.key IS NOT NULL THEN 'author' WHEN survivor.key IS NOT NULL THEN 'completed' ELSE 'entry' END
FROM gone
JOIN user_story_state AS state ON current_fragment_id = gone.id
LEFT JOIN author ON start = gone.id AND author.is_vip_exclusive <= gone.is_vip_exclusive
LEFT JOIN LATERAL (
    SELECT fragment.key
    FROM user_narrative_progress AS progress JOIN narrative_fragments AS fragment ON fragment.id = fragment_id
    WHERE author.key IS NULL AND user_id = state.user_id AND progress.status = 'completed'
      AND fragment.status = 'published' AND fragment.is_vip_exclusive <= gone.is_vip_exclusive
    ORDER BY last_activity_at DESC, position DESC, fragment.id
    LIMIT 1) AS survivor ON true
LEFT JOIN (
    SELECT key FROM narrative_fragments WHERE is_entry AND status = 'published' ORDER BY position, id LIMIT 1
    ) AS entry ON true
WHERE visit > 0
ORDER BY state.user_id
LIMIT $1::bigint
"""
"""Nobody is moved from outside into what is for the club alone."""
STRANDED_ONE = STRANDED.replace("visit > 0", "visit > 0 AND state.user_id = $1").replace("LIMIT $1::bigint", "LIMIT 1")

PUBLISH_VARIABLES = """
WITH wanted AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS wanted (name text, initial jsonb)), retired AS (
    UPDATE story_variables SET status = 'retired'
    WHERE status = 'published' AND name NOT IN (SELECT name FROM wanted)
)
INSERT INTO story_variables (name, initial, status)
SELECT name, initial, 'published' FROM wanted
ON CONFLICT (name) DO UPDATE SET initial = excluded.initial, status = excluded.status
"""
PUBLISH_LEVELS = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS wanted (number integer, name text, translations jsonb)
), gone AS (
    DELETE FROM story_levels WHERE number NOT IN (SELECT number FROM wanted)
)
INSERT INTO story_levels (number, name, translations)
SELECT number, name, translations FROM wanted
ON CONFLICT (number) DO UPDATE SET name = excluded.name, translations = excluded.translations
"""
_ALL = """title, body, translations, media, level, tags, is_entry, is_ending, is_secret, is_vip_exclusive, status,
    challenge, composite_requirements, extended_rewards, redirect_to"""
_NEW, _OLD = (", ".join(f"{row}.{column.strip()}" for column in _ALL.split(",")) for row in ("excluded", "old"))
PUBLISH_FRAGMENTS = f"""
WITH wanted AS (SELECT * FROM jsonb_populate_recordset(NULL::narrative_fragments, $1::jsonb)), retired AS (
    UPDATE narrative_fragments SET status = 'retired', updated_at = $2
    WHERE status <> 'retired' AND key NOT IN (SELECT key FROM wanted)
    RETURNING key
), written AS (
    INSERT INTO narrative_fragments AS old (key, position, version, created_at, updated_at, {_ALL})
    SELECT key, position, 1, $2, $2, {_ALL} FROM wanted
    ON CONFLICT (key) DO UPDATE
    SET position = excluded.position, updated_at = excluded.updated_at, ({_ALL}) = ROW ({_NEW}),
        version = old.version + (({_OLD}) IS DISTINCT FROM ({_NEW}))::int
    WHERE ({_OLD}, old.position) IS DISTINCT FROM ({_NEW}, excluded.position)
    RETURNING key, version
)
SELECT written.key, CASE WHEN before.key IS NULL THEN 'added' ELSE 'changed' END
FROM written LEFT JOIN narrative_fragments AS before ON before.key = written.key
WHERE before.version IS DISTINCT FROM written.version
UNION ALL
SELECT key, 'retired' FROM retired
"""
"""A version is one of what readers read: another place in the author's order makes none."""
PUBLISH_DECISIONS = """
WITH wanted AS (
    SELECT fragment.id AS fragment_id, wanted.key, text, wanted.translations, wanted.position, target.id AS target_id,
           taken_by, is_hidden, cost, changes, wanted.composite_requirements, wanted.extended_rewards, 'published'
    FROM jsonb_to_recordset($1::jsonb) AS wanted (
        fragment text, key text, text text, translations jsonb, position integer, target text, taken_by text,
        is_hidden boolean, cost bigint, changes jsonb, composite_requirements jsonb, extended_rewards jsonb)
    JOIN narrative_fragments AS fragment ON fragment.key = wanted.fragment
    LEFT JOIN narrative_fragments AS target ON target.key = wanted.target
), retired AS (
    UPDATE narrative_decisions SET status = 'retired'
    WHERE status = 'published' AND (fragment_id, key) NOT IN (SELECT fragment_id, key FROM wanted)
    RETURNING fragment_id
), written AS (
    INSERT INTO narrative_decisions AS old (fragment_id, key, text, translations, position, next_fragment_id, taken_by,
                                            is_hidden, cost, changes, composite_requirements, extended_rewards, status)
    SELECT * FROM wanted ORDER BY fragment_id, position
    ON CONFLICT (fragment_id, key) DO UPDATE
    SET text = excluded.text, translations = excluded.translations, position = excluded.position,
        next_fragment_id = excluded.next_fragment_id, taken_by = excluded.taken_by, is_hidden = excluded.is_hidden,
        cost = excluded.cost, changes = excluded.changes, composite_requirements = excluded.composite_requirements,
        extended_rewards = excluded.extended_rewards, status = excluded.status
    WHERE to_jsonb(old) - 'id' <> to_jsonb(excluded) - 'id'
    RETURNING fragment_id
)
UPDATE narrative_fragments SET version = version + 1, updated_at = $2
WHERE id IN (SELECT fragment_id FROM retired UNION ALL SELECT fragment_id FROM written)
  AND status <> 'retired' AND key <> ALL ($3)
RETURNING key, 'changed'
"""
"""A fragment's decisions belong to its version; `$3` are those that have a new one already."""
_TITLE = "fragment.key, coalesce(fragment.translations #>> ARRAY[$2::text, 'title'], fragment.title)"
PREVIEW = f"""
SELECT {_TITLE}, coalesce(fragment.translations #>> ARRAY[$2::text, 'body'], fragment.body)
FROM narrative_fragments AS fragment
WHERE key = $1 AND status = 'published'
"""
TITLES = f"SELECT {_TITLE} FROM narrative_fragments AS fragment WHERE key = ANY ($1) AND status = 'published'"
CHOICE_TEXTS = """
SELECT fragment.key || '.' || decision.key, coalesce(decision.translations #>> ARRAY[$2::text, 'text'], text)
FROM narrative_decisions AS decision JOIN narrative_fragments AS fragment ON fragment.id = fragment_id
WHERE fragment.key = ANY ($3) AND fragment.key || '.' || decision.key = ANY ($1) AND decision.status = 'published'
"""


@dataclass(frozen=True, slots=True)
class Named:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Readership:
    """How a fragment is read, by all who ever came there."""

    key: str
    title: str
    level: int
    ending: bool
    status: str
    views: int
    readers: int
    completed: float
    """Of them, in percent."""
    seconds: float
    """A view that has ended, on average."""
    standing: int
    """Who stands there now."""
    lost: int
    """Of those, who will hardly come back."""
    ways: tuple[tuple[str, int], ...]
    """Each decision by its key, and how often it was taken."""


@dataclass(frozen=True, slots=True)
class Variables:
    own: dict[str, Value]
    declared: dict[str, Value]

    @property
    def all(self) -> dict[str, Value]:
        return {name: self.own.get(name, initial) for name, initial in self.declared.items()}


def _target(*columns: Any) -> Target:
    *plain, asks, gives, unlocked, visits, completed = columns
    values: list[Any] = [*plain, requirement.parse(asks), reward.parse(gives), unlocked, visits, completed]
    return Target(*values)


def _choice(row: list[Any]) -> Choice:
    *plain, changes, asks, gives = row[:9]
    values: list[Any] = [*plain, rules.changes_of(changes), requirement.parse(asks), reward.parse(gives)]
    values.append(_target(*row[9:]))
    return Choice(*values)


@lru_cache(maxsize=1000)
def _choices(told: str) -> tuple[Choice, ...]:
    """In the author's order. Most who stand at one place are told the same."""
    return tuple(_choice(row) for _, *row in sorted(json.loads(told)))


def _here(*columns: Any) -> Here:
    visit, at, tries, own, levels, *plain, gives, challenge, completed, visits, choices = columns
    values: list[Any] = [visit, at, tries, own, tuple(levels), *plain, reward.parse(gives)]
    values.append(None if challenge is None else Challenge.model_validate(challenge))
    values += [completed, visits, _choices(choices)]
    return Here(*values)


def _readership(*columns: Any) -> Readership:
    *plain, ways = columns
    values: list[Any] = [*plain, tuple((key, times) for key, times in ways)]
    return Readership(*values)


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def here(self, member: int, language: str | None) -> Here | None:
        """Also of somebody who has not begun (visit 0), and where nobody may stand any more."""
        return await self._tx.one(_here, HERE, member, language)  # type: ignore[arg-type]  # a row is made by calling

    async def has_begun(self, member: int) -> bool:
        return bool(await self._tx.value(bool, HAS_BEGUN, member))

    async def target(self, member: int, key: str) -> Target | None:
        return await self._tx.one(_target, TARGET, member, key)  # type: ignore[arg-type]  # a row is made by calling

    async def entry(self, member: int) -> Target | None:
        return await self._tx.one(_target, ENTRY, member)  # type: ignore[arg-type]  # a row is made by calling

    async def walk(self, member: int, here: Here | None, step: Step, own: Mapping[str, Value], seconds: int) -> None:
        """All that a step writes, in one statement."""
        levels = sorted({*(here.levels_done if here else ()), *step.levels})
        rows = Jsonb(rules.walked(here, step, seconds))
        await self._tx.send(WALK, member, step.entered.id, Jsonb(dict(own)), step.visit, self._tx.at, levels, rows)

    async def count_try(self, member: int) -> None:
        await self._tx.send(COUNT_TRY, member)

    async def variables(self, member: int) -> Variables:
        found = await self._tx.one(Variables, VARIABLES, member)
        assert found is not None, "a SELECT without FROM has one row"
        return found

    async def set_variables(self, member: int, own: Mapping[str, Value]) -> None:
        await self._tx.send(SET_VARIABLES, member, Jsonb(dict(own)), self._tx.at)

    async def completed(self, member: int) -> list[str]:
        return await self._tx.column(str, COMPLETED, member)

    async def decisions(self, member: int) -> list[str]:
        return await self._tx.column(str, DECISIONS, member)

    async def chosen_in(self, member: int, visit: int, language: str | None) -> Chosen | None:
        return await self._tx.one(Chosen, CHOSEN_IN, member, visit, language)

    async def path(self, member: int, before: int | None, limit: int, language: str | None) -> list[Chosen]:
        return await self._tx.all(Chosen, PATH, member, before, language, limit)

    async def page(self, member: int, key: str, language: str | None) -> Page | None:
        return await self._tx.one(Page, PAGE, member, key, language)

    async def preview(self, key: str, language: str | None) -> Preview | None:
        return await self._tx.one(Preview, PREVIEW, key, language)

    async def titles(self, keys: list[str], language: str | None) -> dict[str, str]:
        return {named.key: named.name for named in await self._tx.all(Named, TITLES, keys, language)}

    async def choice_texts(self, keys: list[str], language: str | None) -> dict[str, str]:
        fragments = sorted({key.partition(".")[0] for key in keys})
        return {named.key: named.name for named in await self._tx.all(Named, CHOICE_TEXTS, keys, language, fragments)}

    async def unlock(self, member: int, keys: list[str], known: Mapping[str, bool]) -> list[str]:
        """Those that were not unlocked. Where all of that is known nobody waits to be told."""
        new = await self._tx.ask(UNLOCK, member, keys, self._tx.at)
        if known.keys() >= set(keys):
            return [key for key in keys if not known[key]]
        told = await new.column(str)
        return [key for key in keys if key in told]

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def count(self, counted: list[dict[str, Any]]) -> None:
        await self._tx.send(COUNT, Jsonb(counted))

    async def uncount(self) -> None:
        await self._tx.send(UNCOUNT)

    async def readership(self, lost_since: datetime) -> list[Readership]:
        return await self._tx.all(_readership, READERSHIP, lost_since)  # type: ignore[arg-type]  # a row is made by calling

    async def stranded(self, limit: int | None) -> list[Stranded]:
        return await self._tx.all(Stranded, STRANDED, limit)

    async def stranded_one(self, member: int) -> Stranded | None:
        return await self._tx.one(Stranded, STRANDED_ONE, member)

    async def publish(
        self,
        fragments: list[dict[str, Any]],
        decisions: list[dict[str, Any]],
        levels: list[dict[str, Any]],
        variables: list[dict[str, Any]],
    ) -> list[Published]:
        await self._tx.send(PUBLISH_VARIABLES, Jsonb(variables))
        await self._tx.send(PUBLISH_LEVELS, Jsonb(levels))
        told = await self._tx.all(Published, PUBLISH_FRAGMENTS, Jsonb(fragments), self._tx.at)
        known = [one.key for one in told]
        decided = await self._tx.all(Published, PUBLISH_DECISIONS, Jsonb(decisions), self._tx.at, known)
        return sorted([*told, *decided], key=attrgetter("key"))
