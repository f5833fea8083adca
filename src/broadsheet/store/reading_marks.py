"""Stories as feed readers know them, and what each person has read and starred.

A story gets its number when it is first shown, so that numbers grow with time: whoever knows the highest one asks only for
what came after it. The last `WINDOW` numbers can be unread; older stories count as read, so that counting what is unread, and
marking it, costs no more than the window, however long the newsroom lives. Starred stories stay, whatever their age.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, or_, select, update

from broadsheet.models import PublishedStory, Record, Value
from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.tables import marks, reader_items, records
from broadsheet.store.values import instant, load, seconds

WINDOW = 5000  # the last stories, of which any can be unread


class Stream(Value, frozen=True):
    """Which stories are asked for. None, 0 and empty ask for no such thing; ``without`` names topics they must not be of."""

    topics: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    read: bool | None = None
    starred: bool | None = None
    shown_from: int = 0  # seconds since 1970
    shown_until: int = 0
    above: int = 0  # numbers above that one
    below: int = 0
    oldest_first: bool = False


class Item(Value, frozen=True):
    """A story with its number, the topic in whose feed it is, and what the person did with it."""

    number: int
    topic: str
    shown_at: datetime
    read: bool
    starred: bool
    story: PublishedStory


class Unread(Value, frozen=True):
    """The number of unread stories of a topic, and when the newest of its stories was shown."""

    count: int
    newest: datetime


def show(connection: Connection, record: Record, before: Record | None, at: datetime, *, first: bool) -> None:
    """Keep up whether a story is shown, and its topic; ``first`` says that it is shown for the first time, at ``at``.

    ``before`` is its record as it was, so that a story of which nothing changed here costs no question.
    """
    values = _place(record)
    if first:
        connection.execute(insert(reader_items).values(path=record.path, shown_at=seconds(at), **values))
    elif before is not None and _place(before) != values:
        connection.execute(update(reader_items).where(reader_items.c.path == record.path).values(values))


def _place(record: Record) -> dict[str, Any]:
    return {"topic": record.topics[0] if record.topics else "", "published": int(bool(record.published))}


def items(connection: Connection, person: str, stream: Stream, limit: int) -> list[Item]:
    """The stories of a stream, the newest number first unless the stream says otherwise."""
    return _items(connection, _ordered(connection, person, stream).limit(limit))


def numbers(connection: Connection, person: str, stream: Stream, limit: int) -> list[tuple[int, datetime]]:
    """The numbers of the stories of a stream, each with the instant at which it was shown."""
    return [
        (row.number, instant(row.shown_at)) for row in connection.execute(_ordered(connection, person, stream).limit(limit))
    ]


def chosen(connection: Connection, person: str, wanted: Sequence[int]) -> list[Item]:
    """The shown ones of those stories, in the order asked for."""
    found: dict[int, Item] = {}
    for part in chunks(wanted):
        query = _query(person).where(reader_items.c.number.in_(part))
        found.update({item.number: item for item in _items(connection, query)})
    return [found[number] for number in dict.fromkeys(wanted) if number in found]


def newest(connection: Connection) -> int:
    """The highest number there is; 0 when no story was ever shown."""
    return connection.execute(select(func.max(reader_items.c.number))).scalar() or 0


def floor(connection: Connection) -> int:
    """The number above which stories can be unread."""
    return max(0, newest(connection) - WINDOW)


def unread(connection: Connection, person: str) -> dict[str, Unread]:
    """What is unread of each topic that has stories among the last ones."""
    read = _read(connection)
    query = _query(person, read.label("was_read")).where(reader_items.c.number > floor(connection))
    counts: Counter[str] = Counter()
    last: dict[str, int] = {}
    for row in connection.execute(query):
        counts[row.topic] += not row.was_read
        last[row.topic] = max(row.shown_at, last.get(row.topic, 0))
    return {topic: Unread(count=counts[topic], newest=instant(at)) for topic, at in sorted(last.items())}


def mark(
    connection: Connection, person: str, wanted: Collection[int], *, read: bool | None = None, starred: bool | None = None
) -> None:
    """Keep that a person read or starred stories, or that they are not; None leaves that mark as it is.

    Marks that say no more than the story's age does are forgotten.
    """
    before = {row.number: row for row in _marked(connection, person, wanted)}
    rows = [
        {
            "person": person,
            "number": number,
            "read": row.was_read if read is None else int(read),
            "starred": row.was_starred if starred is None else int(starred),
        }
        for number, row in before.items()
    ]
    upsert(connection, marks, rows)
    old = and_(marks.c.person == person, marks.c.number <= floor(connection), marks.c.starred == 0)
    connection.execute(delete(marks).where(old))


def mark_all(connection: Connection, person: str, stream: Stream) -> None:
    """Keep that a person read all of a stream."""
    unread = numbers(connection, person, replace(stream, read=False), WINDOW)
    mark(connection, person, [number for number, _ in unread], read=True)


def _read(connection: Connection) -> ColumnElement[bool]:
    return or_(reader_items.c.number <= floor(connection), func.coalesce(marks.c.read, 0) == 1)


def _query(person: str, *columns: ColumnElement[Any], marked: bool = False) -> Select[Any]:
    """Shown stories beside the person's marks of them; ``marked``: those that have any."""
    mine = and_(marks.c.person == person, marks.c.number == reader_items.c.number)
    query = select(reader_items, *columns).join(marks, mine, isouter=not marked)
    return query.where(reader_items.c.published == 1)


def _ordered(connection: Connection, person: str, stream: Stream) -> Select[Any]:
    number, shown_at = reader_items.c.number, reader_items.c.shown_at
    query = _query(person, marked=bool(stream.starred))
    if stream.read is not None:
        query = query.where(_read(connection) if stream.read else and_(number > floor(connection), _unread()))
    if stream.starred is not None:
        query = query.where(marks.c.starred == 1 if stream.starred else func.coalesce(marks.c.starred, 0) == 0)
    if stream.topics is not None:
        query = query.where(reader_items.c.topic.in_(stream.topics))
    bounds = (
        (stream.without, reader_items.c.topic.not_in(stream.without)),
        (stream.shown_from, and_(shown_at >= stream.shown_from, number >= _first(stream.shown_from))),
        (stream.shown_until, shown_at <= stream.shown_until),
        (stream.above, number > stream.above),
        (stream.below, number < stream.below),
    )
    query = query.where(*(bound for asked, bound in bounds if asked))
    return query.order_by(number if stream.oldest_first else number.desc())


def _first(shown_from: int) -> Any:
    """The least number shown from then on: so all older ones need not be looked at."""
    return select(func.min(reader_items.c.number)).where(reader_items.c.shown_at >= shown_from).scalar_subquery()


def _unread() -> ColumnElement[bool]:
    return func.coalesce(marks.c.read, 0) == 0


def _items(connection: Connection, query: Select[Any]) -> list[Item]:
    whole = query.add_columns(
        records.c.published_story, _read(connection).label("was_read"), func.coalesce(marks.c.starred, 0).label("was_starred")
    ).join(records, records.c.path == reader_items.c.path)
    return [
        Item(
            number=row.number,
            topic=row.topic,
            shown_at=instant(row.shown_at),
            read=bool(row.was_read),
            starred=bool(row.was_starred),
            story=load(row.published_story, PublishedStory),
        )
        for row in connection.execute(whole)
    ]


def _marked(connection: Connection, person: str, wanted: Collection[int]) -> list[Any]:
    """The stories of those numbers that there are, with the marks they had."""
    mine = and_(marks.c.person == person, marks.c.number == reader_items.c.number)
    was = (func.coalesce(column, 0).label(f"was_{column.name}") for column in (marks.c.read, marks.c.starred))
    query = select(reader_items.c.number, *was).outerjoin(marks, mine)
    return list(rows_of(connection, query, reader_items.c.number, wanted))
