"""The schema of the kernel's own tables, and the one `MetaData` of the house.

Tables here and in the slices are the source for migrations and for the drawn data model; no query is built from them.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Interval,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

METADATA = MetaData(
    naming_convention={
        "ix": "idx_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


INSTANT = DateTime(timezone=True)

event_seq = Sequence("event_seq", metadata=METADATA, data_type=BigInteger, cache=1)

event_logs = Table(
    "event_logs",
    METADATA,
    Column("event_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("event_type", Text, nullable=False),
    Column("event_data", JSONB, nullable=False),
    Column("timestamp", INSTANT, nullable=False),
    Column("subject", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("operation", Text),
    Column("correlation_id", Uuid, nullable=False),
    Column("causation_id", Uuid),
    Column("priority", SmallInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Index("idx_event_logs_tail", "xid", "seq"),
    Index("idx_event_logs_seq", "seq"),
    Index("idx_event_logs_correlation_id", "correlation_id"),
    Index("idx_event_logs_user_time", "user_id", "timestamp"),
    Index("idx_event_logs_type_time", "event_type", "timestamp"),
    postgresql_partition_by="RANGE (event_id)",
)


def _delivered(data: type[JSON]) -> list[Column[object]]:
    """What a delivery and a dead letter keep of their event, so that nobody has to open the log.

    Dead letters also take updates that nobody could read, so theirs is `json`, which keeps whatever arrived.
    """
    return [
        Column("event_id", Uuid, nullable=False),
        Column("event_type", Text, nullable=False),
        Column("event_data", data, nullable=False),
        Column("timestamp", INSTANT, nullable=False),
        Column("subject", Text, nullable=False),
        Column("user_id", BigInteger),
        Column("actor", Text, nullable=False),
        Column("operation", Text),
        Column("correlation_id", Uuid, nullable=False),
        Column("causation_id", Uuid),
        Column("priority", SmallInteger, nullable=False),
        Column("version", SmallInteger, nullable=False),
        Column("attempts", SmallInteger, nullable=False, server_default="0"),
    ]


deliveries = Table(
    "deliveries",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    *_delivered(JSONB),
    Column("next_at", INSTANT),
    Column("leased_until", INSTANT),
    Column("leased_by", Text),
    Index("idx_deliveries_urgent", "consumer", "lane", "subject", postgresql_where=text("priority <= 1")),
    Index("idx_deliveries_waiting", "consumer", "lane", "subject", postgresql_where=text("next_at IS NOT NULL")),
    postgresql_with={
        "fillfactor": "80",
        "autovacuum_vacuum_scale_factor": "0.01",
        "autovacuum_vacuum_threshold": "1000",
        "autovacuum_vacuum_cost_delay": "0",
    },
)

dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    *_delivered(JSON),
    Column("reason", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("died_at", INSTANT, nullable=False),
    Index("idx_dead_letters_correlation_id", "correlation_id"),
    Index("idx_dead_letters_died_at", "died_at"),
)

timers = Table(
    "timers",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("due_at", INSTANT, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("every", Interval),
    Column("correlation_id", Uuid, nullable=False),
    Index("idx_timers_due_at", "due_at"),
)

tails = Table(
    "tails",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("xid", Xid8, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("next_at", INSTANT),
)

consumers = Table(
    "consumers",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("since_seq", BigInteger, nullable=False),
    Column("filled_to_seq", BigInteger, nullable=False, server_default="0"),
)

unwanted_events = Table(
    "unwanted_events",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("event_type", Text, primary_key=True),
)

clock_offset = Table(
    "clock_offset",
    METADATA,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),
    Column("seconds", BigInteger, nullable=False),
)

processes = Table(
    "processes",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("clock_seconds", BigInteger, nullable=False),
    Column("rules_version", BigInteger),
)

leases = Table(
    "leases",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", INSTANT, nullable=False),
)
