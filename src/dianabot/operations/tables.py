"""The history of acts: one row a key, with what was asked and what came of it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

operations = Table(
    "operations",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("user_id", BigInteger, comment="a log's: no foreign key, the claim itself sees to it"),
    Column("actor", Text, nullable=False),
    Column("input", JSONB, nullable=False),
    Column("input_hash", LargeBinary, nullable=False),
    Column("outcome", JSONB, comment="none only inside the transaction that is at work"),
    Column("rules_version", BigInteger),
    Column("correlation_id", Uuid, nullable=False),
    Column("at", INSTANT, nullable=False),
    Index("idx_operations_user_name_at", "user_id", "name", "at"),
    Index("idx_operations_at", "at"),
    Index("idx_operations_correlation_id", "correlation_id"),
    postgresql_with={"fillfactor": "80"},
)

audit_log = Table(
    "audit_log",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("reason", Text, nullable=False, server_default=""),
    Column("correlation_id", Uuid, nullable=False),
    Index("idx_audit_log_at", "at"),
    Index("idx_audit_log_target", "target", "at"),
)

rewards_given = Table(
    "rewards_given",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("cause", Text, primary_key=True, comment="what earned it: once each, whatever is repeated"),
    Column("reward", JSONB, nullable=False),
    Column("at", INSTANT, nullable=False),
)

content_versions = Table(
    "content_versions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("world", JSONB, nullable=False, comment="the whole world as it was published"),
    Column("digest", LargeBinary, nullable=False),
    Column("report", JSONB, nullable=False, comment="what changed, and what the checker remarked"),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", INSTANT, nullable=False),
)
