from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from broadsheet.models import Decision, PublishedStory
from broadsheet.store import Database, decisions, listings, shelf
from broadsheet.store.listings import Order, Place, Wanted
from tests.postgres import new_database
from tests.serve.apis import START, put_articles, put_stories, story

COUNT = 60


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """For tests that change nothing."""
    url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'broadsheet.db'}"
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgres_server"), f"test_{uuid4().hex}")
    with closing(Database(url)) as database:
        yield fill(database)


@pytest.fixture
def own(database: Database) -> Database:
    return fill(database)


def fill(database: Database) -> Database:
    with database.transaction() as connection:
        put_stories(connection, range(COUNT))
        put_articles(connection, range(COUNT))
    return database


def walk(connection: Connection, wanted: Wanted, order: Order, limit: int = 7) -> list[PublishedStory]:
    found: list[PublishedStory] = []
    place: Place | None = None
    while True:
        page = listings.stories(connection, wanted, order, limit, place)
        assert len(page.stories) <= limit
        found += page.stories
        if page.last is None:
            return found
        assert place is None or page.last < place
        place = page.last


def numbers(stories: list[PublishedStory]) -> list[int]:
    return [int(story.id.removeprefix("id-")) for story in stories]


STORY_FILTERS: list[tuple[Wanted, Any]] = [
    (Wanted(), lambda n: True),
    (Wanted(topic="Ferries"), lambda n: n % 2 == 1),
    (Wanted(topic="Nothing"), lambda n: False),
    (Wanted(outlet="echo.example"), lambda n: n % 3 == 0),
    (Wanted(outlet="echo.example", topic="Ferries"), lambda n: n % 6 == 3),
    (Wanted(outlet="post.example", topic="Energy"), lambda n: n % 2 == 0),
    (Wanted(language="fr"), lambda n: n % 7 == 0),
    (Wanted(language="fr", topic="Sea"), lambda n: n % 14 == 7),
    (Wanted(heat=60), lambda n: n >= 30),
    (Wanted(quality=50, outlet="echo.example"), lambda n: n >= 50 and n % 3 == 0),
    (Wanted(since=int((START + timedelta(hours=10)).timestamp())), lambda n: n >= 10),
    (Wanted(until=int((START + timedelta(hours=10)).timestamp()), topic="Ferries"), lambda n: n < 10 and n % 2 == 1),
]


@pytest.mark.parametrize(("wanted", "fits"), STORY_FILTERS)
def test_stories_by_every_filter_and_order(filled: Database, wanted: Wanted, fits: Any) -> None:
    expected = [number for number in range(COUNT) if fits(number)]
    with filled.reading() as connection:
        assert numbers(walk(connection, wanted, "time")) == expected[::-1]
        by_heat = walk(connection, wanted, "heat")
    assert sorted(numbers(by_heat)) == expected
    assert all((one.rank, one.record.path) > (two.rank, two.record.path) for one, two in pairwise(by_heat))


def test_what_is_withdrawn_is_not_listed(own: Database) -> None:
    with own.transaction() as connection:
        shelf.save(connection, story(3, ("Ferries", "Sea"), published=False), START)
    with own.reading() as connection:
        for wanted in (
            Wanted(),
            Wanted(topic="Ferries"),
            Wanted(outlet="echo.example"),
            Wanted(outlet="echo.example", topic="Sea"),
        ):
            assert 3 not in numbers(walk(connection, wanted, "heat"))


@pytest.mark.parametrize("order", ["heat", "time"])
def test_pages_do_not_move_while_stories_come_in(own: Database, order: Order) -> None:
    with own.reading() as connection:
        before = numbers(walk(connection, Wanted(), order))
        page = listings.stories(connection, Wanted(), order, 20)
    with own.transaction() as connection:
        put_stories(connection, range(COUNT, COUNT + 10))
    with own.reading() as connection:
        rest = numbers(list(listings.stories(connection, Wanted(), order, 100, page.last).stories))
    assert [number for number in numbers(list(page.stories)) + rest if number < COUNT] == before


def test_a_page_looks_at_so_many_places_only(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that fits nothing ends a page early, with the place to go on from; walking on finds all."""
    monkeypatch.setattr(listings, "WINDOWS", (4, 8))
    with filled.reading() as connection:
        page = listings.stories(connection, Wanted(heat=1000), "time", 5)
        assert page.stories == ()
        assert page.last == (int((START + timedelta(hours=COUNT - 12)).timestamp()), "_news/2031-05-12-story-048.md")
        assert numbers(walk(connection, Wanted(language="fr"), "time", 3)) == [56, 49, 42, 35, 28, 21, 14, 7, 0]


def test_a_slice_of_the_newest(filled: Database) -> None:
    with filled.reading() as connection:
        found, more = listings.slice_of(connection, Wanted(heat=80), 20, 0, 5)
        assert (numbers(found), more) == ([59, 58, 57, 56, 55], True)
        found, more = listings.slice_of(connection, Wanted(heat=80), 20, 5, 5)
        assert (numbers(found), more) == ([54, 53, 52, 51, 50], False)
        assert listings.slice_of(connection, Wanted(heat=80), 20, 10, 5) == ([], False)
        found, more = listings.slice_of(connection, Wanted(), 20, 15, 10)
        assert (numbers(found), more) == ([44, 43, 42, 41, 40], False)


ARTICLE_FILTERS: list[tuple[Wanted, Any]] = [
    (Wanted(), lambda n: True),
    (Wanted(topic="Energy"), lambda n: n % 2 == 0),
    (Wanted(outlet="echo.example"), lambda n: n % 3 == 0),
    (Wanted(outlet="echo.example", topic="Ferries"), lambda n: n % 6 == 3),
    (Wanted(story="id-017"), lambda n: n == 17),
    (Wanted(story="id-017", outlet="echo.example"), lambda n: False),
    (Wanted(language="fr"), lambda n: n % 7 == 0),
    (Wanted(quality=40, topic="Energy"), lambda n: n >= 40 and n % 2 == 0),
    (Wanted(since=int((START + timedelta(hours=10)).timestamp()), topic="Energy"), lambda n: n >= 10 and n % 2 == 0),
    (Wanted(until=int((START + timedelta(hours=10)).timestamp())), lambda n: n < 10),
]


def keys(connection: Connection, wanted: Wanted) -> list[int]:
    found: list[str] = []
    place: Place | None = None
    while True:
        page = listings.articles_of(connection, wanted, 4, place)
        found += [member.article.key for member in page.articles]
        if page.last is None:
            return [int(key.rpartition("/")[2]) for key in found]
        place = page.last


@pytest.mark.parametrize(("wanted", "fits"), ARTICLE_FILTERS)
def test_articles_by_every_filter(filled: Database, wanted: Wanted, fits: Any) -> None:
    """Articles of no story are not listed: every fifth."""
    with filled.reading() as connection:
        assert keys(connection, wanted) == [n for n in range(COUNT - 1, -1, -1) if fits(n) and n % 5]


def test_articles_of_a_story_that_is_withheld_are_not_shown(own: Database) -> None:
    with own.transaction() as connection:
        held = Decision(action="withhold", target="id-017", who="maud", at=START)
        number = decisions.decide(connection, held)
        assert listings.article_of(connection, "post.example/17") is None
        assert 17 not in keys(connection, Wanted())
        decisions.undo(connection, number, START, "maud")
        assert listings.article_of(connection, "post.example/17") is not None
        assert 17 in keys(connection, Wanted())
        assert listings.article_of(connection, "post.example/5") is None


def test_an_article_that_is_judged_anew_is_under_its_new_topics_alone(own: Database) -> None:
    with own.transaction() as connection:
        judged = listings.article_of(connection, "post.example/17")
        assert judged is not None
        match = replace(judged.judgement.topics[0], topic="Energy")
        listings.list_articles(connection, [replace(judged.judgement, topics=(match,))])
        assert 17 in keys(connection, Wanted(topic="Energy"))
        assert 17 not in keys(connection, Wanted(topic="Ferries"))


def test_outlets_page_by_page(filled: Database) -> None:
    with filled.reading() as connection:
        first, last = listings.outlets(connection, 1)
        second, end = listings.outlets(connection, 1, last)
    assert (first, second, end) == (["post.example"], ["echo.example"], None)


def plan(connection: Connection, walked: Any) -> str:
    """What the database says of how it would read a page."""
    query = listings._window(walked, 26, (1e9, "x"))
    sql = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    if connection.dialect.name == "sqlite":
        return "\n".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    for choice in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):  # so few rows are read as they lie otherwise
        connection.execute(text(f"SET LOCAL {choice} = off"))
    return "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {sql}")))


WALKS = [
    (Wanted(), "heat", "ix_records_rank"),
    (Wanted(), "time", "ix_records_published_at"),
    (Wanted(topic="Sea"), "heat", "ix_record_topics_rank"),
    (Wanted(topic="Sea"), "time", "ix_record_topics_published_at"),
    (Wanted(outlet="echo.example"), "heat", "ix_record_outlets_rank"),
    (Wanted(outlet="echo.example"), "time", "ix_record_outlets_published_at"),
    (Wanted(), "", "ix_articles_published_at"),
    (Wanted(outlet="echo.example"), "", "ix_articles_provider"),
    (Wanted(story="id-017"), "", "ix_articles_story"),
    (Wanted(topic="Energy"), "", "ix_article_topics_published_at"),
]


@pytest.mark.parametrize(("wanted", "order", "index"), WALKS)
def test_every_page_is_read_from_an_index_in_its_order(filled: Database, wanted: Wanted, order: Order, index: str) -> None:
    with filled.reading() as connection:
        walked = listings._stories(connection, wanted, order) if order else listings._articles(wanted)
        said = plan(connection, walked)
    assert index in said
    assert "SCAN" not in said
    assert "TEMP B-TREE" not in said
    assert "Sort" not in said


def test_outlets_are_read_from_an_index_in_their_order(filled: Database) -> None:
    with filled.reading() as connection:
        said = plan(connection, listings._outlets())
    assert "ix_tallies_published" in said
    assert "TEMP B-TREE" not in said
    assert "Sort" not in said


def test_the_smaller_of_two_indexes_is_walked(filled: Database) -> None:
    with filled.reading() as connection:
        assert "record_outlets" in str(listings._stories(connection, Wanted(topic="Sea", outlet="echo.example"), "heat").places)
        assert "record_topics" in str(listings._stories(connection, Wanted(topic="Sea", outlet="post.example"), "heat").places)
