"""All rows of the database, out and in again, for backups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from broadsheet.store.tables import editions, metadata

TABLES = tuple(metadata.sorted_tables)
BY_NAME = {table.name: table for table in TABLES}
BATCH = 1000  # rows written or read together


def rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, in the order of its key, in lists of so many."""
    query = select(table).order_by(*table.primary_key)
    found = connection.execution_options(stream_results=True).execute(query)
    for part in found.mappings().partitions(BATCH):
        yield [dict(row) for row in part]


def add_rows(connection: Connection, table: Table, part: Sequence[dict[str, Any]]) -> None:
    if part:
        connection.execute(insert(table), list(part))


def count_on(connection: Connection, table: Table) -> None:
    """Go on with the numbers of a table whose rows came in with theirs."""
    key = table.autoincrement_column
    if key is not None and connection.dialect.name == "postgresql" and connection.scalar(select(func.max(key))):
        sequence = f"pg_get_serial_sequence('{table.name}', '{key.name}')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT max({key.name}) FROM {table.name}))"))


def holds_something(connection: Connection) -> bool:
    """Whether the database is that of a newsroom that had an edition."""
    return connection.execute(select(editions.c.id).limit(1)).first() is not None
