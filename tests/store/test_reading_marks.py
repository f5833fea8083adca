"""What feed readers are told stays bounded, however many stories there were."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from broadsheet.store import Database, reading_marks, shelf
from broadsheet.store.reading_marks import Stream
from broadsheet.store.tables import marks
from tests.store.test_shelf import NOW, story


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(reading_marks, "WINDOW", 5)
    with database.transaction() as connection:
        for number in range(8):
            shelf.save(connection, story(f"s{number}", topics=("Sea",)), NOW)
    return database


def test_only_the_last_stories_are_unread(filled: Database) -> None:
    with filled.transaction() as connection:
        assert [number for number, _ in reading_marks.numbers(connection, "maud", Stream(read=False), 99)] == [8, 7, 6, 5, 4]
        assert reading_marks.unread(connection, "maud")["Sea"].count == 5
        assert [item.read for item in reading_marks.chosen(connection, "maud", [3, 4])] == [True, False]


def test_marks_of_old_stories_are_forgotten_but_stars_stay(filled: Database) -> None:
    with filled.transaction() as connection:
        reading_marks.mark(connection, "maud", [4, 5, 6], read=True)
        reading_marks.mark(connection, "maud", [4], starred=True)
        for number in range(8, 12):
            shelf.save(connection, story(f"s{number}", topics=("Sea",)), NOW)
        reading_marks.mark(connection, "maud", [12], read=True)
        assert _kept(connection) == [4, 12]
        reading_marks.mark_all(connection, "maud", Stream())
        assert _kept(connection) == [4, 8, 9, 10, 11, 12]
        assert [item.number for item in reading_marks.items(connection, "maud", Stream(starred=True), 9)] == [4]


def _kept(connection: Connection) -> list[int]:
    return list(connection.scalars(select(marks.c.number).order_by(marks.c.number)))


@pytest.mark.parametrize(
    ("before", "after", "statements"),
    [
        (None, {}, 1),
        (None, {"published": False}, 0),
        ({}, {"rank": 5.0}, 0),
        ({}, {"published": False}, 1),
        ({}, {"topics": ("Ports",)}, 1),
        ({"published": False}, {}, 1),
    ],
)
def test_an_edition_asks_nothing_about_stories_that_stay_where_they_are(
    database: Database, before: dict[str, Any] | None, after: dict[str, Any], statements: int
) -> None:
    asked: list[str] = []
    with database.transaction() as connection:
        if before is not None:
            shelf.save(connection, story("x", **{"topics": ("Sea",)} | before), NOW)
        event.listen(connection, "before_cursor_execute", lambda _c, _cursor, sql, *_: asked.append(sql))
        shelf.save(connection, story("x", **{"topics": ("Sea",)} | after), NOW)
    assert sum("reader_items" in sql for sql in asked) == statements


def test_stories_that_are_not_there_cannot_be_marked(filled: Database) -> None:
    with filled.transaction() as connection:
        reading_marks.mark(connection, "maud", [99, 2**31 - 1], read=True, starred=True)
        assert connection.execute(select(func.count()).select_from(marks)).scalar() == 0
