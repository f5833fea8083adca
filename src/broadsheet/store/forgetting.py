"""Forgetting the texts of articles, where a newsroom keeps them for a time alone (``store.text_days``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from broadsheet.store import search_index
from broadsheet.store.database import chunks, rows_of
from broadsheet.store.tables import articles, stories, texts
from broadsheet.store.values import seconds

BATCH = 500  # texts looked at together


def forget_texts(connection: Connection, before: datetime) -> bool:
    """Forget the next texts of articles that came before then; whether there were any. To be called until there are none.

    A story that goes on is read again as it grows (`broadsheet.curate.divide`), so the texts of all its articles stay until
    its last one is as old: they are looked at again then, and not in each edition. Search forgets what only a text said.
    """
    at = seconds(before)
    due = select(texts.c.key).where(texts.c.kept_from < at).order_by(texts.c.kept_from).limit(BATCH)
    keys = set(connection.scalars(due))
    query = select(articles.c.key, articles.c.judged, stories.c.seen_at, stories.c.last_at)
    found = rows_of(connection, query.outerjoin(stories, stories.c.id == articles.c.story), articles.c.key, keys)
    needed = {row.key: max(row.seen_at or 0, row.last_at or 0, 0 if row.judged else at) for row in found}
    kept = [{"of": key, "kept_from": last} for key, last in sorted(needed.items()) if last >= at]
    if kept:
        change = update(texts).where(texts.c.key == bindparam("of")).values(kept_from=bindparam("kept_from"))
        connection.execute(change, kept)
    gone = keys.difference(str(row["of"]) for row in kept)
    for part in chunks(gone):
        connection.execute(delete(texts).where(texts.c.key.in_(part)))
    search_index.put_articles(connection, gone)
    return bool(keys)
