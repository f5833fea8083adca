"""Webhooks managed over the HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broadsheet.store import hooks, people
from tests.serve.apis import NOW, Served, served

URL = "https://hooks.example/stories"


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "paper", count=3) as found:
        yield found


def ask(paper: Served, path: str = "", method: str = "GET", body: Any = None, scope: str = "hooks") -> tuple[int, Any]:
    answer = paper.ask(f"/api/v1/hooks{path}", method=method, body=body, scope=scope)
    return answer.status, answer.json if answer.content else None


def test_a_hook_s_life(paper: Served) -> None:
    status, made = ask(paper, method="POST", body={"url": URL, "topic": "sea", "minimum_heat": 60.0})
    assert status == 201
    assert made.pop("secret").startswith("whsec_")
    assert (made["url"], made["topic"], made["minimumHeat"], made["who"], made["sent"]) == (URL, "Sea", 60, "maud", 3)
    assert ask(paper) == (200, {"value": [made]})
    assert ask(paper, f"/{made['id']}") == (200, made)
    with paper.database.transaction() as connection:
        (state,) = hooks.every(connection)
        hooks.fail(connection, state, "answered 410", NOW, NOW, stop=True)
    assert ask(paper, f"/{made['id']}")[1]["stopped"] is True
    assert ask(paper, f"/{made['id']}/resume", "POST") == (200, made)
    assert ask(paper, f"/{made['id']}", "DELETE") == (204, None)
    assert ask(paper) == (200, {"value": []})
    with paper.database.reading() as connection:
        noted = [(note.who, note.action) for _, note in people.audited(connection, 3)]
    assert noted == [("maud", "hook removed"), ("maud", "hook taken up again"), ("maud", "hook added")]


@pytest.mark.parametrize(
    ("path", "method"), [("", "GET"), ("", "POST"), ("/x", "GET"), ("/x", "DELETE"), ("/x/resume", "POST")]
)
def test_only_those_who_may(paper: Served, path: str, method: str) -> None:
    assert ask(paper, path, method, {"url": URL}, scope="")[0] == 401
    for scope in ("read", "desk", "admin"):
        assert ask(paper, path, method, {"url": URL}, scope=scope)[0] == 403
    assert ask(paper, method="GET") == (200, {"value": []})


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "the request is not JSON"),
        (b"[]", 400, "Expected `object`, got `array`"),
        ({}, 400, "Object missing required field `url`"),
        ({"url": "ftp://hooks.example/"}, 400, "url: Expected `str` matching regex"),
        ({"url": URL, "heat": 1}, 400, "heat: there is no such field"),
        ({"url": URL, "minimum_heat": "60"}, 400, "minimum_heat: Expected `int | null`, got `str`"),
        ({"url": "http://127.0.0.1/"}, 403, "http://127.0.0.1/: the address is private"),
    ],
)
def test_what_is_no_hook(paper: Served, body: Any, status: int, message: str) -> None:
    found, answer = ask(paper, method="POST", body=body)
    assert found == status
    assert answer["error"]["message"].startswith(message)


@pytest.mark.parametrize("id", ["a" * 32, "x", "%00"])
def test_there_is_no_such_hook(paper: Served, id: str) -> None:
    for path, method in ((id, "GET"), (id, "DELETE"), (f"{id}/resume", "POST")):
        assert ask(paper, f"/{path}", method)[0] == 404


def test_a_secret_is_told_once(paper: Served) -> None:
    _, made = ask(paper, method="POST", body={"url": URL})
    for path in ("", f"/{made['id']}"):
        assert made["secret"] not in str(ask(paper, path))
