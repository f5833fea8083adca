"""A served newsroom with stories to decide of and people who may, for tests of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

from broadsheet.edition.composing import compose_stories
from broadsheet.edition.curating import judge
from broadsheet.edition.pipeline import ClientMaker, polite_client
from broadsheet.gather.client import Client
from broadsheet.newsroom import Newsroom, open_newsroom
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.people import COOKIE, SCOPES, Person, open_session
from broadsheet.store import Database, people, shelf
from broadsheet.store.people import Account, Role
from tests.edition.by_hand import NOON, Paper
from tests.serve.newsrooms import answering

NOW = NOON + timedelta(minutes=5)
PEOPLE: dict[str, Role] = {"rita": "reader", "ida": "editor", "otto": "owner"}
TOPICS = {
    "1-sea.yaml": "name: Sea\nkeywords: [ferry, harbour]\n",
    "2-ferries.yaml": "name: Ferries\nparent: Sea\nkeywords: [ferry]\n",
    "3-water.yaml": "name: Water & <dams>\nshortname: water\nkeywords: [dam]\n",
}
EVIL = '<script>alert(1)</script> ferry & "quay"'
HEADLINES = [
    ["Dam bursts above Lowfield, hundreds flee the valley", "Hundreds flee as Lowfield dam bursts"],
    ["Council votes to close the old harbour"],
    [EVIL],
]
SOURCE = "https://post.example/feed.xml"


class Desk(Struct, frozen=True):
    """``secrets`` are sessions by name."""

    home: str
    paper: Paper
    database: Database
    secrets: dict[str, str]

    def ask(self, path: str, name: str = "ida", fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, text and where an answer leads; ``fields`` are sent from a page of the person's own."""
        secret = self.secrets.get(name, "")
        headers = {"Accept": "text/html,*/*;q=0.8"} | ({"Cookie": f"{COOKIE}={secret}"} if secret else {})
        body = None
        if fields is not None:
            person = Person(name, "owner", (), secret)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.home.rstrip("/")}
            body = urlencode({"csrf": person.csrf} | fields)
        connection = HTTPConnection(urlsplit(self.home).netloc, timeout=30)
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer: HTTPResponse = connection.getresponse()
        found = answer.status, answer.read().decode(), answer.getheader("location", "")
        connection.close()
        return found

    def decide(self, action: str, of: str, **fields: str) -> None:
        """As the form does; the next edition follows."""
        status, text, where = self.ask(f"/desk/decide/{action}", fields={"of": of, "reason": "for this test"} | fields)
        assert (status, where) == (303, "/desk/?told=decided"), text
        self.next_edition()

    def next_edition(self) -> None:
        judge(self.paper.run)
        compose_stories(self.paper.run)

    def story(self, part: str) -> shelf.PublishedStory:
        """The story, shown or not, whose article's address has that part."""
        with self.database.reading() as connection:
            every = shelf.after_path(connection, "", 100)
        return next(story for story in every if part in story.record.web_url)


def loopback(newsroom: Newsroom, at: datetime) -> Client:
    """A client that may ask this machine."""
    return Client(newsroom.settings.gather, user_agent="Broadsheet-test/1", clock=lambda: at, allow_private=True)


@contextmanager
def desk(folder: Path, store: str = "", client: ClientMaker = polite_client) -> Iterator[Desk]:
    """A newsroom with three stories at `NOW`, and one person of each role."""
    database = Database(store or f"sqlite:///{folder}.db")
    try:
        paper = _paper(folder, database)
        secrets = {}
        with database.transaction() as connection:
            for name, role in PEOPLE.items():
                people.add(connection, Account(name, role, "", NOW))
                secrets[name] = open_session(connection, Person(name, role, SCOPES[role]), NOW)
        with answering(make_app(Office(paper.run.newsroom, database, lambda: NOW, client))) as home:
            yield Desk(home, paper, database, secrets)
    finally:
        database.close()


def _paper(folder: Path, database: Database) -> Paper:
    paper = Paper(folder, database)
    for old in (folder / "_data/topics").glob("*"):
        old.unlink()
    for name, text in TOPICS.items():
        (folder / f"_data/topics/{name}").write_text(text)
    with (folder / "broadsheet.toml").open("a") as config:
        config.write(
            f'\n[gather]\ngap = 0.0\n\n# the first\n[[sources]]\nurl = "{SOURCE}"\n\n# the other\n[[sources]]\nurl = "https://b.example/f"\n'
        )
    paper.run.newsroom = open_newsroom(folder)
    for hours, titles in enumerate(HEADLINES):
        for place, title in enumerate(titles):
            paper.comes([title], 3 * hours + place)
    compose_stories(paper.run)
    return paper
