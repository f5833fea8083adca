"""The forms that a record had since its file was last written for good: what in the file is ours, and what a person's.

A form is kept before the file is touched, and forgotten when all files are written and committed: so a killed edition, whose
files may have any of them, takes none of its own words for a person's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from broadsheet.models import PublishedStory, Record
from broadsheet.store.database import insert_new, rows_of
from broadsheet.store.tables import earlier_forms
from broadsheet.store.values import load, seconds


def keep(connection: Connection, forms: Mapping[str, str], at: datetime) -> None:
    """Keep the published forms, as stored, of records by path, which get another one in the edition of that instant."""
    rows = [{"path": path, "replaced_at": seconds(at), "published_story": form} for path, form in forms.items()]
    insert_new(connection, earlier_forms, rows)


def forms(connection: Connection, paths: Collection[str]) -> dict[str, list[Record]]:
    """The kept forms of those records that have some, by path."""
    found: dict[str, list[Record]] = {}
    query = select(earlier_forms.c.path, earlier_forms.c.published_story).order_by(earlier_forms.c.replaced_at)
    for row in rows_of(connection, query, earlier_forms.c.path, paths):
        found.setdefault(row.path, []).append(load(row.published_story, PublishedStory).record)
    return found


def forget(connection: Connection) -> None:
    """All files have the newest forms."""
    connection.execute(delete(earlier_forms))
