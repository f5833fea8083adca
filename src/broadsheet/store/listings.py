"""Listings of stories and articles for programs: filtered, in an order that does not change with time, page by page.

A page is read from the index of its order, from a place in it on. What no index tells, such as a least heat beside a topic, is
looked at in `WINDOWS` alone, so that no page costs more, however much is stored: such a page can have fewer items
than it was asked for, and still there are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, delete, exists, literal_column, select, tuple_

from broadsheet.models import Article, Judgement, Member, PublishedStory, Value
from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.shown import as_shown, shown_of
from broadsheet.store.tables import (
    IN_STORY,
    article_topics,
    articles,
    decisions,
    record_outlets,
    record_topics,
    records,
    tallies,
)
from broadsheet.store.values import instant, load

_IN_STORY: ColumnElement[bool] = literal_column(IN_STORY.text)
WINDOWS = (200, 2000, 2000, 2000, 2000)  # places of an index that are looked at for one page, one lot after the other

Order = Literal["heat", "time"]
Place = tuple[float, str]  # in a listing: what it is ordered by, and the path or key


class Wanted(Value, frozen=True):
    """Which stories or articles. Empty and None ask for nothing; ``since`` and ``until`` are seconds since 1970, and what was
    published at the first counts and at the second does not."""

    topic: str = ""
    outlet: str = ""
    language: str = ""
    story: str = ""  # of articles: the id of theirs
    since: int | None = None
    until: int | None = None
    heat: int | None = None
    quality: int | None = None


class StoryPage(Value, frozen=True):
    """Stories, and the place behind which the next ones are; None: these were the last."""

    stories: tuple[PublishedStory, ...] = ()
    last: Place | None = None


class ArticlePage(Value, frozen=True):
    """Articles without their texts, and the place behind which the next ones are; None: these were the last."""

    articles: tuple[Member, ...] = ()
    last: Place | None = None


class _Walk(NamedTuple):
    """An index to walk along, and what the rows it leads to must have beside."""

    places: Select[Any]  # of (at, key)
    order: Column[Any]
    key: Column[Any]
    rows: Column[Any]  # the key of the table that has the rest
    rest: tuple[ColumnElement[bool], ...]


# --- stories -------------------------------------------------------------------------------------------------------------


def stories(connection: Connection, wanted: Wanted, order: Order, limit: int, behind: Place | None = None) -> StoryPage:
    """Published stories by heat now or by publication, highest and newest first."""
    paths, last = _page(connection, _stories(connection, wanted, order), limit, behind)
    return StoryPage(stories=_published(connection, paths), last=last)


def slice_of(connection: Connection, wanted: Wanted, newest: int, start: int, limit: int) -> tuple[list[PublishedStory], bool]:
    """Of the ``newest`` stories by publication those wanted from ``start`` on, at most ``limit``; whether there are more."""
    walk = _stories(connection, wanted, "time")
    query = _kept(walk, _window(walk, newest, None)).offset(start).limit(limit + 1)
    paths = [row.key for row in connection.execute(query)]
    return list(_published(connection, paths[:limit])), len(paths) > limit


def _published(connection: Connection, paths: Sequence[str]) -> tuple[PublishedStory, ...]:
    """The stories of those paths, in their order."""
    query = select(records.c.path, records.c.published_story)
    bodies = {row.path: row.published_story for row in rows_of(connection, query, records.c.path, paths)}
    return tuple(load(bodies[path], PublishedStory) for path in paths)


def _stories(connection: Connection, wanted: Wanted, order: Order) -> _Walk:
    """The walk along the smallest index that has the order."""
    name = "rank" if order == "heat" else "published_at"
    paths, rest = records.c.path, _beside(wanted)
    by = {"topic": (record_topics, record_topics.c.topic), "outlet": (record_outlets, record_outlets.c.domain)}
    asked = _smallest_first(connection, wanted)
    for kind in asked[1:]:
        table, column = by[kind]
        rest.append(exists().where(column == getattr(wanted, kind), table.c.path == paths, table.c.published == 1))
    table, where = records, [records.c.published == 1]
    if asked:
        table, column = by[asked[0]]
        where = [column == getattr(wanted, asked[0]), table.c.published == 1]
    span = _span(table.c.published_at if order == "time" else records.c.published_at, wanted)
    if order == "time":
        where += span
    else:
        rest += span
    places = select(table.c[name].label("at"), table.c.path.label("key")).where(*where)
    return _Walk(places=places, order=table.c[name], key=table.c.path, rows=paths, rest=tuple(rest))


def _smallest_first(connection: Connection, wanted: Wanted) -> list[str]:
    """The filters that have an index, the one with the fewest published stories first."""
    asked = [kind for kind in ("topic", "outlet") if getattr(wanted, kind)]
    if len(asked) < 2:
        return asked
    query = select(tallies.c.kind, tallies.c.published)
    found = tuple_(tallies.c.kind, tallies.c.name).in_([(kind, getattr(wanted, kind)) for kind in asked])
    counts = {row.kind: row.published for row in connection.execute(query.where(found))}
    return sorted(asked, key=lambda kind: (counts.get(kind, 0), kind))


def _beside(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What only the record itself tells."""
    rest = [records.c.language == wanted.language] if wanted.language else []
    for column, least in ((records.c.heat, wanted.heat), (records.c.quality, wanted.quality)):
        if least is not None:
            rest.append(column >= least)
    return rest


# --- articles ------------------------------------------------------------------------------------------------------------


def articles_of(connection: Connection, wanted: Wanted, limit: int, behind: Place | None = None) -> ArticlePage:
    """Articles of stories, the newest publication first. Those of a story that the desk withholds are left out."""
    places, last = _page(connection, _articles(wanted), limit, behind)
    query = select(articles.c.key, articles.c.article, articles.c.judgement, articles.c.seen_at, articles.c.shown)
    found = {row.key: _member(row) for row in rows_of(connection, query, articles.c.key, places)}
    return ArticlePage(articles=tuple(found[key] for key in places), last=last)


def article_of(connection: Connection, key: str) -> Member | None:
    """The article of that key without its text, when it is of a story and shown."""
    query = select(articles.c.key, articles.c.article, articles.c.judgement, articles.c.seen_at, articles.c.shown)
    row = connection.execute(query.where(articles.c.key == key, _IN_STORY, is_shown())).first()
    return _member(row) if row else None


def _articles(wanted: Wanted) -> _Walk:
    keys = articles.c.key
    rest = [is_shown()]
    if wanted.language:
        rest.append(articles.c.language == wanted.language)
    if wanted.quality is not None:
        rest.append(articles.c.quality >= wanted.quality)
    table, where = articles, [_IN_STORY]
    filters = {"story": articles.c.story, "outlet": articles.c.provider}
    asked = [kind for kind in filters if getattr(wanted, kind)]
    if asked:
        where = [filters[asked[0]] == getattr(wanted, asked[0]), *where]
        rest += [filters[kind] == getattr(wanted, kind) for kind in asked[1:]]
    if wanted.topic and asked:
        rest.append(exists().where(article_topics.c.topic == wanted.topic, article_topics.c.key == keys))
    elif wanted.topic:
        table, where = article_topics, [article_topics.c.topic == wanted.topic]
        rest.append(articles.c.story != "")
    where += _span(table.c.published_at, wanted)
    places = select(table.c.published_at.label("at"), table.c.key.label("key")).where(*where)
    return _Walk(places=places, order=table.c.published_at, key=table.c.key, rows=keys, rest=tuple(rest))


def is_shown() -> ColumnElement[bool]:
    """Whether no editor withholds an article's story, at once, nor has the article hidden, as of the last edition."""
    held = exists().where(
        decisions.c.target == articles.c.story, decisions.c.action == "withhold", decisions.c.undone_at.is_(None)
    )
    return and_(articles.c.hidden == 0, ~held)


def list_articles(connection: Connection, judged: Sequence[Judgement]) -> None:
    """Put articles under the topics that they were judged to be of, or that the desk gave them."""
    found = {item.key: item for item in judged}
    for part in chunks(found):
        connection.execute(delete(article_topics).where(article_topics.c.key.in_(part)))
        query = select(articles.c.key, articles.c.published_at, articles.c.shown).where(articles.c.key.in_(part))
        rows = [
            {"topic": name, "key": row.key, "published_at": row.published_at}
            for row in connection.execute(query.order_by(articles.c.key))
            for name in _topics(found[row.key], row.shown)
        ]
        upsert(connection, article_topics, rows)


def _topics(judgement: Judgement, kept: str) -> list[str]:
    given = shown_of(kept).topics
    matches = judgement.topics if given is None else given
    return list(dict.fromkeys(match.topic for match in matches)) if judgement.story else []


def _member(row: Any) -> Member:
    judgement = load(row.judgement, Judgement) if row.judgement else Judgement(key=row.key)
    article, judgement = as_shown(load(row.article, Article), judgement, row.shown)
    return Member(article=article, judgement=judgement, seen_at=instant(row.seen_at))


# --- outlets and topics --------------------------------------------------------------------------------------------------


def outlets(connection: Connection, limit: int, behind: Place | None = None) -> tuple[list[str], Place | None]:
    """The domains of outlets, those with the most published stories first; the place behind which the next ones are."""
    return _page(connection, _outlets(), limit, behind)


def _outlets() -> _Walk:
    order, key = tallies.c.published, tallies.c.name
    places = select(order.label("at"), key.label("key")).where(tallies.c.kind == "outlet", order > 0)
    return _Walk(places=places, order=order, key=key, rows=key, rest=())


def count_of(connection: Connection, kind: str, name: str) -> int:
    """The number of published stories of a topic or an outlet."""
    query = select(tallies.c.published).where(tallies.c.kind == kind, tallies.c.name == name)
    return connection.execute(query).scalar() or 0


# --- walking -------------------------------------------------------------------------------------------------------------


def _page(connection: Connection, walk: _Walk, limit: int, behind: Place | None) -> tuple[list[str], Place | None]:
    """The keys of a page, and the place behind which the next one begins."""
    found: list[Place] = []
    for window in WINDOWS if walk.rest else (limit + 1,):
        inner = _window(walk, window, behind)
        query = _kept(walk, inner).limit(limit + 1 - len(found))
        found += [(row.at, row.key) for row in connection.execute(query)]
        if len(found) > limit:
            return [key for _, key in found[:limit]], found[limit - 1]
        end = connection.execute(inner.offset(window - 1).limit(1)).first()
        if end is None:
            return [key for _, key in found], None
        behind = (end.at, end.key)
    return [key for _, key in found], behind


def _kept(walk: _Walk, window: Select[Any]) -> Select[Any]:
    """Of the places in a window those whose rows have the rest."""
    places = window.subquery()
    query = select(places.c.at, places.c.key).order_by(places.c.at.desc(), places.c.key.desc())
    return query.join(walk.rows.table, walk.rows == places.c.key).where(*walk.rest) if walk.rest else query


def _window(walk: _Walk, size: int, behind: Place | None) -> Select[Any]:
    query = walk.places.order_by(walk.order.desc(), walk.key.desc()).limit(size)
    if behind is None:
        return query
    at = walk.order.type.python_type(behind[0])  # PostgreSQL uses no index for a bigint beside a float
    return query.where(tuple_(walk.order, walk.key) < tuple_(at, behind[1]))


def _span(column: ColumnElement[int], wanted: Wanted) -> list[ColumnElement[bool]]:
    since = [] if wanted.since is None else [column >= wanted.since]
    return since + ([] if wanted.until is None else [column < wanted.until])
