"""Items, how many of each a member has, and every movement of them."""

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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

EMPTY = text("'{}'")

items = Table(
    "items",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("translations", JSONB, nullable=False, server_default=EMPTY, comment="language -> name and description"),
    Column("kind", Text, nullable=False, server_default="keepsake"),
    Column("is_purchasable", Boolean, nullable=False, server_default=text("false")),
    Column("shop_item_id", BigInteger),
    Column("unlocks_content", JSONB, nullable=False, server_default=EMPTY, comment="a reward, given when it is used"),
    Column("is_consumable", Boolean, nullable=False, server_default=text("false")),
    Column("is_unique", Boolean, nullable=False, server_default=text("false")),
    Column("status", Text, nullable=False),
    CheckConstraint("status IN ('published', 'retired')", name="status"),
)

user_items = Table(
    "user_items",
    METADATA,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("item_id", BigInteger, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity >= 0", name="quantity"),
    Index("idx_user_items_item", "item_id"),
    postgresql_with={"fillfactor": "80"},
)

item_movements = Table(
    "item_movements",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("item_id", BigInteger, ForeignKey("items.id"), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("amount <> 0", name="amount"),
    Index("idx_item_movements_user", "user_id", "item_id"),
    Index("idx_item_movements_item", "item_id"),
)
