from __future__ import annotations

from datetime import UTC, datetime, timedelta

from broadsheet.models import StoryChange
from broadsheet.store import Database, changes

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


def change(story: str, other: str, by: str = "curation") -> StoryChange:
    return StoryChange(id=0, at=NOW, kind="merge", story=story, other=other, articles=("b", "a"), by=by, reason="likeness 0.91")


def test_changes_are_told_of_both_stories_in_their_order(database: Database) -> None:
    with database.transaction() as connection:
        one = changes.note(connection, change("s1", "s2"))
        two = changes.note(connection, change("s3", "s1", by="Ida"))
        found = changes.changes_of(connection, ["s1", "s2", "s9"])
        assert {name: [item.id for item in group] for name, group in found.items()} == {"s1": [one, two], "s2": [one]}
        assert found["s2"][0].articles == ("a", "b")
        assert changes.find_change(connection, two) == found["s1"][1]
        assert changes.find_change(connection, two + 1) is None


def test_an_undone_change_says_when_and_by_whom(database: Database) -> None:
    with database.transaction() as connection:
        number = changes.note(connection, change("s1", "s2"))
        back = changes.note(connection, change("s1", "s2", by="Ida"))
        changes.mark_undone(connection, number, NOW + timedelta(hours=1), "Ida", back)
        found, through = changes.find_change(connection, number), changes.find_change(connection, back)
        assert through is not None
        assert through.undoes == number
        assert found is not None
        assert (found.undone_at, found.undone_by) == (NOW + timedelta(hours=1), "Ida")


def test_stories_are_kept_apart_both_ways_until_they_are_not(database: Database) -> None:
    with database.transaction() as connection:
        changes.keep_apart(connection, "s2", ["s1", "s3", "s2"])
        changes.keep_apart(connection, "s2", ["s1"])
        assert changes.apart(connection, ["s1"]) == [("s1", "s2")]
        assert changes.apart(connection, ["s2"]) == [("s2", "s1"), ("s2", "s3")]
        changes.no_longer_apart(connection, "s1", "s2")
        assert changes.apart(connection, ["s1", "s2"]) == [("s2", "s3")]


def test_the_last_bond_counts(database: Database) -> None:
    with database.transaction() as connection:
        changes.bind(connection, ["a", "b"], 1)
        changes.bind(connection, ["c", "d"], 2)
        assert changes.bound(connection, ["a", "b", "c", "x"]) == [["a", "b"], ["c"]]
        changes.bind(connection, ["a", "c"], 3)
        assert changes.bound(connection, ["a", "b", "c", "d"]) == [["b"], ["d"], ["a", "c"]]
