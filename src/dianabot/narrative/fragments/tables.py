"""The graph of the story, and where each reader stands in it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from dianabot.kernel.tables import INSTANT, METADATA

EMPTY = text("'{}'")
COMPLETION_RATE = "round(100.0 * completed_count / greatest(reader_count, 1), 2)"
AVERAGE_TIME = "round(1.0 * seconds_read / greatest(left_count, 1), 2)"

narrative_fragments = Table(
    "narrative_fragments",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> title and body"),
    Column("media", Text, comment="sha256 of its picture"),
    Column("level", Integer, nullable=False),
    Column("position", Integer, nullable=False, comment="its place in the author's order"),
    Column("tags", ARRAY(Text), nullable=False, server_default=EMPTY),
    Column("is_entry", Boolean, nullable=False, server_default=text("false")),
    Column("is_ending", Boolean, nullable=False, server_default=text("false")),
    Column("is_secret", Boolean, nullable=False, server_default=text("false")),
    Column("is_vip_exclusive", Boolean, nullable=False, server_default=text("false")),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("challenge", JSONB, comment="a riddle, a quiz or a timed choice"),
    Column("composite_requirements", JSONB, nullable=False, server_default=EMPTY),
    Column("extended_rewards", JSONB, nullable=False, server_default=EMPTY, comment="given when it is completed"),
    Column("redirect_to", Text, comment="key of where its readers go once it is retired"),
    Column("experience_id", BigInteger),
    Column("is_experience_component", Boolean, nullable=False, server_default=text("false")),
    Column("component_sequence", Integer),
    Column("view_count", BigInteger, nullable=False, server_default="0"),
    Column("reader_count", BigInteger, nullable=False, server_default="0"),
    Column("completed_count", BigInteger, nullable=False, server_default="0"),
    Column("left_count", BigInteger, nullable=False, server_default="0", comment="views that have ended"),
    Column("seconds_read", BigInteger, nullable=False, server_default="0", comment="seconds, of all readers together"),
    Column("completion_rate", Numeric(5, 2), Computed(COMPLETION_RATE, persisted=True), comment="% of its readers"),
    Column(
        "average_time_spent",
        Numeric(12, 2),
        Computed(AVERAGE_TIME, persisted=True),
        comment="seconds a view that has ended",
    ),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    CheckConstraint("status IN ('draft', 'published', 'retired')", name="status"),
    CheckConstraint("level >= 1", name="level"),
    Index("idx_fragments_experience", "experience_id", postgresql_where=text("experience_id IS NOT NULL")),
    Index("idx_fragments_vip", "is_vip_exclusive", postgresql_where=text("is_vip_exclusive")),
    Index("idx_fragments_vip_created", "is_vip_exclusive", text("created_at DESC")),
    Index("idx_fragments_tags", "tags", postgresql_using="gin"),
    Index("idx_fragments_entry", "position", postgresql_where=text("is_entry AND status = 'published'")),
)

narrative_decisions = Table(
    "narrative_decisions",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("fragment_id", BigInteger, ForeignKey("narrative_fragments.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> text"),
    Column("position", Integer, nullable=False),
    Column("next_fragment_id", BigInteger, ForeignKey("narrative_fragments.id")),
    Column("taken_by", Text, nullable=False, server_default="tap", comment="a tap, or the result of the challenge"),
    Column("is_hidden", Boolean, nullable=False, server_default=text("false"), comment="not shown while it is locked"),
    Column("cost", BigInteger, nullable=False, server_default="0", comment="besitos, paid whenever it is taken"),
    Column("changes", JSONB, nullable=False, server_default=EMPTY, comment="story variables, changed whenever taken"),
    Column("composite_requirements", JSONB, nullable=False, server_default=EMPTY),
    Column("extended_rewards", JSONB, nullable=False, server_default=EMPTY, comment="given the first time it is taken"),
    Column("status", Text, nullable=False),
    UniqueConstraint("fragment_id", "key"),
    CheckConstraint("taken_by IN ('tap', 'right', 'wrong', 'late')", name="taken_by"),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
    CheckConstraint("cost >= 0", name="cost"),
    Index("idx_decisions_next", "next_fragment_id"),
)

story_variables = Table(
    "story_variables",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("initial", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
)

story_levels = Table(
    "story_levels",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> name"),
)

user_story_state = Table(
    "user_story_state",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("current_fragment_id", BigInteger, ForeignKey("narrative_fragments.id"), nullable=False),
    Column("variables", JSONB, nullable=False, server_default=EMPTY),
    Column("visit", BigInteger, nullable=False, comment="counts her visits; a decision belongs to one"),
    Column("visited_at", INSTANT, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0", comment="at the challenge, in this visit"),
    Column("levels_done", ARRAY(Integer), nullable=False, server_default=EMPTY),
    Index("idx_story_state_fragment", "current_fragment_id"),
    postgresql_with={"fillfactor": "70"},
)

user_narrative_progress = Table(
    "user_narrative_progress",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("fragment_id", BigInteger, ForeignKey("narrative_fragments.id"), primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("decision_id", BigInteger, ForeignKey("narrative_decisions.id"), comment="the last one taken in it"),
    Column("visits", Integer, nullable=False, server_default="1"),
    Column("time_spent", Integer, nullable=False, server_default="0", comment="seconds, visits together"),
    Column("last_activity_at", INSTANT, nullable=False),
    CheckConstraint("status IN ('visited', 'completed')", name="status"),
    Index("idx_user_progress_composite", "user_id", "status", "last_activity_at"),
    postgresql_with={"fillfactor": "80"},
)

user_decisions = Table(
    "user_decisions",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("visit", BigInteger, primary_key=True, autoincrement=False),
    Column("decision_id", BigInteger, ForeignKey("narrative_decisions.id"), nullable=False),
    Column("at", INSTANT, nullable=False),
)

user_unlocked_fragments = Table(
    "user_unlocked_fragments",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("fragment_id", BigInteger, ForeignKey("narrative_fragments.id"), primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
)
