"""Filling the index of search with what was kept before there was one: in an older store, or one restored from a backup.

How far it is filled is kept with what is filled, so that it goes on from there; meanwhile changes are indexed as always.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, select

from broadsheet.models import PublishedStory
from broadsheet.store.database import upsert
from broadsheet.store.search_index import put_articles, put_stories
from broadsheet.store.search_tables import clear, state
from broadsheet.store.tables import articles, records
from broadsheet.store.values import load

FORM = "1"  # of the index; one of another form is made anew
BATCH = 500  # documents put in together


def begin(connection: Connection) -> None:
    """Make ready what `fill` goes on with; an index of another form is emptied. Nothing of a store that holds nothing."""
    if _known(connection).get("form") == FORM:
        return
    clear(connection)
    waiting: list[str] = [kind for kind in _STEPS if _holds(connection, kind)]
    upsert(connection, state, [{"name": "form", "value": FORM}, *({"name": kind, "value": ""} for kind in waiting)])


def fill(connection: Connection) -> int:
    """Put in the next documents of those that are not indexed yet; how many. To be called until there are none."""
    for kind, after in _known(connection).items():
        if kind not in _STEPS:
            continue
        last, count = _STEPS[kind](connection, after)
        if count:
            upsert(connection, state, [{"name": kind, "value": last}])
            return count
        connection.execute(delete(state).where(state.c.name == kind))
    return 0


def is_whole(connection: Connection) -> bool:
    """Whether all that is kept can be found."""
    known = _known(connection)
    if known.get("form") != FORM:
        return not any(_holds(connection, kind) for kind in _STEPS)
    return len(known) == 1


def _known(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(state).order_by(state.c.name.desc()))}


def _holds(connection: Connection, kind: str) -> bool:
    return connection.execute(select(records.c.path if kind == "story" else articles.c.key).limit(1)).first() is not None


def _fill_stories(connection: Connection, after: str) -> tuple[str, int]:
    query = select(records.c.path, records.c.published_story).where(records.c.path > after, records.c.published == 1)
    rows = connection.execute(query.order_by(records.c.path).limit(BATCH).with_for_update()).all()
    put_stories(connection, [load(row.published_story, PublishedStory) for row in rows])
    return rows[-1].path if rows else "", len(rows)


def _fill_articles(connection: Connection, after: str) -> tuple[str, int]:
    query = select(articles.c.key).where(articles.c.key > after, articles.c.judged == 1)
    keys = list(connection.scalars(query.order_by(articles.c.key).limit(BATCH).with_for_update()))
    put_articles(connection, keys)
    return keys[-1] if keys else "", len(keys)


_STEPS: dict[str, Callable[[Connection, str], tuple[str, int]]] = {"story": _fill_stories, "article": _fill_articles}
