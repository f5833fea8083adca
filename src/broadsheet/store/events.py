"""What happened to stories, in order: which are new, changed or withdrawn. Of each story the last event alone is kept.

Events are numbered. What an edition does is told when its files are written: `release`, in the transaction that ends it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec.structs import replace
from sqlalchemy import Connection, delete, func, insert, select

from broadsheet.models import PublishedStory, Value
from broadsheet.store import editions
from broadsheet.store.tables import records, story_events
from broadsheet.store.values import instant, load, seconds

Kind = Literal["new", "changed", "withdrawn"]
_RELEASED = "events"  # the fact: up to which number


class Event(Value, frozen=True):
    """Something that happened to a story; the story is as it is now."""

    number: int
    kind: Kind
    at: datetime
    story: PublishedStory


def note(connection: Connection, before: PublishedStory | None, after: PublishedStory, at: datetime) -> None:
    """Keep what a story's new published form means to those who follow; nothing when they can see no difference."""
    was, now = _seen(before), _seen(after)
    if was == now:
        return
    path = after.record.path
    last = connection.execute(select(story_events).where(story_events.c.path == path)).first()
    kind: Kind = "changed"
    if now is None:
        kind = "withdrawn"
    elif last is None or (last.kind == "new" and last.number > released(connection)):
        kind = "new"
    connection.execute(delete(story_events).where(story_events.c.path == path))
    connection.execute(insert(story_events).values(path=path, kind=kind, at=seconds(at)))


def _seen(story: PublishedStory | None) -> PublishedStory | None:
    """What readers see of a story; None: nothing."""
    if story is None or not story.record.published:
        return None
    return replace(story, record=replace(story.record, secured=""))


def release(connection: Connection) -> None:
    """All that happened so far may be told."""
    last = connection.execute(select(func.max(story_events.c.number))).scalar()
    if last and last > released(connection):
        editions.save_fact(connection, _RELEASED, str(last))


def released(connection: Connection) -> int:
    """The number of the last event that may be told; 0: none."""
    return int(editions.fact(connection, _RELEASED) or 0)


def after(connection: Connection, number: int, limit: int) -> list[Event]:
    """The events behind that number that may be told, in their order."""
    event = story_events.c
    query = select(event.number, event.kind, event.at, records.c.published_story).join(records, records.c.path == event.path)
    query = query.where(event.number > number, event.number <= released(connection)).order_by(event.number).limit(limit)
    return [
        Event(number=row.number, kind=row.kind, at=instant(row.at), story=load(row.published_story, PublishedStory))
        for row in connection.execute(query)
    ]
