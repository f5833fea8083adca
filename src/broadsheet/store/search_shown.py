"""What is read of the documents that a search found, where they may be shown."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from broadsheet.store.search_tables import Kind

COLUMNS = {
    "story": "d.id, d.published_at, d.heat, d.quality, r.published_story",
    "article": "d.id, d.published_at, d.heat, d.quality, a.article, a.judgement, a.shown, a.seen_at, t.text",
}
_ROW: dict[str, Any] = {
    kind: namedtuple(f"{kind}_row", [name.partition(".")[2] for name in names.split(", ")]) for kind, names in COLUMNS.items()
}
JOINED = {
    "story": "JOIN records r ON r.path = d.key AND r.published = 1",
    "article": "JOIN articles a ON a.key = d.key LEFT JOIN texts t ON t.key = d.key",
}
# an article of a story that an editor withholds is not shown either; "action" is no bare column, to have the target looked up
ALSO = {
    "story": "true",
    "article": "NOT EXISTS "
    "(SELECT 1 FROM decisions WHERE target = a.story AND action || '' = 'withhold' AND undone_at IS NULL)",
}


def shown(connection: Connection, kind: Kind, ids: Sequence[int]) -> list[Any]:
    """Those of the documents that may be shown, with what they say. What was taken out meanwhile is none of them."""
    if not ids:
        return []
    sql = f"SELECT {COLUMNS[kind]} FROM search_documents d {JOINED[kind]} WHERE d.id IN ({{}}) AND {ALSO[kind]}"
    if connection.dialect.name == "sqlite":
        found = rows(connection, sql.format("SELECT value FROM json_each(?)"), (json.dumps(ids),))
    else:
        found = rows(connection, sql.format("SELECT unnest(%s)"), (ids,))
    return list(map(_ROW[kind]._make, found))


def rows(connection: Connection, sql: str, given: Sequence[Any]) -> list[Any]:
    """What a question finds, asked of the driver itself: what SQLAlchemy does for a statement takes as long as the database.

    Raises what the driver does.
    """
    driver: Any = connection.connection.driver_connection
    found: list[Any] = driver.execute(sql, given).fetchall()
    return found
