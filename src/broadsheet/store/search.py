"""Searching: the stories or articles that a query asks for, ranked by text and heat now.

The order is that of heat now, in which a document whose headline has all the words counts as published `HEADLINE` later, as if
its heat were doubled so many times. It does not change with time, so a cursor is a place in it. The index is read in that order
and no further than a page needs: on SQLite because FTS5 gives the highest numbers first, on PostgreSQL as
`broadsheet.store.search_vectors` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from broadsheet.models import Article, Judgement, PublishedStory, Value
from broadsheet.store.search_documents import BOOST, REACH, first_id
from broadsheet.store.search_match import fts
from broadsheet.store.search_query import Query
from broadsheet.store.search_shown import rows, shown
from broadsheet.store.search_snippets import Snippets
from broadsheet.store.search_tables import Kind, index_of
from broadsheet.store.search_vectors import Vectors
from broadsheet.store.shown import as_shown
from broadsheet.store.values import instant, load

ROUNDS = 6  # times the index is asked for more, when what it gave is not to be shown
WIDEST = 2000  # documents looked at in a round
REMEMBERED = 8192  # stories whose forms are kept, some 6 KB each: the hottest are found again and again

_LAST = 1 << 62


class Hit(Value, frozen=True):
    """What was found. ``snippet`` is HTML: escaped, with what was asked for in ``<mark>``; ``stored`` is the story as kept."""

    score: int
    snippet: str
    stored: str = ""
    article: Article | None = None
    judgement: Judgement | None = None
    seen_at: datetime | None = None

    @property
    def story(self) -> PublishedStory | None:
        """The story that was found, if it is one; read anew each time."""
        return load(self.stored, PublishedStory) if self.stored else None


class Found(Value, frozen=True):
    """A page of what was found, best first. ``last`` is what to ask behind for the next page; None: that is all."""

    hits: tuple[Hit, ...] = ()
    last: int | None = None


class Search:
    """Finds documents. It remembers how far back PostgreSQL has to look, so it is made once."""

    def __init__(self) -> None:
        self._vectors = Vectors()

    def find(self, connection: Connection, query: Query, kind: Kind, limit: int, behind: int | None = None) -> Found:
        """The best ``limit`` documents behind a place in the order. ``behind`` may be any number."""
        below, batch = _LAST if behind is None else max(0, min(behind, _LAST)), limit + 1
        best: list[Any] = []
        for _ in range(ROUNDS):
            parts, low = self._look(connection, query, kind, below, batch, limit + 1)
            for part in parts:
                best += [(score, row) for score, row in part if _fits(query, row)]
                if len(best) > limit:
                    return Found(hits=_hits(query, best[:limit]), last=best[limit - 1][0])
            if low is None:
                return Found(hits=_hits(query, best))
            below, batch = low, min(4 * batch, WIDEST)
        return Found(hits=_hits(query, best), last=below)

    def _look(
        self, connection: Connection, query: Query, kind: Kind, below: int, batch: int, size: int
    ) -> tuple[Iterable[list[tuple[int, Any]]], int | None]:
        """The best ``batch`` that score less than ``below``, ``size`` at a time, and the score down to which those are all."""
        least = first_id(query.after) if query.after is not None else 0
        most = below if query.before is None else min(below, first_id(max(query.before + REACH[kind], 0) + 1))
        if connection.dialect.name == "sqlite":
            scored, low = _best(connection, query, kind, (least, most, below), batch)
        else:
            looked = self._vectors.look(connection, query, kind, (least, most, below), batch, whole=batch == size)
            if batch == size:
                return [[(row.score, row) for row in looked.rows]], looked.low
            scored, low = [(row.score, row.id) for row in looked.rows], looked.low
        return (_shown(connection, kind, scored[start : start + size]) for start in range(0, len(scored), size)), low


def _best(
    connection: Connection, query: Query, kind: Kind, bounds: tuple[int, int, int], limit: int
) -> tuple[list[tuple[int, int]], int | None]:
    """(score, id) of the documents of SQLite's index that score less than the last bound, at least down to the ``limit``-th.

    Also the score down to which they are all there; None: there are no more. What is in headlines is looked for only as
    far back as it can count, so that neither costs more where the index holds more.
    """
    least, most, below = bounds
    ids = _ids(connection, query, kind, False, (least, most), limit)
    low = ids[-1] if len(ids) == limit else None
    if not any(not term.negated for term in query.terms):
        return [(id, id) for id in ids], low
    since = least if low is None else max(least, low - BOOST)
    headings = _ids(connection, query, kind, True, (since, min(most, below - BOOST)), limit)
    scored = [(id + BOOST, id) for id in headings]
    if len(headings) == limit:
        low = max(low or 0, scored[-1][0])
    if ids and ids[0] >= below - BOOST:  # what is in headlines there was before ``below``
        headings += _ids(connection, query, kind, True, (max(least, low or 0), most), limit)
    scored += [(id, id) for id in set(ids).difference(headings) if id >= (low or 0)]
    return sorted(scored, reverse=True), low


def _ids(connection: Connection, query: Query, kind: Kind, heading: bool, bounds: tuple[int, int], limit: int) -> list[int]:
    """The highest ids in the bounds that match, anywhere or in the headline."""
    if bounds[0] >= bounds[1]:
        return []
    name = index_of(kind)
    sql = f"SELECT rowid FROM {name} WHERE {name} MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
    asked = (fts(query, kind, heading=heading), *bounds, limit)
    # in one row: for each row the driver lets other threads have their turn, which takes longer than the row
    [[found]] = rows(connection, f"SELECT json_group_array(rowid) FROM ({sql})", asked)
    return load(found, list[int])


# --- what is shown -------------------------------------------------------------------------------------------------------


def _shown(connection: Connection, kind: Kind, scored: Sequence[tuple[int, int]]) -> list[tuple[int, Any]]:
    """Those of the documents that may be shown, with what they say."""
    known = {row.id: row for row in shown(connection, kind, [id for _, id in scored])}
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


class _Report(Value, frozen=True):
    title: str = ""
    excerpt: str = ""


class _Record(Value, frozen=True):
    excerpt: str = ""
    related: tuple[_Report, ...] = ()


class _Said(Value, frozen=True):
    """What is read of a published story for its snippet."""

    record: _Record


@lru_cache(maxsize=REMEMBERED)
def _texts(stored: str) -> tuple[str, ...]:
    """The texts of a published story, as it is stored, in which words may stand."""
    record = load(stored, _Said).record
    return (record.excerpt, *(f"{report.title}. {report.excerpt}" for report in record.related))


def _hit(score: int, row: Any, snippets: Snippets) -> Hit:
    if hasattr(row, "published_story"):
        return Hit(score=score, snippet=snippets.of(_texts(row.published_story)), stored=row.published_story)
    article, judgement = as_shown(load(row.article, Article), load(row.judgement, Judgement), row.shown)
    return Hit(
        score=score,
        snippet=snippets.of((article.excerpt, row.text or "")),
        article=article,
        judgement=judgement,
        seen_at=instant(row.seen_at),
    )
