"""Members and rules in the chaos: the real operations, asked by people who do not wait for each other."""

import random

from dianabot.kernel.ids import MemberId
from dianabot.members import Contact
from dianabot.operations import asks
from dianabot.operations.change_rules import ChangeRule
from tests.proof.parts import Ask, Invariant, Part

ZONES = ("Europe/Madrid", "America/Mexico_City", "Asia/Tokyo", "nowhere at all")
NEWCOMERS = 10_000_000_000


def _register(chance: random.Random, _: list[MemberId]) -> Ask:
    contact = Contact(NEWCOMERS + chance.randrange(10**6), "Nueva", None, chance.choice(("es", "en")))
    return Ask(asks.Register(contact=contact), None, "telegram")


def _language(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(asks.ChooseLanguage(language=chance.choice(("es", "en"))), chance.choice(people))


def _zone(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(asks.ChooseTimeZone(written=chance.choice(ZONES)), chance.choice(people))


def _expect(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(asks.ExpectInput(kind="time_zone"), chance.choice(people))


def _answer(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(asks.AnswerTimeZone(written=chance.choice(ZONES)), chance.choice(people))


def _role(chance: random.Random, people: list[MemberId]) -> Ask:
    return Ask(asks.GrantRole(role=chance.choice(("fan", "moderator")), reason="chaos"), chance.choice(people))


def _rule(chance: random.Random, _: list[MemberId]) -> Ask:
    return Ask(ChangeRule(path="limits.purchase.count", value=chance.randint(1, 10**5)), None, "operator")


MEMBERS = Part(
    "members",
    asks=(_register, _register, _language, _zone, _expect, _answer, _role, _rule),
    invariants=(
        Invariant(
            "whoever came was announced once",
            f"""
            SELECT users.id FROM users LEFT JOIN event_logs AS event
                ON event.user_id = users.id AND event.event_type = 'user.registered'
            WHERE telegram_id >= {NEWCOMERS} GROUP BY users.id HAVING count(event.seq) <> 1
            """,  # noqa: S608 - a number of ours
        ),
        Invariant(
            "each version of the rules is somebody's operation, in one line",
            """
            SELECT version FROM rule_versions
            FULL JOIN (SELECT (outcome->'done'->>'version')::bigint AS decided FROM operations
                       WHERE name = 'CAMBIAR_REGLA' AND outcome ? 'done') AS done ON decided = version
            WHERE version IS NULL OR decided IS NULL OR version > (SELECT count(*) FROM rule_versions)
            """,
        ),
        Invariant(
            "each change of role is in the audit once",
            """
            SELECT count(*) FROM audit_log WHERE act = 'grant_role'
            HAVING count(*) <> (SELECT count(*) FROM operations WHERE name = 'OTORGAR_ROL' AND outcome ? 'done')
            """,
        ),
    ),
)
