"""What a query says, and that nothing that is typed is more than words."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.store.search_match import fts, headline, tsquery
from broadsheet.store.search_query import Filter, Query, Term, parse
from broadsheet.store.search_tables import KINDS
from broadsheet.store.search_words import words

SIGNS = [
    '"',
    "-",
    "topic:",
    "a*",
    "tide",
    '"x y"',
    "after:",
    "OR",
    "NEAR(",
    "{x}",
    ")",
    "^",
    "lang:de",
    "quality:7",
    "\x00",
    "東",
    "'",
]
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SIGNS), max_size=30).map(" ".join))


def at(*day: int) -> int:
    return int(datetime(*day, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("Tide FERRY", Query(terms=(Term(words=("tide",)), Term(words=("ferry",))))),
        ('"Night  ferry"', Query(terms=(Term(words=("night", "ferry")),))),
        ('"night ferry', Query(terms=(Term(words=("night", "ferry")),))),
        ("night-ferry", Query(terms=(Term(words=("night", "ferry")),))),
        ("Café", Query(terms=(Term(words=("cafe",)),))),
        ("ferr*", Query(terms=(Term(words=("ferr",), prefix=True),))),
        ("-storm", Query(terms=(Term(words=("storm",), negated=True),))),
        ('-"night ferry"', Query(terms=(Term(words=("night", "ferry"), negated=True),))),
        ("東京", Query(terms=(Term(words=("東", "京")),))),
        ("topic:ai", Query(filters=(Filter(kind="topic", value="ai"),))),
        ('TOPIC:"Sea trade"', Query(filters=(Filter(kind="topic", value="Sea trade"),))),
        ("-outlet:bbc.com", Query(filters=(Filter(kind="outlet", value="bbc.com", negated=True),))),
        ("language:de lang:de", Query(filters=(Filter(kind="lang", value="de"),))),
        ("heat:40 quality:60", Query(minheat=40, quality=60)),
        ("minheat:40", Query(minheat=40)),
        ("after:2026-01-01 before:2026-02-01", Query(after=at(2026, 1, 1), before=at(2026, 2, 1))),
        ("https://x.example", Query(terms=(Term(words=("https", "x", "example")),))),
    ],
)  # fmt: skip
def test_a_query_says(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("after:yesterday", "after:yesterday: is no day such as 2026-01-31"),
        ("before:2026-13-01", "is no day"),
        ("quality:high", "quality:high: is no number"),
        ("heat:-4", "is no number"),
        ("heat:12345", "is no number"),
        ("topic:", "topic: of what?"),
        ('outlet:" "', "outlet: of what?"),
        ("ab*", "ab*: before the star there are at least 3 letters"),
        ("-after:2026-01-01", "-after: has no opposite"),
        ("x" * 501, "a query has at most 500 characters"),
        ("x " * 21, "a query has at most 20 words and filters"),
    ],
)
def test_what_cannot_be_understood_is_told(text: str, problem: str) -> None:
    (said,) = parse(text).problems
    assert problem in said
    assert "\n" not in said


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(heading, body, facets, content='', columnsize=0, tokenize='ascii')")
    return connection


@given(texts)
def test_any_text_is_a_query_that_both_databases_understand(index: sqlite3.Connection, text: str) -> None:
    query = parse(text)
    for kind in KINDS:
        for heading in (False, True) if headline(query.terms) else (False,):
            asked = fts(query, kind, heading=heading)
            index.execute("SELECT rowid FROM t WHERE t MATCH ?", (asked,)).fetchall()
        said = tsquery(query, kind, 1, 1 << 54)
        assert said.count("'") % 2 == said.count("\\") == said.count("\0") == 0
        assert all(part.isalnum() or not part.isascii() for part in said.split("'")[1::2])


@given(texts)
def test_folded_words_stay_as_they_are(text: str) -> None:
    found = words(text, 10**6)
    assert words(" ".join(found), 10**6) == found


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_words_of_ascii_are_those_of_any_script(text: str) -> None:
    assert [*words(text, 10**6), "東"] == words(f"{text} 東", 10**6)
