"""Published stories: what publishing asks for (`Shelf`), and which files wait to be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, select, tuple_, update

from broadsheet.models import OutletCount, Provider, PublishedStory, Record, SourceState
from broadsheet.store.articles import outlets
from broadsheet.store.database import insert_new, rows_of, upsert
from broadsheet.store.frontier import states_of
from broadsheet.store.tables import record_outlets, record_topics, records, tallies
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

    def during(self, period: str) -> list[PublishedStory]:
        """All stories published in a month such as "2026-01" or on a day such as "2026-01-02" (UTC), newest first."""
        start, end = _bounds(period)
        at = records.c.published_at
        query = select(records.c.published_story).where(records.c.published == 1, at >= start, at < end)
        return [
            load(text, PublishedStory) for text in self._connection.scalars(query.order_by(at.desc(), records.c.path.desc()))
        ]

    def topic_counts(self) -> dict[str, int]:
        """The number of published stories by topic name."""
        return self._counts("topic")

    def month_counts(self) -> dict[str, int]:
        """The number of published stories by month."""
        return self._counts("month")

    def day_counts(self, month: str) -> dict[str, int]:
        """The number of published stories by day of a month."""
        return self._counts("day", tallies.c.name > month, tallies.c.name < f"{month}-99")

    def outlet(self, domain: str, limit: int) -> list[PublishedStory]:
        """Published stories that an outlet reported, newest publication first."""
        query = (
            select(records.c.published_story)
            .join(record_outlets, record_outlets.c.path == records.c.path)
            .where(record_outlets.c.domain == domain, record_outlets.c.published == 1)
            .order_by(record_outlets.c.published_at.desc(), record_outlets.c.path.desc())
        )
        return [load(text, PublishedStory) for text in self._connection.scalars(query.limit(limit))]

    def outlets(self, limit: int) -> list[OutletCount]:
        """The outlets with the most published stories, ties by domain."""
        query = select(tallies.c.name).where(tallies.c.kind == "outlet", tallies.c.published > 0)
        names = self._connection.scalars(query.order_by(tallies.c.published.desc(), tallies.c.name).limit(limit))
        return sorted(self.outlet_counts(list(names)), key=lambda outlet: (-outlet.stories, outlet.provider.domain))

    def outlet_counts(self, domains: Collection[str]) -> list[OutletCount]:
        """What was published of those outlets, by domain; none of an outlet that was not met."""
        known = outlets(self._connection, domains)
        stories = self._counts("outlet", tallies.c.name.in_(domains))
        first = self._counts("first", tallies.c.name.in_(domains))
        return [
            OutletCount(
                provider=known[name].provider if name in known else Provider(name=name, domain=name),
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

    def _list(self, topic: str | None, order: str, limit: int) -> list[PublishedStory]:
        query = select(records.c.published_story)
        if topic is None:
            query = query.where(records.c.published == 1).order_by(records.c[order].desc(), records.c.path.desc())
        else:
            query = query.join(record_topics, record_topics.c.path == records.c.path)
            query = query.where(record_topics.c.topic == topic, record_topics.c.published == 1)
            query = query.order_by(record_topics.c[order].desc(), record_topics.c.path.desc())
        return [load(text, PublishedStory) for text in self._connection.scalars(query.limit(limit))]


def since(connection: Connection, at: datetime) -> Iterator[PublishedStory]:
    """The stories published from an instant on, the newest first."""
    query = select(records.c.published_story).where(records.c.published == 1, records.c.published_at >= seconds(at))
    for text in connection.execution_options(stream_results=True).scalars(query.order_by(records.c.published_at.desc())):
        yield load(text, PublishedStory)


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
    order = {"published": shown, "published_at": published_at}
    row = {
        "path": record.path,
        "story": story.id,
        "published_story": dump(story),
        "month": month,
        "changed_at": seconds(at),
        "shown_at": (old.shown_at if old else 0) or shown * seconds(at),
        "dirty": 1,
        "rank": story.rank,
    }
    upsert(connection, records, [row | order])
    _list_under(connection, story, order)
    _count(connection, before.record if before else None, record, at)


def _list_under(connection: Connection, story: PublishedStory, order: dict[str, int]) -> None:
    """Put a story into the lists of its topics and outlets, and take it out of those it left."""
    record = story.record
    for table in (record_topics, record_outlets):
        connection.execute(delete(table).where(table.c.path == record.path))
    upsert(connection, record_topics, [{"topic": t, "path": record.path, "rank": story.rank} | order for t in record.topics])
    upsert(connection, record_outlets, [{"domain": name, "path": record.path} | order for name in _reported(record)])


def _count(connection: Connection, before: Record | None, after: Record, at: datetime) -> None:
    """Correct the tallies that a story had and has; the pages of all of them wait to be written."""
    places = _places(after) | (_places(before) if before else set())
    change = Counter(_places(after) if after.published else ())
    change.subtract(_places(before) if before and before.published else ())
    ordered = sorted(places)
    query = select(tallies).where(tuple_(tallies.c.kind, tallies.c.name).in_(ordered))
    known = {(row.kind, row.name): row.published for row in connection.execute(query)}
    rows = [
        {
            "kind": kind,
            "name": name,
            "published": known.get((kind, name), 0) + change[kind, name],
            "changed_at": seconds(at),
            "dirty": 1,
        }
        for kind, name in ordered
    ]
    upsert(connection, tallies, rows)


def _places(record: Record) -> set[tuple[str, str]]:
    """The tallies in which a record counts, as (kind, name)."""
    domains = _reported(record)
    at = record.published_at
    return {
        *(("topic", name) for name in record.topics),
        *(("outlet", name) for name in domains),
        *(("first", name) for name in domains[:1]),
        *((("month", f"{at:%Y-%m}"), ("day", f"{at:%Y-%m-%d}")) if at else ()),
    }


def _reported(record: Record) -> list[str]:
    """The domains of a story's outlets, that of the first report first."""
    never = datetime.max.replace(tzinfo=UTC)
    reports = [(record.published_at or never, record.provider)]
    reports += [(report.published_at or never, report.provider) for report in record.related]
    ordered = sorted(reports, key=lambda report: report[0])
    return list(dict.fromkeys(provider.domain for _, provider in ordered if provider and provider.domain))


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
    rows = rows_of(connection, select(records.c.story, records.c.published_story), column, values)
    return {row.story: load(row.published_story, PublishedStory) for row in rows}
