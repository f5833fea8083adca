"""Events as those who listen get them, from a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from broadsheet.serve import events
from broadsheet.store import shelf
from tests.serve.apis import START, Served, served, story

ANOTHER_PROCESS = """
import sys
from broadsheet.store import Database, shelf
from tests.serve.apis import START, story
database = Database(sys.argv[1])
with database.transaction() as connection:
    for number in sys.argv[2:]:
        shelf.save(connection, story(int(number)), START)
    shelf.clear_dirty(connection)
database.close()
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HEARTBEAT": 0.2, "LOOK": 0.05, "MOST": 3}.items():
        monkeypatch.setattr(events, name, value)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "paper", count=3) as found:
        yield found


@contextmanager
def listening(paper: Served, query: str = "", last: int | None = None, host: str = "127.0.0.1") -> Iterator[HTTPResponse]:
    connection = HTTPConnection(urlsplit(paper.home).netloc, timeout=30, source_address=(host, 0))
    connection.request("GET", f"/api/v1/events{query}", headers={"Last-Event-ID": str(last)} if last is not None else {})
    response = connection.getresponse()
    try:
        yield response
    finally:
        response.close()
        connection.close()


def parts(response: HTTPResponse) -> Iterator[str]:
    """What comes, without comments."""
    lines: list[str] = []
    for raw in response:
        line = raw.decode().rstrip("\n")
        if line:
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []


def take(response: HTTPResponse, count: int) -> list[tuple[int, str, Any]]:
    found: list[tuple[int, str, Any]] = []
    for part in parts(response):
        if part.startswith("id: "):
            fields = dict(line.split(": ", 1) for line in part.splitlines())
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
        if len(found) == count:
            break
    return found


def edition(paper: Served, *numbers: int, published: bool = True) -> None:
    with paper.database.transaction() as connection:
        for number in numbers:
            shelf.save(connection, story(number, published=published), START)
        shelf.clear_dirty(connection)


def test_what_was_missed_and_what_comes(paper: Served) -> None:
    with listening(paper, last=1) as response:
        assert response.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert response.getheader("cache-control") == "no-store"
        assert [(number, kind, data["id"]) for number, kind, data in take(response, 2)] == [
            (2, "new", "id-001"),
            (3, "new", "id-002"),
        ]
        edition(paper, 2, published=False)
        edition(paper, 3)
        gone, new = take(response, 2)
        assert gone == (4, "withdrawn", {"id": "id-002", "path": "_news/2031-05-12-story-002.md"})
        assert new[2] == next(item for item in paper.walk("stories") if item["id"] == "id-003")


def test_an_edition_of_another_process_wakes_those_who_listen(paper: Served) -> None:
    with listening(paper) as response:
        assert next(parts(response)) == "retry: 5000"
        subprocess.run([sys.executable, "-c", ANOTHER_PROCESS, paper.newsroom.store_url, "7"], check=True, timeout=60)
        assert [(kind, data["id"]) for _, kind, data in take(response, 1)] == [("new", "id-007")]


def test_only_what_is_asked_for(paper: Served) -> None:
    with listening(paper, "?outlet=echo.example&minimum_heat=34&language=en&topic=sea", last=0) as response:
        edition(paper, 3, 6, 7, 9, 21)
        assert [data["id"] for _, _, data in take(response, 2)] == ["id-006", "id-009"]


def test_silence_is_broken_by_comments(paper: Served) -> None:
    with listening(paper) as response:
        assert next(parts(response)) == "retry: 5000"
        assert next(parts(response)) == ": still here"


def test_no_more_than_so_many_listen_from_one_address(paper: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FROM_ONE", 2)
    with ExitStack() as stack:
        for _ in range(2):
            assert next(parts(stack.enter_context(listening(paper)))) == "retry: 5000"
        refused = paper.ask("/api/v1/events")
        assert (refused.status, refused.headers["retry-after"]) == (429, "30")
        assert refused.json["error"]["message"] == "2 listen from your address already; close one first"
        assert next(parts(stack.enter_context(listening(paper, host="127.0.0.2")))) == "retry: 5000", "another address may"


def test_no_more_than_so_many_listen(paper: Served) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            assert next(parts(stack.enter_context(listening(paper)))) == "retry: 5000"
        refused = paper.ask("/api/v1/events")
        assert (refused.status, refused.headers["retry-after"]) == (503, "30")
        assert refused.json["error"]["message"] == "too many listen already; come back later"
    with listening(paper) as response:  # those who left made room, as soon as that was seen
        status = response.status
    while status == 503:
        with listening(paper) as response:
            status = response.status
    assert status == 200


@pytest.mark.parametrize(
    ("query", "last", "message"),
    [
        ("?limit=1", "", "limit: there is no such field"),
        ("", "x", "Last-Event-ID: is no number of an event"),
        ("", "-1", "Last-Event-ID: is no number of an event"),
    ],
)
def test_what_cannot_be_followed(paper: Served, query: str, last: str, message: str) -> None:
    answer = paper.ask(f"/api/v1/events{query}", **({"Last_Event_ID": last} if last else {}))
    assert answer.json == {"error": {"status": 400, "message": message}}


def test_asking_for_the_head_ends(paper: Served) -> None:
    assert paper.ask("/api/v1/events", method="HEAD").headers["content-type"] == "text/event-stream; charset=utf-8"


def test_a_server_that_stops_sends_listeners_away(tmp_path: Path) -> None:
    """With no more than what it had to say; it waits for none of them."""
    with served(tmp_path / "paper", count=1) as paper:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadsheet", "serve", "--no-editions", "--port", "0", "-C", str(paper.newsroom.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            line = process.stdout.readline()
            home = "http" + line.partition("http")[2].strip()
            other = Served(home, paper.newsroom, paper.database, {})
            with listening(other, last=0) as response:
                assert [data["id"] for _, _, data in take(response, 1)] == ["id-000"]
                process.terminate()
                assert response.read().replace(b": still here\n\n", b"") == b""
            assert process.wait(30) == 0
            assert process.stderr is not None
            said = process.stderr.read()
            assert "Traceback" not in said
            assert "timeout graceful shutdown exceeded" not in said
