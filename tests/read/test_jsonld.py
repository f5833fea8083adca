"""JSON-LD as it is found in the wild."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.read.jsonld import first_text, main_article, read_graph, texts, types

URL = "https://lantern.example/a"
ARTICLE = '"@type": "NewsArticle", "headline": "Bridge reopens"'
BROKEN = {
    "plain": f"{{{ARTICLE}}}",
    "in a list": f"[{{{ARTICLE}}}]",
    "in a graph": f'{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite"}}, {{{ARTICLE}}}]}}',
    "type as a list": '{"@type": ["Article", "NewsArticle"], "headline": "Bridge reopens"}',
    "type with its address": '{"@type": "http://schema.org/NewsArticle", "headline": "Bridge reopens"}',
    "inside a page": f'{{"@type": "WebPage", "mainEntity": {{{ARTICLE}}}}}',
    "comment frame": f"<!-- {{{ARTICLE}}} -->",
    "cdata frame": f"//<![CDATA[\n{{{ARTICLE}}}\n//]]>",
    "comments": f"/* ours */ {{{ARTICLE} // the end\n}}",
    "trailing commas": f'{{{ARTICLE}, "author": ["Ann",],}}',
    "control characters": '{"@type": "NewsArticle", "headline": "Bridge\treopens", "articleBody": "one\ntwo"}',
    "wrong escape": '{"@type": "NewsArticle", "headline": "Bridge reopens", "description": "the town\\\'s"}',
    "semicolon": f"{{{ARTICLE}}};",
    "two in a row": f'{{"@type": "WebSite"}}{{{ARTICLE}}}',
    "entities": '{"@type": "NewsArticle", "headline": "Bridge&nbsp;reopens"}',
    "rubbish after": f"{{{ARTICLE}}} undefined",
    "slashes in texts": f'{{{ARTICLE}, "url": "https://lantern.example/a,]", }}',
}
HOPELESS = [
    "",
    "null",
    "42",
    '"text"',
    "{",
    "[[[[",
    "<html>",
    "{'a': 1}",
    "[" * 100_000,
    '{"@graph":' * 100_000,
    '{"a":"' + '\\"' * 50_000,
]


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_is_read_leniently(script: str) -> None:
    assert first_text(main_article(read_graph([script]), URL).get("headline")) == "Bridge reopens"


@pytest.mark.parametrize("script", HOPELESS, ids=range(len(HOPELESS)))
def test_what_cannot_be_read_is_left_out(script: str) -> None:
    graph = read_graph([script, f"{{{ARTICLE}}}"])
    assert len(graph.nodes) == 1
    assert main_article(read_graph([script]), URL) == {}


def test_the_pages_own_article_is_found_among_others() -> None:
    full = {"@type": "NewsArticle", "headline": "Other", "url": "https://lantern.example/b", "author": "Ann", "image": "x"}
    own = {
        "@type": "NewsArticle",
        "headline": "Own",
        "mainEntityOfPage": {"@id": "https://www.lantern.example/a/?utm_source=x#top"},
    }
    assert main_article(read_graph([json.dumps([full, own])]), URL)["headline"] == "Own"
    assert main_article(read_graph([json.dumps([full, own])]), "https://lantern.example/c")["headline"] == "Other"


def test_references_are_followed_once() -> None:
    graph = read_graph(
        ['{"@graph": [{"@type": "Person", "@id": "#ann", "name": "Ann Lee"}, {"@type": "Article", "author": {"@id": "#ann"}}]}']
    )
    assert texts(graph.resolve({"@id": "#ann"})) == ["Ann Lee"]
    assert graph.resolve({"@id": "#bo"}) == {"@id": "#bo"}
    assert graph.resolve("#ann") == "#ann"


def test_texts() -> None:
    assert texts(["<b>Ann</b> Lee", {"name": "Bo Ek"}, {"@value": "Cy Fox"}, 3, None, ""]) == ["Ann Lee", "Bo Ek", "Cy Fox"]
    assert first_text([]) == ""
    assert types({"@type": 3}) == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["@type", "@id", "name", "url", "@graph"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.text(max_size=50))
@settings(max_examples=200, deadline=None)
def test_survives_any_value_and_any_text(value: object, text: str) -> None:
    for script in (json.dumps(value), text, json.dumps(value)[:-1], "{" + text):
        graph = read_graph([script])
        main_article(graph, URL)
        for node in graph.nodes:
            texts(graph.resolve(node))
            types(node)
