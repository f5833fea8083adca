"""Lists of archives, as Common Crawl publishes them."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FeedError
from broadsheet.gather.listing import MAX_BYTES, is_listing, read_listing

URL = "https://data.example/crawl-data/CC-NEWS/2026/01/warc.paths.gz"
LINES = b"crawl-data/CC-NEWS/2026/01/a.warc.gz\n/other/b.warc\r\n\nhttps://data.example/c.wacz\ncrawl-data/CC-NEWS/2026/01/a.warc.gz"
FOUND = (
    "https://data.example/crawl-data/CC-NEWS/2026/01/a.warc.gz",
    "https://data.example/other/b.warc",
    "https://data.example/c.wacz",
)


@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES)], ids=["plain", "packed"])
def test_paths_are_from_the_root_of_the_host(content: bytes) -> None:
    assert is_listing(content)
    assert read_listing(content, URL) == FOUND


OTHERS = [b"", b"WARC/1.1\r\n", gzip.compress(b"WARC/1.0\r\n"), b"<html>", b"\x1f\x8b\x08xx", b"a.zip\n", b"PK"]


@pytest.mark.parametrize("head", OTHERS, ids=map(str, range(len(OTHERS))))
def test_what_is_no_list(head: bytes) -> None:
    assert not is_listing(head)


REFUSED = {
    "another host": (b"a.warc\nhttps://elsewhere.example/a.warc", "names none on its host"),
    "another host, without scheme": (b"a.warc\n//elsewhere.example/a.warc", "names none on its host"),
    "a host that begins alike": (b"a.warc\nhttps://data.example.evil.example/a.warc", "names none on its host"),
    "user before the host": (b"a.warc\nhttps://data.example@evil.example/a.warc", "names none on its host"),
    "no path": (b"a.warc\n<html>", "names none on its host"),
    "no address": (b"a.warc\nhttp://[a.warc", "names none on its host"),
    "damaged": (gzip.compress(LINES)[:40], "ends too early"),
    "bomb": (gzip.compress(b"a.warc\n" * (MAX_BYTES // 6)), "is larger than 20,000,000 bytes"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_lists_that_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason):
        read_listing(content, URL)


@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    is_listing(content)
    with contextlib.suppress(FeedError):
        assert all(url.startswith("https://data.example/") for url in read_listing(content, URL))
