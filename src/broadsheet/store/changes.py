"""Stories that were merged or split: what moved, who did it and why, and what no later merge or split may undo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from broadsheet.models import Judgement, StoryChange
from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.tables import articles, bonds, copies, decisions, records, stories, stories_apart, story_changes
from broadsheet.store.tables import story_keys as keys_of
from broadsheet.store.values import dump, instant, load, seconds

CURATION = "Curation"  # who did it, where no person did; no person can have that name

_COPY = msgspec.msgpack.Decoder(dict[str, object])


def note(connection: Connection, change: StoryChange) -> int:
    """Keep that a story was merged or split; gives the number of the change, whatever ``change.id`` says."""
    row = {
        "decided": connection.execute(select(func.max(decisions.c.id))).scalar() or 0,
        "at": seconds(change.at),
        "kind": change.kind,
        "story": change.story,
        "other": change.other,
        "articles": dump(sorted(change.articles)),
        "who": change.by,
        "reason": change.reason,
    }
    key = connection.execute(insert(story_changes).values(row)).inserted_primary_key
    if key is None:  # pragma: no cover - every supported database gives it
        raise RuntimeError("the database gave no number of a change")
    return int(key[0])


def find_change(connection: Connection, number: int) -> StoryChange | None:
    row = connection.execute(select(story_changes).where(story_changes.c.id == number)).first()
    return change_of(row) if row else None


def changes_of(connection: Connection, ids: Collection[str]) -> dict[str, list[StoryChange]]:
    """The changes of each of those stories, in their order."""
    found: dict[str, dict[int, StoryChange]] = {}
    for part in chunks(ids):
        wanted = set(part)
        query = select(story_changes).where(or_(story_changes.c.story.in_(part), story_changes.c.other.in_(part)))
        for row in connection.execute(query.order_by(story_changes.c.id)):
            for name in {row.story, row.other} & wanted:
                found.setdefault(name, {})[row.id] = change_of(row)
    return {name: list(group.values()) for name, group in found.items()}


def mark_undone(connection: Connection, number: int, at: datetime, by: str, through: int) -> None:
    """That a change was taken back by another one, ``through``."""
    values = {"undone_at": seconds(at), "undone_by": by}
    connection.execute(update(story_changes).where(story_changes.c.id == number).values(values))
    connection.execute(update(story_changes).where(story_changes.c.id == through).values(undoes=number))


def change_of(row: Any) -> StoryChange:
    return StoryChange(
        id=row.id,
        at=instant(row.at),
        kind=row.kind,
        story=row.story,
        other=row.other,
        articles=tuple(load(row.articles, list[str])),
        by=row.who,
        reason=row.reason,
        undone_at=None if row.undone_at is None else instant(row.undone_at),
        undone_by=row.undone_by or "",
        undoes=row.undoes,
    )


# --- articles move -------------------------------------------------------------------------------------------------------


def keys_in(connection: Connection, story: str) -> list[str]:
    """The keys of all articles of a story, in their order."""
    return list(connection.scalars(select(articles.c.key).where(articles.c.story == story).order_by(articles.c.key)))


def move(connection: Connection, keys: Collection[str], story: str) -> None:
    """Put articles into a story, with what is remembered of their texts."""
    for part in chunks(keys):
        rows = connection.execute(select(articles.c.key, articles.c.judgement).where(articles.c.key.in_(part))).all()
        for key, judgement in rows:
            values = {"story": story, "judgement": _moved(judgement, story)}
            connection.execute(update(articles).where(articles.c.key == key).values(values))
        for key, content in connection.execute(select(copies.c.article, copies.c.copy).where(copies.c.article.in_(part))).all():
            kept = msgspec.msgpack.encode(_COPY.decode(content) | {"story": story})
            connection.execute(update(copies).where(copies.c.article == key).values(copy=kept))


def _moved(judgement: str, story: str) -> str:
    return dump(msgspec.structs.replace(load(judgement, Judgement), story=story)) if judgement else ""


def supersede(connection: Connection, story: str, into: str) -> None:
    """A story went into another: nothing joins it any more, and its record is to be composed once more."""
    connection.execute(update(stories).where(stories.c.id == story).values(superseded_by=into, touched=1))
    connection.execute(delete(keys_of).where(keys_of.c.story == story))


def superseded(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Of those stories the ones that went into another, and into which."""
    query = select(stories.c.id, stories.c.superseded_by).where(stories.c.superseded_by != "")
    return {row.id: row.superseded_by for row in rows_of(connection, query, stories.c.id, ids)}


def is_taken(connection: Connection, story: str) -> bool:
    """Whether a story of that name is or was there."""
    return connection.execute(select(stories.c.id).where(stories.c.id == story)).first() is not None


def shown(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    """Of those stories the ones that were ever shown, and when first, in seconds."""
    query = select(records.c.story, records.c.shown_at).where(records.c.shown_at > 0)
    return {row.story: row.shown_at for row in rows_of(connection, query, records.c.story, ids)}


# --- what a person decided -----------------------------------------------------------------------------------------------


def apart(connection: Connection, ids: Collection[str]) -> list[tuple[str, str]]:
    """The pairs with one of those stories that are not merged by themselves."""
    query = select(stories_apart).order_by(*stories_apart.primary_key)
    return [(row.story, row.other) for row in rows_of(connection, query, stories_apart.c.story, ids)]


def keep_apart(connection: Connection, story: str, others: Collection[str]) -> None:
    pairs = [(story, other) for other in others if other != story]
    rows = [{"story": one, "other": two} for pair in pairs for one, two in (pair, pair[::-1])]
    upsert(connection, stories_apart, sorted(rows, key=lambda row: (row["story"], row["other"])))


def no_longer_apart(connection: Connection, one: str, other: str) -> None:
    for pair in ((one, other), (other, one)):
        connection.execute(delete(stories_apart).where(stories_apart.c.story == pair[0], stories_apart.c.other == pair[1]))


def bind(connection: Connection, keys: Collection[str], bond: int) -> None:
    """Articles that stay in one story, under the number of the change that put them there."""
    upsert(connection, bonds, [{"article": key, "bond": bond} for key in sorted(keys)])


def bound(connection: Connection, keys: Collection[str]) -> list[Sequence[str]]:
    """Those of the articles that stay together, in groups."""
    found: dict[int, list[str]] = {}
    query = select(bonds).order_by(bonds.c.bond, bonds.c.article)
    for row in rows_of(connection, query, bonds.c.article, keys):
        found.setdefault(row.bond, []).append(row.article)
    return [found[bond] for bond in sorted(found)]
