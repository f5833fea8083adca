"""The tables of search. They are made by the first migration, are no part of a backup, and are filled again from what is kept.

Each kind of document has an index of its words: FTS5 without a copy of the text on SQLite, two ``tsvector`` and a GIN index on
PostgreSQL. Both get the words as `broadsheet.store.search_words` folded them, so that both find the same.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, MetaData, Table, Text

Kind = Literal["story", "article"]
KINDS: tuple[Kind, ...] = ("story", "article")
PREFIX = "search_"  # of the names of all these tables, and of those that FTS5 makes beside them

search_metadata = MetaData()

# what is searched: numbered so that a higher id is hotter (`broadsheet.store.search_index.number`)
documents = Table(
    "search_documents",
    search_metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),  # the path of a story's record, the key of an article
    Column("published_at", BigInteger, nullable=False),
    Column("heat", Integer, nullable=False),
    Column("quality", Integer, nullable=False),
    Column("content", LargeBinary),  # SQLite: the words as indexed, compressed, for FTS5 wants them told to forget them
    Index("ix_search_documents_key", "kind", "key", unique=True),
)

# how far the index is filled: "form" (its version), and the last key of each kind that was put in
state = Table("search_state", search_metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))


def index_of(kind: Kind) -> str:
    """The table of the words of that kind of document."""
    return "search_stories" if kind == "story" else "search_articles"


def create(connection: Connection) -> None:
    """Make the tables of search, as the migration does."""
    search_metadata.create_all(connection)
    for kind in KINDS:
        name = index_of(kind)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE {name} USING fts5(heading, body, facets, content='', columnsize=0, tokenize='ascii')"
            )
        else:
            connection.exec_driver_sql(
                f"CREATE TABLE {name} (id bigint PRIMARY KEY, heading tsvector NOT NULL, words tsvector NOT NULL)"
            )
            connection.exec_driver_sql(f"CREATE INDEX ix_{name} ON {name} USING gin (words, heading)")


def clear(connection: Connection) -> None:
    """Forget all that is indexed."""
    for kind in KINDS:
        name = index_of(kind)
        forget = (
            f"INSERT INTO {name}({name}) VALUES('delete-all')" if connection.dialect.name == "sqlite" else f"TRUNCATE {name}"
        )
        connection.exec_driver_sql(forget)
    connection.execute(documents.delete())
    connection.execute(state.delete())
