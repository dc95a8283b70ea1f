"""Hints, what they combine into, and who has found which."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from dianabot.kernel.tables import INSTANT, METADATA

EMPTY = text("'{}'")

hints = Table(
    "hints",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> title and body"),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
)

hint_combinations = Table(
    "hint_combinations",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("hints", ARRAY(Text), nullable=False, comment="keys, in order; their order of combining does not matter"),
    Column("body", Text, nullable=False),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> body"),
    Column("extended_rewards", JSONB, nullable=False, server_default=EMPTY),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
    CheckConstraint("cardinality(hints) >= 2", name="hints"),
    Index("idx_hint_combinations_hints", "hints", unique=True, postgresql_where=text("status = 'published'")),
)

user_hints = Table(
    "user_hints",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("hint_id", BigInteger, ForeignKey("hints.id"), primary_key=True, autoincrement=False),
    Column("cause", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Index("idx_user_hints_hint", "hint_id"),
)

user_hint_combinations = Table(
    "user_hint_combinations",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("combination_id", BigInteger, ForeignKey("hint_combinations.id"), primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Index("idx_user_hint_combinations_combination", "combination_id"),
)
