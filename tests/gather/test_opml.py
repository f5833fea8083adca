from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FeedError
from broadsheet.gather.opml import read_opml
from broadsheet.models import Source

HEAD = '<?xml version="1.0" encoding="{}"?><opml version="2.0"><head><title>Mine</title></head><body>{}</body></opml>'


def opml(body: str, encoding: str = "utf-8") -> bytes:
    return HEAD.format(encoding, body).encode(encoding)


@pytest.mark.parametrize(
    ("body", "sources"),
    [
        ('<outline text="A" xmlUrl="https://a.example/feed"/>', [("https://a.example/feed", "A")]),
        ('<outline text="t" title="Title" type="rss" xmlUrl="http://a.example/"/>', [("http://a.example/", "Title")]),
        ('<outline text="Folder"><outline text="A" xmlurl="https://a.example/"/></outline>', [("https://a.example/", "A")]),
        ('<outline xmlUrl="https://a.example/"/><outline xmlUrl="https://a.example/" text="B"/>', [("https://a.example/", "")]),
        (
            '<outline text="Tide &amp;amp; time" xmlUrl="https://a.example/?a=1&amp;b=2"/>',
            [("https://a.example/?a=1&b=2", "Tide & time")],
        ),
        ('<outline text="F" xmlUrl="feed://a.example/x"/>', [("http://a.example/x", "F")]),
        ('<outline text="F" xmlUrl="feed:https://a.example/x"/>', [("https://a.example/x", "F")]),
        ('<outline text="bad" xmlUrl="javascript:x"/><outline xmlUrl=" https://a.example/ "/>', [("https://a.example/", "")]),
        ('<outline text="A & B" xmlUrl="https://a.example/"/>', [("https://a.example/", "A & B")]),
    ],
)
def test_feeds_are_read_from_any_form(body: str, sources: list[tuple[str, str]]) -> None:
    got = read_opml(opml(body))
    assert [source.url for source in got] == [url for url, _ in sources]
    assert [source.title.split() for source in got] == [title.split() for _, title in sources]


def test_any_encoding_is_read() -> None:
    for encoding in ("utf-8", "iso-8859-1", "utf-16"):
        assert read_opml(opml('<outline text="Café" xmlUrl="https://a.example/"/>', encoding)) == (
            Source(url="https://a.example/", title="Café"),
        )


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"not xml", opml(""), b"<opml><body><outline text='x'/></body></opml>"]
)
def test_what_is_no_list_of_feeds_is_refused(content: bytes) -> None:
    with pytest.raises(FeedError):
        read_opml(content)


def test_no_entity_is_expanded() -> None:
    bomb = b'<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    content = bomb + b'<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>'
    with suppress(FeedError):
        (source,) = read_opml(content)
        assert "aaaa" not in source.title


@given(st.binary(max_size=300))
def test_any_bytes_give_sources_or_a_feed_error(content: bytes) -> None:
    with suppress(FeedError):
        read_opml(b"<opml><body>" + content + b'<outline xmlUrl="https://a.example/"/></body></opml>')
