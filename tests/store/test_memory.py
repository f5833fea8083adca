from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from broadsheet.store import Database, memory
from broadsheet.store.memory import Remembered
from broadsheet.store.tables import terms

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


def test_frequencies_add_up(database: Database) -> None:
    with database.transaction() as connection:
        assert memory.frequencies(connection, ["tide"]) == (0, {})
        memory.add_frequencies(connection, 2, {"tide": 2, "ferry": 1})
        memory.add_frequencies(connection, 1, {"tide": 1})
        assert memory.frequencies(connection, ["tide", "ferry", "unknown"]) == (3, {"tide": 3, "ferry": 1})


def test_counts_are_halved_as_epochs_pass_and_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        memory.add_frequencies(connection, memory.EPOCH - 1, {"tide": 9, "once": 1})
        assert memory.frequencies(connection, ["tide"]) == (memory.EPOCH - 1, {"tide": 9})
        memory.add_frequencies(connection, 1, {"tide": 1})
        assert memory.frequencies(connection, ["tide", "once"]) == (memory.EPOCH // 2, {"tide": 5})
        memory.add_frequencies(connection, memory.EPOCH // 2, {"tide": 2})
        assert memory.frequencies(connection, ["tide"]) == (memory.EPOCH // 2, {"tide": 3})
        for _ in range(memory.EPOCHS - 1):
            memory.add_frequencies(connection, memory.EPOCH // 2, {})
        memory.forget(connection, 0)
        assert connection.scalars(select(terms.c.term).order_by(terms.c.term)).all() == ["", "tide"]
        memory.add_frequencies(connection, memory.EPOCH // 2, {})
        memory.forget(connection, 0)
        assert connection.scalars(select(terms.c.term)).all() == [""]


def test_stories_are_found_by_their_newest_keys_while_they_are_recent(database: Database) -> None:
    with database.transaction() as connection:
        memory.save_stories(
            connection, [Remembered("s1", b"one", ("a", "b"), 100), Remembered("s2", b"two", ("b", "c"), 200)], NOW
        )
        assert memory.find_stories(connection, ["s1", "s2", "s3"]) == {"s1": b"one", "s2": b"two"}
        assert memory.postings(connection, ["a", "b"], 0, 9) == {"a": ["s1"], "b": ["s1", "s2"]}
        assert memory.postings(connection, ["a", "b"], 0, 1) == {"a": ["s1"]}
        assert memory.postings(connection, ["b"], 150, 1) == {"b": ["s2"]}
        memory.save_stories(connection, [Remembered("s1", b"changed", ("d",), 300)], NOW)
        assert memory.postings(connection, ["a", "d"], 0, 9) == {"d": ["s1"]}
        assert memory.find_stories(connection, ["s1"]) == {"s1": b"changed"}


def test_copies_are_found_by_their_bands(database: Database) -> None:
    with database.transaction() as connection:
        memory.save_copies(connection, [Remembered("x", b"text", ("p", "q"), 100)])
        assert memory.find_copies(connection, ["q", "z"], 0) == {"x": b"text"}
        assert memory.find_copies(connection, ["q"], 101) == {}
        assert memory.find_copies(connection, [], 0, keys=["x", "y"]) == {"x": b"text"}


def test_touched_stories_wait_until_cleared(database: Database) -> None:
    with database.transaction() as connection:
        memory.save_stories(connection, [Remembered("s2", b"", (), 1), Remembered("s1", b"", (), 1)], NOW)
        assert memory.touched(connection, 10) == ["s1", "s2"]
        assert memory.touched(connection, 1) == ["s1"]
        memory.clear_touched(connection, ["s1", "s2"])
        assert memory.touched(connection, 10) == []
        memory.touch(connection, ["s2"])
        assert memory.touched(connection, 10) == ["s2"]


def test_a_story_expires_once_and_lives_again_with_a_new_article(database: Database) -> None:
    def expired(before: datetime) -> list[str]:
        memory.clear_touched(connection, ["s1", "s2"])
        memory.expire(connection, before)
        return memory.touched(connection, 10)

    with database.transaction() as connection:
        memory.save_stories(connection, [Remembered("s1", b"", (), 100)], NOW)
        memory.save_stories(connection, [Remembered("s2", b"", (), 50)], NOW + timedelta(days=3))
        assert expired(NOW + timedelta(days=1)) == ["s1"]
        assert expired(NOW + timedelta(days=1)) == []
        memory.save_stories(connection, [Remembered("s1", b"", (), 600)], NOW + timedelta(days=2))
        assert expired(NOW + timedelta(days=1)) == []
        assert expired(NOW + timedelta(days=9)) == ["s1", "s2"]


def test_what_nothing_can_join_is_forgotten(database: Database) -> None:
    with database.transaction() as connection:
        memory.save_stories(connection, [Remembered("s1", b"old", ("a",), 100), Remembered("s2", b"new", ("a",), 900)], NOW)
        memory.save_copies(connection, [Remembered("x", b"old", ("p",), 100), Remembered("y", b"new", ("p",), 900)])
        memory.forget(connection, 500)
        assert memory.postings(connection, ["a"], 0, 9) == {"a": ["s2"]}
        assert memory.find_copies(connection, ["p"], 0) == {"y": b"new"}
