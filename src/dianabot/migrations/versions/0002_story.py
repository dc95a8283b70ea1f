"""The story, besitos, levels, items, and the smallest form of the club."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END $$
"""
APPEND_ONLY = ("besitos_ledger", "item_movements")


def upgrade() -> None:  # noqa: PLR0915 - one statement a table or index
    op.create_table(
        "content_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "world",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the whole world as it was published",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what changed, and what the checker remarked",
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_content_versions")),
    )
    op.create_table(
        "hint_combinations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column(
            "hints",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="keys, in order; their order of combining does not matter",
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> body",
        ),
        sa.Column(
            "extended_rewards", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_hint_combinations_status")),
        sa.CheckConstraint("cardinality(hints) >= 2", name=op.f("ck_hint_combinations_hints")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint_combinations")),
        sa.UniqueConstraint("key", name=op.f("uq_hint_combinations_key")),
    )
    op.create_index(
        "idx_hint_combinations_hints",
        "hint_combinations",
        ["hints"],
        unique=True,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "hints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> title and body",
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_hints_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hints")),
        sa.UniqueConstraint("key", name=op.f("uq_hints_key")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> name and description",
        ),
        sa.Column("kind", sa.Text(), server_default="keepsake", nullable=False),
        sa.Column("is_purchasable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shop_item_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "unlocks_content",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="a reward, given when it is used",
        ),
        sa.Column("is_consumable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_unique", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_items_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("key", name=op.f("uq_items_key")),
    )
    op.create_table(
        "lucien_templates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="a template in the sandbox's language"),
        sa.Column(
            "event", sa.Text(), nullable=True, comment="the event type that calls for it; none: only its hour does"
        ),
        sa.Column(
            "filter",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="values that the event's data must have",
        ),
        sa.Column(
            "composite_requirements",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("delay_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_repeatable", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_lucien_templates_status")),
        sa.CheckConstraint("delay_minutes >= 0", name=op.f("ck_lucien_templates_delay")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lucien_templates")),
        sa.UniqueConstraint("key", "language", name=op.f("uq_lucien_templates_key_language")),
    )
    op.create_index(
        "idx_lucien_templates_event",
        "lucien_templates",
        ["event"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "media_files",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="its MIME type"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_media_files")),
    )
    op.create_table(
        "narrative_fragments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> title and body",
        ),
        sa.Column("media", sa.Text(), nullable=True, comment="sha256 of its picture"),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="its place in the author's order"),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_entry", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_ending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_secret", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_vip_exclusive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "challenge",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="a riddle, a quiz or a timed choice",
        ),
        sa.Column(
            "composite_requirements",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "extended_rewards",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="given when it is completed",
        ),
        sa.Column("redirect_to", sa.Text(), nullable=True, comment="key of where its readers go once it is retired"),
        sa.Column("experience_id", sa.BigInteger(), nullable=True),
        sa.Column("is_experience_component", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("component_sequence", sa.Integer(), nullable=True),
        sa.Column("view_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reader_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("completed_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("left_count", sa.BigInteger(), server_default="0", nullable=False, comment="views that have ended"),
        sa.Column(
            "seconds_read",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="seconds, of all readers together",
        ),
        sa.Column(
            "completion_rate",
            sa.Numeric(precision=5, scale=2),
            sa.Computed("round(100.0 * completed_count / greatest(reader_count, 1), 2)", persisted=True),
            nullable=True,
            comment="% of its readers",
        ),
        sa.Column(
            "average_time_spent",
            sa.Numeric(precision=12, scale=2),
            sa.Computed("round(1.0 * seconds_read / greatest(left_count, 1), 2)", persisted=True),
            nullable=True,
            comment="seconds a view that has ended",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'published', 'retired')", name=op.f("ck_narrative_fragments_status")),
        sa.CheckConstraint("level >= 1", name=op.f("ck_narrative_fragments_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrative_fragments")),
        sa.UniqueConstraint("key", name=op.f("uq_narrative_fragments_key")),
    )
    op.create_index(
        "idx_fragments_entry",
        "narrative_fragments",
        ["position"],
        unique=False,
        postgresql_where=sa.text("is_entry AND status = 'published'"),
    )
    op.create_index(
        "idx_fragments_experience",
        "narrative_fragments",
        ["experience_id"],
        unique=False,
        postgresql_where=sa.text("experience_id IS NOT NULL"),
    )
    op.create_index("idx_fragments_tags", "narrative_fragments", ["tags"], unique=False, postgresql_using="gin")
    op.create_index(
        "idx_fragments_vip",
        "narrative_fragments",
        ["is_vip_exclusive"],
        unique=False,
        postgresql_where=sa.text("is_vip_exclusive"),
    )
    op.create_index(
        "idx_fragments_vip_created",
        "narrative_fragments",
        ["is_vip_exclusive", sa.literal_column("created_at DESC")],
        unique=False,
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> name and description",
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("price_stars", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_plans_status")),
        sa.CheckConstraint("days >= 1", name=op.f("ck_plans_days")),
        sa.CheckConstraint("price_stars >= 1", name=op.f("ck_plans_price_stars")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("key", name=op.f("uq_plans_key")),
    )
    op.create_table(
        "story_levels",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> name",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_story_levels")),
    )
    op.create_table(
        "story_variables",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initial", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_story_variables_status")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_story_variables")),
    )
    op.create_table(
        "besitos_ledger",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False, comment="what caused it"),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_besitos_ledger_amount")),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_besitos_ledger_balance_after")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_besitos_ledger_seq")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_besitos_ledger_user_id")),
        sa.PrimaryKeyConstraint("user_id", "seq", name=op.f("pk_besitos_ledger")),
    )
    op.create_index("idx_besitos_ledger_user_at", "besitos_ledger", ["user_id", "at"], unique=False)
    op.create_table(
        "item_movements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_item_movements_amount")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_movements_item_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_item_movements_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_movements")),
    )
    op.create_index("idx_item_movements_item", "item_movements", ["item_id"], unique=False)
    op.create_index("idx_item_movements_user", "item_movements", ["user_id", "item_id"], unique=False)
    op.create_table(
        "lucien_deaf",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lucien_deaf_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_lucien_deaf")),
        comment="whoever asked not to be written to",
    )
    op.create_table(
        "lucien_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False, comment="what called for it: once each"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "event",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the data of the event that called for it",
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=True, comment="what he said, as light formatting"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True, comment="of the template, as it was rendered"),
        sa.CheckConstraint("state IN ('due', 'sent', 'dropped')", name=op.f("ck_lucien_messages_state")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lucien_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lucien_messages")),
        sa.UniqueConstraint("user_id", "template", "cause", name=op.f("uq_lucien_messages_user_id_template_cause")),
    )
    op.create_index(
        "idx_lucien_messages_due",
        "lucien_messages",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_table(
        "narrative_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("fragment_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "translations",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="language -> text",
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_fragment_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "taken_by", sa.Text(), server_default="tap", nullable=False, comment="a tap, or the result of the challenge"
        ),
        sa.Column(
            "is_hidden",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="not shown while it is locked",
        ),
        sa.Column(
            "cost", sa.BigInteger(), server_default="0", nullable=False, comment="besitos, paid whenever it is taken"
        ),
        sa.Column(
            "changes",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="story variables, changed whenever taken",
        ),
        sa.Column(
            "composite_requirements",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "extended_rewards",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="given the first time it is taken",
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'retired')", name=op.f("ck_narrative_decisions_status")),
        sa.CheckConstraint(
            "taken_by IN ('tap', 'right', 'wrong', 'late')", name=op.f("ck_narrative_decisions_taken_by")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_narrative_decisions_cost")),
        sa.ForeignKeyConstraint(
            ["fragment_id"], ["narrative_fragments.id"], name=op.f("fk_narrative_decisions_fragment_id")
        ),
        sa.ForeignKeyConstraint(
            ["next_fragment_id"], ["narrative_fragments.id"], name=op.f("fk_narrative_decisions_next_fragment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narrative_decisions")),
        sa.UniqueConstraint("fragment_id", "key", name=op.f("uq_narrative_decisions_fragment_id_key")),
    )
    op.create_index("idx_decisions_next", "narrative_decisions", ["next_fragment_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('trial', 'active')", name=op.f("ck_subscriptions_status")),
        sa.CheckConstraint("end_date > start_date", name=op.f("ck_subscriptions_span")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_subscriptions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("user_id", name=op.f("uq_subscriptions_user_id")),
    )
    op.create_index("idx_subscriptions_status", "subscriptions", ["status", "end_date"], unique=False)
    op.create_table(
        "telegram_files",
        sa.Column("bot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False, comment="under which Telegram has it, for this bot"),
        sa.ForeignKeyConstraint(["sha256"], ["media_files.sha256"], name=op.f("fk_telegram_files_sha256")),
        sa.PrimaryKeyConstraint("bot", "sha256", name=op.f("pk_telegram_files")),
    )
    op.create_index("idx_telegram_files_sha256", "telegram_files", ["sha256"], unique=False)
    op.create_table(
        "user_hint_combinations",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("combination_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["combination_id"], ["hint_combinations.id"], name=op.f("fk_user_hint_combinations_combination_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_hint_combinations_user_id")),
        sa.PrimaryKeyConstraint("user_id", "combination_id", name=op.f("pk_user_hint_combinations")),
    )
    op.create_index(
        "idx_user_hint_combinations_combination", "user_hint_combinations", ["combination_id"], unique=False
    )
    op.create_table(
        "user_hints",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hint_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hint_id"], ["hints.id"], name=op.f("fk_user_hints_hint_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_hints_user_id")),
        sa.PrimaryKeyConstraint("user_id", "hint_id", name=op.f("pk_user_hints")),
    )
    op.create_index("idx_user_hints_hint", "user_hints", ["hint_id"], unique=False)
    op.create_table(
        "user_items",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_user_items_quantity")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_user_items_item_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_items_user_id")),
        sa.PrimaryKeyConstraint("user_id", "item_id", name=op.f("pk_user_items")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("idx_user_items_item", "user_items", ["item_id"], unique=False)
    op.create_table(
        "user_levels",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("xp", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level >= 1", name=op.f("ck_user_levels_level")),
        sa.CheckConstraint("xp >= 0", name=op.f("ck_user_levels_xp")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_levels_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_levels")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "user_story_state",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("current_fragment_id", sa.BigInteger(), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("visit", sa.BigInteger(), nullable=False, comment="counts her visits; a decision belongs to one"),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False, comment="at the challenge, in this visit"),
        sa.Column("levels_done", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_fragment_id"], ["narrative_fragments.id"], name=op.f("fk_user_story_state_current_fragment_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_story_state_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_story_state")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("idx_story_state_fragment", "user_story_state", ["current_fragment_id"], unique=False)
    op.create_table(
        "user_unlocked_fragments",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fragment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fragment_id"], ["narrative_fragments.id"], name=op.f("fk_user_unlocked_fragments_fragment_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_unlocked_fragments_user_id")),
        sa.PrimaryKeyConstraint("user_id", "fragment_id", name=op.f("pk_user_unlocked_fragments")),
    )
    op.create_table(
        "wallets",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="of her last row in the ledger"),
        sa.Column("capped_on", sa.Date(), nullable=True, comment="the creator's day that `capped` counts"),
        sa.Column(
            "capped", sa.BigInteger(), server_default="0", nullable=False, comment="earned that day from what repeats"
        ),
        sa.Column(
            "flagged_at", sa.DateTime(timezone=True), nullable=True, comment="when it last moved faster than people do"
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_wallets_balance")),
        sa.CheckConstraint("held BETWEEN 0 AND balance", name=op.f("ck_wallets_held")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_wallets_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_wallets")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("idx_wallets_balance", "wallets", ["balance"], unique=False)
    op.create_table(
        "besitos_holds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("captured_seq", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'captured') = (captured_seq IS NOT NULL)", name=op.f("ck_besitos_holds_captured")),
        sa.CheckConstraint("state IN ('held', 'released', 'captured')", name=op.f("ck_besitos_holds_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_besitos_holds_amount")),
        sa.ForeignKeyConstraint(
            ["user_id", "captured_seq"],
            ["besitos_ledger.user_id", "besitos_ledger.seq"],
            name=op.f("fk_besitos_holds_user_id_captured_seq"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_besitos_holds_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_besitos_holds")),
    )
    op.create_index("idx_besitos_holds_captured", "besitos_holds", ["user_id", "captured_seq"], unique=False)
    op.create_index(
        "idx_besitos_holds_user", "besitos_holds", ["user_id"], unique=False, postgresql_where=sa.text("state = 'held'")
    )
    op.create_table(
        "user_decisions",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("visit", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["narrative_decisions.id"], name=op.f("fk_user_decisions_decision_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_decisions_user_id")),
        sa.PrimaryKeyConstraint("user_id", "visit", name=op.f("pk_user_decisions")),
    )
    op.create_table(
        "user_narrative_progress",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fragment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=True, comment="the last one taken in it"),
        sa.Column("visits", sa.Integer(), server_default="1", nullable=False),
        sa.Column("time_spent", sa.Integer(), server_default="0", nullable=False, comment="seconds, visits together"),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('visited', 'completed')", name=op.f("ck_user_narrative_progress_status")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["narrative_decisions.id"], name=op.f("fk_user_narrative_progress_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["fragment_id"], ["narrative_fragments.id"], name=op.f("fk_user_narrative_progress_fragment_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_narrative_progress_user_id")),
        sa.PrimaryKeyConstraint("user_id", "fragment_id", name=op.f("pk_user_narrative_progress")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "idx_user_progress_composite",
        "user_narrative_progress",
        ["user_id", "status", "last_activity_at"],
        unique=False,
    )
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """)


def downgrade() -> None:  # noqa: PLR0915 - as above
    op.drop_index("idx_user_progress_composite", table_name="user_narrative_progress")
    op.drop_table("user_narrative_progress")
    op.drop_table("user_decisions")
    op.drop_index("idx_besitos_holds_user", table_name="besitos_holds", postgresql_where=sa.text("state = 'held'"))
    op.drop_index("idx_besitos_holds_captured", table_name="besitos_holds")
    op.drop_table("besitos_holds")
    op.drop_index("idx_wallets_balance", table_name="wallets")
    op.drop_table("wallets")
    op.drop_table("user_unlocked_fragments")
    op.drop_index("idx_story_state_fragment", table_name="user_story_state")
    op.drop_table("user_story_state")
    op.drop_table("user_levels")
    op.drop_index("idx_user_items_item", table_name="user_items")
    op.drop_table("user_items")
    op.drop_index("idx_user_hints_hint", table_name="user_hints")
    op.drop_table("user_hints")
    op.drop_index("idx_user_hint_combinations_combination", table_name="user_hint_combinations")
    op.drop_table("user_hint_combinations")
    op.drop_index("idx_telegram_files_sha256", table_name="telegram_files")
    op.drop_table("telegram_files")
    op.drop_index("idx_subscriptions_status", table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index("idx_decisions_next", table_name="narrative_decisions")
    op.drop_table("narrative_decisions")
    op.drop_index("idx_lucien_messages_due", table_name="lucien_messages", postgresql_where=sa.text("state = 'due'"))
    op.drop_table("lucien_deaf")
    op.drop_table("lucien_messages")
    op.drop_index("idx_item_movements_user", table_name="item_movements")
    op.drop_index("idx_item_movements_item", table_name="item_movements")
    op.drop_table("item_movements")
    op.drop_index("idx_besitos_ledger_user_at", table_name="besitos_ledger")
    op.drop_table("besitos_ledger")
    op.drop_table("story_variables")
    op.drop_table("story_levels")
    op.drop_table("plans")
    op.drop_index("idx_fragments_vip_created", table_name="narrative_fragments")
    op.drop_index("idx_fragments_vip", table_name="narrative_fragments", postgresql_where=sa.text("is_vip_exclusive"))
    op.drop_index("idx_fragments_tags", table_name="narrative_fragments", postgresql_using="gin")
    op.drop_index(
        "idx_fragments_experience",
        table_name="narrative_fragments",
        postgresql_where=sa.text("experience_id IS NOT NULL"),
    )
    op.drop_index(
        "idx_fragments_entry",
        table_name="narrative_fragments",
        postgresql_where=sa.text("is_entry AND status = 'published'"),
    )
    op.drop_table("narrative_fragments")
    op.drop_table("media_files")
    op.drop_index(
        "idx_lucien_templates_event", table_name="lucien_templates", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_table("lucien_templates")
    op.drop_table("items")
    op.drop_table("hints")
    op.drop_index(
        "idx_hint_combinations_hints", table_name="hint_combinations", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_table("hint_combinations")
    op.drop_table("content_versions")
    op.execute("DROP FUNCTION refuse_change()")
