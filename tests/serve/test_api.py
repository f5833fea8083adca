"""The HTTP API over a real server: what it answers, in which order, to whom."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadsheet.store import changes, shelf
from broadsheet.store.tables import stories
from tests.serve.apis import START, Served, put_stories, served, story


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("paper") / "paper") as found:
        yield found


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """One that a test may change."""
    with served(tmp_path / "paper", count=12) as found:
        yield found


def ids(items: list[dict[str, Any]]) -> list[int]:
    return [int(item["id"].removeprefix("id-")) for item in items]


# --- stories -------------------------------------------------------------------------------------------------------------


def test_stories_by_heat_now_and_by_time(paper: Served) -> None:
    hottest = paper.walk("stories", limit=9)
    assert [item["rank"] for item in hottest] == sorted((item["rank"] for item in hottest), reverse=True)
    assert sorted(ids(hottest)) == list(range(60))
    assert ids(paper.walk("stories", limit=9, sort="time")) == list(range(59, -1, -1))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"topic": "ferries"}, lambda n: n % 2),
        ({"topic": "Ferries"}, lambda n: n % 2),
        ({"topic": "nothing"}, lambda n: False),
        ({"outlet": "echo.example"}, lambda n: n % 3 == 0),
        ({"language": "fr"}, lambda n: n % 7 == 0),
        ({"minimum_heat": 70}, lambda n: n >= 40),
        ({"minimum_quality": 55}, lambda n: n >= 55),
        ({"since": "2031-05-13"}, lambda n: n >= 18),
        ({"since": "2031-05-13T02:00:00+02:00"}, lambda n: n >= 18),
        ({"until": "2031-05-13T00:30:00Z"}, lambda n: n <= 18),
        (
            {"topic": "sea", "outlet": "echo.example", "language": "fr", "since": "2031-05-13"},
            lambda n: n in (21, 63),
        ),
    ],
)
def test_filters(paper: Served, query: dict[str, Any], expected: Any) -> None:
    assert ids(paper.walk("stories", **query, sort="time", limit=10)) == [n for n in range(59, -1, -1) if expected(n)]


def test_a_cursor_is_a_place_that_does_not_move(own: Served) -> None:
    page = own.get("stories", {"sort": "time", "limit": 5})
    with own.database.transaction() as connection:
        put_stories(connection, range(12, 15))
    after = own.get("stories", {"sort": "time", "limit": 5, "cursor": page["nextCursor"]})
    assert ids(page["value"]) + ids(after["value"]) == list(range(11, 1, -1))
    link = own.ask("/api/v1/stories", {"sort": "time", "limit": 5}).headers["link"]
    there = own.ask("/api/v1/stories" + link[1 : link.index(">")])
    assert ids(there.json["value"]) == [9, 8, 7, 6, 5]


@pytest.mark.parametrize(
    "name", ["id-003", "_news/2031-05-12-story-003.md", "2031-05-12-story-003", "_news%2F2031-05-12-story-003.md"]
)
def test_one_story_by_each_of_its_names(paper: Served, name: str) -> None:
    found = paper.get(f"stories/{name}")
    assert found["id"] == "id-003"
    assert found["page"].endswith("/stories/2031-05-12-story-003/")
    assert found["why"]["quality"] == {"value": 3, "parts": [{"name": "length", "points": 1.0, "reason": "long"}]}
    listed = next(item for item in paper.walk("stories") if item["id"] == "id-003")
    assert {**listed, "why": found["why"]} == found


def test_a_story_that_went_into_another_leads_there(own: Served) -> None:
    with own.database.transaction() as connection:
        row = {"cluster": b"", "last_at": 0, "seen_at": 0, "touched": 0, "expired": 0, "superseded_by": ""}
        connection.execute(stories.insert(), [{"id": "id-003"} | row])
        changes.supersede(connection, "id-003", "id-004")
        shelf.save(connection, story(3, published=False), START)
    answer = own.ask("/api/v1/stories/id-003")
    assert (answer.status, answer.headers["location"]) == (308, "/api/v1/stories/id-004")


def test_a_withdrawn_story_is_gone_everywhere(own: Served) -> None:
    with own.database.transaction() as connection:
        shelf.save(connection, story(3, published=False), START)
    assert own.ask("/api/v1/stories/id-003").status == 404
    assert 3 not in ids(own.walk("stories"))
    assert own.get("topics/sea")["stories"] == 5


# --- the rest ------------------------------------------------------------------------------------------------------------


def test_articles(paper: Served) -> None:
    listed = paper.walk("articles", limit=7)
    assert [item["key"] for item in listed] == [f"post.example/{n}" for n in range(59, -1, -1) if n % 5]
    assert {item["story"] for item in paper.walk("articles", story="id-017")} == {"id-017"}
    assert {item["provider"]["domain"] for item in paper.walk("articles", outlet="echo.example")} == {"echo.example"}
    assert {item["locale"] for item in paper.walk("articles", language="fr", topic="ferries")} == {"fr"}


@pytest.mark.parametrize(
    "name", ["post.example/17", "https://www.post.example/17/", "http:%2F%2Fpost.example%2F17%3Futm_source%3Dx"]
)
def test_one_article_by_key_or_address(paper: Served, name: str) -> None:
    found = paper.get(f"articles/{name}")
    assert (found["key"], found["story"], found["quality"]) == ("post.example/17", "id-017", 17)
    assert found["why"]["topics"][0]["topic"] == "Ferries"
    assert "text" not in found


def test_places(paper: Served) -> None:
    """In lists, alone, found, and in a feed of a query; those without one have no such key."""
    place = {"latitude": 54.25, "longitude": -3.5}
    stories, articles = paper.walk("stories"), paper.walk("articles")
    assert {item["id"] for item in stories if item.get("location") == place} == {f"id-{n:03}" for n in range(0, 60, 4)}
    assert {item["key"] for item in articles if item.get("location") == place} == {
        f"post.example/{n}" for n in range(0, 60, 4) if n % 5
    }
    assert sum("location" in item for item in (*stories, *articles)) == 15 + 12
    for name in ("stories/id-004", "articles/post.example/4"):
        assert paper.get(name)["location"] == place
    found = paper.get("search", {"q": "harbour", "limit": 50})["value"]
    assert len(found) > 4
    for hit in found:
        assert ("location" in hit["story"]) == (int(hit["story"]["id"][-3:]) % 4 == 0)
    for form in ("rss", "atom"):
        assert paper.ask(f"/feeds/v1/stories.{form}").content.count(b"<georss:point>54.25 -3.5</georss:point>") > 1
        assert b"georss" not in paper.ask(f"/feeds/v1/stories.{form}", {"topic": "ferries"}).content


def test_topics_and_outlets(paper: Served) -> None:
    topics = paper.get("topics")["value"]
    assert [(item["slug"], item["parent"], item["stories"]) for item in topics] == [
        ("sea", None, 30),
        ("ferries", "Sea", 30),
        ("energy", None, 30),
    ]
    assert paper.get("topics/ferries") == topics[1]
    outlets = paper.walk("outlets", limit=1)
    assert [(item["domain"], item["stories"]) for item in outlets] == [("post.example", 60), ("echo.example", 20)]
    assert paper.get("outlets/echo.example") == outlets[1]


def test_sources_are_told_to_the_desk_alone_and_without_passwords(paper: Served) -> None:
    assert paper.ask("/api/v1/sources").status == 401
    assert paper.ask("/api/v1/sources", scope="read").status == 403
    answer = paper.ask("/api/v1/sources", scope="desk")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert b"secret" not in answer.content
    found = paper.walk("sources", limit=1, scope="desk")
    assert [(item["url"], item["failures"], item["problem"]) for item in found] == [
        ("https://echo.example/feed.xml", 2, "answered 500"),
        ("https://post.example/feed.xml", 0, None),
    ]


def test_search(paper: Served) -> None:
    found = paper.walk("search", q="harbour topic:sea", limit=2)
    assert {item["story"]["id"] for item in found} == {f"id-{n:03}" for n in range(0, 60, 5) if n % 2}
    assert all(item["article"] is None for item in found)
    articles = paper.get("search", {"q": '"ferry number 17"', "kind": "article"})
    assert [item["article"]["key"] for item in articles["value"]] == ["post.example/17"]
    assert "<mark>ferry</mark>" in articles["value"][0]["snippet"]
    assert paper.get("search", {"q": "tide after:yesterday"})["problems"] == ["after:yesterday: is no day such as 2026-01-31"]


# --- how it answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("stories?limit=0", 400, "limit: Expected `int` >= 1"),
        ("stories?limit=many", 400, "limit: Expected `int`, got `str`"),
        ("stories?sort=age", 400, "sort: Invalid enum value 'age'"),
        ("stories?since=yesterday", 400, "since: 'yesterday' is neither a day like 2031-05-12 nor an instant"),
        ("stories?since=2031-02-30", 400, "since: '2031-02-30' is neither a day like 2031-05-12 nor an instant"),
        ("stories?until=", 400, "until: '' is neither a day like 2031-05-12 nor an instant"),
        ("stories?hot=1", 400, "hot: there is no such field"),
        ("stories?topic=a&topic=b", 400, "topic: is given twice"),
        ("stories?cursor=abc", 400, "cursor: is none that a page of this listing gave"),
        ("search", 400, "Object missing required field `q`"),
        ("stories/nothing", 404, "there is no such story, or it is not shown"),
        ("stories/%00", 404, "there is nothing of that name"),
        ("articles/post.example/5", 404, "there is no such article, or it is not shown"),
        ("topics/nothing", 404, "there is no such topic"),
        ("outlets/nobody.example", 404, "there is no such outlet, or no story of it is shown"),
        ("nothing", 404, "there is no such call; /api/v1/openapi.json describes all of them"),
    ],
)
def test_every_error_has_one_shape(paper: Served, path: str, status: int, message: str) -> None:
    answer = paper.ask(f"/api/v1/{path}")
    assert answer.status == status
    assert answer.json == {"error": {"status": status, "message": message}}


@pytest.mark.parametrize(
    "forged", ["kqRoZWF0kv__gAAAAAAAAKE", "kqRoZWF0ksv_8AAAAAAAAKE", "kqR0aW1lkgGheA", "kqRoZWF0kgGhAA", "k6RoZWF0AQI"]
)
def test_a_forged_cursor_is_refused(paper: Served, forged: str) -> None:
    assert paper.ask("/api/v1/stories", {"cursor": forged}).status == 400


def test_only_get(paper: Served) -> None:
    answer = paper.ask("/api/v1/stories", method="DELETE")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert set(answer.json["error"]) == {"status", "message"}


def test_whoever_has_an_answer_is_not_sent_it_again(own: Served) -> None:
    first = own.ask("/api/v1/stories")
    etag = first.headers["etag"]
    again = own.ask("/api/v1/stories", If_None_Match=f'"other", {etag}')
    assert (again.status, again.content, again.headers["etag"]) == (304, b"", etag)
    with own.database.transaction() as connection:
        put_stories(connection, [12])
    assert own.ask("/api/v1/stories", If_None_Match=etag).status == 200


def test_answers_are_compressed(paper: Served) -> None:
    answer = paper.ask("/api/v1/stories", Accept_Encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.content) == paper.ask("/api/v1/stories").content


@pytest.mark.parametrize("path", ["/api/v1/stories", "/api/v1/nothing", "/api/v1/stories?limit=0", "/feeds/v1/stories.rss"])
def test_pages_of_other_sites_may_read(paper: Served, path: str) -> None:
    assert paper.ask(path, Origin="https://elsewhere.example").headers["access-control-allow-origin"] == "*"


def test_pages_of_other_sites_may_send_a_token_and_change_nothing(paper: Served) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access_Control_Request_Headers": "authorization"}
    may = paper.ask("/api/v1/stories", method="OPTIONS", Access_Control_Request_Method="GET", **asked)
    assert may.status == 200
    assert "Authorization" in may.headers["access-control-allow-headers"]
    may_not = paper.ask("/api/v1/hooks", method="OPTIONS", Access_Control_Request_Method="POST", **asked)
    assert may_not.status == 400


def test_a_newsroom_that_is_not_public(tmp_path: Path) -> None:
    with served(tmp_path / "paper", count=3, settings="[serve]\npublic = false\n") as paper:
        for path in ("/api/v1/stories", "/feeds/v1/stories.rss", "/api/news/?page=1", "/", "/api/v1/events"):
            assert paper.ask(path).status == 401, path
        assert paper.ask("/", Accept="text/html").headers["location"] == "/account/sign-in?next=/"
        assert paper.ask("/api/v1/stories", scope="hooks").status == 403
        found = paper.ask("/api/v1/stories", scope="read")
        assert (found.status, found.headers["cache-control"]) == (200, "private, no-cache")
        assert "Authorization" in found.headers["vary"]
        assert paper.ask("/healthz").status == 200
