"""Asking a source once: real servers, real feeds and sitemaps, and everything that can go wrong with them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.gather import answers
from broadsheet.gather.client import Client
from broadsheet.gather.poll import MAX_CHILDREN
from broadsheet.gather.values import Poll
from broadsheet.models import Source, SourceKind, SourceState
from tests.gather.servers import AGENT, NOW, Handler, Server, answer, client, poll, raw, redirect, run, serving, settings

FEED = b"""<rss version="2.0"><channel><title>Harbour</title><ttl>60</ttl>
<item><title>One</title><link>/1</link><pubDate>Fri, 02 Jan 2026 11:00:00 GMT</pubDate></item>
<item><title>No address</title></item>
<item><title>Two</title><link>/2</link></item></channel></rss>"""
URL = "http://harbour.example/feed"


def ask(
    routes: dict[str, Handler], url: str = URL, kind: SourceKind = "feed", state: SourceState | None = None, **changes: object
) -> tuple[Poll, Server]:
    async def test() -> tuple[Poll, Server]:
        async with serving(routes) as server, client(server, **changes) as fetcher:
            known = state or SourceState(url=url)
            return await poll(Source(url=url, kind=kind), known, fetcher, settings(**changes)), server

    return run(test())


def urls(result: Poll) -> list[str]:
    return [entry.url for entry in result.entries]


def test_feed_is_read_and_its_state_kept() -> None:
    result, server = ask({"/feed": answer(FEED, ETag='"1"', Last_Modified="Fri, 02 Jan 2026 11:00:00 GMT")})
    assert urls(result) == ["http://harbour.example/1", "http://harbour.example/2"]
    assert {entry.source for entry in result.entries} == {URL}
    assert (result.problem, result.unchanged) == (None, False)
    assert (result.state.title, result.state.etag, result.state.interval) == ("Harbour", '"1"', 3600)
    assert result.state.last_modified == "Fri, 02 Jan 2026 11:00:00 GMT"
    assert server.asked() == ["/feed"]  # robots.txt is not asked for a feed


def test_unchanged_feed() -> None:
    before = SourceState(url=URL, etag='"1"', last_modified="Fri, 02 Jan 2026 11:00:00 GMT", interval=1000)
    result, server = ask({"/feed": answer(status=304)}, state=before)
    assert (result.unchanged, result.entries, result.state.interval) == (True, (), 1500)
    assert server.requests[0].headers["if-none-match"] == '"1"'
    assert server.requests[0].headers["if-modified-since"] == "Fri, 02 Jan 2026 11:00:00 GMT"


def test_moved_feed_is_asked_at_its_new_address_but_keeps_its_name() -> None:
    routes = {"/feed": redirect("http://b.example/new/feed", 301), "/new/feed": answer(FEED)}
    result, _ = ask(routes)
    assert result.state.moved_to == "http://b.example/new/feed"
    assert urls(result)[0] == "http://b.example/1"
    assert result.entries[0].source == URL
    _, server = ask(routes, state=result.state)
    assert server.asked() == ["/new/feed"]


TROUBLE = {
    "gone": (answer(status=410), "answered 410"),
    "not found": (answer(status=404), "answered 404"),
    "web page": (answer(b"<!doctype html><title>x</title>"), "is a web page, not a feed"),
    "empty": (answer(b""), "is empty"),
    "no content": (answer(status=204), "answered 204"),
    "hangs up": (raw(), "cannot be reached: Server disconnected"),
    "too large": (answer(b"x" * 9000), "is larger than 8,000 bytes"),
}


@pytest.mark.parametrize(("handler", "reason"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_stays_with_the_source(handler: Handler, reason: str) -> None:
    result, _ = ask({"/feed": handler}, max_feed_bytes=8000)
    assert result.problem is not None
    assert (result.problem.room, result.problem.where, result.problem.reason) == ("gather", URL, reason)
    assert (result.entries, result.state.failures, result.state.problem) == ((), 1, reason)
    assert result.state.next_at is not None
    assert result.state.next_at > NOW
    assert result.state.retired == (reason == "answered 410")


def test_unforeseen_error_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(answers, "read_feed", broken)
    result, _ = ask({"/feed": answer(FEED)})
    assert result.problem is not None
    assert result.problem.reason == "could not be read: KeyError: 'oops'"


def test_cancelling_is_not_trouble() -> None:
    async def test() -> None:
        async with serving({"/feed": raw(then="hang")}) as server, client(server) as fetcher:
            task = asyncio.create_task(poll(Source(url=URL), SourceState(url=URL), fetcher, settings()))
            while not server.requests:
                await asyncio.sleep(0)
            task.cancel()
            await task

    with pytest.raises(asyncio.CancelledError):
        run(test())


def test_archive_is_not_asked() -> None:
    result, server = ask({}, kind="archive")
    assert result.problem is not None
    assert server.asked() == []


def test_large_feed() -> None:
    items = "".join(f"<item><title>{n}</title><link>/{n}</link></item>" for n in range(5000))
    result, _ = ask({"/feed": answer(f"<rss><channel>{items}</channel></rss>".encode())})
    assert len(result.entries) == 5000


# --- sitemaps ------------------------------------------------------------------------------------------------------------

SITE = "http://harbour.example/sitemap.xml"


def urlset(*entries: tuple[str, str]) -> Handler:
    return answer(("<urlset>" + "".join(f"<url><loc>{loc}</loc>{more}</url>" for loc, more in entries) + "</urlset>").encode())


def index(*children: tuple[str, str]) -> Handler:
    inner = "".join(f"<sitemap><loc>{loc}</loc>{more}</sitemap>" for loc, more in children)
    return answer(f"<sitemapindex>{inner}</sitemapindex>".encode(), ETag='"1"')


def changed(days: float) -> str:
    return f"<lastmod>{(NOW - timedelta(days=days)).isoformat()}</lastmod>"


def test_sitemap_entries_lately_changed_newest_first() -> None:
    news = '<n:news xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><n:title>Now</n:title>{}</n:news>'
    dated = news.format(f"<n:publication_date>{(NOW - timedelta(hours=1)).isoformat()}</n:publication_date>")
    routes = {
        "/sitemap.xml": urlset(
            ("/old", changed(31)),
            ("/new", changed(1)),
            ("/undated", ""),
            ("/news", dated),
            ("/newer", changed(0.5)),
            ("/bare", news.format("")),
        )
    }
    result, server = ask(routes, SITE, "sitemap")
    assert [url.rpartition("/")[2] for url in urls(result)] == ["news", "newer", "new", "bare"]
    assert server.asked() == ["/robots.txt", "/sitemap.xml"]
    first = result.entries[0]
    assert (first.title, first.source, first.published_at) == ("Now", SITE, datetime(2026, 1, 2, 11, tzinfo=UTC))
    assert result.entries[1].updated_at == NOW - timedelta(days=0.5)


def test_index_is_followed_newest_first() -> None:
    routes = {
        "/sitemap.xml": index(("/a", ""), ("/b", changed(9)), ("/c", changed(1)), ("/old", changed(99))),
        "/a": urlset(("/a1", changed(3)), ("/c1", changed(2))),
        "/b": urlset(("/b1", changed(1))),
        "/c": urlset(("/c1", changed(2))),
        "/old": urlset(("/old1", changed(1))),
    }
    result, server = ask(routes, SITE, "sitemap", SourceState(url=SITE))
    assert server.asked() == ["/robots.txt", "/sitemap.xml", "/c", "/b", "/a"]
    assert [url.rpartition("/")[2] for url in urls(result)] == ["b1", "c1", "a1"]
    assert result.state.etag == ""  # an unchanged index says nothing of its sitemaps


def test_index_that_contains_itself() -> None:
    routes = {
        "/sitemap.xml": index(("/sitemap.xml", ""), ("/b", "")),
        "/b": index(("/sitemap.xml", ""), ("/b", ""), ("/c", "")),
    }
    result, server = ask(routes | {"/c": urlset(("/c1", changed(1)))}, SITE, "sitemap")
    assert server.asked() == ["/robots.txt", "/sitemap.xml", "/b", "/c"]
    assert urls(result) == ["http://harbour.example/c1"]


def test_endless_indexes_have_an_end() -> None:
    wide = index(*((f"/s{n}", "") for n in range(500)))
    _, server = ask({"/robots.txt": answer(), "*": wide}, SITE, "sitemap")
    assert len(server.asked()) == 2 + MAX_CHILDREN

    async def deeper(request: object, writer: asyncio.StreamWriter) -> None:
        await index((f"{request.path}x", ""))(request, writer)

    _, server = ask({"/robots.txt": answer(), "*": deeper}, SITE, "sitemap")
    assert server.asked() == ["/robots.txt", "/sitemap.xml", "/sitemap.xmlx", "/sitemap.xmlxx", "/sitemap.xmlxxx"]


def test_one_broken_sitemap_leaves_the_others() -> None:
    routes = {
        "/sitemap.xml": index(("/a", ""), ("/b", ""), ("/none", "")),
        "/a": answer(b"junk"),
        "/b": urlset(("/b1", changed(1))),
    }
    result, _ = ask(routes, SITE, "sitemap")
    assert urls(result) == ["http://harbour.example/b1"]
    assert result.problem is not None
    assert (result.problem.where, result.problem.reason) == ("http://harbour.example/a", "is not a sitemap")
    assert result.state.failures == 0


def test_sitemap_that_robots_disallow() -> None:
    result, server = ask({"/robots.txt": answer(b"User-agent: *\nDisallow: /sitemap"), "*": urlset()}, SITE, "sitemap")
    assert result.problem is not None
    assert result.problem.reason == "robots.txt disallows it"
    assert server.asked() == ["/robots.txt"]


def test_unchanged_sitemap() -> None:
    result, _ = ask(
        {"/robots.txt": answer(), "/sitemap.xml": answer(status=304)}, SITE, "sitemap", SourceState(url=SITE, etag="x")
    )
    assert result.unchanged


def test_entries_of_a_sitemap_are_bounded() -> None:
    routes = {"/sitemap.xml": urlset(*((f"/{n}", changed(n / 100)) for n in range(50)))}
    result, _ = ask(routes, SITE, "sitemap", pages_per_edition=3)
    assert [url.rpartition("/")[2] for url in urls(result)] == ["0", "1", "2"]


@pytest.mark.parametrize("moved", [True, False])
def test_permission_for_private_addresses_is_for_the_own_host(moved: bool) -> None:
    """Neither a sitemap that an index names nor a new address may be private on another host."""

    async def test() -> tuple[Poll, Server]:
        made = Client(settings(robots=False), user_agent=AGENT, clock=lambda: NOW)
        async with serving({"/sitemap.xml": index(("http://127.0.0.2/secret", ""))}) as server, made as fetcher:
            source = Source(url=f"{server.url}/sitemap.xml", kind="sitemap", allow_private=True)
            state = SourceState(url=source.url, moved_to="http://127.0.0.2/secret" if moved else "")
            return await poll(source, state, fetcher, settings()), server

    result, server = run(test())
    assert result.problem is not None
    assert "the address is private" in result.problem.reason
    assert "/secret" not in server.asked()


def test_many_polls_at_once() -> None:
    async def test() -> list[Poll]:
        routes: dict[str, Handler] = {f"h{n}.example/feed": answer(FEED) if n % 3 else answer(b"junk") for n in range(60)}
        async with serving(routes) as server, client(server, connections=8) as fetcher:
            sources = [Source(url=f"http://h{n}.example/feed") for n in range(60)]
            return await asyncio.gather(*(poll(s, SourceState(url=s.url), fetcher, settings()) for s in sources))

    results = run(test())
    assert sum(len(result.entries) for result in results) == 80
    assert sum(result.problem is not None for result in results) == 20
