"""A newsroom with stories and their articles behind the HTTP API, for tests of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from msgspec import Struct
from sqlalchemy import Connection

from broadsheet.models import (
    Article,
    Judgement,
    Location,
    Part,
    Provider,
    PublishedStory,
    Record,
    RelatedRecord,
    Score,
    SourceState,
    TopicMatch,
)
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.people import new_token
from broadsheet.store import Database, people, shelf, sources
from broadsheet.store.articles import ReadArticle, save_articles, save_judgements
from broadsheet.store.people import Account
from tests.serve.newsrooms import answering

START = datetime(2031, 5, 12, 6, tzinfo=UTC)
NOW = START + timedelta(days=3)
TOPICS = {"1-sea": "name: Sea\n", "2-ferries": "name: Ferries\nparent: Sea\n", "3-energy": "name: Energy\n"}
POST, ECHO = Provider(name="Ansel Post", domain="post.example"), Provider(name="Oystwick Echo", domain="echo.example")
SOURCES = """
[[sources]]
url = "https://maud:secret@post.example/feed.xml"

[[sources]]
url = "https://echo.example/feed.xml"
"""
PLACE = Location(latitude=54.25, longitude=-3.5)  # of each fourth story, and its article
WORDS = ("harbour", "tide", "lamp", "gull", "quay")


class Answer(Struct, frozen=True):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Served(Struct, frozen=True):
    """A served newsroom. ``tokens`` by their scope."""

    home: str
    newsroom: Newsroom
    database: Database
    tokens: dict[str, str]

    def ask(
        self, path: str, query: Any = (), *, scope: str = "", method: str = "GET", body: Any = None, **headers: str
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if scope:
            sent["Authorization"] = f"Bearer {self.tokens[scope]}"
        content = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        connection = HTTPConnection(urlsplit(self.home).netloc, timeout=30)
        connection.request(method, f"{path}?{urlencode(query)}" if query else path, body=content, headers=sent)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, response.read())
        connection.close()
        return answer

    def get(self, path: str, query: Any = (), **more: Any) -> Any:
        """The JSON of a good answer of the API."""
        answer = self.ask(f"/api/v1/{path}", query, **more)
        assert answer.status == 200, answer.content
        return answer.json

    def walk(self, path: str, scope: str = "", **query: Any) -> list[dict[str, Any]]:
        """All items of a listing, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, query | cursor, scope=scope)
            found += page["value"]
            if page["nextCursor"] is None:
                return found
            cursor = {"cursor": page["nextCursor"]}


def story(number: int, topics: Sequence[str] = ("Sea",), *, published: bool = True, title: str = "") -> PublishedStory:
    """A story an hour after the one before; each third has a second outlet, each seventh is in French."""
    related = ()
    if number % 3 == 0:
        echo = f"https://echo.example/{number}"
        related = (RelatedRecord(title="The same", provider=ECHO, web_url=echo, published_at=START + timedelta(hours=number)),)
    record = Record(
        path=f"_news/2031-05-12-story-{number:03}.md",
        title=title or f"The {WORDS[number % len(WORDS)]} of day {number}",
        excerpt=f"What happened at {number}.",
        provider=POST,
        web_url=f"https://post.example/{number}",
        published_at=START + timedelta(hours=number),
        topics=tuple(topics),
        published=published,
        heat=30 + number,
        quality=number % 100,
        related=related,
    )
    # the hottest first is another order than the newest first
    rank, language = round((number * 37 % 101) / 7, 6), "fr" if number % 7 == 0 else "en"
    why = Score(value=record.quality or 0, parts=(Part(name="length", points=1.0, reason="long"),))
    location = PLACE if number % 4 == 0 else None
    return PublishedStory(id=f"id-{number:03}", record=record, rank=rank, language=language, why_quality=why, location=location)


def put_stories(connection: Connection, numbers: Sequence[int]) -> None:
    for number in numbers:
        item = story(number, ("Ferries", "Sea") if number % 2 else ("Energy",))
        shelf.save(connection, item, item.record.published_at or START)


def put_articles(connection: Connection, numbers: Sequence[int]) -> None:
    """Articles of `story`, one each; of every fifth there is no story."""
    made = [
        Article(
            key=f"post.example/{number}",
            original_url=f"https://post.example/{number}",
            web_url=f"https://post.example/{number}",
            title=f"The {WORDS[number % len(WORDS)]} article {number}",
            provider=ECHO if number % 3 == 0 else POST,
            text=f"It was about the ferry number {number}.",
            language="fr" if number % 7 == 0 else "en",
            published_at=START + timedelta(hours=number),
            location=PLACE if number % 4 == 0 else None,
        )
        for number in numbers
    ]
    save_articles(connection, [ReadArticle(entry=article.key, article=article) for article in made], NOW)
    judged = []
    for number, article in zip(numbers, made, strict=True):
        match = TopicMatch(topic="Ferries" if number % 2 else "Energy", relevance=0.8)
        found = (f"id-{number:03}", (match,)) if number % 5 else ("", ())
        score = Score(value=number % 100, parts=(Part(name="length", points=1.0, reason="long"),))
        judged.append(Judgement(key=article.key, story=found[0], topics=found[1], quality=score))
    save_judgements(connection, judged)


def make(folder: Path, settings: str = "") -> Newsroom:
    make_newsroom(folder, new_key())
    for old in (folder / "_data/topics").glob("*.yaml"):
        old.unlink()
    for name, text in TOPICS.items():
        (folder / f"_data/topics/{name}.yaml").write_text(text)
    with (folder / "broadsheet.toml").open("a") as file:
        file.write(SOURCES + settings)
    return open_newsroom(folder)


def fill(database: Database, count: int) -> dict[str, str]:
    """Put in stories, articles, the state of a source, and an owner; the owner's tokens by scope."""
    with database.transaction() as connection:
        put_stories(connection, range(count))
        put_articles(connection, range(count))
        state = SourceState(url="https://echo.example/feed.xml", title="Echo", failures=2, problem="answered 500")
        sources.save_source(connection, state, 1)
        shelf.clear_dirty(connection)
        people.add(connection, Account("maud", "owner", "", START))
        return {scope: new_token(connection, "maud", [scope], scope, START) for scope in ("read", "desk", "hooks", "admin")}


@contextmanager
def served(folder: Path, store: str = "", count: int = 60, settings: str = "") -> Iterator[Served]:
    newsroom = make(folder, settings)
    database = Database(store or newsroom.store_url)
    tokens = fill(database, count)
    try:
        with answering(make_app(Office(newsroom, database, lambda: NOW))) as home:
            yield Served(home, newsroom, database, tokens)
    finally:
        database.close()
