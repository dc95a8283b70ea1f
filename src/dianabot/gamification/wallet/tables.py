"""Besitos: a balance a member, every movement of it for ever, and what is set aside."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from dianabot.kernel.tables import INSTANT, METADATA

wallets = Table(
    "wallets",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("balance", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("seq", BigInteger, nullable=False, comment="of her last row in the ledger"),
    Column("capped_on", Date, comment="the creator's day that `capped` counts"),
    Column("capped", BigInteger, nullable=False, server_default="0", comment="earned that day from what repeats"),
    Column("flagged_at", INSTANT, comment="when it last moved faster than people do"),
    CheckConstraint("balance >= 0", name="balance"),
    CheckConstraint("held BETWEEN 0 AND balance", name="held"),
    Index("idx_wallets_balance", "balance"),
    postgresql_with={"fillfactor": "70"},
)

besitos_ledger = Table(
    "besitos_ledger",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False, comment="what caused it"),
    Column("operation_id", BigInteger),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("amount <> 0", name="amount"),
    CheckConstraint("balance_after >= 0", name="balance_after"),
    CheckConstraint("seq >= 1", name="seq"),
    Index("idx_besitos_ledger_user_at", "user_id", "at"),
)

besitos_holds = Table(
    "besitos_holds",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("captured_seq", BigInteger),
    Column("at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("state IN ('held', 'released', 'captured')", name="state"),
    CheckConstraint("(state = 'captured') = (captured_seq IS NOT NULL)", name="captured"),
    ForeignKeyConstraint(["user_id", "captured_seq"], ["besitos_ledger.user_id", "besitos_ledger.seq"]),
    Index("idx_besitos_holds_user", "user_id", postgresql_where=text("state = 'held'")),
    Index("idx_besitos_holds_captured", "user_id", "captured_seq"),
)
