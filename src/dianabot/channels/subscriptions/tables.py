"""The club: its plans, and who belongs to it until when."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

EMPTY = text("'{}'")

plans = Table(
    "plans",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> name and description"),
    Column("days", Integer, nullable=False),
    Column("price_stars", Integer),
    Column("position", Integer, nullable=False),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
    CheckConstraint("days >= 1", name="days"),
    CheckConstraint("price_stars >= 1", name="price_stars"),
)

subscriptions = Table(
    "subscriptions",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("start_date", INSTANT, nullable=False),
    Column("end_date", INSTANT, nullable=False),
    CheckConstraint("status IN ('trial', 'active')", name="status"),
    CheckConstraint("end_date > start_date", name="span"),
    Index("idx_subscriptions_status", "status", "end_date"),
)
