from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from broadsheet.errors import StoreError
from broadsheet.store import Database, search_tables, tables
from broadsheet.store.database import SCHEMA, insert_new, upsert
from broadsheet.store.tables import metadata, terms


def test_migrations_make_the_schema_that_the_code_uses(database: Database) -> None:
    with database.engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith(search_tables.PREFIX)}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA


def test_listings_have_indexes_of_the_articles_in_stories_alone(database: Database) -> None:
    indexes = {index["name"]: index for index in inspect(database.engine).get_indexes("articles")}
    for name in ("ix_articles_provider", "ix_articles_published_at"):
        [condition] = [str(value) for key, value in indexes[name]["dialect_options"].items() if key.endswith("_where")]
        assert condition.replace("::text", "").strip("()") == tables.IN_STORY.text


def test_the_schema_is_imported_without_the_dialect_of_postgresql() -> None:
    """A fifth of what a command takes to start, and the processes that read."""
    asked = "import sys, broadsheet.store.frontier; print([name for name in sys.modules if '.postgresql' in name])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_opening_again_keeps_what_is_there(store_url: str) -> None:
    for count in range(3):
        database = Database(store_url)
        with database.transaction() as connection:
            insert_new(connection, terms, [{"term": "tide", "count": count + 1}])
        with database.transaction() as connection:
            assert connection.execute(select(terms.c.count)).scalars().all() == [1]
        database.close()


def test_a_transaction_keeps_all_or_nothing(database: Database) -> None:
    def half_done() -> None:
        with database.transaction() as connection:
            upsert(connection, terms, [{"term": "tide", "count": 1}])
            raise KeyError("stop")

    with pytest.raises(KeyError):
        half_done()
    with database.transaction() as connection:
        assert connection.execute(select(terms)).all() == []


def test_upsert_changes_what_is_there_and_keeps_named_columns(database: Database) -> None:
    with database.transaction() as connection:
        upsert(connection, terms, [{"term": "tide", "count": 1}, {"term": "ferry", "count": 2}])
        upsert(connection, terms, [{"term": "tide", "count": 5}])
        upsert(connection, terms, [{"term": "ferry", "count": 9}], keep=["count"])
        assert {row.term: row.count_ for row in connection.execute(select(terms.c.term, terms.c.count.label("count_")))} == {
            "tide": 5,
            "ferry": 2,
        }


def test_a_database_of_a_newer_version_is_refused(store_url: str) -> None:
    database = Database(store_url)
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match="newer Broadsheet"):
        Database(store_url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/x", "allowed: empty"),
        ("nonsense", "store.url"),
        ("sqlite:////nowhere/at/all/x.db", "cannot be opened"),
        ("postgresql://nobody:secret@127.0.0.1:1/x", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_clear_line_without_the_password(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 10)
    with pytest.raises(StoreError, match="not a database"):
        Database(f"sqlite:///{path}")


def test_sqlite_survives_a_process_that_dies_inside_a_transaction(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    Database(f"sqlite:///{path}").close()
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO terms VALUES ('half', 1, 0)")
    raw.close()  # what the kernel does to a killed process: no commit
    database = Database(f"sqlite:///{path}")
    with database.transaction() as connection:
        assert connection.execute(select(terms)).all() == []
    database.close()
