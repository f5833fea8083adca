"""The Google Reader API, asked of a real server as apps ask it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from broadsheet.serve import reader, reader_forms
from broadsheet.serve.people import new_token
from broadsheet.store import people, shelf
from tests.serve.readers import LATER, START, Paper, join, paper, story

READ, STARRED = "user/-/state/com.google/read", "user/-/state/com.google/starred"
LIST = "user/-/state/com.google/reading-list"
SEA, FERRIES, ENERGY, OTHER = "feed/sea", "feed/ferries", "feed/energy", "feed/_other"


@pytest.fixture
def served(store_url: str, tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper", store_url) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper") as made:
        yield made


def titles(answer: Any) -> list[str]:
    return [item["title"] for item in answer["items"]]


def ids(served: Paper, **query: Any) -> list[int]:
    return [int(item["id"]) for item in served.api("stream/items/ids", query={"s": LIST, **query})["itemRefs"]]


def test_signing_in_takes_a_name_and_a_token(small: Paper) -> None:
    status, text = small.ask("accounts/ClientLogin", {"Email": "maud", "Passwd": small.token}, token="")
    assert status == 200
    assert dict(line.split("=", 1) for line in text.split())["Auth"] == small.token


@pytest.mark.parametrize(
    ("name", "secret"), [("maud", "a long enough password"), ("maud", ""), ("idris", None), ("", None), ("maud", "bs_wrong")]
)
def test_nothing_else_signs_in(small: Paper, name: str, secret: str | None) -> None:
    fields = {"Email": name, "Passwd": small.token if secret is None else secret}
    assert small.ask("accounts/ClientLogin", fields, token="") == (401, "Error=BadAuthentication\n")


@pytest.mark.parametrize("path", ["reader/api/0/user-info", "reader/api/0/edit-tag", "reader/atom/feed/sea", "reader/api/0/x"])
@pytest.mark.parametrize("token", ["", "bs_forged"])
def test_every_call_needs_a_token(small: Paper, path: str, token: str) -> None:
    assert small.ask(path, token=token)[0] == 401


def test_that_a_token_was_used_is_kept(small: Paper) -> None:
    assert small.ask("reader/api/0/user-info")[0] == 200
    with small.database.reading() as connection:
        (token,) = people.tokens_of(connection, "maud")
    assert token.used_at is not None


def test_ended_and_removed_tokens_and_those_of_other_scopes_open_nothing(small: Paper) -> None:
    with small.database.transaction() as connection:
        ended = new_token(connection, "maud", ["read"], "old", START, days=0)
        join(connection, "idris", "editor")
        desk = new_token(connection, "idris", ["desk"], "desk only", START)
        gone = new_token(connection, "idris", ["read"], "gone", START)
        known = next(token for token in people.tokens_of(connection, "idris") if token.label == "gone")
        people.remove_token(connection, "idris", known.id)
    for token in (ended, desk, gone):
        assert small.ask("reader/api/0/user-info", token=token)[0] == 401


def test_topics_are_feeds_in_folders(small: Paper) -> None:
    listed = small.api("subscription/list", query={"output": "json"})["subscriptions"]
    assert [(feed["id"], feed["title"], feed["categories"][0]["label"]) for feed in listed] == [
        (SEA, "Sea", "Sea"),
        (FERRIES, "Ferries", "Sea"),
        (ENERGY, "Energy", "Energy"),
        (OTHER, "Paper", "Paper"),
    ]
    assert [tag["id"] for tag in small.api("tag/list")["tags"]] == [
        STARRED,
        "user/-/label/Sea",
        "user/-/label/Energy",
        "user/-/label/Paper",
    ]
    assert small.api("user-info")["userName"] == "maud"
    assert len(small.api("token").strip()) == 57


def test_every_story_is_in_one_feed(served: Paper) -> None:
    assert titles(served.api(f"stream/contents/{LIST}")) == [
        "of-nothing",
        "quay & <crane>",
        "lamps-dim",
        "tide-turns",
        "gulls-counted",
    ]
    assert titles(served.api("stream/contents/feed/sea")) == ["tide-turns"]
    assert titles(served.api("stream/contents/feed%2Fferries")) == ["quay & <crane>", "gulls-counted"]
    assert titles(served.api(f"stream/contents/{OTHER}")) == ["of-nothing"]
    assert titles(served.api("stream/contents/user/-/label/Sea", query={"r": "o"})) == [
        "gulls-counted",
        "tide-turns",
        "quay & <crane>",
    ]
    assert served.unread() == {
        SEA: 1,
        FERRIES: 2,
        ENERGY: 1,
        OTHER: 1,
        "user/-/label/Sea": 3,
        "user/-/label/Energy": 1,
        "user/-/label/Paper": 1,
        LIST: 5,
    }


def test_an_item_has_the_form_that_apps_know(small: Paper) -> None:
    item = small.api("stream/contents/feed/energy")["items"][0]
    page = small.newsroom.settings.newsroom.url + "stories/2031-05-12-2/"
    shown = int(START.timestamp()) + 2 * 3600
    assert item == {
        "id": "tag:google.com,2005:reader/item/0000000000000003",
        "crawlTimeMsec": f"{shown}000",
        "timestampUsec": f"{shown}000000",
        "published": shown,
        "updated": shown,
        "title": "lamps-dim",
        "canonical": [{"href": page}],
        "alternate": [{"href": page, "type": "text/html"}],
        "categories": [LIST, "user/-/label/Energy", "Energy"],
        "summary": {"direction": "ltr", "content": item["summary"]["content"]},
        "author": "Ansel Post",
        "origin": {"streamId": ENERGY, "title": "Energy", "htmlUrl": f"{small.newsroom.settings.newsroom.url}topics/energy/"},
        "via": [{"href": "https://post.example/2", "type": "text/html"}],
    }
    assert "https://echo.example/2" in item["summary"]["content"]
    marked_up = small.api("stream/contents/feed/ferries")["items"][0]
    assert "<crane>" not in marked_up["summary"]["content"]


@pytest.mark.parametrize("order", ["n", "o"])
def test_a_stream_is_paged_without_gaps_or_doubles(served: Paper, order: str) -> None:
    found: list[int] = []
    more: dict[str, Any] = {}
    for _ in range(9):
        answer = served.api("stream/items/ids", query={"s": LIST, "n": 2, "r": order, **more})
        found += [int(item["id"]) for item in answer["itemRefs"]]
        if "continuation" not in answer:
            break
        more = {"c": answer["continuation"]}
    assert found == ([1, 2, 3, 4, 5] if order == "o" else [5, 4, 3, 2, 1])


def test_marks_are_kept_and_filter(served: Paper) -> None:
    first = reader_forms.item_id(1)
    assert served.api("edit-tag", {"i": [first, "3"], "a": READ, "T": "x"}) == "OK"
    assert served.api("edit-tag", {"i": "0000000000000002", "a": "user/maud/state/com.google/starred"}) == "OK"
    assert ids(served, xt=READ) == [5, 4, 2]
    assert ids(served, it=READ) == [3, 1]
    assert ids(served, s=STARRED) == [2]
    assert served.unread()[LIST] == 3
    chosen = served.api("stream/items/contents", {"i": [first, "2", "99"]})["items"]
    assert [(item["title"], READ in item["categories"], STARRED in item["categories"]) for item in chosen] == [
        ("gulls-counted", True, False),
        ("tide-turns", False, True),
    ]
    served.api("edit-tag", {"i": first, "r": READ, "a": "user/-/state/com.google/kept-unread"})
    served.api("edit-tag", {"i": "2", "r": STARRED})
    assert ids(served, xt=READ) == [5, 4, 2, 1]
    assert ids(served, s=STARRED) == []


def test_what_came_since_the_last_time_is_asked_for(served: Paper) -> None:
    """With room for the edition that was under way then: its stories could not be seen yet."""
    last = int(START.timestamp()) + 3 * 3600
    assert ids(served, ot=last + reader.LATE) == [5, 4]
    assert ids(served, ot=(last + reader.LATE) * 1_000_000, r="o") == [4, 5]
    assert ids(served, ot=last) == [5, 4, 3, 2, 1]
    assert ids(served, nt=last) == [4, 3, 2, 1]


def test_all_of_a_stream_is_marked_until_an_instant(served: Paper) -> None:
    until = (int(START.timestamp()) + 1800) * 1_000_000
    assert served.api("mark-all-as-read", {"s": "user/-/label/Sea", "ts": str(until)}) == "OK"
    assert ids(served, xt=READ) == [5, 4, 3, 2]
    served.api("mark-all-as-read", {"s": FERRIES})
    assert ids(served, xt=READ) == [5, 3, 2]
    served.api("mark-all-as-read", {"s": LIST})
    assert served.unread()[LIST] == 0


def test_everybody_has_marks_of_their_own_which_go_with_them(small: Paper) -> None:
    small.api("mark-all-as-read", {"s": LIST})
    with small.database.transaction() as connection:
        join(connection, "idris")
        other = new_token(connection, "idris", ["read"], "laptop", START)
    status, text = small.ask("reader/api/0/stream/items/ids", token=other, query={"s": LIST, "xt": READ})
    assert (status, text.count('"id"')) == (200, 5)
    with small.database.transaction() as connection:
        people.remove(connection, "maud")
        join(connection, "maud")
        again = new_token(connection, "maud", ["read"], "new phone", START)
    assert small.ask("reader/api/0/stream/items/ids", token=again, query={"s": LIST, "xt": READ})[1].count('"id"') == 5


def test_withdrawn_stories_go_and_changed_ones_keep_their_number(small: Paper) -> None:
    with small.database.transaction() as connection:
        shelf.save(connection, story("lamps-dim", ("Energy",), hours=2, published=False), LATER)
        shelf.save(connection, story("tide turned", ("Energy",), hours=1), LATER)
        shelf.save(connection, story("new and hidden", ("Sea",), hours=7, published=False), LATER)
        shelf.save(connection, story("newest", ("Sea",), hours=6), LATER)
        shelf.save(connection, story("new and hidden", ("Sea",), hours=7), LATER)
    assert [(item["title"], item["id"][-1:]) for item in small.api(f"stream/contents/{LIST}")["items"]] == [
        ("new and hidden", "7"),
        ("newest", "6"),
        ("of-nothing", "5"),
        ("quay & <crane>", "4"),
        ("tide turned", "2"),
        ("gulls-counted", "1"),
    ]
    assert titles(small.api("stream/contents/feed/energy")) == ["tide turned"]


def test_atom_tells_marks_and_goes_on(small: Paper) -> None:
    small.api("edit-tag", {"i": "4", "a": READ})
    status, text = small.ask("reader/atom/feed%2Fferries", query={"n": 1})
    feed = etree.fromstring(text.encode())
    names = {"a": "http://www.w3.org/2005/Atom", "gr": reader_forms.GR}
    assert status == 200
    assert feed.xpath("string(a:title)", namespaces=names) == "Ferries"
    assert feed.xpath("string(gr:continuation)", namespaces=names) == "4"
    assert feed.xpath("//a:entry/a:category/@label", namespaces=names) == ["read", "Sea"]
    _, text = small.ask("reader/atom/feed/ferries", query={"n": 1, "c": 4})
    assert "fresh" in text
    assert "gulls-counted" in text
    assert "continuation" not in text


@pytest.mark.parametrize(
    ("call", "fields", "status"),
    [
        ("edit-tag", None, 405),
        ("edit-tag", {"i": "../../x", "a": READ}, 400),
        ("edit-tag", {"i": "f" * 17, "a": READ}, 400),
        ("edit-tag", {"i": ["1"] * 12_001}, 413),
        ("mark-all-as-read", {"s": "nothing"}, 400),
        ("stream/contents/feed/none", None, 404),
        ("stream/contents/other", None, 404),
        ("subscription/edit", {"ac": "subscribe", "s": "feed/https://elsewhere.example/"}, 403),
        ("unknown", None, 404),
    ],
)
def test_what_cannot_be_is_refused(small: Paper, call: str, fields: Any, status: int) -> None:
    answer = small.ask(f"reader/api/0/{call}", fields)
    assert (answer[0], '"error"' in answer[1]) == (status, True)
    assert small.unread()[LIST] == 5


@pytest.mark.parametrize("query", [{"n": "x"}, {"n": "-1"}, {"c": "'; DROP"}, {"ot": "9" * 40}, {"it": "x"}, {"xt": "\x00"}])
def test_strange_bounds_are_answered(small: Paper, query: Any) -> None:
    assert "items" in small.api(f"stream/contents/{LIST}", query=query)


@pytest.mark.parametrize(
    ("text", "number"),
    [("17", 17), ("0000000000000011", 17), ("tag:google.com,2005:reader/item/0000000000000011", 17), ("a/10", 16)],
)
def test_items_are_named_in_three_ways(text: str, number: int) -> None:
    assert reader_forms.item_number(text) == number


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1936332000", 1936332000), ("1936332000000", 1936332000), ("1936332000000000", 1936332000), ("", 0), ("x", 0)],
)
def test_instants_come_in_three_units(text: str, seconds: int) -> None:
    assert reader_forms.seconds_of(text) == seconds
