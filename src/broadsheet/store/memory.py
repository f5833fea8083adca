"""What curation remembers: stories by the words that find them, texts by the bands that find their copies, word counts.

Clusters and copies are `broadsheet.curate`'s own values and are kept here as the bytes it gave.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.tables import bands, copies, stories, story_keys, terms
from broadsheet.store.values import seconds

ALL = ""  # the term under which the number of all articles is counted
EPOCH = 100_000  # articles from which on all counts are halved
EPOCHS = 20  # after so many every count has been halved to nothing


class Remembered(msgspec.Struct, frozen=True):
    """Bytes to keep, the keys by which they are found again, and their time in seconds."""

    id: str
    content: bytes
    keys: tuple[str, ...]
    at: int


def frequencies(connection: Connection, wanted: Collection[str]) -> tuple[int, dict[str, int]]:
    """How many articles there have been, and how many held each of the terms: of the last `EPOCH`, older ones halved away."""
    total, epoch = _clock(connection)
    counts: dict[str, int] = {}
    query = select(terms.c.term, terms.c.count.label("articles"), terms.c.epoch)
    for row in rows_of(connection, query, terms.c.term, wanted):
        if count := row.articles >> (epoch - row.epoch):
            counts[row.term] = count
    return total, counts


def add_frequencies(connection: Connection, total: int, more: Mapping[str, int]) -> None:
    """Count articles and those of them with each term. From time to time an epoch begins, in which older counts are half.

    So a word that was news a year ago is rare again, and no count grows with the age of the newsroom. Counts are halved when
    they are next looked at.
    """
    before, epoch = _clock(connection)
    _, known = frequencies(connection, more)
    rows = [{"term": term, "count": known.get(term, 0) + count, "epoch": epoch} for term, count in sorted(more.items())]
    after = before + total
    begins = int(after >= EPOCH)
    upsert(connection, terms, [{"term": ALL, "count": after >> begins, "epoch": epoch + begins}, *rows])


def _clock(connection: Connection) -> tuple[int, int]:
    """The number of all articles, and the epoch."""
    row = connection.execute(select(terms).where(terms.c.term == ALL)).first()
    return (row[1], row.epoch) if row else (0, 0)


def postings(connection: Connection, keys: Collection[str], since: int, most: int) -> dict[str, list[str]]:
    """The stories of each key whose last article is not older than ``since``; keys with more than ``most`` are left out."""
    found: dict[str, list[str]] = {}
    for part in chunks(keys):
        live = story_keys.c.key.in_(part), story_keys.c.last_at >= since
        few = select(story_keys.c.key).where(*live).group_by(story_keys.c.key).having(func.count() <= most)
        query = select(story_keys.c.key, story_keys.c.story).where(*live, story_keys.c.key.in_(few))
        for key, story in connection.execute(query.order_by(story_keys.c.key, story_keys.c.story)):
            found.setdefault(key, []).append(story)
    return found


def find_stories(connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
    """What is remembered of those stories, by id; nothing of one that went into another."""
    query = select(stories.c.id, stories.c.cluster).where(stories.c.superseded_by == "")
    return {row.id: row.cluster for row in rows_of(connection, query, stories.c.id, ids)}


def save_stories(connection: Connection, changed: Sequence[Remembered], at: datetime) -> None:
    """Keep clusters in place of what they were, and mark their stories, which got articles at ``at``, to be composed anew."""
    state = {"seen_at": seconds(at), "touched": 1, "expired": 0, "superseded_by": ""}
    rows = [{"id": item.id, "cluster": item.content, "last_at": item.at} | state for item in changed]
    upsert(connection, stories, rows)
    for part in chunks(item.id for item in changed):
        connection.execute(delete(story_keys).where(story_keys.c.story.in_(part)))
    keys = [{"key": key, "story": item.id, "last_at": item.at} for item in changed for key in sorted(set(item.keys))]
    upsert(connection, story_keys, keys)


def find_copies(connection: Connection, wanted: Collection[str], since: int, keys: Collection[str] = ()) -> dict[str, bytes]:
    """Remembered texts that share a band, and those of the articles named by ``keys``, by the key of their article."""
    query = select(bands.c.article).where(bands.c.published_at >= since)
    ids = {*keys, *(row.article for row in rows_of(connection, query, bands.c.band, wanted))}
    texts = rows_of(connection, select(copies.c.article, copies.c.copy), copies.c.article, ids)
    return {row.article: row.copy for row in texts}


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


def seen_since(connection: Connection, at: datetime, limit: int, after: str = "") -> list[str]:
    """The stories that got an article since, in the order of their ids, from the one behind ``after`` on."""
    query = select(stories.c.id).where(stories.c.expired.in_((0, 1)), stories.c.seen_at >= seconds(at), stories.c.id > after)
    return list(connection.scalars(query.order_by(stories.c.id).limit(limit)))


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
    """Forget the keys of stories and texts that nothing can join any more, and words long unused; the stories stay."""
    connection.execute(delete(story_keys).where(story_keys.c.last_at < before))
    connection.execute(delete(bands).where(bands.c.published_at < before))
    connection.execute(delete(copies).where(copies.c.published_at < before))
    connection.execute(delete(terms).where(terms.c.epoch < _clock(connection)[1] - EPOCHS))
