"""Every version of the rules that ever ran."""

from sqlalchemy import BigInteger, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from dianabot.kernel.tables import INSTANT, METADATA

rule_versions = Table(
    "rule_versions",
    METADATA,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("document", JSONB, nullable=False, comment="only what differs from the defaults"),
    Column("changed", JSONB, nullable=False, comment="path -> [before, after]"),
    Column("reverts_to", BigInteger),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", INSTANT, nullable=False),
)
