"""An index that is not there yet is filled in steps, goes on where it stood, and ends as if it had always been kept."""

from __future__ import annotations

import pytest

from broadsheet.store import Database, search_filling, search_tables, shelf
from broadsheet.store.search_query import parse
from broadsheet.store.search_tables import Kind
from tests.store.test_search import NOW, article, judgement, pages, put_article, story

COUNT = 12


@pytest.fixture
def older(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A store from before there was an index."""
    monkeypatch.setattr(search_filling, "BATCH", 5)
    with database.transaction() as connection:
        for n in range(COUNT):
            put_article(connection, article(n, f"tide n{n}"), judgement(n, story="" if n == 3 else None))
            shelf.save(connection, story(n, f"tide n{n}", published=n != 4), NOW)
        search_tables.clear(connection)
    return database


def step(database: Database) -> int:
    with database.transaction() as connection:
        search_filling.begin(connection)
        return search_filling.fill(connection)


def is_whole(database: Database) -> bool:
    with database.reading() as connection:
        return search_filling.is_whole(connection)


def found(database: Database, kind: Kind) -> list[str]:
    return sorted(pages(database, parse("tide"), kind, 99))


def test_it_is_filled_in_steps(older: Database) -> None:
    assert not is_whole(older)
    assert found(older, "story") == []
    counts = []
    while count := step(older):
        counts.append(count)
        assert not is_whole(older)
    assert counts == [5, 5, 1, 5, 5, 2]
    assert is_whole(older)
    assert found(older, "story") == sorted(f"_news/{n}.md" for n in range(COUNT) if n != 4)
    assert found(older, "article") == [f"a{n:03}" for n in range(COUNT) if n != 3]
    assert step(older) == 0


def test_what_changes_meanwhile_is_indexed_once(older: Database) -> None:
    step(older)
    with older.transaction() as connection:
        shelf.save(connection, story(1, "tide again"), NOW)
        shelf.save(connection, story(9, "storm"), NOW)
        shelf.save(connection, story(10, "tide", published=False), NOW)
        put_article(connection, article(99, "tide n99"), judgement(99))
    while step(older):
        pass
    assert found(older, "story") == sorted(f"_news/{n}.md" for n in range(COUNT) if n not in (4, 9, 10))
    assert found(older, "article") == [*(f"a{n:03}" for n in range(COUNT) if n != 3), "a099"]


def test_a_new_store_has_nothing_to_fill(database: Database) -> None:
    assert is_whole(database)
    with database.transaction() as connection:
        search_filling.begin(connection)
        put_article(connection, article(1, "tide"), judgement(1))
    assert is_whole(database)
    assert step(database) == 0


def test_an_index_of_another_form_is_made_anew(older: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    while step(older):
        pass
    monkeypatch.setattr(search_filling, "FORM", "next")
    assert not is_whole(older)
    with older.transaction() as connection:
        search_filling.begin(connection)
    assert found(older, "story") == []
    while step(older):
        pass
    assert is_whole(older)
    assert len(found(older, "story")) == COUNT - 1
