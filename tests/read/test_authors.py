"""Who wrote it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.read.authors import MAX_AUTHORS, authors, clean_names, without_byline
from tests.read.pages import document_of, json_ld

SITE = ("The Evening Lantern", "lantern.example", "lantern")

BYLINES = [
    ("Ann Lee", ["Ann Lee"]),
    ("By Ann Lee", ["Ann Lee"]),
    ("by Ann Lee and Bo Ek", ["Ann Lee", "Bo Ek"]),
    ("Von Ann Lee und Bo Ek", ["Ann Lee", "Bo Ek"]),
    ("Par Ann Lee et Bo Ek", ["Ann Lee", "Bo Ek"]),
    ("Por Ann Lee y Bo Ek", ["Ann Lee", "Bo Ek"]),
    ("Written by Ann Lee, Staff Writer", ["Ann Lee"]),
    ("Ann Lee, Bo Ek, Cy Fox", ["Ann Lee", "Bo Ek", "Cy Fox"]),
    ("ANN LEE", ["Ann Lee"]),
    ("Ann Lee (Town)", ["Ann Lee"]),
    ("Ann Lee | 4 March 2026", ["Ann Lee"]),
    ("Ann Lee @annlee", ["Ann Lee"]),
    ("Ann Lee-Ek", ["Ann Lee-Ek"]),
    ("Ursula von der Berg", ["Ursula von der Berg"]),
    ("von der Berg", ["von der Berg"]),
    ("Ann&nbsp;Lee &amp; Bo Ek", ["Ann Lee", "Bo Ek"]),
    ("松岡大地", ["松岡大地"]),
    ("The Editorial Team", []),
    ("admin", []),
    ("ann@lantern.example", []),
    ("https://lantern.example/ann", []),
    ("@annlee", []),
    ("Updated 12:30", []),
    ("", []),
    ("A very long sentence that is not the name of anybody at all but was put there", []),
]


@pytest.mark.parametrize(("byline", "names"), BYLINES)
def test_clean_names(byline: str, names: list[str]) -> None:
    assert list(clean_names([byline])) == names


def test_each_once_in_order_and_not_the_outlet() -> None:
    assert clean_names(["Bo Ek", "Ann Lee", "bo ek", "Lantern", "Lantern Sport"], {"lantern"}) == ("Bo Ek", "Ann Lee")
    assert len(clean_names([f"Ann {chr(65 + i % 26)}{chr(97 + i // 26)}o" for i in range(90)])) == MAX_AUTHORS


def of(author: object = None, head: str = "", body: str = "") -> tuple[list[str], str]:
    script = json_ld(json.dumps({"@type": "NewsArticle", "author": author})) if author else ""
    names, origin = authors(document_of(script + head, body), SITE)
    return list(names), origin


SHAPES: list[tuple[object, list[str]]] = [
    ("Ann Lee", ["Ann Lee"]),
    (["Ann Lee", "Bo Ek"], ["Ann Lee", "Bo Ek"]),
    ({"@type": "Person", "name": "Ann Lee"}, ["Ann Lee"]),
    ([{"name": "Ann Lee"}, {"name": ["Bo Ek"]}], ["Ann Lee", "Bo Ek"]),
    ({"givenName": "Ann", "familyName": "Lee"}, ["Ann Lee"]),
    ({"name": "Ann Lee and Bo Ek"}, ["Ann Lee", "Bo Ek"]),
    ([{"name": "Ann Lee"}, {"@type": "Organization", "name": "NNA"}], ["Ann Lee", "NNA"]),
    ([{"name": "Ann Lee"}, {"name": "The Evening Lantern"}], ["Ann Lee"]),
]


@pytest.mark.parametrize(("value", "names"), SHAPES)
def test_json_ld(value: object, names: list[str]) -> None:
    assert of(value) == (names, "json-ld author")


def test_metas_then_bylines() -> None:
    meta = '<meta property="article:author" content="https://social.example/ann"><meta name="author" content="Ann Lee">'
    assert of(head=meta) == (["Ann Lee"], "meta author")
    assert of(body='<a rel="author" href="/ann">Ann Lee</a>') == (["Ann Lee"], "byline")
    assert of(body='<div class="byline">von Ann Lee</div>') == (["Ann Lee"], "byline")
    assert of(body='<span itemprop="author"><b itemprop="name">Ann Lee</b></span>') == (["Ann Lee"], "byline")


def test_a_person_in_the_byline_is_better_than_the_outlet_in_json_ld() -> None:
    assert of({"name": "The Evening Lantern"}, body='<p class="byline">By Ann Lee</p>') == (["Ann Lee"], "byline")


def test_the_newsroom_or_agency_when_nobody_is_named() -> None:
    assert of({"@type": "Organization", "name": "National News Agency"}) == (["National News Agency"], "json-ld author")
    assert of({"name": "admin"}) == ([], "")
    assert of() == ([], "")


@given(st.lists(st.text(max_size=80), max_size=5))
@settings(max_examples=200, deadline=None)
def test_survives_any_text(values: list[str]) -> None:
    for name in clean_names(values):
        assert 2 < len(name) <= 60


def test_elements_named_after_authors_in_part() -> None:
    assert of(body='<p class="c-page__author-line">Posted by Ann Lee</p>') == (["Ann Lee"], "byline")
    assert of(body='<div class="comment"><b class="comment-author-line">Ann Lee</b></div>') == ([], "")
    assert of(body='<p class="c-page__author-line">Twitter Facebook</p>') == ([], "")
    assert of(body='<p class="authoring-tool">Made with care by many hands in the town</p>') == ([], "")


SIGNED = [
    ("Ann Lee\nThe bridge is open.", ["Ann Lee"]),
    ("By Ann Lee and Bo Ek\nThe bridge is open.", ["Ann Lee", "Bo Ek"]),
    ("The bridge is open.\nÅsa Öberg", ["Åsa Öberg"]),
    ("The bridge is open.\nIt was closed.\nAnn Lee\nThe end.", []),
    ("The bridge\nIt is open.", []),
]


@pytest.mark.parametrize(("text", "names"), SIGNED)
def test_a_name_alone_at_the_beginning_or_end_of_the_text(text: str, names: list[str]) -> None:
    assert list(authors(document_of(), SITE, text)[0]) == names


def test_a_heading_is_no_signature() -> None:
    assert authors(document_of("", "<h2>Old Town</h2>"), SITE, "Old Town\nThe bridge is open.")[0] == ()


LINES = [
    ("By Ann Lee", True),
    ("By Ann Lee, 12 May 2031, 10:10", True),
    ("By Ann Lee and Bo Ek", True),
    ("Von Ann Lee | 4. März 2026", True),
    ("By Ann Lee the bridge was called a wonder of its time.", False),
    ("By noon the bridge was full of people.", False),
    ("Ann Lee opened the bridge.", False),
]


@pytest.mark.parametrize(("line", "is_byline"), LINES)
def test_a_byline_is_no_part_of_the_text(line: str, is_byline: bool) -> None:
    text = f"The standfirst.\n{line}\nThe text.\nMore of it.\nBy Ann Lee"
    assert without_byline(text, ["Ann Lee", "Bo Ek"]) == (text.replace(line + "\n", "", 1) if is_byline else text)
