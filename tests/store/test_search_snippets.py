"""Snippets show where the words are, marked, and let nothing of a text through unescaped."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.store.search_query import parse
from broadsheet.store.search_snippets import SNIPPET, Snippets, plain

FAR = "Nothing here is asked for. " * 40


@pytest.mark.parametrize(
    ("query", "texts", "snippet"),
    [
        ("tide", ["The Tide turns"], "The <mark>Tide</mark> turns"),
        ("tide", ["Nothing", "At high tide & low"], "At high <mark>tide</mark> &amp; low"),
        ("tide", ["Tides and tidewater"], "Tides and tidewater"),
        ("tid*", ["Tides and tidewater"], "<mark>Tides</mark> and <mark>tidewater</mark>"),
        ("cafe", ["Ein Café, ein CAFÉ"], "Ein <mark>Café</mark>, ein <mark>CAFÉ</mark>"),
        ("cafe", ["“Cafe” – é"], "“<mark>Cafe</mark>” – é"),
        ("лодка", ["Новая Лодка тут"], "Новая <mark>Лодка</mark> тут"),
        ("東京", ["今日の東京"], "今日の<mark>東</mark><mark>京</mark>"),
        ("-tide", ["The tide"], "The tide"),
        ("<b>", ["<b>x</b>"], "&lt;<mark>b</mark>&gt;x&lt;/<mark>b</mark>&gt;"),
        ("tide", [""], ""),
    ],
)
def test_a_snippet(query: str, texts: list[str], snippet: str) -> None:
    assert Snippets(parse(query).terms).of(texts) == snippet


@pytest.mark.parametrize("word", ["tide", "Tidé", "“tide”"])
def test_it_is_cut_around_what_was_found(word: str) -> None:
    found = Snippets(parse("tide").terms).of([f"{FAR}The {word} turns. {FAR}"])
    assert "<mark>" in found
    assert len(plain(found)) <= SNIPPET + 2
    assert found.startswith("…")
    assert found.endswith("…")


def test_a_phrase_is_shown_where_it_stands_as_one() -> None:
    found = Snippets(parse('"night ferry"').terms).of([f"The night is long. {FAR} The night ferry came. {FAR}"])
    assert "The <mark>night</mark> <mark>ferry</mark> came" in found


@given(st.text(max_size=400), st.text(max_size=40))
def test_nothing_gets_through_unescaped(text: str, query: str) -> None:
    found = Snippets(parse(query).terms).of([text])
    bare = found.replace("<mark>", "").replace("</mark>", "")
    assert not set(bare) & set("<>\"'")
    assert plain(found) == unescape(bare)
    assert plain(found).strip("…") in text
