"""Sitemaps, their indexes and extensions."""

from __future__ import annotations

import contextlib
import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FeedError
from broadsheet.gather.sitemaps import MAX_BYTES, read_sitemap
from broadsheet.gather.values import SitemapChild, SitemapEntry
from broadsheet.models import Image

URL = "https://harbour.example/sitemap.xml"
NS = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="{NS}" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:v="http://www.google.com/schemas/sitemap-video/1.1">
<url><loc> https://harbour.example/crane </loc><lastmod>2026-01-02T09:00:00+01:00</lastmod>
 <news:news><news:publication><news:name>Harbour</news:name><news:language>en-gb</news:language></news:publication>
 <news:publication_date>2026-01-02T07:30:00Z</news:publication_date><news:title>Crane &amp;amp; barge</news:title>
 <news:keywords>port, crane,,port</news:keywords></news:news>
 <image:image><image:loc>/c.jpg</image:loc><image:caption>A &lt;b&gt;crane&lt;/b&gt;</image:caption></image:image>
 <image:image><image:loc>/c.jpg</image:loc></image:image>
 <v:video><v:player_loc>https://v.example/p/1</v:player_loc></v:video></url>
<url><loc>/plain</loc></url><url><loc>mailto:desk@harbour.example</loc></url><url/>
</urlset>""".encode()


def test_news_sitemap() -> None:
    sitemap = read_sitemap(NEWS, URL)
    assert sitemap.news
    assert sitemap.children == ()
    assert sitemap.entries == (
        SitemapEntry(
            url="https://harbour.example/crane",
            modified_at=datetime(2026, 1, 2, 8, tzinfo=UTC),
            title="Crane & barge",
            published_at=datetime(2026, 1, 2, 7, 30, tzinfo=UTC),
            language="en",
            keywords=("port", "crane"),
            images=(Image(url="https://harbour.example/c.jpg", title="A crane"),),
            video_url="https://v.example/p/1",
        ),
        SitemapEntry(url="https://harbour.example/plain"),
    )


def index(*children: str, ns: str = NS) -> bytes:
    return f'<sitemapindex xmlns="{ns}">{"".join(f"<sitemap>{child}</sitemap>" for child in children)}</sitemapindex>'.encode()


@pytest.mark.parametrize(
    "ns", [NS, NS.replace("http:", "https:"), "http://www.google.com/schemas/sitemap/0.84", "urn:other", ""]
)
def test_index(ns: str) -> None:
    content = index("<loc>/a.xml</loc><lastmod>2026-01-02</lastmod>", "<loc>https://b.example/b.xml.gz</loc>", "<loc/>", ns=ns)
    assert read_sitemap(content, URL).children == (
        SitemapChild(url="https://harbour.example/a.xml", modified_at=datetime(2026, 1, 2, tzinfo=UTC)),
        SitemapChild(url="https://b.example/b.xml.gz"),
    )


def test_gzip_file_is_unpacked() -> None:
    assert read_sitemap(gzip.compress(NEWS, mtime=0), URL) == read_sitemap(NEWS, URL)


def test_list_of_addresses() -> None:
    sitemap = read_sitemap(b"https://harbour.example/1\r\nhttps://harbour.example/2\n", URL, "text/plain")
    assert [entry.url for entry in sitemap.entries] == ["https://harbour.example/1", "https://harbour.example/2"]
    assert not sitemap.news


def test_broken_sitemap_is_repaired() -> None:
    content = b"\n<?xml version='1.0'?><urlset><url><loc>https://harbour.example/?a=1&b=2</loc></url><url><loc>https://harbour.example/2"
    assert [entry.url for entry in read_sitemap(content, URL).entries] == [
        "https://harbour.example/?a=1&b=2",
        "https://harbour.example/2",
    ]


def test_entries_are_bounded() -> None:
    content = b"<urlset>" + b"<url><loc>/1</loc></url>" * 100_050 + b"</urlset>"
    assert len(read_sitemap(content, URL).entries) == 100_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a sitemap"),
        (b"no addresses here", "is not a sitemap"),
        (b"<html><body/></html>", "is a web page, not a sitemap"),
        (b"<rss version='2.0'><channel/></rss>", "is not a sitemap: its root element is 'rss'"),
        (gzip.compress(NEWS, mtime=0)[:-20], "sent gzip data that ends too early"),
        (gzip.compress(NEWS, mtime=0)[:12] + b"\xff" * 40, "sent damaged gzip data"),
        (gzip.compress(b"\0" * (MAX_BYTES + 1), mtime=0), f"is larger than {MAX_BYTES:,} bytes"),
    ],
)
def test_what_is_no_sitemap_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as error:
        read_sitemap(content, URL)
    assert str(error.value) == reason


_PIECES = (
    "<url>",
    "</url>",
    "<loc>",
    "</loc>",
    "/x",
    "<sitemap>",
    "<lastmod>",
    "2026",
    "&",
    "<news:news>",
    "<image:image>",
    "<image:loc>",
)


@given(
    st.sampled_from(["<urlset>", "<sitemapindex>", ""]),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=5)), max_size=20),
)
def test_any_markup_gives_a_sitemap_or_a_feed_error(head: str, pieces: list[str]) -> None:
    try:
        sitemap = read_sitemap((head + "".join(pieces)).encode("utf-8", "ignore"), URL)
    except FeedError:
        return
    assert all(item.url.startswith(("http://", "https://")) for item in (*sitemap.entries, *sitemap.children))


@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_give_a_sitemap_or_a_feed_error(content: bytes, packed: bool) -> None:
    with contextlib.suppress(FeedError):
        read_sitemap(b"\x1f\x8b" + content if packed else content, URL)
