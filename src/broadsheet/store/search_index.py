"""Keeping the index of search: what is put in and taken out in the transaction that changes a story or an article."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select

from broadsheet.models import Article, Judgement, PublishedStory
from broadsheet.store.database import chunks, rows_of
from broadsheet.store.search_documents import NOTHING, Document, article_document, number, said, spans, story_document
from broadsheet.store.search_tables import Kind, documents, index_of
from broadsheet.store.shown import as_shown
from broadsheet.store.tables import articles, texts
from broadsheet.store.values import load


class _Sourced(msgspec.Struct):
    source: str = ""


def put_stories(connection: Connection, found: Sequence[PublishedStory]) -> None:
    """Index stories as they are now published; those that are not published are taken out."""
    shown = [story for story in found if story.record.published]
    sources = _sources_of(connection, [story.id for story in shown])
    _replace(
        connection,
        "story",
        [story.record.path for story in found],
        [story_document(story, sources.get(story.id, ())) for story in shown],
    )


def put_articles(connection: Connection, keys: Iterable[str]) -> None:
    """Index articles as they are shown; those of no story, and those that are hidden, are taken out."""
    query = select(articles.c.key, articles.c.article, articles.c.judgement, articles.c.shown, texts.c.text)
    query = query.outerjoin(texts, texts.c.key == articles.c.key).where(articles.c.story != "", articles.c.hidden == 0)
    for part in chunks(keys):
        made = [
            article_document(*as_shown(load(row.article, Article), load(row.judgement, Judgement), row.shown), row.text or "")
            for row in connection.execute(query.where(articles.c.key.in_(part)).order_by(articles.c.key))
        ]
        _replace(connection, "article", part, made)


def _sources_of(connection: Connection, stories: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows_of(connection, select(articles.c.story, articles.c.article), articles.c.story, stories):
        found.setdefault(row.story, set()).add(load(row.article, _Sourced).source)
    return found


def _replace(connection: Connection, kind: Kind, keys: Sequence[str], new: Sequence[Document]) -> None:
    _take_out(connection, kind, keys)
    if new:
        add(connection, kind, new)


def add(connection: Connection, kind: Kind, new: Sequence[Document]) -> None:
    """Index documents that are not indexed yet."""
    numbered = list(zip(_numbers(connection, new), new, strict=True))
    put = _put_fts if connection.dialect.name == "sqlite" else _put_vectors
    connection.execute(insert(documents), put(connection, index_of(kind), numbered))


def _numbers(connection: Connection, new: Sequence[Document]) -> list[int]:
    """An id for each, the next one where it is taken."""
    wanted = [number(document.at, document.key) for document in new]
    taken = {row.id for row in rows_of(connection, select(documents.c.id), documents.c.id, wanted)}
    for place, id in enumerate(wanted):
        while id in taken:
            id += 1
            taken.update(connection.scalars(select(documents.c.id).where(documents.c.id == id)))
        taken.add(id)
        wanted[place] = id
    return wanted


def _row(id: int, document: Document, content: bytes | None) -> dict[str, object]:
    names = ("kind", "key", "published_at", "heat", "quality")
    return {"id": id, "content": content} | {name: getattr(document, name) for name in names}


def _put_fts(connection: Connection, table: str, numbered: Sequence[tuple[int, Document]]) -> list[dict[str, object]]:
    rows, entries = [], []
    for id, document in numbered:
        heading, body = said(document.heading, "heading"), said(document.body, "body")
        columns = [" ".join(heading), " ".join(body), " ".join(document.facets)]
        entries.append((id, *columns))
        rows.append(_row(id, document, zlib.compress("\n".join(columns).encode(), 1)))
    connection.exec_driver_sql(f"INSERT INTO {table}(rowid, heading, body, facets) VALUES(?, ?, ?, ?)", entries)
    return rows


def _put_vectors(connection: Connection, table: str, numbered: Sequence[tuple[int, Document]]) -> list[dict[str, object]]:
    entries = []
    for id, document in numbered:
        heading, body = said(document.heading, "heading"), said(document.body, "body")
        entries.append((id, vector(heading), vector([*heading, NOTHING, *body], (*document.facets, *spans(document.at)))))
    connection.exec_driver_sql(
        f"INSERT INTO {table}(id, heading, words) VALUES(%s, CAST(%s AS tsvector), CAST(%s AS tsvector))", entries
    )
    return [_row(id, document, None) for id, document in numbered]


def vector(said: Sequence[str], facets: Iterable[str] = ()) -> str:
    """Words and where they stand, as PostgreSQL reads a ``tsvector``."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(said, 1):
        places.setdefault(word, []).append(str(place))
    places.pop(NOTHING, None)
    return " ".join([*(f"'{word}':{','.join(at)}" for word, at in places.items()), *(f"'{name}'" for name in facets)])


def _take_out(connection: Connection, kind: Kind, keys: Sequence[str]) -> None:
    query = select(documents.c.id, documents.c.content).where(documents.c.kind == kind)
    known = list(rows_of(connection, query, documents.c.key, keys))
    if not known:
        return
    name = index_of(kind)
    if connection.dialect.name == "sqlite":
        old = [(row.id, *zlib.decompress(row.content).decode().split("\n")) for row in known]
        connection.exec_driver_sql(
            f"INSERT INTO {name}({name}, rowid, heading, body, facets) VALUES('delete', ?, ?, ?, ?)", old
        )
    else:
        connection.exec_driver_sql(f"DELETE FROM {name} WHERE id = %s", [(row.id,) for row in known])
    for part in chunks(row.id for row in known):
        connection.execute(delete(documents).where(documents.c.id.in_(part)))
