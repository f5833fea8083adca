"""What curation remembers: stories by the words that find them, texts by the bands that find their copies, word counts.

Clusters and copies are `broadsheet.curate`'s own values and are kept here as the bytes it gave.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, update

from broadsheet.store.database import chunks, upsert
from broadsheet.store.tables import bands, copies, stories, story_keys, terms
from broadsheet.store.values import seconds

ALL = ""  # the term under which the number of all articles is counted


class Remembered(msgspec.Struct, frozen=True):
    """Bytes to keep, the keys by which they are found again, and their time in seconds."""

    id: str
    content: bytes
    keys: tuple[str, ...]
    at: int


def frequencies(connection: Connection, wanted: Collection[str]) -> tuple[int, dict[str, int]]:
    """How many articles there have been in all, and how many held each of the terms."""
    counts: dict[str, int] = {}
    for part in chunks([*wanted, ALL]):
        counts.update({row.term: row.count for row in connection.execute(select(terms).where(terms.c.term.in_(part)))})
    return counts.pop(ALL, 0), counts


def add_frequencies(connection: Connection, total: int, more: Mapping[str, int]) -> None:
    added = {ALL: total, **more}
    _, known = frequencies(connection, more)
    known[ALL] = frequencies(connection, ())[0]
    upsert(connection, terms, [{"term": term, "count": known.get(term, 0) + count} for term, count in sorted(added.items())])


def find_stories(connection: Connection, keys: Collection[str], since: int) -> dict[str, bytes]:
    """Clusters found by any of the keys whose last article is not older than ``since``."""
    ids: set[str] = set()
    for part in chunks(keys):
        ids.update(
            connection.scalars(select(story_keys.c.story).where(story_keys.c.key.in_(part), story_keys.c.last_at >= since))
        )
    found: dict[str, bytes] = {}
    for part in chunks(ids):
        found.update(
            {
                row.id: row.cluster
                for row in connection.execute(select(stories.c.id, stories.c.cluster).where(stories.c.id.in_(part)))
            }
        )
    return found


def save_stories(connection: Connection, changed: Sequence[Remembered], at: datetime) -> None:
    """Keep clusters in place of what they were, and mark their stories, which got articles at ``at``, to be composed anew."""
    rows = [
        {"id": item.id, "cluster": item.content, "last_at": item.at, "seen_at": seconds(at), "touched": 1, "expired": 0}
        for item in changed
    ]
    upsert(connection, stories, rows)
    for part in chunks(item.id for item in changed):
        connection.execute(delete(story_keys).where(story_keys.c.story.in_(part)))
    keys = [{"key": key, "story": item.id, "last_at": item.at} for item in changed for key in sorted(set(item.keys))]
    upsert(connection, story_keys, keys)


def find_copies(connection: Connection, wanted: Collection[str], since: int, keys: Collection[str] = ()) -> dict[str, bytes]:
    """Remembered texts that share a band, and those of the articles named by ``keys``, by the key of their article."""
    ids: set[str] = set(keys)
    for part in chunks(wanted):
        ids.update(connection.scalars(select(bands.c.article).where(bands.c.band.in_(part), bands.c.published_at >= since)))
    found: dict[str, bytes] = {}
    for part in chunks(ids):
        found.update(
            {
                row.article: row.copy
                for row in connection.execute(select(copies.c.article, copies.c.copy).where(copies.c.article.in_(part)))
            }
        )
    return found


def save_copies(connection: Connection, new: Sequence[Remembered]) -> None:
    upsert(connection, copies, [{"article": item.id, "copy": item.content, "published_at": item.at} for item in new])
    rows = [{"band": band, "article": item.id, "published_at": item.at} for item in new for band in sorted(set(item.keys))]
    upsert(connection, bands, rows)


def touch(connection: Connection, ids: Collection[str]) -> None:
    """Mark stories to be composed anew."""
    for part in chunks(ids):
        connection.execute(update(stories).where(stories.c.id.in_(part)).values(touched=1))


def touched(connection: Connection, limit: int, after: str = "") -> list[str]:
    """Stories to be composed anew, in the order of their ids, from the one behind ``after`` on."""
    query = select(stories.c.id).where(stories.c.touched == 1, stories.c.id > after).order_by(stories.c.id).limit(limit)
    return list(connection.scalars(query))


def clear_touched(connection: Connection, ids: Collection[str]) -> None:
    for part in chunks(ids):
        connection.execute(update(stories).where(stories.c.id.in_(part)).values(touched=0))


def touch_all(connection: Connection) -> None:
    """Mark every story to be composed anew: the settings changed."""
    connection.execute(update(stories).values(touched=1))


def expire(connection: Connection, before: datetime) -> None:
    """Mark stories that got no article since as expired, to be composed once more."""
    connection.execute(
        update(stories).where(stories.c.expired == 0, stories.c.seen_at < seconds(before)).values(touched=1, expired=1)
    )


def forget(connection: Connection, before: int) -> None:
    """Forget the keys of stories and texts that nothing can join any more; the stories themselves stay."""
    connection.execute(delete(story_keys).where(story_keys.c.last_at < before))
    connection.execute(delete(bands).where(bands.c.published_at < before))
    connection.execute(delete(copies).where(copies.c.published_at < before))
