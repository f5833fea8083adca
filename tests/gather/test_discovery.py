"""From the address of a site, page or profile to its sources."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FetchError
from broadsheet.gather.discovery import discover, known_feeds, linked_feeds, names_archive
from broadsheet.models import Page, Source
from tests.gather.servers import NOW, Handler, Server, answer, client, redirect, run, serving

FEED = b'<rss version="2.0"><channel><title>Harbour</title><item><link>/1</link></item></channel></rss>'
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title></feed>'
SITEMAP = b"<urlset><url><loc>/1</loc></url></urlset>"
HOME = "http://harbour.example/"


def find(routes: dict[str, Handler], url: str = HOME) -> tuple[list[tuple[str, str, str]], Server]:
    async def test() -> tuple[tuple[Source, ...], Server]:
        async with serving(routes) as server, client(server) as fetcher:
            return await discover(fetcher, url), server

    sources, server = run(test())
    return [(source.kind, source.url, source.title) for source in sources], server


def html(*links: str) -> Handler:
    return answer(f"<html><head>{''.join(links)}</head><body>x</body></html>".encode(), Content_Type="text/html")


def link(href: str, kind: str = "application/rss+xml", **more: str) -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{more.get("title", "")}">'


def test_address_that_is_a_feed() -> None:
    found, server = find({"/old": redirect("/feed"), "/feed": answer(FEED, Content_Type="text/html")}, HOME + "old")
    assert found == [("feed", "http://harbour.example/feed", "Harbour")]
    assert server.asked() == ["/old", "/feed"]


def test_address_that_is_a_sitemap() -> None:
    found, _ = find({"/map": answer(SITEMAP)}, HOME + "map")
    assert found == [("sitemap", "http://harbour.example/map", "")]


def test_page_that_links_to_feeds() -> None:
    routes = {
        "/": html(
            link("/comments/feed"),
            link("/broken"),
            link("rss"),
            link("/quay", "application/atom+xml; charset=utf-8"),
            link("rss"),
        ),
        "/comments/feed": answer(FEED.replace(b"Harbour", b"Comments")),
        "/broken": answer(b"<html>"),
        "/rss": answer(FEED),
        "/quay": answer(ATOM),
        "/robots.txt": answer(b"Sitemap: /pages.xml\nSitemap: http://harbour.example/google-news.xml"),
        "/pages.xml": answer(SITEMAP),
        "/google-news.xml": answer(SITEMAP),
    }
    found, server = find(routes)
    assert [url.removeprefix(HOME) for _, url, _ in found] == ["rss", "quay", "comments/feed", "google-news.xml", "pages.xml"]
    assert [kind for kind, _, _ in found] == ["feed"] * 3 + ["sitemap"] * 2
    assert "/feed" not in server.asked()  # well-known paths are not tried where the page names feeds
    assert len(server.asked()) == len(set(server.asked()))


def test_page_that_links_to_nothing() -> None:
    found, _ = find({"/": html(), "/feed.xml": answer(ATOM), "/sitemap.xml": answer(SITEMAP)}, "http://harbour.example")
    assert found == [("feed", HOME + "feed.xml", "Quay"), ("sitemap", HOME + "sitemap.xml", "")]


def test_sitemaps_that_robots_disallow_are_not_named() -> None:
    found, _ = find({"/": html(), "/robots.txt": answer(b"User-agent: *\nDisallow: /sitemap"), "/sitemap.xml": answer(SITEMAP)})
    assert found == []


def test_nothing_found() -> None:
    assert find({"/": html()})[0] == []


def test_site_that_cannot_be_fetched() -> None:
    with pytest.raises(FetchError, match="answered 403"):
        find({"*": answer(status=403)})


def test_known_feed_of_a_page_that_cannot_be_fetched() -> None:
    found, _ = find({"/@ada": answer(status=403), "/@ada.rss": answer(FEED)}, "http://social.example/@ada")
    assert found == [("feed", "http://social.example/@ada.rss", "Harbour")]


def test_known_feed_comes_first() -> None:
    found, _ = find(
        {"/@ada": html(link("/other")), "/other": answer(ATOM), "/@ada.rss": answer(FEED)}, "http://social.example/@ada"
    )
    assert [title for _, _, title in found] == ["Harbour", "Quay"]


@pytest.mark.parametrize(
    ("url", "feeds"),
    [
        ("https://www.youtube.com/channel/UC_x-1", ["https://www.youtube.com/feeds/videos.xml?channel_id=UC_x-1"]),
        ("https://m.youtube.com/user/ada/", ["https://www.youtube.com/feeds/videos.xml?user=ada"]),
        ("https://www.youtube.com/playlist?list=PL1", ["https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"]),
        ("https://www.youtube.com/@ada", []),  # its page links to the feed
        ("https://old.reddit.com/r/harbour/", ["https://www.reddit.com/r/harbour/.rss"]),
        ("https://www.reddit.com/user/ada", ["https://www.reddit.com/user/ada/.rss"]),
        ("https://github.com/ada/buoy.git", ["https://github.com/ada/buoy/releases.atom"]),
        ("https://github.com/ada/buoy/tree/main", ["https://github.com/ada/buoy/releases.atom"]),
        ("https://github.com/ada", ["https://github.com/ada.atom"]),
        ("https://bsky.app/profile/ada.example", ["https://bsky.app/profile/ada.example/rss"]),
        ("https://medium.com/@ada", ["https://medium.com/feed/@ada"]),
        ("https://social.example/@ada", ["https://social.example/@ada.rss"]),
        ("https://harbour.example/news", []),
        ("https://notyoutube.com/channel/UC1", []),
        ("http://[", []),
        ("", []),
    ],
)
def test_known_feeds(url: str, feeds: list[str]) -> None:
    assert list(known_feeds(url)) == feeds


def page(markup: str) -> Page:
    return Page(url=HOME, final_url=HOME, status=200, headers={}, content=markup.encode("utf-8", "replace"), fetched_at=NOW)


def test_links_by_base_and_relation() -> None:
    markup = '<base href="https://cdn.example/x/"><link rel="ALTERNATE nofollow" type="Application/RSS+XML" href="a&amp;b">'
    markup += "<link rel=feed href=/plain><link rel=alternate type=text/html href=/page hreflang=de><link rel=alternate href=>"
    assert linked_feeds(page(markup)) == ("https://cdn.example/x/a&b", "https://cdn.example/plain")


@given(st.text(max_size=60))
def test_any_page_links_to_addresses_only(text: str) -> None:
    assert all(url.startswith(("http://", "https://")) for url in linked_feeds(page(f"<link rel=feed href={text}>{text}")))
    assert isinstance(known_feeds(text), tuple)


# --- archives ------------------------------------------------------------------------------------------------------------

ARCHIVE_NAMES = {
    "https://a.example/2026/a.warc": True,
    "https://a.example/a.warc.gz?sig=1": True,
    "https://a.example/a.wacz": True,
    "https://a.example/crawl/warc.paths.gz": True,
    "https://a.example/crawl/2026.warc.paths": True,
    "https://a.example/warc": True,
    "https://a.example/star-warc": False,
    "https://a.example/feed.gz": False,
    "https://warc.example/": False,
}


@pytest.mark.parametrize(("url", "expected"), ARCHIVE_NAMES.items())
def test_addresses_named_as_archives(url: str, expected: bool) -> None:
    assert names_archive(url) == expected


ARCHIVES = {
    "archive": (b"WARC/1.1\r\nWARC-Type: warcinfo\r\n\r\n", True),
    "packed": (gzip.compress(b"WARC/1.1\r\n"), True),
    "collection": (b"PK\x03\x04", True),
    "list": (b"crawl/1.warc.gz\n", True),
    "packed list": (gzip.compress(b"crawl/1.warc.gz\n"), True),
    "page": (b"<html>", False),
}


@pytest.mark.parametrize(("content", "found"), ARCHIVES.values(), ids=ARCHIVES)
def test_archive_is_told_by_its_first_bytes(content: bytes, found: bool) -> None:
    url = HOME + "a.warc.gz"
    sources, server = find({"/a.warc.gz": answer(content)}, url)
    assert sources == ([("archive", url, "")] if found else [])
    assert server.requests[0].headers["range"].startswith("bytes=0-")
    assert len(server.requests) == 1
