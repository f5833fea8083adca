"""Merging and splitting stories: by curation as they grow, by a person at the desk. Every change is kept, with its reason.

The story that stays keeps its name and its record's path. One that went into another keeps its record, which is superseded.
What a person did, curation does not undo: stories split by a person are not merged again, articles merged by one not parted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from broadsheet.curate import (
    Cluster,
    Division,
    Merge,
    Prepared,
    Stream,
    alone,
    divide,
    is_due,
    one_story,
    reread,
    story_id,
    total,
)
from broadsheet.errors import BroadsheetError
from broadsheet.models import StoryChange
from broadsheet.settings import CurateSettings
from broadsheet.store import articles, changes, memory, shelf
from broadsheet.store.memory import Remembered
from broadsheet.store.values import seconds
from broadsheet.urls import url_key

CURATION = changes.CURATION

_CLUSTER = msgspec.msgpack.Decoder(Cluster)


class _Change(NamedTuple):
    """When, by whom and why a story is changed."""

    at: datetime
    by: str
    reason: str


class _Articles(NamedTuple):
    """The articles of a story: those that count, and of those that repeat one of them which."""

    points: list[Prepared]
    repeats: dict[str, str]

    def with_repeats(self, keys: Iterable[str]) -> list[str]:
        wanted = set(keys)
        return sorted(wanted | {key for key, original in self.repeats.items() if original in wanted})


def merge_stories(connection: Connection, into: str, other: str, at: datetime, by: str, reason: str) -> int:
    """Put all articles of ``other`` into the story ``into``; the number of the change. Raises BroadsheetError.

    When a person does it, the articles of both stay together from now on.
    """
    clusters = load_clusters(connection, (into, other))
    if len(clusters) < 2:
        raise BroadsheetError(f"{into} and {other}: two stories are needed, and neither may have gone into another")
    number = _put_into(connection, into, other, _Change(at, by, reason))
    changes.no_longer_apart(connection, into, other)
    if by != CURATION:
        changes.bind(connection, changes.keys_in(connection, into), number)
    terms = {term for cluster in clusters.values() for term in cluster.terms}
    stream = load_stream(connection, terms)
    save_clusters(connection, [total(into, [clusters[into], clusters[other]], stream)], at)
    return number


def split_story(connection: Connection, story: str, keys: Collection[str], at: datetime, by: str, reason: str) -> str:
    """Put the articles ``keys`` of a story, and what repeats them, into a story of their own; its id. Raises BroadsheetError.

    The rest keeps the story's name and record. When a person does it, the two are not merged by themselves.
    """
    if not load_clusters(connection, [story]):
        raise BroadsheetError(f"{story or 'no story'}: is not one, or went into another")
    found = _articles(connection, [story])[story]
    moved = found.with_repeats(set(keys) & set(changes.keys_in(connection, story)))
    if not moved:
        raise BroadsheetError(f"{story}: has none of the articles that are to be split off")
    name = _new_name(connection, moved[0], ())
    _split(connection, story, moved, name, _Change(at, by, reason))
    return name


def undo_change(connection: Connection, number: int, at: datetime, by: str) -> None:
    """Take a merge or split back, as far as its articles are still where it put them. Raises BroadsheetError.

    That is kept as a change of its own, in the name of who undid it.
    """
    change = changes.find_change(connection, number)
    if change is None or change.undone_at is not None:
        raise BroadsheetError(f"change {number}: there is none, or it was undone already")
    reason = f"undoes the {change.kind} of {change.at:%Y-%m-%d %H:%M}"
    if change.kind == "split":
        through = merge_stories(connection, change.story, change.other, at, by, reason)
    else:
        back = sorted(set(change.articles) & set(changes.keys_in(connection, change.story)))
        if not back:
            raise BroadsheetError(f"change {number}: none of its articles is in {change.story} any more")
        through = _split(connection, change.story, back, change.other, _Change(at, by, reason))
    changes.mark_undone(connection, number, at, by, through)


def apply_merges(connection: Connection, merges: Sequence[Merge], threshold: float, at: datetime) -> None:
    """Move the articles of stories that curation merged; what to remember of those that stay, the caller saves."""
    for merge in merges:
        words = f", both have {', '.join(merge.shared)}" if merge.shared else ""
        reason = f"grown together: likeness {merge.likeness:.2f}, {threshold:.2f} is asked{words}"
        _put_into(connection, merge.story, merge.other, _Change(at, CURATION, reason))


def divide_grown(
    connection: Connection, clusters: Sequence[Cluster], settings: CurateSettings, at: datetime
) -> tuple[Cluster, ...]:
    """Stories as they are to be remembered: those that have doubled are looked at again, and split where they drifted."""
    due = [cluster.id for cluster in clusters if is_due(cluster)]
    groups = _articles(connection, due)
    stream = load_stream(connection, {term for group in groups.values() for point in group.points for term in point.terms})
    kept = {cluster.id: cluster for cluster in clusters}
    for name, group in sorted(groups.items()):
        together = changes.bound(connection, [point.key for point in group.points])
        window = timedelta(days=settings.window_days)
        found = divide(name, group.points, stream, settings.story_threshold, window, together)
        kept |= _parted(connection, name, group, found, kept, at)
    return tuple(kept[name] for name in sorted(kept))


def _parted(
    connection: Connection, story: str, group: _Articles, found: Division, taken: Collection[str], at: datetime
) -> dict[str, Cluster]:
    """The parts of a story as stories: the one with the lead of its record keeps the name, else the largest."""
    lead = _lead(connection, story)
    stays = next((part for part in found.parts if lead in part[0]), found.parts[0])
    kept = {story: stays[1]}
    change = _Change(
        at, CURATION, f"drifted apart: likeness {found.likeness:.2f}, {found.asked:.2f} would have kept them together"
    )
    for keys, cluster in found.parts:
        if keys != stays[0]:
            name = _new_name(connection, keys[0], {*taken, *kept})
            _take_out(connection, story, group.with_repeats(keys), name, change)
            kept[name] = msgspec.structs.replace(cluster, id=name)
    return kept


def _split(connection: Connection, story: str, moved: Sequence[str], name: str, change: _Change) -> int:
    """Split articles off into the story ``name``, with what is to be remembered of both. Raises BroadsheetError."""
    group = _articles(connection, [story])[story]
    stream = load_stream(connection, {term for point in group.points for term in point.terms})
    points = {point.key: alone(point, stream) for point in group.points}
    sides = {story: [points[key] for key in sorted(points.keys() - set(moved))]}
    sides[name] = [points[key] for key in sorted(points.keys() & set(moved))]
    if not all(sides.values()):
        raise BroadsheetError(f"{story}: an article of its own has to be left on either side")
    number = _take_out(connection, story, moved, name, change)
    if change.by != CURATION:
        changes.keep_apart(connection, story, [name])
        changes.bind(connection, [key for bond in changes.bound(connection, moved) for key in bond], number)
    save_clusters(connection, [one_story(side, parts, stream) for side, parts in sorted(sides.items())], change.at)
    return number


def _put_into(connection: Connection, into: str, other: str, change: _Change) -> int:
    moved = changes.keys_in(connection, other)
    changes.move(connection, moved, into)
    changes.supersede(connection, other, into)
    changes.keep_apart(connection, into, [two for _, two in changes.apart(connection, [other])])
    return changes.note(connection, _story_change("merge", into, other, moved, change))


def _take_out(connection: Connection, story: str, moved: Sequence[str], name: str, change: _Change) -> int:
    changes.move(connection, moved, name)
    changes.keep_apart(connection, name, [two for _, two in changes.apart(connection, [story])])
    return changes.note(connection, _story_change("split", story, name, moved, change))


def _story_change(
    kind: Literal["merge", "split"], story: str, other: str, moved: Sequence[str], change: _Change
) -> StoryChange:
    return StoryChange(
        id=0, at=change.at, kind=kind, story=story, other=other, articles=tuple(moved), by=change.by, reason=change.reason
    )


def _articles(connection: Connection, stories: Collection[str]) -> dict[str, _Articles]:
    """The articles of stories, read again as they were when they were curated."""
    members = articles.members(connection, stories)
    texts = articles.texts_of(connection, [member.article.key for group in members.values() for member in group])
    found = {}
    for name, group in members.items():
        keys = {member.article.key for member in group}
        repeats = {m.article.key: m.judgement.copy_of for m in group if m.judgement.copy_of in keys}
        whole = [
            msgspec.structs.replace(m.article, text=texts.get(m.article.key, "")) for m in group if m.article.key not in repeats
        ]
        found[name] = _Articles([reread(article) for article in whole], repeats)
    return found


def _lead(connection: Connection, story: str) -> str:
    """The key of the article that leads a story's record; empty when it has none."""
    published = shelf.by_story(connection, [story]).get(story)
    return url_key(published.record.web_url) if published else ""


def _new_name(connection: Connection, key: str, taken: Collection[str]) -> str:
    name = story_id(key)
    while name in taken or changes.is_taken(connection, name):
        name = story_id(name)
    return name


# --- what is remembered of stories ---------------------------------------------------------------------------------------


def load_stream(connection: Connection, terms: Collection[str]) -> Stream:
    number, counts = memory.frequencies(connection, terms)
    return Stream(total=number, counts=counts)


def load_clusters(connection: Connection, ids: Collection[str]) -> dict[str, Cluster]:
    """What is remembered of those stories, by id; nothing of one that went into another."""
    return {name: _CLUSTER.decode(content) for name, content in sorted(memory.find_stories(connection, ids).items())}


def save_clusters(connection: Connection, clusters: Sequence[Cluster], at: datetime) -> None:
    encode = msgspec.msgpack.encode
    rows = [Remembered(item.id, encode(item), item.keys, seconds(item.last_at)) for item in clusters]
    memory.save_stories(connection, rows, at)
