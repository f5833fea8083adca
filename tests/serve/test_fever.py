"""The Fever API, asked of a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from broadsheet.store import people
from tests.serve.readers import START, Paper, paper


@pytest.fixture
def served(store_url: str, tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper", store_url) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper") as made:
        yield made


def key(served: Paper) -> str:
    return md5(f"maud:{served.token}".encode()).hexdigest()


def ask(served: Paper, what: str, **fields: Any) -> Any:
    status, text = served.ask(f"fever/?api&{what}", {"api_key": key(served), **fields}, token="")
    assert status == 200, text
    answer = json.loads(text)
    assert (answer["api_version"], answer["auth"]) == (3, 1)
    return answer


@pytest.mark.parametrize("wrong", ["", "x", md5(b"maud:a long enough password").hexdigest()])
def test_a_wrong_key_learns_nothing(small: Paper, wrong: str) -> None:
    status, text = small.ask("fever/?api&items&groups", {"api_key": wrong}, token="")
    assert (status, json.loads(text)) == (200, {"api_version": 3, "auth": 0})


def test_that_a_token_was_used_by_its_key_is_kept(small: Paper) -> None:
    assert json.loads(small.ask("fever/?api", {"api_key": key(small)}, token="")[1])["auth"] == 1
    with small.database.reading() as connection:
        (token,) = people.tokens_of(connection, "maud")
    assert token.used_at is not None


def test_a_key_ends_with_its_token(small: Paper) -> None:
    assert ask(small, "items")["items"]
    with small.database.transaction() as connection:
        people.remove_token(connection, "maud", people.tokens_of(connection, "maud")[0].id)
    assert json.loads(small.ask("fever/", {"api_key": key(small)}, token="")[1])["auth"] == 0


def test_topics_are_feeds_in_groups(small: Paper) -> None:
    answer = ask(small, "groups&feeds&favicons&links")
    feeds = {feed["id"]: feed["title"] for feed in answer["feeds"]}
    groups = {group["id"]: group["title"] for group in answer["groups"]}
    inside = {
        groups[row["group_id"]]: [feeds[int(number)] for number in row["feed_ids"].split(",")] for row in answer["feeds_groups"]
    }
    assert inside == {"Sea": ["Sea", "Ferries"], "Energy": ["Energy"], "Paper": ["Paper"]}
    assert min(feeds) > 0
    newest = {feed["title"]: feed["last_updated_on_time"] for feed in answer["feeds"]}
    assert newest["Energy"] == int(START.timestamp()) + 2 * 3600


def test_items_come_from_either_end_or_by_number(served: Paper) -> None:
    everything = ask(served, "items&since_id=0")
    assert [item["id"] for item in everything["items"]] == [1, 2, 3, 4, 5]
    assert everything["total_items"] == 5
    assert [item["id"] for item in ask(served, "items&since_id=3")["items"]] == [4, 5]
    assert [item["id"] for item in ask(served, "items&max_id=3")["items"]] == [2, 1]
    assert [item["id"] for item in ask(served, "items&max_id=0")["items"]] == [5, 4, 3, 2, 1]
    found = ask(served, f"items&with_ids=4,x,99,1,99999999999999,{'9' * 5000}")["items"]
    assert [(item["id"], item["is_read"], item["is_saved"]) for item in found] == [(4, 0, 0), (1, 0, 0)]
    assert found[0]["title"] == "quay & <crane>"
    assert "&lt;crane&gt;" in found[0]["html"]


def test_marks_are_kept(served: Paper) -> None:
    ask(served, "", mark="item", id="2", **{"as": "read"})
    ask(served, "", mark="item", id="3", **{"as": "saved"})
    answer = ask(served, "unread_item_ids&saved_item_ids")
    assert (answer["unread_item_ids"], answer["saved_item_ids"]) == ("1,3,4,5", "3")
    ask(served, "", mark="item", id="2", **{"as": "unread"})
    ask(served, "", mark="item", id="3", **{"as": "unsaved"})
    answer = ask(served, "unread_item_ids&saved_item_ids")
    assert (answer["unread_item_ids"], answer["saved_item_ids"]) == ("1,2,3,4,5", "")


def test_feeds_and_groups_are_marked_until_an_instant(served: Paper) -> None:
    answer = ask(served, "groups&feeds")
    feeds = {feed["title"]: feed["id"] for feed in answer["feeds"]}
    groups = {group["title"]: group["id"] for group in answer["groups"]}
    before = int(START.timestamp()) + 1800
    ask(served, "", mark="group", id=groups["Sea"], before=before, **{"as": "read"})
    assert ask(served, "unread_item_ids")["unread_item_ids"] == "2,3,4,5"
    ask(served, "", mark="feed", id=feeds["Ferries"], **{"as": "read"})
    assert ask(served, "unread_item_ids")["unread_item_ids"] == "2,3,5"
    ask(served, "", mark="group", id="0", **{"as": "read"})
    assert ask(served, "unread_item_ids")["unread_item_ids"] == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"mark": "item", "as": "eaten", "id": "1"},
        {"mark": "item", "as": "read", "id": "77"},
        {"mark": "item", "as": "read", "id": "9" * 30},
        {"mark": "group", "as": "read", "id": "-1"},
        {"mark": "group", "as": "read", "id": "²"},
        {"mark": "feed", "as": "read", "id": ""},
        {"mark": "feed", "as": "unread", "id": "1"},
    ],
)
def test_a_mark_that_makes_no_sense_marks_nothing(small: Paper, fields: dict[str, str]) -> None:
    assert ask(small, "unread_item_ids", **fields)["unread_item_ids"] == "1,2,3,4,5"
