"""The SQL of members."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.members.rules import Contact, Engagement, Language, Role
from dianabot.vocabulary.standing import Person

INSERT = """
INSERT INTO users (telegram_id, username, first_name, language, created_at, last_active_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (telegram_id) DO NOTHING
RETURNING id
"""
ID_OF = "SELECT id FROM users WHERE telegram_id = $1"
PROFILE = """
SELECT id, telegram_id, username, first_name, language, time_zone, role, created_at, last_active_at, blocked_bot,
       engagement_streak, erased_at
FROM users
WHERE id = $1
"""
PROFILE_OF = PROFILE.replace("id = $1", "telegram_id = $1")
PRESENT = "SELECT id FROM users WHERE id = ANY($1) AND erased_at IS NULL"
PERSON = "SELECT language, engagement_streak FROM users WHERE id = $1"
TRIAL_USED = "SELECT vip_trial_used OR erased_at IS NOT NULL FROM users WHERE id = $1"
ROLE = "SELECT role FROM users WHERE id = $1 AND erased_at IS NULL"
OWNERS = "SELECT count(*) FROM users WHERE role = 'owner'"
STAFF = PROFILE.replace("id = $1", "role <> 'fan' ORDER BY id")
HAS = "($1 = telegram_id::text OR strpos(lower(concat(first_name, ' @' || username)), lower($1)) > 0)"
SEARCH = PROFILE.replace("id = $1", f"erased_at IS NULL AND {HAS} ORDER BY id DESC LIMIT $2")
ATTEND = """
UPDATE users
SET first_name = $2, username = $3, blocked_bot = false
WHERE id = $1 AND erased_at IS NULL
  AND (first_name, username, blocked_bot) IS DISTINCT FROM ($2::text, $3::text, false)
"""
BLOCK = "UPDATE users SET blocked_bot = true WHERE id = $1 AND NOT blocked_bot AND erased_at IS NULL"
SET_LANGUAGE = "UPDATE users SET language = $2 WHERE id = $1 AND erased_at IS NULL"
SET_TIME_ZONE = "UPDATE users SET time_zone = $2 WHERE id = $1 AND erased_at IS NULL"
SET_ROLE = "UPDATE users SET role = $2 WHERE id = $1 AND erased_at IS NULL"
ENGAGEMENT = """
SELECT time_zone, last_active_at, last_engagement_date, engagement_streak
FROM users
WHERE id = $1 AND erased_at IS NULL
"""
SET_ENGAGEMENT = """
UPDATE users SET last_active_at = $2, last_engagement_date = $3, engagement_streak = $4 WHERE id = $1
"""
USE_TRIAL = """
UPDATE users SET vip_trial_used = true, vip_trial_end_date = $2
WHERE id = $1 AND NOT vip_trial_used AND erased_at IS NULL
"""
ERASE = """
UPDATE users
SET telegram_id = NULL, username = NULL, first_name = NULL, time_zone = NULL, role = 'fan', erased_at = $2,
    blocked_bot = false, archetype_primary = NULL, archetype_secondary = NULL, archetype_confidence = NULL,
    archetype_updated_at = NULL, conversion_score = NULL, churn_risk_score = NULL, last_engagement_date = NULL,
    engagement_streak = 0
WHERE id = $1 AND erased_at IS NULL
"""
OWN_DATA = """
SELECT id, telegram_id, username, first_name, language, time_zone, role, created_at, last_active_at, blocked_bot,
       archetype_primary, archetype_secondary, archetype_confidence, archetype_updated_at, conversion_score,
       churn_risk_score, lifetime_value, vip_trial_used, vip_trial_end_date, last_engagement_date, engagement_streak
FROM users
WHERE id = $1 AND erased_at IS NULL
"""
EXPECT = """
INSERT INTO pending_inputs (user_id, kind, data, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id) DO UPDATE
SET kind = excluded.kind, data = excluded.data, expires_at = excluded.expires_at, answered_by = NULL
"""
PENDING = "SELECT kind, data, expires_at FROM pending_inputs WHERE user_id = $1"
PENDING_FOR = f"{PENDING} AND (answered_by = $2 OR answered_by IS NULL AND expires_at > $3)"
ANSWER_PENDING = """
UPDATE pending_inputs
SET answered_by = $2
WHERE user_id = $1 AND answered_by IS NULL AND expires_at > $3
RETURNING kind, data, expires_at
"""
DROP_PENDING = "DELETE FROM pending_inputs WHERE user_id = $1"


@dataclass(frozen=True, slots=True)
class Profile:
    id: MemberId
    telegram_id: int | None
    username: str | None
    first_name: str | None
    language: Language
    time_zone: str | None
    """None: the creator's."""
    role: Role
    created_at: datetime
    last_active_at: datetime
    blocked_bot: bool
    engagement_streak: int
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """What her next free text means."""

    kind: str
    data: dict[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Active:
    time_zone: str | None
    last_active_at: datetime
    last_day: date | None
    streak: int

    @property
    def engagement(self) -> Engagement:
        return Engagement(self.last_active_at, self.last_day, self.streak)


@dataclass(frozen=True, slots=True)
class OwnData:
    id: MemberId
    telegram_id: int
    username: str | None
    first_name: str | None
    language: Language
    time_zone: str | None
    role: Role
    created_at: datetime
    last_active_at: datetime
    blocked_bot: bool
    archetype_primary: str | None
    archetype_secondary: str | None
    archetype_confidence: Decimal | None
    archetype_updated_at: datetime | None
    conversion_score: Decimal | None
    churn_risk_score: Decimal | None
    lifetime_value: Decimal
    vip_trial_used: bool
    vip_trial_end_date: datetime | None
    last_engagement_date: date | None
    engagement_streak: int


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def insert(self, contact: Contact, language: Language) -> MemberId | None:
        """None when she has a row already, also one that another transaction has just committed."""
        new = await self._tx.value(
            int, INSERT, contact.telegram_id, contact.username, contact.first_name, language, self._tx.at
        )
        return None if new is None else MemberId(new)

    async def id_of(self, telegram_id: int) -> MemberId | None:
        found = await self._tx.value(int, ID_OF, telegram_id)
        return None if found is None else MemberId(found)

    async def profile(self, member: MemberId) -> Profile | None:
        return await self._tx.one(Profile, PROFILE, member)

    async def profile_of(self, telegram_id: int) -> Profile | None:
        return await self._tx.one(Profile, PROFILE_OF, telegram_id)

    async def present(self, members: list[int]) -> list[int]:
        return await self._tx.column(int, PRESENT, members)

    async def staff(self) -> list[Profile]:
        return await self._tx.all(Profile, STAFF)

    async def search(self, words: str, limit: int) -> list[Profile]:
        return await self._tx.all(Profile, SEARCH, words, limit)

    async def person(self, member: int) -> Person | None:
        return await self._tx.one(Person, PERSON, member)

    async def trial_used(self, member: int) -> bool:
        return await self._tx.value(bool, TRIAL_USED, member) is not False

    async def attend(self, member: MemberId, contact: Contact) -> None:
        await self._tx.send(ATTEND, member, contact.first_name, contact.username)

    async def block(self, member: MemberId) -> bool:
        return await self._tx.run(BLOCK, member) == 1

    async def set_language(self, member: MemberId, language: Language) -> bool:
        return await self._tx.run(SET_LANGUAGE, member, language) == 1

    async def set_time_zone(self, member: MemberId, zone: str | None) -> bool:
        return await self._tx.run(SET_TIME_ZONE, member, zone) == 1

    async def lock_roles(self) -> None:
        """Roles change one at a time, so that two owners cannot demote each other."""
        await self._tx.lock_name("members.roles")

    async def role(self, member: MemberId) -> str | None:
        """None for nobody and for somebody erased."""
        return await self._tx.value(str, ROLE, member)

    async def owners(self) -> int:
        return await self._tx.value(int, OWNERS) or 0

    async def set_role(self, member: MemberId, role: Role) -> None:
        await self._tx.send(SET_ROLE, member, role)

    async def activity(self, member: MemberId) -> Active | None:
        return await self._tx.one(Active, ENGAGEMENT, member)

    async def set_activity(self, member: MemberId, now: Engagement) -> None:
        await self._tx.send(SET_ENGAGEMENT, member, now.last_active_at, now.last_day, now.streak)

    async def use_trial(self, member: MemberId, until: datetime) -> bool:
        return await self._tx.run(USE_TRIAL, member, until) == 1

    async def erase(self, member: MemberId) -> bool:
        await self._tx.send(DROP_PENDING, member)
        return await self._tx.run(ERASE, member, self._tx.at) == 1

    async def own_data(self, member: MemberId) -> OwnData | None:
        return await self._tx.one(OwnData, OWN_DATA, member)

    async def expect(self, member: MemberId, pending: Pending) -> None:
        await self._tx.send(EXPECT, member, pending.kind, Jsonb(pending.data), pending.expires_at)

    async def pending(self, member: MemberId) -> Pending | None:
        return await self._tx.one(Pending, PENDING, member)

    async def pending_for(self, member: MemberId, answer: UUID) -> Pending | None:
        return await self._tx.one(Pending, PENDING_FOR, member, answer, self._tx.at)

    async def answer_pending(self, member: MemberId) -> Pending | None:
        return await self._tx.one(Pending, ANSWER_PENDING, member, self._tx.cause.correlation_id, self._tx.at)

    async def drop_pending(self, member: MemberId) -> None:
        await self._tx.send(DROP_PENDING, member)
