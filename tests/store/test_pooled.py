"""PostgreSQL's connections are told what they are for, each time, and replaced when they are lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, select, text

from broadsheet.errors import StoreError
from broadsheet.store import Database, pooled
from broadsheet.store.database import upsert
from broadsheet.store.tables import terms


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with closing(Database(postgres_url)) as opened:
        yield opened


def backend(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def level(connection: Connection) -> tuple[str, str]:
    shown = (connection.exec_driver_sql(f"SHOW transaction_{name}").scalar_one() for name in ("isolation", "read_only"))
    return str(next(shown)), str(next(shown))


def write(connection: Connection, count: int) -> None:
    upsert(connection, terms, [{"term": "tide", "count": count}])


def test_one_connection_is_for_one_thing_after_the_other(database: Database) -> None:
    used = set()
    for _ in range(2):
        with database.reading() as connection:
            used.add(backend(connection))
            assert level(connection) == ("repeatable read", "on")
        with database.transaction() as connection:
            used.add(backend(connection))
            assert level(connection) == ("read committed", "off")
            write(connection, 1)
        with database.asking() as connection:
            used.add(backend(connection))
            assert connection.scalar(select(terms.c.count)) == 1
    assert len(used) == 1


def test_a_view_stays_as_it_was_and_a_question_sees_what_is_new(database: Database) -> None:
    with database.transaction() as connection:
        write(connection, 1)
    seen = {}
    for name, view in (("reading", database.reading), ("asking", database.asking)):
        with view() as connection:
            before = connection.scalar(select(terms.c.count))
            with database.transaction() as other:
                write(other, before + 1)
            seen[name] = connection.scalar(select(terms.c.count)) - before
    assert seen == {"reading": 0, "asking": 1}


def test_nothing_is_changed_through_a_view(database: Database) -> None:
    with pytest.raises(StoreError, match="read-only"), database.reading() as connection:
        write(connection, 1)


@pytest.mark.parametrize("kind", ["reading", "asking", "transaction"])
def test_a_connection_that_the_server_closed_is_replaced(database: Database, postgres_url: str, kind: str) -> None:
    with getattr(database, kind)() as connection:
        lost = backend(connection)
    with closing(Database(postgres_url)) as other, other.transaction() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})
    with getattr(database, kind)() as connection:
        assert backend(connection) != lost


def test_a_connection_long_unused_is_asked_whether_it_still_is_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.reading() as connection:
        used = backend(connection)
    monkeypatch.setattr(pooled, "IDLE", -1.0)
    with database.reading() as connection:
        assert backend(connection) == used
        assert level(connection) == ("repeatable read", "on")


def test_a_connection_lost_while_it_is_used_is_one_clear_line(database: Database, postgres_url: str) -> None:
    def lose() -> None:
        with database.asking() as connection:
            with closing(Database(postgres_url)) as other, other.transaction() as ending:
                ending.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend(connection)})
            connection.scalar(select(terms.c.count))

    with pytest.raises(StoreError) as caught:
        lose()
    assert "\n" not in str(caught.value)
