"""What Lucien may say, and what he is to say to whom and when."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

EMPTY = text("'{}'")

lucien_templates = Table(
    "lucien_templates",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("body", Text, nullable=False, comment="a template in the sandbox's language"),
    Column("event", Text, comment="the event type that calls for it; none: only its hour does"),
    Column("filter", JSONB, nullable=False, server_default=EMPTY, comment="values that the event's data must have"),
    Column("composite_requirements", JSONB, nullable=False, server_default=EMPTY),
    Column("delay_minutes", Integer, nullable=False, server_default="0"),
    Column("is_repeatable", Boolean, nullable=False, server_default=text("false")),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    UniqueConstraint("key", "language"),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
    CheckConstraint("delay_minutes >= 0", name="delay"),
    Index("idx_lucien_templates_event", "event", postgresql_where=text("status = 'published'")),
)

lucien_messages = Table(
    "lucien_messages",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("template", Text, nullable=False),
    Column("cause", Text, nullable=False, comment="what called for it: once each"),
    Column("state", Text, nullable=False),
    Column("event", JSONB, nullable=False, comment="the data of the event that called for it"),
    Column("due_at", INSTANT, nullable=False),
    Column("wanted_until", INSTANT, nullable=False),
    Column("said", Text, comment="what he said, as light formatting"),
    Column("sent_at", INSTANT),
    Column("version", Integer, comment="of the template, as it was rendered"),
    UniqueConstraint("user_id", "template", "cause"),
    CheckConstraint("state IN ('due', 'sent', 'dropped')", name="state"),
    Index("idx_lucien_messages_due", "due_at", postgresql_where=text("state = 'due'")),
)

lucien_deaf = Table(
    "lucien_deaf",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("since", INSTANT, nullable=False),
    comment="whoever asked not to be written to",
)
