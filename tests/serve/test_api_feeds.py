from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import feedparser
import pytest

from tests.serve.apis import Served, served

TITLES = ["The tide of day 51", "The tide of day 41", "The tide of day 31", "The tide of day 21", "The tide of day 11"]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    saved = "[search.saved]\ntides = 'tide topic:sea'\n"
    with served(tmp_path_factory.mktemp("paper") / "paper", settings=saved) as found:
        yield found


@pytest.mark.parametrize(
    ("form", "kind"),
    [("rss", "application/rss+xml; charset=utf-8"), ("atom", "application/atom+xml; charset=utf-8")],
)
@pytest.mark.parametrize(
    ("what", "query", "titles"),
    [
        ("search", {"q": "tide topic:sea", "limit": 5}, TITLES),
        (
            "stories",
            {"topic": "sea", "outlet": "echo.example", "limit": 2},
            ["The quay of day 57".replace("quay", "lamp"), "The tide of day 51"],
        ),
        ("stories", {"language": "fr", "minimum_heat": 85}, ["The tide of day 56"]),
    ],
)
def test_a_query_as_a_feed(paper: Served, form: str, kind: str, what: str, query: dict[str, Any], titles: list[str]) -> None:
    answer = paper.ask(f"/feeds/v1/{what}.{form}", query)
    assert answer.headers["content-type"] == kind
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == titles
    itself = next(link.href for link in feed.feed.links if link.rel == "self")
    assert itself.startswith(f"http://localhost:8000/feeds/v1/{what}.{form}?")
    assert paper.ask(itself.removeprefix("http://localhost:8000")).content == answer.content
    assert paper.ask(f"/feeds/v1/{what}.{form}", query, If_None_Match=answer.headers["etag"]).status == 304


def test_a_query_as_a_json_feed(paper: Served) -> None:
    found = paper.ask("/feeds/v1/search.json", {"q": "tide topic:sea", "limit": 5})
    assert [item["title"] for item in found.json["items"]] == TITLES
    assert found.json["home_page_url"] == "http://localhost:8000/search/?q=tide+topic%3Asea"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("stories.xml", 404),
        ("articles.rss", 404),
        ("search.rss", 400),
        ("search.rss?q=", 400),
        ("stories.rss?limit=1000", 400),
        ("stories.rss?cursor=x", 400),
        ("saved/none.rss", 404),
        ("saved/tides.xml", 404),
    ],
)
def test_what_is_no_feed(paper: Served, path: str, status: int) -> None:
    assert paper.ask(f"/feeds/v1/{path}").status == status


def test_a_saved_search_is_a_feed(paper: Served) -> None:
    found = paper.ask("/feeds/v1/saved/tides.json")
    assert (found.status, found.headers["location"]) == (302, "../search.json?q=tide+topic%3Asea")


def test_what_a_query_says_cannot_break_a_feed(paper: Served) -> None:
    words = '</title><script>alert(1)</script> "&'
    for form in ("rss", "atom"):
        feed = feedparser.parse(paper.ask(f"/feeds/v1/search.{form}", {"q": words}).content)
        assert not feed.bozo
    assert paper.ask("/feeds/v1/search.json", {"q": words}).json["title"].startswith(words)
