"""Looking through the index of PostgreSQL: most often in one statement, for each costs more than most of what it does.

GIN gives what it finds in no order. So the latest span of time is looked through first, and a longer one only where that has
too few. The statement is the same for every query and planned once: what is asked is in subselects, which the planner cannot
look into. Bounds are those of a sum, for else it would walk the ids, reading every vector.
"""

from __future__ import annotations

from functools import lru_cache
from time import monotonic
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from broadsheet.store.search_documents import BOOST
from broadsheet.store.search_match import headline, tsquery
from broadsheet.store.search_query import Query
from broadsheet.store.search_shown import ALSO, COLUMNS, JOINED
from broadsheet.store.search_tables import Kind, index_of

FEW = (2_048, 4_096, 32_768, 262_144)  # documents in the spans of time that are looked through, one after the other
LEAST = 150  # documents in the first span for each that is wanted: as many as there are of a common word
SLACK = 2  # times as many documents that a span may have as those before it let expect
KNOWN = 60.0  # seconds until those spans are reckoned again


class Extent(Struct):
    """Where an index ends, and the spans of time, the latest first, as they were until a moment: documents, the first id."""

    until: float
    top: int
    spans: list[tuple[int, int]]


class Looked(Struct, frozen=True):
    """What one look found, best first; ``low`` is the score down to which it is all there, None: there is no more."""

    rows: list[Any]
    low: int | None


class Vectors:
    """Looks through the index. It remembers how far it reaches, so it is made once."""

    def __init__(self) -> None:
        self._extents: dict[Kind, Extent] = {}

    def look(
        self, connection: Connection, query: Query, kind: Kind, bounds: tuple[int, int, int], limit: int, *, whole: bool
    ) -> Looked:
        """The best ``limit`` documents that match: their scores and ids; ``whole``: of those that are shown, what they say too.

        ``bounds`` are the least id, the one that is too high, and the score that is too high.
        """
        extent = self._extents.get(kind)
        if extent is None or extent.until < monotonic():
            extent = self._extents[kind] = _extent(connection, kind)
        while True:
            rows = _in_spans(connection, query, kind, bounds, extent, limit, whole)
            top, _, low = rows[0][:3]
            if top <= extent.top:
                return Looked([row for row in rows if row.score is not None], low)
            extent.top = top  # something hotter has come, of which the words for spans of time said nothing


def _extent(connection: Connection, kind: Kind) -> Extent:
    sql = f"SELECT id FROM {index_of(kind)} ORDER BY id DESC OFFSET %s LIMIT 1"
    top, *starts = (connection.exec_driver_sql(sql, (count,)).scalar() for count in (0, *FEW))
    spans = [(count, start) for count, start in zip(FEW, starts, strict=True) if start is not None]
    return Extent(monotonic() + KNOWN, top or 0, spans)


def _in_spans(
    connection: Connection, query: Query, kind: Kind, bounds: tuple[int, int, int], extent: Extent, limit: int, whole: bool
) -> list[Any]:
    """What is found in the shortest span of time that has enough; a span that is not likely to is left out."""
    from psycopg.rows import namedtuple_row

    least, most, below = bounds
    below = min(below, extent.top + BOOST + 1)
    most = min(most, below, extent.top + 1)
    heading = headline(query.terms)
    sql = _statement(kind, bool(heading), whole)
    # asked of the driver itself: what SQLAlchemy does for a statement takes as long as the database does
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor(row_factory=namedtuple_row)
    spans = [(count, start) for count, start in extent.spans if least < start < most and count >= LEAST * limit]
    while True:
        size, start = spans.pop(0) if spans else (0, least)
        since = max(least, start - BOOST)
        at = [limit, below, most, start, int(not size), min(most, below - BOOST), since]
        given = {"at": at, "words": tsquery(query, kind, start, most)}
        if heading:
            given |= {"heading": heading, "loose": tsquery(query, kind, since, most, loose=True)}
        rows: list[Any] = cursor.execute(sql, given).fetchall()
        if rows[0].count == limit or not size:
            return rows
        while spans and SLACK * rows[0].count * spans[0][0] < limit * size:
            del spans[0]


@lru_cache(maxsize=8)
def _statement(kind: Kind, heading: bool, whole: bool) -> str:
    """A look through one span of time; ``heading``: also for what is in headlines, as far back as that can count.

    The first row has what holds of all of it. Where it found too few, and may look further, it goes no further than to count.
    """
    limit, below, most, start, is_last, most_titled, since = (f"(CAST(%(at)s AS bigint[]))[{place}]" for place in range(1, 8))
    table, best = index_of(kind), f"ORDER BY id + 0 DESC LIMIT (SELECT {limit})"
    matches, titled = "words @@ (SELECT CAST(%(words)s AS tsquery))", "heading @@ (SELECT CAST(%(heading)s AS tsquery))"
    # p: what has the words anywhere; h: in the headline; l: down to where it is all there; s: all of it with scores
    parts = [
        f"p AS MATERIALIZED (SELECT id, {titled if heading else 'false'} AS titled FROM (SELECT id, heading FROM {table} "
        f"WHERE {matches} AND id + 0 >= {start} AND id + 0 < {most} {best}) u)",
        f"c AS MATERIALIZED (SELECT count(*), count(*) = {limit} OR {is_last} = 1 AS is_enough FROM p)",
    ]
    if heading:
        parts.append(
            f"h AS MATERIALIZED (SELECT id FROM {table} WHERE words @@ (SELECT CAST(%(loose)s AS tsquery)) AND {titled} "
            f"AND id + 0 >= {since} AND id + 0 < {most_titled} AND (SELECT is_enough FROM c) {best})"
        )
    else:
        parts.append("h AS (SELECT id FROM p WHERE false)")
    parts += [
        f"l AS MATERIALIZED (SELECT coalesce((SELECT max(id) FROM {table}), 0) AS top, count, greatest((SELECT min(id) FROM p "
        f"HAVING count(*) = {limit}), (SELECT min(id) + {BOOST} FROM h HAVING count(*) = {limit})) AS low FROM c)",
        f"s AS (SELECT u.id, score FROM (SELECT id, id + {BOOST} AS score FROM h UNION "
        f"SELECT id, CASE WHEN titled THEN id + {BOOST} ELSE id END FROM p) u, l, c "
        f"WHERE is_enough AND score < {below} AND score >= coalesce(low, 0))",
    ]
    found = f"SELECT score, {COLUMNS[kind]} FROM s JOIN search_documents d ON d.id = s.id {JOINED[kind]} WHERE {ALSO[kind]}"
    found = found if whole else "SELECT score, id FROM s"
    return f"WITH {', '.join(parts)} SELECT top, count, low, f.* FROM l LEFT JOIN ({found}) f ON true ORDER BY score DESC"
