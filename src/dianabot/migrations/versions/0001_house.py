"""The house: members, rules, operations, Telegram, and the log with its deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from dianabot.kernel.tables import Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table or index
    op.execute("CREATE SEQUENCE event_seq")
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("idx_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index("idx_audit_log_target", "audit_log", ["target", "at"], unique=False)
    op.create_table(
        "clock_offset",
        sa.Column("only", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_clock_offset")),
    )
    op.create_table(
        "consumers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since_seq", sa.BigInteger(), nullable=False),
        sa.Column("filled_to_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumers")),
    )
    op.create_table(
        "unwanted_events",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_type", name=op.f("pk_unwanted_events")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_data", sa.JSON(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_index("idx_dead_letters_correlation_id", "dead_letters", ["correlation_id"], unique=False)
    op.create_index("idx_dead_letters_died_at", "dead_letters", ["died_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "lane", "seq", name=op.f("pk_deliveries")),
        postgresql_with={
            "fillfactor": "80",
            "autovacuum_vacuum_scale_factor": "0.01",
            "autovacuum_vacuum_threshold": "1000",
            "autovacuum_vacuum_cost_delay": "0",
        },
    )
    op.create_index(
        "idx_deliveries_urgent",
        "deliveries",
        ["consumer", "lane", "subject"],
        unique=False,
        postgresql_where=sa.text("priority <= 1"),
    )
    op.create_index(
        "idx_deliveries_waiting",
        "deliveries",
        ["consumer", "lane", "subject"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "event_logs",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("event_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_logs")),
        postgresql_partition_by="RANGE (event_id)",
    )
    op.create_index("idx_event_logs_correlation_id", "event_logs", ["correlation_id"], unique=False)
    op.create_index("idx_event_logs_seq", "event_logs", ["seq"], unique=False)
    op.create_index("idx_event_logs_tail", "event_logs", ["xid", "seq"], unique=False)
    op.create_index("idx_event_logs_type_time", "event_logs", ["event_type", "timestamp"], unique=False)
    op.create_index("idx_event_logs_user_time", "event_logs", ["user_id", "timestamp"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "processes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_seconds", sa.BigInteger(), nullable=False),
        sa.Column("rules_version", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )
    op.create_table(
        "rule_versions",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "document",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="only what differs from the defaults",
        ),
        sa.Column(
            "changed", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="path -> [before, after]"
        ),
        sa.Column("reverts_to", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_versions")),
    )
    op.create_table(
        "tails",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_tails")),
    )
    op.create_table(
        "telegram_sends",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'unknown', 'lapsed')",
            name=op.f("ck_telegram_sends_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telegram_sends")),
        sa.UniqueConstraint("key", name=op.f("uq_telegram_sends_key")),
    )
    op.create_index(
        "idx_telegram_sends_chat",
        "telegram_sends",
        ["chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(
        "idx_telegram_sends_sending",
        "telegram_sends",
        ["leased_until"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "idx_telegram_sends_waiting",
        "telegram_sends",
        ["priority", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "telegram_updates",
        sa.Column("bot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "queue", sa.BigInteger(), nullable=False, comment="whose turn it waits for: the person, else the chat"
        ),
        sa.Column("member", sa.BigInteger(), nullable=True, comment="once known; no link, for this is a log"),
        sa.Column("raw", sa.JSON(), nullable=False, comment="json, not jsonb: it must take whatever arrives"),
        sa.Column("urgent", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="new", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('new', 'done', 'answered', 'dead')", name=op.f("ck_telegram_updates_state")),
        sa.PrimaryKeyConstraint("bot", "update_id", name=op.f("pk_telegram_updates")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "idx_telegram_updates_open",
        "telegram_updates",
        ["bot", "queue", "update_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('new', 'done')"),
    )
    op.create_index("idx_telegram_updates_received_at", "telegram_updates", ["received_at"], unique=False)
    op.create_table(
        "timers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("every", sa.Interval(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_timers")),
    )
    op.create_index("idx_timers_due_at", "timers", ["due_at"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True, comment="none once erased"),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True, comment="none: the creator's"),
        sa.Column("role", sa.Text(), server_default="fan", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_bot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archetype_primary", sa.String(length=50), nullable=True),
        sa.Column("archetype_secondary", sa.String(length=50), nullable=True),
        sa.Column("archetype_confidence", sa.Numeric(precision=3, scale=2), nullable=True),
        sa.Column("archetype_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversion_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("churn_risk_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("lifetime_value", sa.Numeric(precision=10, scale=2), server_default="0", nullable=False),
        sa.Column("vip_trial_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("vip_trial_end_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_engagement_date", sa.Date(), nullable=True),
        sa.Column("engagement_streak", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("language IN ('es', 'en')", name=op.f("ck_users_language")),
        sa.CheckConstraint("role IN ('fan', 'reader', 'moderator', 'admin', 'owner')", name=op.f("ck_users_role")),
        sa.CheckConstraint("(erased_at IS NULL) = (telegram_id IS NOT NULL)", name=op.f("ck_users_erased")),
        sa.CheckConstraint("archetype_confidence BETWEEN 0 AND 1", name=op.f("ck_users_archetype_confidence")),
        sa.CheckConstraint("churn_risk_score BETWEEN 0 AND 100", name=op.f("ck_users_churn_risk_score")),
        sa.CheckConstraint("conversion_score BETWEEN 0 AND 100", name=op.f("ck_users_conversion_score")),
        sa.CheckConstraint("engagement_streak >= 0", name=op.f("ck_users_engagement_streak")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("idx_users_archetype", "users", ["archetype_primary"], unique=False)
    op.create_index("idx_users_staff", "users", ["role"], unique=False, postgresql_where=sa.text("role <> 'fan'"))
    op.create_index("idx_users_telegram_id", "users", ["telegram_id"], unique=True)
    op.create_index("idx_users_vip_status", "users", ["archetype_primary", "conversion_score"], unique=False)
    op.create_table(
        "operations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "user_id",
            sa.BigInteger(),
            nullable=True,
            comment="a log's: no foreign key, the claim itself sees to it",
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "outcome",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="none only inside the transaction that is at work",
        ),
        sa.Column("rules_version", sa.BigInteger(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        sa.UniqueConstraint("key", name=op.f("uq_operations_key")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("idx_operations_at", "operations", ["at"], unique=False)
    op.create_index("idx_operations_correlation_id", "operations", ["correlation_id"], unique=False)
    op.create_index("idx_operations_user_name_at", "operations", ["user_id", "name", "at"], unique=False)
    op.create_table(
        "pending_inputs",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "answered_by",
            sa.UUID(),
            nullable=True,
            comment="the correlation of her answer, which is known by it if repeated",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pending_inputs_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_pending_inputs")),
    )
    op.create_table(
        "rewards_given",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False, comment="what earned it: once each, whatever is repeated"),
        sa.Column("reward", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rewards_given_user_id")),
        sa.PrimaryKeyConstraint("user_id", "cause", name=op.f("pk_rewards_given")),
    )

    op.execute("CREATE TABLE event_logs_default PARTITION OF event_logs DEFAULT")


def downgrade() -> None:  # noqa: PLR0915 - one statement a table or index
    op.drop_table("rewards_given")
    op.drop_table("pending_inputs")
    op.drop_index("idx_operations_user_name_at", table_name="operations")
    op.drop_index("idx_operations_correlation_id", table_name="operations")
    op.drop_index("idx_operations_at", table_name="operations")
    op.drop_table("operations")
    op.drop_index("idx_users_vip_status", table_name="users")
    op.drop_index("idx_users_telegram_id", table_name="users")
    op.drop_index("idx_users_staff", table_name="users", postgresql_where=sa.text("role <> 'fan'"))
    op.drop_index("idx_users_archetype", table_name="users")
    op.drop_table("users")
    op.drop_index("idx_timers_due_at", table_name="timers")
    op.drop_table("timers")
    op.drop_index("idx_telegram_updates_received_at", table_name="telegram_updates")
    op.drop_index(
        "idx_telegram_updates_open", table_name="telegram_updates", postgresql_where=sa.text("state IN ('new', 'done')")
    )
    op.drop_table("telegram_updates")
    op.drop_index(
        "idx_telegram_sends_waiting", table_name="telegram_sends", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(
        "idx_telegram_sends_sending", table_name="telegram_sends", postgresql_where=sa.text("state = 'sending'")
    )
    op.drop_index(
        "idx_telegram_sends_chat",
        table_name="telegram_sends",
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.drop_table("telegram_sends")
    op.drop_table("tails")
    op.drop_table("rule_versions")
    op.drop_table("processes")
    op.drop_table("leases")
    op.drop_index("idx_event_logs_user_time", table_name="event_logs")
    op.drop_index("idx_event_logs_type_time", table_name="event_logs")
    op.drop_index("idx_event_logs_tail", table_name="event_logs")
    op.drop_index("idx_event_logs_seq", table_name="event_logs")
    op.drop_index("idx_event_logs_correlation_id", table_name="event_logs")
    op.drop_table("event_logs")
    op.drop_index("idx_deliveries_waiting", table_name="deliveries", postgresql_where=sa.text("next_at IS NOT NULL"))
    op.drop_index("idx_deliveries_urgent", table_name="deliveries", postgresql_where=sa.text("priority <= 1"))
    op.drop_table("deliveries")
    op.drop_index("idx_dead_letters_died_at", table_name="dead_letters")
    op.drop_index("idx_dead_letters_correlation_id", table_name="dead_letters")
    op.drop_table("dead_letters")
    op.drop_table("unwanted_events")
    op.drop_table("consumers")
    op.drop_table("clock_offset")
    op.drop_index("idx_audit_log_target", table_name="audit_log")
    op.drop_index("idx_audit_log_at", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP SEQUENCE event_seq")
