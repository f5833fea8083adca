"""Webhooks sent to a real server on loopback: what comes, in which order, how often, and what happens when it is not taken."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from msgspec import Struct

from broadsheet.errors import BroadsheetError
from broadsheet.models import Hook
from broadsheet.serve import hooks as sending
from broadsheet.serve.hooks import GIVE_UP, Deliveries, add_hook, new_hook
from broadsheet.serve.office import Office
from broadsheet.store import Database, hooks, shelf
from broadsheet.store.hooks import HookState
from tests.serve.apis import NOW, START, make, served, story

OPEN = "[serve]\nprivate_hooks = true\n"


class Message(Struct, frozen=True):
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def story(self) -> str:
        return str(json.loads(self.content)["data"]["id"])


class Receiver:
    """A server that keeps what is posted to it; ``answer`` gives the status and headers of each answer."""

    def __init__(self) -> None:
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self.answer: Callable[[Message], tuple[int, dict[str, str]]] = lambda message: (204, {})
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["content-length"]))
                message = Message(self.path, {name.lower(): value for name, value in self.headers.items()}, content)
                receiver.messages.put(message)
                status, headers = receiver.answer(message)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"

    def taken(self) -> list[Message]:
        return [self.messages.get() for _ in range(self.messages.qsize())]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Desk:
    """A newsroom with one hook, whose clock stands."""

    def __init__(self, database: Database, folder: Path, settings: str = OPEN) -> None:
        self.database, self.now = database, NOW
        self.office = Office(make(folder, settings), database, lambda: self.now)

    def add(self, url: str, **wanted: Any) -> Hook:
        with self.database.transaction() as connection:
            return add_hook(connection, self.office.newsroom.settings, url, "maud", self.now, **wanted)

    def edition(self, *numbers: int, published: bool = True) -> None:
        with self.database.transaction() as connection:
            for number in numbers:
                shelf.save(connection, story(number, published=published), START)
            shelf.clear_dirty(connection)

    def round(self) -> None:
        asyncio.run(Deliveries(self.office).round())

    def state(self) -> HookState:
        with self.database.reading() as connection:
            return hooks.every(connection)[0]


@contextmanager
def desk_of(folder: Path, store: str = "", settings: str = OPEN) -> Iterator[Desk]:
    with closing(Database(store or f"sqlite:///{folder / 'hooks.db'}")) as database:
        yield Desk(database, folder / "paper", settings)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_of(tmp_path) as made:
        yield made


def test_messages_come_in_order_signed_and_once(desk: Desk, receiver: Receiver) -> None:
    desk.edition(1)
    hook = desk.add(receiver.url)
    desk.edition(3, 2)
    desk.edition(2, published=False)
    desk.round()
    desk.round()
    first, second = receiver.taken()
    assert (first.path, first.headers["content-type"]) == ("/in", "application/json")
    assert first.headers["user-agent"].startswith("Broadsheet/")
    assert (first.id, second.id) == (f"{hook.id}-2", f"{hook.id}-4")
    said = json.loads(first.content)
    assert (said["type"], said["timestamp"], said["data"]["title"]) == (
        "story.new",
        "2031-05-12T06:00:00Z",
        "The gull of day 3",
    )
    assert json.loads(second.content) == {
        "type": "story.withdrawn",
        "timestamp": "2031-05-12T06:00:00Z",
        "data": {"id": "id-002", "path": "_news/2031-05-12-story-002.md"},
    }
    for message in (first, second):
        assert message.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
        signed = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.content
        digest = hmac.new(base64.b64decode(hook.secret[len("whsec_") :]), signed, hashlib.sha256).digest()
        assert message.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert (desk.state().sent, desk.state().next_at) == (4, NOW)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's own libraries."""
    secret, content = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sending.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, content) == expected


def test_only_what_is_wanted_is_sent_and_the_rest_is_passed(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url, topic="Sea", outlet="echo.example", heat=35)
    desk.edition(3, 6, 7)
    desk.round()
    assert [message.story for message in receiver.taken()] == ["id-006"]
    assert desk.state().sent == 3


def test_what_fails_waits_and_is_sent_again_under_its_id(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    desk.edition(1, 2)
    receiver.answer = lambda message: (500 if message.story == "id-002" else 200, {})
    waits = []
    for _ in range(9):
        desk.round()
        desk.round()
        waits.append(desk.state().next_at - desk.now)
        desk.now = desk.state().next_at
    assert [wait.total_seconds() for wait in waits] == [5, 30, 120, 600, 3600, 10_800, 21_600, 21_600, 21_600]
    assert (desk.state().failures, desk.state().problem) == (9, "answered 500")
    tried = receiver.taken()
    assert [message.story for message in tried] == ["id-001", *["id-002"] * 9]
    assert len({message.id for message in tried}) == 2
    receiver.answer = lambda message: (200, {})
    desk.edition(2, published=False)
    desk.edition(4)
    desk.round()
    assert [message.id[-2:] for message in receiver.taken()] == ["-3", "-4"]
    assert (desk.state().failures, desk.state().failing_at, desk.state().problem) == (0, None, "")


def test_whoever_says_when_is_asked_then(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    desk.edition(1)
    receiver.answer = lambda message: (429, {"Retry-After": "900"})
    desk.round()
    assert desk.state().next_at == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("answer", "failing", "problem"),
    [((410, {}), timedelta(0), "answered 410"), ((500, {}), GIVE_UP, "answered 500")],
    ids=["gone", "failing too long"],
)
def test_a_hook_is_stopped_and_taken_up_again(
    desk: Desk, receiver: Receiver, answer: tuple[int, dict[str, str]], failing: timedelta, problem: str
) -> None:
    hook = desk.add(receiver.url)
    desk.edition(1)
    if failing:
        with desk.database.transaction() as connection:
            hooks.fail(connection, desk.state(), "answered 500", NOW - failing, NOW, stop=False)
    receiver.answer = lambda message: answer
    desk.round()
    assert (desk.state().stopped, desk.state().problem) == (True, problem)
    desk.now += timedelta(days=9)
    desk.round()
    receiver.answer = lambda message: (200, {})
    with desk.database.transaction() as connection:
        assert hooks.resume(connection, hook.id, desk.now)
    desk.round()
    assert [message.id[-2:] for message in receiver.taken()] == ["-1", "-1"]
    assert not desk.state().stopped


def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    desk.edition(1)
    receiver.answer = lambda message: (307, {"Location": "/elsewhere"})
    desk.round()
    assert [message.path for message in receiver.taken()] == ["/in"]
    assert desk.state().problem == "answered 307"


def test_one_who_does_not_answer_holds_up_nobody_else(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    over = threading.Event()

    def answer(message: Message) -> tuple[int, dict[str, str]]:
        if message.path == "/slow":
            over.wait(30)
        return 200, {}

    receiver.answer = answer
    desk.add(receiver.url.replace("/in", "/slow"))
    desk.add(receiver.url)
    desk.edition(1)
    desk.round()
    over.set()
    with desk.database.reading() as connection:
        states = {state.hook.url.rpartition("/")[2]: state for state in hooks.every(connection)}
    assert (states["in"].sent, states["in"].failures) == (1, 0)
    assert (states["slow"].sent, states["slow"].problem) == (0, "was not done within 0.3 seconds")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://2130706433/"])
def test_no_hook_leads_to_a_private_address(url: str, tmp_path: Path) -> None:
    settings = make(tmp_path / "paper").settings
    with pytest.raises(BroadsheetError, match="the address is private; the setting"):
        new_hook(settings, url, "maud", NOW)


@pytest.mark.parametrize("url", ["ftp://hooks.example/", "hooks.example", "https://", "https://hooks.example:99999/"])
def test_no_hook_leads_nowhere(url: str, tmp_path: Path) -> None:
    with pytest.raises(BroadsheetError, match="address"):
        new_hook(make(tmp_path / "paper").settings, url, "maud", NOW)


def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_asked(tmp_path: Path, receiver: Receiver) -> None:
    """Whatever it led to when the hook was made."""
    with desk_of(tmp_path, settings="") as desk:
        hook = Hook(id="a" * 32, url=receiver.url.replace("127.0.0.1", "localhost"), secret="whsec_eA==", who="maud", at=NOW)
        with desk.database.transaction() as connection:
            hooks.add(connection, hook)
        desk.edition(1)
        desk.round()
        assert receiver.taken() == []
        assert desk.state().problem == "the address is private"


def test_there_are_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST", 1)
    desk.add("https://hooks.example/")
    with pytest.raises(BroadsheetError, match="there are 1 hooks already; remove one"):
        desk.add("https://hooks.example/")


def test_two_processes_send_each_message_once(store_url: str, tmp_path: Path, receiver: Receiver) -> None:
    with desk_of(tmp_path, store_url) as desk:
        for place in "ab":
            desk.add(f"{receiver.url}/{place}")
        desk.edition(1, 2, 3)

        async def both() -> None:
            await asyncio.gather(*(Deliveries(desk.office).round() for _ in range(3)))

        asyncio.run(both())
        asyncio.run(both())
        taken = receiver.taken()
    assert len(taken) == len({message.id for message in taken}) == 6
    for place in "ab":
        assert [item.story for item in taken if item.path.endswith(place)] == ["id-001", "id-002", "id-003"]


SENDER = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from broadsheet.newsroom import open_newsroom
from broadsheet.serve.hooks import Deliveries
from broadsheet.serve.office import Office
from broadsheet.store import Database
now = datetime.fromisoformat(sys.argv[3])
office = Office(open_newsroom(Path(sys.argv[2])), Database(sys.argv[1]), lambda: now)
asyncio.run(Deliveries(office).round())
"""


def test_one_that_is_killed_loses_nothing(store_url: str, tmp_path: Path, receiver: Receiver) -> None:
    """Killed when a message was taken but not noted, so that it comes again under the same id, when the hold is over."""
    with desk_of(tmp_path, store_url) as desk:
        desk.add(receiver.url)
        desk.edition(1, 2, 3)
        started: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()

        def kill(message: Message) -> tuple[int, dict[str, str]]:
            if message.story == "id-002":
                started.get().kill()
            return 200, {}

        receiver.answer = kill
        folder = desk.office.newsroom.folder
        command = [sys.executable, "-c", SENDER, store_url, str(folder), NOW.isoformat()]
        with subprocess.Popen(command) as process:
            started.put(process)
            assert process.wait(60) < 0
        receiver.answer = lambda message: (200, {})
        assert desk.state().sent == 1
        desk.round()
        assert [message.story for message in receiver.taken()] == ["id-001", "id-002"]
        desk.now += sending.HELD
        desk.round()
        assert [message.id[-2:] for message in receiver.taken()] == ["-2", "-3"]


def test_the_server_sends_by_itself(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOOK", 0.05)
    with served(tmp_path / "paper", count=1, settings=OPEN) as paper:
        body = {"url": receiver.url, "topic": "sea"}
        made = paper.ask("/api/v1/hooks", method="POST", scope="hooks", body=body).json
        with paper.database.transaction() as connection:
            shelf.save(connection, story(5), START)
            shelf.clear_dirty(connection)
        message = receiver.messages.get(timeout=30)
    assert message.story == "id-005"
    assert message.id.startswith(made["id"])
