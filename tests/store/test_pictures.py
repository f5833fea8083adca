from __future__ import annotations

from broadsheet.models import Image
from broadsheet.store import Database, pictures
from broadsheet.store.pictures import Wanted

A, B = (Wanted(url=f"https://{name}.example/a.jpg", story=name, source=f"https://{name}.example/feed") for name in "ab")
COPY = Image(url="assets/images/stories/1.jpg", width=1200, height=800)


def test_a_picture_that_is_wanted_waits_once(database: Database) -> None:
    with database.transaction() as connection:
        pictures.want(connection, [B, A])
        pictures.want(connection, [Wanted(url=A.url, story="other", source="")])
        assert pictures.waiting(connection, 1, 10) == [A, B]
        assert pictures.waiting(connection, 1, 1) == [A]


def test_a_kept_picture_waits_no_more(database: Database) -> None:
    with database.transaction() as connection:
        pictures.want(connection, [A, B])
        pictures.keep(connection, A.url, COPY)
        pictures.want(connection, [A])
        assert pictures.waiting(connection, 1, 10) == [B]
        assert pictures.kept(connection, [A.url, B.url, "https://c.example/"]) == {A.url: COPY}


def test_one_that_failed_waits_for_the_next_edition(database: Database) -> None:
    with database.transaction() as connection:
        pictures.want(connection, [A])
        pictures.miss(connection, A.url, 3, final=False)
        assert pictures.waiting(connection, 3, 10) == []
        assert [item.attempts for item in pictures.waiting(connection, 4, 10)] == [1]


def test_one_that_is_gone_is_not_asked_for_again(database: Database) -> None:
    with database.transaction() as connection:
        pictures.want(connection, [A])
        pictures.miss(connection, A.url, 3, final=True)
        pictures.want(connection, [A])
        assert pictures.waiting(connection, 4, 10) == []
        assert pictures.kept(connection, [A.url]) == {}
