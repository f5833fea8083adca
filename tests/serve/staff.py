"""A served newsroom with an owner, an editor and a reader, for tests of who may do what."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from argon2 import PasswordHasher
from msgspec import Struct
from starlette.applications import Starlette

from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.people import COOKIE, SCOPES, Person, by_session, new_token, open_session
from broadsheet.store import Database, people
from broadsheet.store.people import Account, Note, Role, audited
from tests.serve.newsrooms import answering
from tests.serve.readers import START

PASSWORD = "three gulls on a railing"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # which the tests need not wait for
NAMES: dict[Role, str] = {"reader": "rosa", "editor": "edda", "owner": "olga"}


class Clock:
    """The server's time, that a test turns."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Answer(Struct, frozen=True):
    status: int
    headers: dict[str, str]
    text: str
    cookies: dict[str, str]

    @property
    def goes_to(self) -> str:
        return self.headers.get("location", "")

    @property
    def asks_to_sign_in(self) -> bool:
        return self.status == 401 or (self.status == 303 and self.goes_to.startswith("/account/sign-in?next="))

    @property
    def is_refused(self) -> bool:
        return self.status == 403 or self.asks_to_sign_in


class Session(Struct, frozen=True):
    """What a browser has of a session: the cookie, and the token of its forms."""

    secret: str
    csrf: str

    @property
    def cookie(self) -> str:
        return f"{COOKIE}={self.secret}"


class Staff(Struct, frozen=True):
    """The newsroom and how to ask it, by paths as they are: no client tidies them up."""

    home: str
    app: Starlette
    office: Office
    clock: Clock

    def ask(self, method: str, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.home).netloc, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if form is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, sent)
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.getheaders()}
            endless = said.get("content-type", "").startswith("text/event-stream")
            text = "" if endless else response.read().decode(errors="replace")
            cookies = SimpleCookie(response.getheader("set-cookie", ""))
            return Answer(response.status, said, text, {name: item.value for name, item in cookies.items()})
        finally:
            connection.close()

    def session(self, role: Role = "owner") -> Session:
        """A session as signing in begins one."""
        person = Person(NAMES[role], role, SCOPES[role])
        with self.office.database.transaction() as connection:
            secret = open_session(connection, person, self.clock())
            found = by_session(connection, secret, self.clock())
        assert found is not None
        return Session(secret, found.csrf)

    def token(self, *scopes: str, role: Role = "owner", days: int | None = None) -> str:
        with self.office.database.transaction() as connection:
            return new_token(connection, NAMES[role], scopes, "of a test", self.clock(), days)

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Answer:
        return self.ask("POST", "/account/sign-in", {"name": name, "password": password, **more})

    def post(self, path: str, session: Session, **form: str) -> Answer:
        """As a page of the session sends it."""
        return self.ask("POST", path, {"csrf": session.csrf, **form}, Cookie=session.cookie, Origin=self.home.rstrip("/"))

    def log(self) -> list[Note]:
        """The audit log, the oldest line first."""
        with self.office.database.reading() as connection:
            return [note for _, note in reversed(audited(connection, 1000))]

    def turn(self, **by: float) -> None:
        self.clock.at += timedelta(**by)


@contextmanager
def staffed(folder: Path, store: str = "", settings: str = "") -> Iterator[Staff]:
    """``settings`` are lines of broadsheet.toml."""
    make_newsroom(folder, new_key())
    with (folder / "broadsheet.toml").open("a") as file:
        file.write(f"\n{settings}")
    newsroom, clock = open_newsroom(folder), Clock()
    (newsroom.output).mkdir(exist_ok=True)
    (newsroom.output / "index.html").write_text("<!doctype html><title>Front page</title>")
    database = Database(store or newsroom.store_url)
    with database.transaction() as connection:
        for role, name in NAMES.items():
            people.add(connection, Account(name, role, CHEAP, START))
    office = Office(newsroom, database, clock)
    app = make_app(office)
    try:
        with answering(app, newsroom.settings.serve) as home:
            yield Staff(home, app, office, clock)
    finally:
        database.close()
