"""What came from Telegram, kept before it is acknowledged, and what is to be said, kept until it is said."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

telegram_updates = Table(
    "telegram_updates",
    METADATA,
    Column("bot", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", BigInteger, nullable=False, comment="whose turn it waits for: the person, else the chat"),
    Column("member", BigInteger, comment="once known; no link, for this is a log"),
    Column("raw", JSON, nullable=False, comment="json, not jsonb: it must take whatever arrives"),
    Column("urgent", SmallInteger, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="new"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("leased_by", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    CheckConstraint("state IN ('new', 'done', 'answered', 'dead')", name="state"),
    Index(
        "idx_telegram_updates_open",
        "bot",
        "queue",
        "update_id",
        postgresql_where=text("state IN ('new', 'done')"),
    ),
    Index("idx_telegram_updates_received_at", "received_at"),
    postgresql_with={"fillfactor": "70"},
)

telegram_sends = Table(
    "telegram_sends",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("user_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", INSTANT, nullable=False),
    Column("wanted_until", INSTANT),
    Column("leased_by", Text),
    Column("leased_until", INSTANT),
    Column("message_id", BigInteger),
    Column("error", Text),
    Column("correlation_id", Uuid, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unknown', 'lapsed')", name="state"),
    Index(
        "idx_telegram_sends_waiting",
        "priority",
        "not_before",
        "id",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("idx_telegram_sends_sending", "leased_until", postgresql_where=text("state = 'sending'")),
    Index("idx_telegram_sends_chat", "chat_id", "id", postgresql_where=text("state IN ('waiting', 'sending')")),
)

media_files = Table(
    "media_files",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="its MIME type"),
    Column("content", LargeBinary, nullable=False),
    Column("at", INSTANT, nullable=False),
)

telegram_files = Table(
    "telegram_files",
    METADATA,
    Column("bot", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", Text, ForeignKey("media_files.sha256"), primary_key=True),
    Column("file_id", Text, nullable=False, comment="under which Telegram has it, for this bot"),
    Index("idx_telegram_files_sha256", "sha256"),
)
