from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from broadsheet.models import PublishedStory
from broadsheet.store import Database, events, shelf
from tests.serve.apis import START, story


def told(connection: Connection, behind: int = 0) -> list[tuple[int, str, str]]:
    return [(item.number, item.kind, item.story.id) for item in events.after(connection, behind, 100)]


def titled(item: PublishedStory, title: str) -> PublishedStory:
    return replace(item, record=replace(item.record, title=title))


def test_what_an_edition_does_is_told_when_it_ends(database: Database) -> None:
    with database.transaction() as connection:
        shelf.save(connection, story(1), START)
        shelf.save(connection, story(2), START)
        assert told(connection) == []
        shelf.clear_dirty(connection)
        assert told(connection) == [(1, "new", "id-001"), (2, "new", "id-002")]
        assert told(connection, 1) == [(2, "new", "id-002")]
        assert [item.at for item in events.after(connection, 0, 1)] == [START]


def test_of_each_story_the_last_event_is_kept_as_it_is_now(database: Database) -> None:
    later = START + timedelta(hours=2)
    with database.transaction() as connection:
        for number in (1, 2, 3):
            shelf.save(connection, story(number), START)
        shelf.clear_dirty(connection)
        shelf.save(connection, titled(story(1), "Corrected"), later)
        shelf.save(connection, story(2, published=False), later)
        shelf.clear_dirty(connection)
        assert told(connection) == [(3, "new", "id-003"), (4, "changed", "id-001"), (5, "withdrawn", "id-002")]
        assert events.after(connection, 3, 1)[0].story.record.title == "Corrected"
        shelf.save(connection, story(2), later)
        shelf.clear_dirty(connection)
        assert told(connection, 4) == [(6, "changed", "id-002")]


def test_what_nobody_can_see_is_no_event(database: Database) -> None:
    """A record sealed anew, and a story that is not shown."""
    with database.transaction() as connection:
        shelf.save(connection, story(1), START)
        shelf.save(connection, story(2, published=False), START)
        shelf.clear_dirty(connection)
        sealed = replace(story(1), record=replace(story(1).record, secured="a;b"))
        shelf.save(connection, sealed, START)
        shelf.clear_dirty(connection)
        assert told(connection) == [(1, "new", "id-001")]


def test_a_new_story_that_changes_before_it_is_told_is_new(database: Database) -> None:
    with database.transaction() as connection:
        shelf.save(connection, story(1), START)
        shelf.save(connection, titled(story(1), "Corrected"), START)
        shelf.clear_dirty(connection)
        assert told(connection) == [(2, "new", "id-001")]
        assert events.released(connection) == 2
