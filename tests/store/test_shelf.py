from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import delete, select

from broadsheet.models import Provider, PublishedStory, Record, RelatedRecord, SourceState
from broadsheet.store import Database, shelf, sources
from broadsheet.store.articles import Outlet, save_outlet
from broadsheet.store.shelf import Shelf
from broadsheet.store.tables import reader_items, record_outlets, record_topics, records, story_events, tallies

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


def story(
    name: str, *, age: int = 0, rank: float = 0.0, topics: tuple[str, ...] = (), published: bool = True
) -> PublishedStory:
    record = Record(
        path=f"_news/{name}.md",
        title=name,
        published_at=NOW - timedelta(days=age),
        topics=topics,
        published=published,
        heat=1,
        quality=1,
    )
    return PublishedStory(id=f"id-{name}", record=record, rank=rank)


def names(stories: Iterable[PublishedStory]) -> list[str]:
    return [item.record.title for item in stories]


def test_lists_are_ordered_and_bounded_by_topic_or_all(database: Database) -> None:
    stories = [
        story("old", age=40, rank=3, topics=("Tides",)),
        story("new", age=0, rank=1, topics=("Tides", "Sea")),
        story("middle", age=1, rank=2, topics=("Sea",)),
        story("hidden", age=0, rank=9, topics=("Sea",), published=False),
    ]
    with database.transaction() as connection:
        for item in stories:
            shelf.save(connection, item, NOW)
        shown = Shelf(connection)
        assert names(shown.newest(None, 10)) == ["new", "middle", "old"]
        assert names(shown.front(None, 2)) == ["old", "middle"]
        assert names(shown.newest("Tides", 10)) == ["new", "old"]
        assert names(shown.front("Sea", 10)) == ["middle", "new"]
        assert names(shown.newest("Unknown", 10)) == []
        assert shown.topic_counts() == {"Sea": 2, "Tides": 2}
        assert shown.months() == {"2031-04": NOW, "2031-05": NOW}
        assert shown.month("2031-05") == [("_news/middle.md", NOW), ("_news/new.md", NOW)]


def test_a_changed_story_replaces_itself_and_its_counts(database: Database) -> None:
    with database.transaction() as connection:
        shelf.save(connection, story("x", topics=("Tides", "Sea")), NOW)
        shelf.clear_dirty(connection)
        shelf.save(connection, story("x", topics=("Sea", "Ports"), rank=5), NOW)
        shown = Shelf(connection)
        assert shown.topic_counts() == {"Ports": 1, "Sea": 1}
        assert names(shown.newest("Tides", 10)) == []
        assert shelf.dirty(connection, "topic") == ["Ports", "Sea", "Tides"]
        shelf.save(connection, story("x", topics=("Sea",), published=False), NOW)
        assert Shelf(connection).topic_counts() == {}
        assert Shelf(connection).months() == {}


def test_what_is_dirty_stays_so_until_it_is_cleared(database: Database) -> None:
    with database.transaction() as connection:
        for name in ("a", "b", "c"):
            shelf.save(connection, story(name), NOW)
        assert names(shelf.dirty_stories(connection, limit=2)) == ["a", "b"]
        assert names(shelf.dirty_stories(connection, after="_news/b.md")) == ["c"]
        assert shelf.dirty(connection, "month") == ["2031-05"]
        shelf.clear_dirty(connection)
        assert shelf.dirty_stories(connection) == []
        assert shelf.dirty(connection, "month") == []
        shelf.mark_all_dirty(connection)
        assert len(shelf.dirty_stories(connection)) == 3


def test_stories_are_found_by_id_and_path(database: Database) -> None:
    with database.transaction() as connection:
        shelf.save(connection, story("x"), NOW)
        assert shelf.by_story(connection, ["id-x", "other"]) == {"id-x": story("x")}
        assert shelf.by_path(connection, "_news/x.md") == story("x")
        assert shelf.by_path(connection, "_news/y.md") is None
        assert shelf.path_taken(connection, "_news/x.md")
        assert not shelf.path_taken(connection, "_news/y.md")


def test_sources_keep_the_newsrooms_order(database: Database) -> None:
    with database.transaction() as connection:
        sources.save_source(connection, SourceState(url="https://b.example/", title="B"), 1)
        states = Shelf(connection, ["https://c.example/", "https://b.example/"]).sources()
    assert states == [SourceState(url="https://c.example/"), SourceState(url="https://b.example/", title="B")]


def reported(name: str, *domains: str, age: int = 0, first: str = "", published: bool = True) -> PublishedStory:
    """A story whose lead is the first of ``domains``; the outlet ``first`` reported an hour before all others."""
    plain = story(name, age=age, published=published)
    at = plain.record.published_at
    assert at

    def when(domain: str) -> datetime:
        return at - timedelta(hours=1) if domain == first else at

    outlets = [Provider(name=domain.title(), domain=domain) for domain in domains]
    related = tuple(RelatedRecord(title="r", provider=outlet, published_at=when(outlet.domain)) for outlet in outlets[1:])
    return replace(plain, record=replace(plain.record, provider=outlets[0], related=related))


def test_outlets_are_counted_with_what_they_reported_first(database: Database) -> None:
    stories = [
        reported("one", "a.example", "b.example"),
        reported("two", "a.example", "b.example", "c.example", age=1, first="b.example"),
        reported("three", "b.example", age=2),
        reported("hidden", "c.example", published=False),
    ]
    with database.transaction() as connection:
        for item in stories:
            shelf.save(connection, item, NOW)
        save_outlet(connection, Outlet(Provider(name="The A", domain="a.example"), ""))
        shown = Shelf(connection)
        counted = [(outlet.provider.name, outlet.stories, outlet.first) for outlet in shown.outlets(10)]
        assert counted == [("b.example", 3, 2), ("The A", 2, 1), ("c.example", 1, 0)]
        assert [outlet.provider.domain for outlet in shown.outlets(1)] == ["b.example"]
        assert names(shown.outlet("b.example", 2)) == ["one", "two"]
        assert names(shown.outlet("c.example", 9)) == ["two"]
        assert shelf.dirty(connection, "outlet") == ["a.example", "b.example", "c.example"]
        shelf.save(connection, reported("two", "a.example", age=1), NOW)
        assert [(o.provider.domain, o.stories, o.first) for o in shown.outlet_counts(["b.example", "c.example"])] == [
            ("b.example", 2, 1),
            ("c.example", 0, 0),
        ]
        assert not shown.outlet("c.example", 9)


def test_stories_of_a_month_and_of_a_day(database: Database) -> None:
    stories = [story("a"), story("b", age=1), story("c", age=11), story("d", age=12), story("x", published=False)]
    with database.transaction() as connection:
        for item in stories:
            shelf.save(connection, item, NOW)
        shown = Shelf(connection)
        assert names(shown.during("2031-05")) == ["a", "b", "c"]
        assert names(shown.during("2031-05-11")) == ["b"]
        assert names(shown.during("2031-04-30")) == ["d"]
        assert not shown.during("2031-12")
        assert shown.month_counts() == {"2031-04": 1, "2031-05": 3}
        assert shown.day_counts("2031-05") == {"2031-05-01": 1, "2031-05-11": 1, "2031-05-12": 1}
        assert shelf.dirty(connection, "day") == ["2031-04-30", "2031-05-01", "2031-05-11", "2031-05-12"]
        shelf.clear_dirty(connection)
        shelf.save(connection, story("a", age=1), NOW)
        assert shelf.dirty(connection, "day") == ["2031-05-11", "2031-05-12"]
        assert shown.day_counts("2031-05") == {"2031-05-01": 1, "2031-05-11": 2}


def test_many_are_kept_as_one_by_one(database: Database) -> None:
    """In places and tallies that they leave as in those they come to."""
    first = [story("a", topics=("Sea",)), story("b", topics=("Sea", "Tides"), age=40), story("c", published=False)]
    second = [story("a", topics=("Tides",), rank=2), story("b", published=False), story("d", topics=("Sea",))]
    said = []
    for together in (False, True):
        with database.transaction() as connection:
            for table in (record_topics, record_outlets, tallies, records, reader_items, story_events):
                connection.execute(delete(table))
            for number, batch in enumerate((first, second)):
                at = NOW + timedelta(days=number)
                if together:
                    shelf.save_many(connection, batch, at)
                else:
                    for item in batch:
                        shelf.save(connection, item, at)
            tables = (record_topics, record_outlets, tallies, records)
            said.append([connection.execute(select(table).order_by(*table.primary_key)).all() for table in tables])
    assert said[0] == said[1]
    assert [row.published for row in said[0][2]] != []
