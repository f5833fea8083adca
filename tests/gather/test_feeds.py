"""Feeds as files beside their expectations: adding a case needs no code. Then what no file can show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broadsheet.errors import FeedError
from broadsheet.gather.elements import Names
from broadsheet.gather.feeds import Feed, read_feed

CASES = Path(__file__).parent / "feeds"
URL = "https://harbour.example/feed"
NAMES = sorted(path.name.removesuffix(".expect.json") for path in CASES.glob("*.expect.json"))


def content_of(name: str) -> bytes:
    return next(path for path in (CASES / f"{name}.xml", CASES / f"{name}.json") if path.exists()).read_bytes()


def assert_has(found: Any, expected: Any, where: str) -> None:
    """Every member of ``expected`` is in ``found``; lists are of the same length."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_has(getattr(found, key), value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for index, value in enumerate(expected):
            assert_has(found[index], value, f"{where}[{index}]")
    else:
        assert msgspec.to_builtins(found) == expected, where


@pytest.mark.parametrize("name", NAMES)
def test_feed_is_read_as_its_expectation_says(name: str) -> None:
    assert_has(read_feed(content_of(name), URL), json.loads((CASES / f"{name}.expect.json").read_text()), name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head></html>", "is a web page, not a feed"),
        (b"<!-- x --> <HTML><body>", "is a web page, not a feed"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"><head/></html>', "is a web page, not a feed"),
        (b"<opml version='2.0'/>", "is not a feed: its root element is 'opml'"),
        (b"just words", "is not XML that can be read"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is not XML that can be read"),
        (b"<rss", "is not XML that can be read"),
        (b"<!DOCTYPE rss [ <!ENTITY a 'b' <rss><channel/></rss>", "has a document type without an end"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "is JSON, but not a JSON Feed: it has no list of items"),
        (b'[{"items": []}]', "is JSON, but not a JSON Feed: it has no list of items"),
        (b'{"items": [', "is not JSON that can be read"),
        (b'{"items": ' + b"[" * 100_000, "is not JSON that can be read"),
    ],
)
def test_what_is_no_feed_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as error:
        read_feed(content, URL)
    assert str(error.value) == reason


def rss(items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'.encode()


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};">' for n in range(1, 30))
    bomb = rss(
        '<item><title>&l29;</title><link a="&l29;">https://harbour.example/1</link></item>',
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>',
    )
    feed = read_feed(bomb, URL)
    assert feed.entries[0].title == "&l29;"
    assert feed.entries[0].url == "https://harbour.example/1"


def test_external_entities_are_not_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % y SYSTEM "{secret.as_uri()}"> %y;]>'
    feed = read_feed(rss("<item><title>&x;</title></item>", head), URL)
    assert "SECRET" not in msgspec.json.encode(feed).decode()


@pytest.mark.parametrize("head", ["<!DOCTYPE rss " + "[<!-- " * 200_000, "<!DOCTYPE " + '"' * 500_001, "<!-- " * 200_000])
def test_prologs_without_an_end_cost_one_pass(head: str) -> None:
    with pytest.raises(FeedError):
        read_feed(rss("", head), URL)


def test_cdata_without_an_end_costs_one_pass() -> None:
    feed = read_feed(rss("<item><title>One</title></item><item><title>&bad " + "<![CDATA[" * 300_000 + "</title></item>"), URL)
    assert feed.entries[0].title == "One"


def test_deep_nesting_is_survived() -> None:
    deep = "<b>" * 50_000
    feed = read_feed(rss(f"<item><title>One</title></item><item><description>{deep}</description></item>"), URL)
    assert feed.entries[0].title == "One"


def test_time_is_linear_in_the_number_of_entries() -> None:
    """A hundred thousand entries, of which one names a whole page of authors, categories and pictures."""
    items = "".join(f"<item><title>Story {n}</title><link>/s/{n}</link></item>" for n in range(100_000))
    heavy = "".join(
        f"<category>c{n}</category><author>a{n}</author><enclosure type='image/png' url='/{n}'/>" for n in range(5000)
    )
    feed = read_feed(rss(f"{items}<item><title>Heavy</title><link>/h</link>{heavy}</item>"), URL)
    assert len(feed.entries) == 100_001
    assert feed.entries[99_999].url == "https://harbour.example/s/99999"
    assert [len(feed.entries[-1].categories), len(feed.entries[-1].authors), len(feed.entries[-1].images)] == [100, 100, 20]


def test_what_is_but_white_space_says_nothing() -> None:
    said = (
        "<title> </title><dc:title>Buoy adrift</dc:title><description> </description>"
        "<content:encoded>&lt;p&gt;A buoy broke loose.</content:encoded><pubDate> </pubDate><dc:date>2031-05-12</dc:date>"
        "<link> </link><guid>https://harbour.example/1</guid>"
    )
    spaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    entry = read_feed(rss(f"<item {spaces}>{said}</item>"), URL).entries[0]
    assert (entry.title, entry.summary, entry.url) == ("Buoy adrift", "A buoy broke loose.", "https://harbour.example/1")
    assert entry.published_at is not None


def test_a_summary_that_begins_the_html_is_not_held_beside_it() -> None:
    both = "<description>In short.</description><fulltext>&lt;p&gt;At length.</fulltext>"
    items = f"<item><description>&lt;p&gt;At &lt;b&gt;length&lt;/b&gt;.</description></item><item>{both}</item>"
    one, other = read_feed(rss(items), URL).entries
    assert (one.description, one.html, one.summary) == ("", "<p>At <b>length</b>.", "At length.")
    assert (other.description, other.html, other.summary) == ("In short.", "<p>At length.", "In short.")


def test_an_item_of_very_many_children_is_read_as_any_other() -> None:
    said = "<title>Buoy adrift</title><link>/1</link><category>sea</category>"
    few, many = read_feed(rss(f"<item>{said}</item><item>{said}{'<other/>' * 100}</item>"), URL).entries
    assert few == many


def test_names_of_elements_are_not_remembered_at_any_length() -> None:
    item = etree.Element("item")
    short, long = (etree.SubElement(item, "a" * length) for length in (20, 40_000))
    assert Names(item).each([short, long]) == ("a" * 20, "")


def test_an_entry_of_a_million_elements_and_what_comes_after_it_is_left_aside() -> None:
    good, heavy = "<item><title>Good</title><link>/1</link></item>", f"<item><title>{'<b>x</b>' * 1_000_000}</title></item>"
    feed = read_feed(rss(good * 3 + heavy + good), URL)
    assert [entry.title for entry in feed.entries] == ["Good"] * 3
    assert feed.cut
    with pytest.raises(FeedError, match="has more than 1,500,000 tags"):
        read_feed(rss(heavy + good), URL)


def test_long_texts_are_bounded() -> None:
    long = "word " * 400_000
    content = rss(f"<item><title>{long}</title><link>/{'a' * 5000}</link><description>&lt;p&gt;{long}</description></item>")
    entry = read_feed(content, URL).entries[0]
    assert len(entry.title) <= 2000
    assert len(entry.summary) <= 2000
    assert entry.url == ""


def test_http_charset_counts_before_the_declaration() -> None:
    content = '<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><title>Привет</title></channel></rss>'.encode("koi8-r")
    assert read_feed(content, URL, "application/rss+xml; charset=koi8-r").title == "Привет"


@pytest.mark.parametrize(
    "markup",
    [
        "<rss><channel><link>{}</link><item><link>1</link></item></channel></rss>",
        "<feed><link href='{}'/><entry><link href='1'/></entry></feed>",
    ],
)
def test_address_of_the_feed_may_be_unknown(markup: str) -> None:
    feed = read_feed(markup.format("https://harbour.example/a/").encode(), "")
    assert feed.entries[0].url == "https://harbour.example/a/1"
    assert read_feed(markup.format("").encode(), "").entries[0].url == ""


def test_base_that_is_no_address_does_not_count() -> None:
    entries = b"<entry xml:base='https://b.example/'><link href='1'/></entry><entry><link href='1'/></entry>"
    feed = read_feed(b"<feed xml:base='http://['>" + entries + b"</feed>", URL)
    assert [entry.url for entry in feed.entries] == ["https://b.example/1", "https://harbour.example/1"]


def test_content_type_does_not_decide_the_format() -> None:
    assert read_feed(rss(""), URL, "application/json").title == "Harbour"
    assert read_feed(content_of("json10_author"), URL, "text/xml; charset=nonsense").title == "Old JSON"


def test_same_bytes_give_the_same_feed_whatever_the_hash_seed() -> None:
    script = "import sys, msgspec; from broadsheet.gather.feeds import read_feed; "
    script += f"sys.stdout.buffer.write(msgspec.json.encode([read_feed(open(p, 'rb').read(), {URL!r}) for p in sys.argv[1:]]))"
    files = sorted(str(path) for path in CASES.iterdir() if not path.name.endswith(".expect.json"))
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script, *files], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


def read_or_none(content: bytes, content_type: str = "") -> Feed | None:
    """A feed, or None for a FeedError; any other error is a failure."""
    try:
        return read_feed(content, URL, content_type)
    except FeedError:
        return None


_PIECES = (
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<link>",
    "</channel>",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&",
    "<!--",
    "<!DOCTYPE rss [",
)


@given(
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=30),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_any_markup_gives_a_feed_or_a_feed_error(pieces: list[str], encoding: str) -> None:
    content = ("<rss><channel>" + "".join(pieces)).encode(encoding, "replace")
    feed = read_or_none(content, "text/xml; charset=utf-8")
    assert feed is None or msgspec.json.decode(msgspec.json.encode(feed), type=Feed) == feed


@given(st.binary(max_size=200))
def test_any_bytes_give_a_feed_or_a_feed_error(content: bytes) -> None:
    for prefix in (b"", b"<?xml version='1.0'?><rss><channel><title>", b'{"items": [{"title": "'):
        read_or_none(prefix + content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "url", "id", "title", "authors", "tags", "attachments", "hubs", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["title", "authors", "author", "hubs", "language"]), _JSON), st.lists(_JSON, max_size=3))
def test_any_json_gives_a_feed(members: dict[str, Any], items: list[Any]) -> None:
    feed = read_feed(json.dumps(members | {"items": items}).encode(), URL)
    assert all(entry.url == "" or entry.url.startswith(("http://", "https://")) for entry in feed.entries)
