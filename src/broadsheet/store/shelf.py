"""Published stories: what publishing asks for (`Shelf`), and which files wait to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from broadsheet.models import OutletCount, Provider, PublishedStory, Record, SourceState, Stories
from broadsheet.store import decisions, earlier, events, reading_marks, search_index
from broadsheet.store.articles import outlets
from broadsheet.store.database import chunks, insert_new, rows_of, upsert
from broadsheet.store.sources import states_of
from broadsheet.store.tables import record_outlets, record_topics, records, tallies
from broadsheet.store.tallying import reported, tally
from broadsheet.store.values import dump, instant, load, seconds


class Shelf:
    """Reads published stories within one transaction, always a bounded number. ``sources`` are for the about page."""

    def __init__(self, connection: Connection, sources: Sequence[str] = ()) -> None:
        self._connection = connection
        self._sources = sources

    def newest(self, topic: str | None, limit: int) -> Stories:
        """Published stories, of one topic or all, newest publication first."""
        return self._list(topic, "published_at", limit)

    def front(self, topic: str | None, limit: int) -> Stories:
        """Published stories, of one topic or all, by heat now."""
        return self._list(topic, "rank", limit)

    def month(self, month: str) -> list[tuple[str, datetime]]:
        """Path and last change of the stories published in a month such as "2026-01"."""
        query = select(records.c.path, records.c.changed_at).where(records.c.month == month, records.c.published == 1)
        rows = self._connection.execute(query.order_by(records.c.path)).all()
        return [(path, instant(changed_at)) for path, changed_at in rows]

    def months(self) -> dict[str, datetime]:
        """Months with published stories, in order, and when the last story of each changed."""
        query = select(tallies.c.name, tallies.c.changed_at).where(tallies.c.kind == "month", tallies.c.published > 0)
        return {row.name: instant(row.changed_at) for row in self._connection.execute(query.order_by(tallies.c.name))}

    def during(self, period: str) -> Stories:
        """All stories published in a month such as "2026-01" or on a day such as "2026-01-02" (UTC), newest first."""
        start, end = _bounds(period)
        at = records.c.published_at
        query = select(records.c.published_story).where(records.c.published == 1, at >= start, at < end)
        return Stories(self._connection.scalars(query.order_by(at.desc(), records.c.path.desc())).all())

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""
        return self._counts("topic")

    def month_counts(self) -> dict[str, int]:
        """The number of published stories by month."""
        return self._counts("month")

    def day_counts(self, month: str) -> dict[str, int]:
        """The number of published stories by day of a month."""
        return self._counts("day", tallies.c.name > month, tallies.c.name < f"{month}-99")

    def outlet(self, domain: str, limit: int) -> Stories:
        """Published stories that an outlet reported, newest publication first."""
        query = (
            select(records.c.published_story)
            .join(record_outlets, record_outlets.c.path == records.c.path)
            .where(record_outlets.c.domain == domain, record_outlets.c.published == 1)
            .order_by(record_outlets.c.published_at.desc(), record_outlets.c.path.desc())
        )
        return Stories(self._connection.scalars(query.limit(limit)).all())

    def outlets(self, limit: int) -> list[OutletCount]:
        """The outlets with the most published stories, ties by domain."""
        query = select(tallies.c.name).where(tallies.c.kind == "outlet", tallies.c.published > 0)
        names = self._connection.scalars(query.order_by(tallies.c.published.desc(), tallies.c.name).limit(limit))
        return sorted(self.outlet_counts(list(names)), key=lambda outlet: (-outlet.stories, outlet.provider.domain))

    def outlet_counts(self, domains: Collection[str]) -> list[OutletCount]:
        """What was published of those outlets, by domain; none of an outlet that was not met."""
        known = {name: outlet.provider for name, outlet in outlets(self._connection, domains).items()}
        named = decisions.outlet_names(self._connection, domains)
        stories = self._counts("outlet", tallies.c.name.in_(domains))
        first = self._counts("first", tallies.c.name.in_(domains))
        return [
            OutletCount(
                provider=_named(known.get(name) or Provider(name=name, domain=name), named),
                stories=stories.get(name, 0),
                first=first.get(name, 0),
            )
            for name in sorted(domains)
        ]

    def _counts(self, kind: str, *where: ColumnElement[bool]) -> dict[str, int]:
        query = select(tallies.c.name, tallies.c.published).where(tallies.c.kind == kind, tallies.c.published > 0, *where)
        return {row.name: row.published for row in self._connection.execute(query.order_by(tallies.c.name))}

    def sources(self) -> list[SourceState]:
        """The newsroom's sources in its own order, those never polled without facts."""
        states = states_of(self._connection, self._sources)
        return [states[url] for url in self._sources]

    def _list(self, topic: str | None, order: str, limit: int) -> Stories:
        query = select(records.c.published_story)
        if topic is None:
            query = query.where(records.c.published == 1).order_by(records.c[order].desc(), records.c.path.desc())
        else:
            query = query.join(record_topics, record_topics.c.path == records.c.path)
            query = query.where(record_topics.c.topic == topic, record_topics.c.published == 1)
            query = query.order_by(record_topics.c[order].desc(), record_topics.c.path.desc())
        return Stories(self._connection.scalars(query.limit(limit)).all())


def _named(provider: Provider, names: Mapping[str, str]) -> Provider:
    """The outlet under the name that editors gave it."""
    return replace(provider, name=names.get(provider.domain, provider.name))


def since(connection: Connection, at: datetime) -> Iterator[PublishedStory]:
    """The stories published from an instant on, the newest first."""
    query = select(records.c.published_story).where(records.c.published == 1, records.c.published_at >= seconds(at))
    for text in connection.execution_options(stream_results=True).scalars(query.order_by(records.c.published_at.desc())):
        yield load(text, PublishedStory)


def hottest(connection: Connection, limit: int, shown: bool) -> list[PublishedStory]:
    """The stories that are shown, or those that are not, by heat now."""
    query = select(records.c.published_story).where(records.c.published == int(shown))
    ordered = query.order_by(records.c.rank.desc(), records.c.path.desc()).limit(limit)
    return [load(text, PublishedStory) for text in connection.scalars(ordered)]


def by_story(connection: Connection, stories: Collection[str]) -> dict[str, PublishedStory]:
    """The published form of those stories that have one, by story."""
    return _found(connection, records.c.story, stories)


def by_path(connection: Connection, path: str) -> PublishedStory | None:
    """The story whose record has that path."""
    return next(iter(_found(connection, records.c.path, [path]).values()), None)


def path_taken(connection: Connection, path: str) -> bool:
    return bool(taken(connection, [path]))


def taken(connection: Connection, paths: Collection[str]) -> set[str]:
    """Those of the paths at which there is a record."""
    return {row.path for row in rows_of(connection, select(records.c.path), records.c.path, paths)}


def save(connection: Connection, story: PublishedStory, at: datetime) -> None:
    """Keep a story's new published form; its files, and the pages of its topics and month, then wait to be written."""
    save_many(connection, [story], at)


def save_many(connection: Connection, stories: Sequence[PublishedStory], at: datetime) -> None:
    """Keep the new published forms of stories, each of another path, as `save` does, with far fewer questions."""
    query = select(records.c.path, records.c.published_story, records.c.shown_at)
    old = {row.path: row for row in rows_of(connection, query, records.c.path, (story.record.path for story in stories))}
    before = {path: load(row.published_story, PublishedStory) for path, row in old.items()}
    earlier.keep(connection, {path: row.published_story for path, row in old.items()}, at)
    shown_at = {path: row.shown_at for path, row in old.items()}
    upsert(connection, records, [_row(story, shown_at.get(story.record.path, 0), at) for story in stories])
    for table in (record_topics, record_outlets):
        for part in chunks(old):
            connection.execute(delete(table).where(table.c.path.in_(part)))
    upsert(connection, record_topics, [row for story in stories for row in _under_topics(story)])
    upsert(connection, record_outlets, [row for story in stories for row in _under_outlets(story)])
    tally(connection, [story.record for story in before.values()], [story.record for story in stories], at)
    for story in stories:
        _tell(connection, before.get(story.record.path), story, shown_at.get(story.record.path, 0), at)
    search_index.put_stories(connection, stories)


def _tell(connection: Connection, before: PublishedStory | None, story: PublishedStory, shown_at: int, at: datetime) -> None:
    """Let those who follow the newsroom's stories know what became of one."""
    first = bool(story.record.published) and not shown_at
    reading_marks.show(connection, story.record, before.record if before else None, at, first=first)
    events.note(connection, before, story, at)


def _row(story: PublishedStory, shown_at: int, at: datetime) -> dict[str, object]:
    shown = int(bool(story.record.published))
    return {
        "path": story.record.path,
        "story": story.id,
        "published_story": dump(story),
        "month": instant(_published_at(story.record)).strftime("%Y-%m"),
        "changed_at": seconds(at),
        "shown_at": shown_at or shown * seconds(at),
        "dirty": 1,
        "rank": story.rank,
        "heat": story.record.heat or 0,
        "quality": story.record.quality or 0,
        "language": story.language,
        "published": shown,
        "published_at": _published_at(story.record),
    }


def _published_at(record: Record) -> int:
    if record.published_at is None:
        raise ValueError(f"{record.path}: a record is kept only with a date")
    return seconds(record.published_at)


def _under_topics(story: PublishedStory) -> Iterator[dict[str, object]]:
    record = story.record
    for topic in record.topics:
        yield {"topic": topic, "path": record.path, "rank": story.rank} | _order(record)


def _under_outlets(story: PublishedStory) -> Iterator[dict[str, object]]:
    for domain in reported(story.record):
        yield {"domain": domain, "path": story.record.path, "rank": story.rank} | _order(story.record)


def _order(record: Record) -> dict[str, object]:
    return {"published": int(bool(record.published)), "published_at": _published_at(record)}


def _bounds(period: str) -> tuple[int, int]:
    """The first second of a month or day, and the first after it."""
    start = datetime.fromisoformat(period if len(period) > 7 else f"{period}-01").replace(tzinfo=UTC)
    end = start + timedelta(days=1) if len(period) > 7 else (start + timedelta(days=32)).replace(day=1)
    return seconds(start), seconds(end)


def dirty_stories(connection: Connection, after: str = "", limit: int = 1000) -> list[PublishedStory]:
    """Stories whose files wait to be written, in the order of their paths, from the one behind ``after`` on."""
    query = (
        select(records.c.published_story)
        .where(records.c.dirty == 1, records.c.path > after)
        .order_by(records.c.path)
        .limit(limit)
    )
    return [load(text, PublishedStory) for text in connection.scalars(query)]


def dirty_batches(connection: Connection, size: int) -> Iterator[Stories]:
    """The published stories whose files wait to be written, so many at once, in the order of their paths."""
    after = ""
    query = select(records.c.path, records.c.published_story).where(records.c.dirty == 1, records.c.published == 1)
    while rows := connection.execute(query.where(records.c.path > after).order_by(records.c.path).limit(size)).all():
        yield Stories(row.published_story for row in rows)
        after = rows[-1].path


def dirty_gone(connection: Connection) -> list[str]:
    """The record paths of stories that are not published, and whose files are to be gone."""
    query = select(records.c.path).where(records.c.dirty == 1, records.c.published == 0).order_by(records.c.path)
    return list(connection.scalars(query))


def count_dirty(connection: Connection) -> int:
    """How many stories' files wait to be written."""
    return connection.execute(select(func.count()).select_from(records).where(records.c.dirty == 1)).scalar() or 0


def waits(connection: Connection) -> bool:
    """Whether any file waits to be written."""
    marked = (select(table.c.dirty).where(table.c.dirty == 1).limit(1) for table in (records, tallies))
    return any(connection.execute(query).first() for query in marked)


def after_path(connection: Connection, after: str, limit: int) -> list[PublishedStory]:
    """All stories in the order of their paths, from the one behind ``after`` on."""
    query = select(records.c.published_story).where(records.c.path > after).order_by(records.c.path).limit(limit)
    return [load(text, PublishedStory) for text in connection.scalars(query)]


def dirty(connection: Connection, kind: str) -> list[str]:
    """The names of a kind ("topic", "outlet", "month", "day") whose pages wait to be written."""
    return list(
        connection.scalars(select(tallies.c.name).where(tallies.c.dirty == 1, tallies.c.kind == kind).order_by(tallies.c.name))
    )


def names(connection: Connection, kind: str) -> list[str]:
    """All names of a kind ("outlet", "month", "day") of which there ever were stories."""
    return list(connection.scalars(select(tallies.c.name).where(tallies.c.kind == kind).order_by(tallies.c.name)))


def paths(connection: Connection) -> Iterator[str]:
    """The paths of all records."""
    yield from connection.execution_options(stream_results=True).scalars(select(records.c.path).order_by(records.c.path))


def name_topics(connection: Connection, names: Collection[str], at: datetime) -> None:
    """Have pages made for topics of which nothing was published yet: others link to them."""
    rows = [{"kind": "topic", "name": name, "published": 0, "changed_at": seconds(at), "dirty": 1} for name in names]
    insert_new(connection, tallies, rows)


def clear_dirty(connection: Connection) -> None:
    """All files are written and committed."""
    connection.execute(update(records).where(records.c.dirty == 1).values(dirty=0))
    connection.execute(update(tallies).where(tallies.c.dirty == 1).values(dirty=0))
    earlier.forget(connection)
    events.release(connection)


def mark_all_dirty(connection: Connection) -> None:
    """Every file is to be written again: the settings or templates changed."""
    connection.execute(update(records).values(dirty=1))
    connection.execute(update(tallies).values(dirty=1))


def _found(connection: Connection, column: ColumnElement[str], values: Collection[str]) -> dict[str, PublishedStory]:
    rows = rows_of(connection, select(records.c.story, records.c.published_story), column, values)
    return {row.story: load(row.published_story, PublishedStory) for row in rows}
