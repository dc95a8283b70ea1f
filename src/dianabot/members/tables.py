"""The person, and what her next words mean."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from dianabot.kernel.tables import INSTANT, METADATA

users = Table(
    "users",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("telegram_id", BigInteger, comment="none once erased"),
    Column("username", Text),
    Column("first_name", Text),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, comment="none: the creator's"),
    Column("role", Text, nullable=False, server_default="fan"),
    Column("created_at", INSTANT, nullable=False),
    Column("last_active_at", INSTANT, nullable=False),
    Column("blocked_bot", Boolean, nullable=False, server_default=text("false")),
    Column("erased_at", INSTANT),
    Column("archetype_primary", String(50)),
    Column("archetype_secondary", String(50)),
    Column("archetype_confidence", Numeric(3, 2)),
    Column("archetype_updated_at", INSTANT),
    Column("conversion_score", Numeric(5, 2)),
    Column("churn_risk_score", Numeric(5, 2)),
    Column("lifetime_value", Numeric(10, 2), nullable=False, server_default="0"),
    Column("vip_trial_used", Boolean, nullable=False, server_default=text("false")),
    Column("vip_trial_end_date", INSTANT),
    Column("last_engagement_date", Date),
    Column("engagement_streak", Integer, nullable=False, server_default="0"),
    CheckConstraint("role IN ('fan', 'reader', 'moderator', 'admin', 'owner')", name="role"),
    CheckConstraint("language IN ('es', 'en')", name="language"),
    CheckConstraint("conversion_score BETWEEN 0 AND 100", name="conversion_score"),
    CheckConstraint("churn_risk_score BETWEEN 0 AND 100", name="churn_risk_score"),
    CheckConstraint("archetype_confidence BETWEEN 0 AND 1", name="archetype_confidence"),
    CheckConstraint("engagement_streak >= 0", name="engagement_streak"),
    CheckConstraint("(erased_at IS NULL) = (telegram_id IS NOT NULL)", name="erased"),
    Index("idx_users_telegram_id", "telegram_id", unique=True),
    Index("idx_users_vip_status", "archetype_primary", "conversion_score"),
    Index("idx_users_archetype", "archetype_primary"),
    Index("idx_users_staff", "role", postgresql_where=text("role <> 'fan'")),
)

pending_inputs = Table(
    "pending_inputs",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column(
        "answered_by", UUID(as_uuid=True), comment="the correlation of her answer, which is known by it if repeated"
    ),
)
