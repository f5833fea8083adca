from __future__ import annotations

from datetime import UTC, datetime, timedelta

from broadsheet.store import Database, memory
from broadsheet.store.memory import Remembered

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


def test_frequencies_add_up(database: Database) -> None:
    with database.transaction() as connection:
        assert memory.frequencies(connection, ["tide"]) == (0, {})
        memory.add_frequencies(connection, 2, {"tide": 2, "ferry": 1})
        memory.add_frequencies(connection, 1, {"tide": 1})
        assert memory.frequencies(connection, ["tide", "ferry", "unknown"]) == (3, {"tide": 3, "ferry": 1})


def test_stories_are_found_by_their_newest_keys_while_they_are_recent(database: Database) -> None:
    with database.transaction() as connection:
        memory.save_stories(
            connection, [Remembered("s1", b"one", ("a", "b"), 100), Remembered("s2", b"two", ("b", "c"), 200)], NOW
        )
        assert memory.find_stories(connection, ["a", "b"], 0) == {"s1": b"one", "s2": b"two"}
        assert memory.find_stories(connection, ["b"], 150) == {"s2": b"two"}
        memory.save_stories(connection, [Remembered("s1", b"changed", ("d",), 300)], NOW)
        assert memory.find_stories(connection, ["a"], 0) == {}
        assert memory.find_stories(connection, ["d"], 0) == {"s1": b"changed"}


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
        assert memory.find_stories(connection, ["a"], 0) == {"s2": b"new"}
        assert memory.find_copies(connection, ["p"], 0) == {"y": b"new"}
