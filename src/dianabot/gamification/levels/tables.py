"""Experience points, and the level that they make."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, Table

from dianabot.kernel.tables import INSTANT, METADATA

user_levels = Table(
    "user_levels",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("xp", BigInteger, nullable=False),
    Column("level", Integer, nullable=False),
    Column("reached_at", INSTANT, nullable=False),
    CheckConstraint("xp >= 0", name="xp"),
    CheckConstraint("level >= 1", name="level"),
    postgresql_with={"fillfactor": "70"},
)
