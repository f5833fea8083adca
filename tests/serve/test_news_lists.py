"""The first system's clients ask the server as they asked its files, and with query parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import jsonschema
import pytest

from tests.serve.apis import Served, served

SCHEMA = json.loads((resources.files("broadsheet.publish") / "schemas/news.json").read_text())


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("paper") / "paper") as found:
        file = found.newsroom.output / "api/news/index.json"
        file.parent.mkdir(parents=True)
        file.write_text('{"page": 1, "value": [], "nextPage": null}')
        yield found


def numbers(page: Any) -> list[int]:
    return [int(item["path"][-6:-3]) for item in page["value"]]


NEWEST = list(range(59, -1, -1))
ODD = NEWEST[::2]


@pytest.mark.parametrize(
    ("path", "expected", "next_page"),
    [
        ("?page=1", NEWEST[:25], 2),
        ("/?page=2", NEWEST[25:50], 3),
        ("/index.json?page=3", NEWEST[50:], None),
        ("/index.json?page=4", [], None),
        ("/index.json?minimum_heat=80", NEWEST[:10], None),
        ("/index.json?minimum_heat=40&page=2", NEWEST[25:50], None),
        ("/page/2/index.json?minimum_heat=40", NEWEST[25:50], None),
        ("/page2/index.json?minimum_heat=40", NEWEST[25:50], None),
        ("/minimum_heat/80/index.json?page=1", NEWEST[:10], None),
        ("/ferries/index.json?minimum_heat=61", ODD[:15], None),
        ("/ferries/?page=2", ODD[25:], None),
        ("/ferries/page/1/index.json?minimum_heat=0", ODD[:25], 2),
        ("/index.json?minimum_heat=80&code=old&clientId=7", NEWEST[:10], None),
    ],
)
def test_lists_with_a_query(paper: Served, path: str, expected: list[int], next_page: int | None) -> None:
    answer = paper.ask(f"/api/news{path}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    jsonschema.validate(answer.json, SCHEMA)
    assert (numbers(answer.json), answer.json["nextPage"]) == (expected, next_page)


def test_without_a_query_the_answer_is_the_file(paper: Served) -> None:
    assert paper.ask("/api/news/index.json").json["value"] == []
    assert paper.ask("/api/news/index.json?code=old").json["value"] == []
    assert paper.ask("/api/news/page/9/index.json").status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?page=0", 400),
        ("/?page=x", 400),
        ("/?minimum_heat=-1", 400),
        ("/nothing/?page=1", 404),
        ("/ferries/other/?page=1", 404),
        ("-other?page=1", 404),
    ],
)
def test_what_is_no_list(paper: Served, path: str, status: int) -> None:
    assert paper.ask(f"/api/news{path}").status == status
