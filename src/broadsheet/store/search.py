"""Searching: the stories or articles that a query asks for, ranked by text and heat now.

The order is that of heat now, in which a document whose headline has all the words counts as published `HEADLINE` later, as if
its heat were doubled so many times. It does not change with time, so a cursor is a place in it. The index is read in that order
and no further than a page needs: on SQLite because FTS5 gives the highest numbers first, on PostgreSQL by asking for the latest
span of time first, and for a longer one only when that has too few.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from broadsheet.models import Article, Judgement, PublishedStory, Value
from broadsheet.store.search_documents import HALF_LIFE, HASHED, REACH, first_id
from broadsheet.store.search_match import fts, headline, tsquery
from broadsheet.store.search_query import Query
from broadsheet.store.search_snippets import Snippets
from broadsheet.store.search_tables import Kind, index_of
from broadsheet.store.shown import as_shown
from broadsheet.store.values import instant, load

HEADLINE = 4  # doublings of heat that a match in the headline is worth
ROUNDS = 6  # times the index is asked for more, when what it gave is not to be shown
WIDEST = 2000  # documents looked at in a round
FEW = (4_096, 32_768, 262_144)  # documents in the spans of time that PostgreSQL looks through, one after the other
KNOWN = 60.0  # seconds until those spans are reckoned again

_BOOST = first_id(HEADLINE * HALF_LIFE) + (1 << HASHED)  # never the difference of two ids, so that no two scores are the same
_LAST = 1 << 62


class Hit(Value, frozen=True):
    """What was found. ``snippet`` is HTML: escaped, with what was asked for in ``<mark>``; ``stored`` is the story as kept."""

    score: int
    snippet: str
    story: PublishedStory | None = None
    stored: str = ""
    article: Article | None = None
    judgement: Judgement | None = None
    seen_at: datetime | None = None


class Found(Value, frozen=True):
    """A page of what was found, best first. ``last`` is what to ask behind for the next page; None: that is all."""

    hits: tuple[Hit, ...] = ()
    last: int | None = None


class Search:
    """Finds documents. It remembers how far back PostgreSQL has to look, so it is made once."""

    def __init__(self) -> None:
        self._starts: dict[Kind, tuple[float, list[int]]] = {}

    def find(self, connection: Connection, query: Query, kind: Kind, limit: int, behind: int | None = None) -> Found:
        """The best ``limit`` documents behind a place in the order. ``behind`` may be any number."""
        below, batch = _LAST if behind is None else max(0, min(behind, _LAST)), limit + 1
        if connection.dialect.name != "sqlite":
            below = min(below, _highest(connection, kind) + _BOOST + 1)
        rows: list[tuple[int, Any]] = []
        for _ in range(ROUNDS):
            scored, low = self._best(connection, query, kind, below, batch)
            for start in range(0, len(scored), limit + 1):
                rows += _shown(connection, query, kind, scored[start : start + limit + 1])
                if len(rows) > limit:
                    return Found(hits=_hits(query, rows[:limit]), last=rows[limit - 1][0])
            if low is None:
                return Found(hits=_hits(query, rows))
            below, batch = low, min(4 * batch, WIDEST)
        return Found(hits=_hits(query, rows), last=below)

    def _best(
        self, connection: Connection, query: Query, kind: Kind, below: int, limit: int
    ) -> tuple[list[tuple[int, int]], int | None]:
        """(score, id) of the documents of the index that score less than ``below``, at least down to the ``limit``-th.

        Also the score down to which they are all there; None: there are no more. What is in headlines is looked for only as
        far back as it can count, so that neither costs more where the index holds more.
        """
        least = first_id(query.after) if query.after is not None else 0
        most = below if query.before is None else min(below, first_id(max(query.before + REACH[kind], 0) + 1))
        ids = self._ids(connection, query, kind, False, (least, most), limit)
        low = ids[-1] if len(ids) == limit else None
        if not any(not term.negated for term in query.terms):
            return [(id, id) for id in ids], low
        since = least if low is None else max(least, low - _BOOST)
        headings = self._ids(connection, query, kind, True, (since, min(most, below - _BOOST)), limit)
        scored = [(id + _BOOST, id) for id in headings]
        if len(headings) == limit:
            low = max(low or 0, scored[-1][0])
        if ids and ids[0] >= below - _BOOST:  # what is in headlines there was before ``below``
            headings += self._ids(connection, query, kind, True, (max(least, low or 0), most), limit)
        scored += [(id, id) for id in set(ids).difference(headings) if id >= (low or 0)]
        return sorted(scored, reverse=True), low

    def _ids(
        self, connection: Connection, query: Query, kind: Kind, heading: bool, bounds: tuple[int, int], limit: int
    ) -> list[int]:
        """The highest ids in the bounds that match, anywhere or in the headline."""
        if bounds[0] >= bounds[1]:
            return []
        name = index_of(kind)
        if connection.dialect.name == "sqlite":
            sql = f"SELECT rowid FROM {name} WHERE {name} MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
            asked = (fts(query, kind, heading=heading), *bounds, limit)
            # in one row: for each row the driver lets other threads have their turn, which takes longer than the row
            gathered = connection.exec_driver_sql(f"SELECT json_group_array(rowid) FROM ({sql})", asked).scalar_one()
            return load(gathered, list[int])
        # the order is asked of a sum so that the planner never walks the ids, reading every vector
        where = "words @@ CAST(%s AS tsquery) AND id >= %s AND id < %s"
        sql = f"SELECT id FROM {name} WHERE {where}{' AND heading @@ CAST(%s AS tsquery)' if heading else ''}"
        sql += f" ORDER BY id + 0 DESC LIMIT {limit}"
        found: list[int] = []
        for start, end in self._spans(connection, kind, *bounds):
            given = [tsquery(query, kind, start, end), start, end, *([headline(query.terms)] if heading else [])]
            found = [row[0] for row in connection.exec_driver_sql(sql, tuple(given)).all()]
            if len(found) == limit:
                break
        return found

    def _spans(self, connection: Connection, kind: Kind, least: int, most: int) -> Iterator[tuple[int, int]]:
        """The bounds within which to look, the latest first; at last all."""
        known = self._starts.get(kind)
        if known is None or known[0] < monotonic():
            sql = f"SELECT id FROM {index_of(kind)} ORDER BY id DESC OFFSET %s LIMIT 1"
            starts = [row[0] for count in FEW for row in connection.exec_driver_sql(sql, (count,))]
            known = self._starts[kind] = (monotonic() + KNOWN, starts)
        yield from ((start, most) for start in known[1] if least < start < most)
        yield least, most


def _highest(connection: Connection, kind: Kind) -> int:
    return connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {index_of(kind)}").scalar() or 0


# --- what is shown -------------------------------------------------------------------------------------------------------

_STORIES = """
SELECT d.id, d.published_at, d.heat, d.quality, r.published_story
FROM search_documents d JOIN records r ON r.path = d.key AND r.published = 1
WHERE d.id IN ({})
"""
# an article of a story that an editor withholds is not shown either; "action" is no bare column, to have the target looked up
_ARTICLES = """
SELECT d.id, d.published_at, d.heat, d.quality, a.article, a.judgement, a.shown, a.seen_at, t.text
FROM search_documents d JOIN articles a ON a.key = d.key JOIN texts t ON t.key = d.key
WHERE d.id IN ({})
AND NOT EXISTS (SELECT 1 FROM decisions WHERE target = a.story AND action || '' = 'withhold' AND undone_at IS NULL)
"""


def _shown(connection: Connection, query: Query, kind: Kind, scored: Sequence[tuple[int, int]]) -> list[tuple[int, Any]]:
    """Those of the documents that may be shown, with what they say. What was taken out meanwhile is none of them."""
    if not scored:
        return []
    ids = [id for _, id in scored]
    sql = _STORIES if kind == "story" else _ARTICLES
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(sql.format("SELECT value FROM json_each(?)"), (json.dumps(ids),))
    else:
        found = connection.exec_driver_sql(sql.format("SELECT unnest(%s)"), (ids,))
    known = {row.id: row for row in found.all() if _fits(query, row)}
    return [(score, known[id]) for score, id in scored if id in known]


def _fits(query: Query, row: Any) -> bool:
    """Whether a document is within the bounds, of which the index knows only about where they are."""
    return (
        (query.after is None or row.published_at >= query.after)
        and (query.before is None or row.published_at < query.before)
        and (query.minheat is None or row.heat >= query.minheat)
        and (query.quality is None or row.quality >= query.quality)
    )


def _hits(query: Query, rows: Sequence[tuple[int, Any]]) -> tuple[Hit, ...]:
    snippets = Snippets(query.terms)
    return tuple(_hit(score, row, snippets) for score, row in rows)


@lru_cache(maxsize=4096)  # the hottest are found again and again
def story_of(stored: str) -> PublishedStory:
    """A published story of the form in which it is stored."""
    return load(stored, PublishedStory)


def _hit(score: int, row: Any, snippets: Snippets) -> Hit:
    if hasattr(row, "published_story"):
        story = story_of(row.published_story)
        reports = (f"{report.title}. {report.excerpt}" for report in story.record.related)
        return Hit(score=score, snippet=snippets.of(story.record.excerpt, reports), story=story, stored=row.published_story)
    article, judgement = as_shown(load(row.article, Article), load(row.judgement, Judgement), row.shown)
    return Hit(
        score=score,
        snippet=snippets.of(article.excerpt, [row.text]),
        article=article,
        judgement=judgement,
        seen_at=instant(row.seen_at),
    )
