"""A newsroom with stories and a reader who has a token, for tests of the APIs of feed readers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from msgspec import Struct
from sqlalchemy import Connection

from broadsheet.models import Provider, PublishedStory, Record, RelatedRecord
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.people import new_token
from broadsheet.store import Database, people, shelf
from broadsheet.store.people import Account, Role
from tests.serve.newsrooms import answering

START = datetime(2031, 5, 12, 6, tzinfo=UTC)
LATER = START + timedelta(days=1)
TOPICS = {"1-sea": "name: Sea\n", "2-ferries": "name: Ferries\nparent: Sea\n", "3-energy": "name: Energy\n"}
STORIES = {
    "gulls-counted": ("Ferries", "Sea"),
    "tide-turns": ("Sea",),
    "lamps-dim": ("Energy",),
    "quay & <crane>": ("Ferries", "Sea"),
    "of-nothing": ("Gone",),
}


class Paper(Struct, frozen=True):
    home: str
    newsroom: Newsroom
    database: Database
    token: str
    name: str = "maud"

    def ask(self, path: str, fields: Any = None, *, token: str | None = None, query: Any = ()) -> tuple[int, str]:
        """Status and text of an answer; with ``fields`` it is a POST."""
        url = f"{self.home}{path}" + (f"?{urlencode(query)}" if query else "")
        data = urlencode(fields, doseq=True).encode() if fields is not None else None
        headers = {"Authorization": f"GoogleLogin auth={self.token if token is None else token}"}
        try:
            with urlopen(Request(url, data=data, headers=headers), timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def api(self, call: str, fields: Any = None, query: Any = ()) -> Any:
        status, text = self.ask(f"reader/api/0/{call}", fields, query=query)
        assert status == 200, text
        return json.loads(text) if text.startswith("{") else text

    def unread(self) -> dict[str, int]:
        return {item["id"]: item["count"] for item in self.api("unread-count")["unreadcounts"]}


def story(name: str, topics: tuple[str, ...] = (), *, hours: int = 0, published: bool = True) -> PublishedStory:
    other = RelatedRecord(
        title=f"{name} too",
        provider=Provider(name="Oystwick Echo", domain="echo.example"),
        web_url=f"https://echo.example/{hours}",
    )
    record = Record(
        path=f"_news/2031-05-12-{hours}.md",
        title=name,
        excerpt=f"About {name}.",
        provider=Provider(name="Ansel Post", domain="post.example"),
        web_url=f"https://post.example/{hours}",
        published_at=START + timedelta(hours=hours),
        topics=topics,
        published=published,
        heat=60,
        quality=60,
        related=(other,),
    )
    return PublishedStory(id=f"id-{hours}", record=record, rank=float(hours))


def join(connection: Connection, name: str, role: Role = "reader") -> None:
    people.add(connection, Account(name, role, "", START))


@contextmanager
def paper(folder: Path, store: str = "") -> Iterator[Paper]:
    """A served newsroom with `STORIES`, shown an hour after each other."""
    make_newsroom(folder, new_key())
    for old in (folder / "_data/topics").glob("*.yaml"):
        old.unlink()
    for name, text in TOPICS.items():
        (folder / f"_data/topics/{name}.yaml").write_text(text)
    newsroom = open_newsroom(folder)
    database = Database(store or newsroom.store_url)
    with database.transaction() as connection:
        for hours, (name, topics) in enumerate(STORIES.items()):
            item = story(name, topics, hours=hours)
            shelf.save(connection, item, item.record.published_at or START)
        join(connection, "maud")
        token = new_token(connection, "maud", ["read"], "phone", START)
    try:
        with answering(make_app(Office(newsroom, database, lambda: LATER))) as home:
            yield Paper(home, newsroom, database, token)
    finally:
        database.close()
