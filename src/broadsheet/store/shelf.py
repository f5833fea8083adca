"""Published stories: what publishing asks for (`Shelf`), and which files wait to be written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from broadsheet.models import PublishedStory, SourceState
from broadsheet.store.database import chunks, insert_new, upsert
from broadsheet.store.frontier import source_states
from broadsheet.store.tables import record_topics, records, tallies
from broadsheet.store.values import dump, instant, load, seconds


class Shelf:
    """Reads published stories within one transaction, always a bounded number. ``sources`` are for the about page."""

    def __init__(self, connection: Connection, sources: Sequence[str] = ()) -> None:
        self._connection = connection
        self._sources = sources

    def newest(self, topic: str | None, limit: int) -> list[PublishedStory]:
        """Published stories, of one topic or all, newest publication first."""
        return self._list(topic, "published_at", limit)

    def front(self, topic: str | None, limit: int) -> list[PublishedStory]:
        """Published stories, of one topic or all, by heat now."""
        return self._list(topic, "rank", limit)

    def month(self, month: str) -> list[tuple[str, datetime]]:
        """Path and last change of the stories published in a month such as "2026-01"."""
        query = select(records.c.path, records.c.changed_at).where(records.c.month == month, records.c.published == 1)
        return [(row.path, instant(row.changed_at)) for row in self._connection.execute(query.order_by(records.c.path))]

    def months(self) -> dict[str, datetime]:
        """Months with published stories, in order, and when the last story of each changed."""
        query = select(tallies.c.name, tallies.c.changed_at).where(tallies.c.kind == "month", tallies.c.published > 0)
        return {row.name: instant(row.changed_at) for row in self._connection.execute(query.order_by(tallies.c.name))}

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""
        query = select(tallies.c.name, tallies.c.published).where(tallies.c.kind == "topic", tallies.c.published > 0)
        return {row.name: row.published for row in self._connection.execute(query.order_by(tallies.c.name))}

    def sources(self) -> list[SourceState]:
        """The newsroom's sources in its own order, those never polled without facts."""
        states = source_states(self._connection, self._sources)
        return [states.get(url, SourceState(url=url)) for url in self._sources]

    def _list(self, topic: str | None, order: str, limit: int) -> list[PublishedStory]:
        query = select(records.c.published_story)
        if topic is None:
            query = query.where(records.c.published == 1).order_by(records.c[order].desc(), records.c.path.desc())
        else:
            query = query.join(record_topics, record_topics.c.path == records.c.path)
            query = query.where(record_topics.c.topic == topic, record_topics.c.published == 1)
            query = query.order_by(record_topics.c[order].desc(), record_topics.c.path.desc())
        return [load(text, PublishedStory) for text in self._connection.scalars(query.limit(limit))]


def by_story(connection: Connection, stories: Collection[str]) -> dict[str, PublishedStory]:
    """The published form of those stories that have one, by story."""
    return _found(connection, records.c.story, stories)


def by_path(connection: Connection, path: str) -> PublishedStory | None:
    """The story whose record has that path."""
    return next(iter(_found(connection, records.c.path, [path]).values()), None)


def path_taken(connection: Connection, path: str) -> bool:
    return connection.execute(select(records.c.path).where(records.c.path == path)).first() is not None


def save(connection: Connection, story: PublishedStory, at: datetime) -> None:
    """Keep a story's new published form; its files, and the pages of its topics and month, then wait to be written."""
    record = story.record
    if record.published_at is None:
        raise ValueError(f"{record.path}: a record is kept only with a date")
    old = connection.execute(select(records).where(records.c.path == record.path)).first()
    before = load(old.published_story, PublishedStory) if old else None
    month, published_at = record.published_at.strftime("%Y-%m"), seconds(record.published_at)
    shown = int(bool(record.published))
    order = {"published": shown, "published_at": published_at, "rank": story.rank}
    row = {
        "path": record.path,
        "story": story.id,
        "published_story": dump(story),
        "month": month,
        "changed_at": seconds(at),
        "dirty": 1,
    }
    upsert(connection, records, [row | order])
    connection.execute(delete(record_topics).where(record_topics.c.path == record.path))
    upsert(connection, record_topics, [{"topic": topic, "path": record.path} | order for topic in record.topics])
    _count(connection, "month", {old.month} if old else set(), {month}, bool(old and old.published), bool(shown), at)
    topics_before = set(before.record.topics) if before else set()
    _count(connection, "topic", topics_before, set(record.topics), bool(old and old.published), bool(shown), at)


def _count(connection: Connection, kind: str, before: set[str], after: set[str], was: bool, now: bool, at: datetime) -> None:
    for name in sorted(before | after):
        change = int(now and name in after) - int(was and name in before)
        where = (tallies.c.kind == kind) & (tallies.c.name == name)
        known = connection.execute(select(tallies.c.published).where(where)).scalar() or 0
        upsert(
            connection,
            tallies,
            [{"kind": kind, "name": name, "published": known + change, "changed_at": seconds(at), "dirty": 1}],
        )


def dirty_stories(connection: Connection, after: str = "", limit: int = 1000) -> list[PublishedStory]:
    """Stories whose files wait to be written, in the order of their paths, from the one behind ``after`` on."""
    query = (
        select(records.c.published_story)
        .where(records.c.dirty == 1, records.c.path > after)
        .order_by(records.c.path)
        .limit(limit)
    )
    return [load(text, PublishedStory) for text in connection.scalars(query)]


def after_path(connection: Connection, after: str, limit: int) -> list[PublishedStory]:
    """All stories in the order of their paths, from the one behind ``after`` on."""
    query = select(records.c.published_story).where(records.c.path > after).order_by(records.c.path).limit(limit)
    return [load(text, PublishedStory) for text in connection.scalars(query)]


def dirty(connection: Connection, kind: str) -> list[str]:
    """Topics ("topic") or months ("month") whose pages wait to be written."""
    return list(
        connection.scalars(select(tallies.c.name).where(tallies.c.dirty == 1, tallies.c.kind == kind).order_by(tallies.c.name))
    )


def name_topics(connection: Connection, names: Collection[str], at: datetime) -> None:
    """Have pages made for topics of which nothing was published yet: others link to them."""
    rows = [{"kind": "topic", "name": name, "published": 0, "changed_at": seconds(at), "dirty": 1} for name in names]
    insert_new(connection, tallies, rows)


def clear_dirty(connection: Connection) -> None:
    """All files are written and committed."""
    connection.execute(update(records).where(records.c.dirty == 1).values(dirty=0))
    connection.execute(update(tallies).where(tallies.c.dirty == 1).values(dirty=0))


def mark_all_dirty(connection: Connection) -> None:
    """Every file is to be written again: the settings or templates changed."""
    connection.execute(update(records).values(dirty=1))
    connection.execute(update(tallies).values(dirty=1))


def _found(connection: Connection, column: ColumnElement[str], values: Collection[str]) -> dict[str, PublishedStory]:
    found: dict[str, PublishedStory] = {}
    for part in chunks(values):
        for row in connection.execute(select(records.c.story, records.c.published_story).where(column.in_(part))):
            found[row[0]] = load(row[1], PublishedStory)
    return found
