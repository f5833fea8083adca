"""What the client fetches, and what it makes of redirects, codings and limits."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from datetime import timedelta

import brotli
import pytest

from broadsheet.errors import FetchError
from broadsheet.models import HostState, Page
from tests.gather.servers import AGENT, NOW, Handler, Request, answer, client, raw, redirect, run, serving

TEXT = "Näws from the harbour. ".encode() * 200


def fetch(routes: dict[str, Handler], url: str = "http://harbour.example/", **wishes: object) -> Page:
    async def test() -> Page:
        async with serving(routes) as server, client(server) as fetcher:
            return await fetcher.fetch(url, **wishes)

    return run(test())


def refused(routes: dict[str, Handler], url: str = "http://harbour.example/", **wishes: object) -> FetchError:
    with pytest.raises(FetchError) as error:
        fetch(routes, url, **wishes)
    return error.value


def test_page_tells_the_facts() -> None:
    page = fetch({"/": answer(TEXT, Content_Type="text/html", X_Odd="a", x_odd="b")}, "http://harbour.example/#part")
    assert page.content == TEXT
    assert page.status == 200
    assert page.url == "http://harbour.example/#part"
    assert page.final_url == "http://harbour.example/"
    assert page.moved_to == ""
    assert page.content_type == "text/html"
    assert page.headers["x-odd"] == "a, b"
    assert page.fetched_at == NOW


def test_request_says_who_asks_and_what_it_takes() -> None:
    async def test() -> dict[str, str]:
        async with serving({"/": answer()}) as server, client(server) as fetcher:
            await fetcher.fetch("http://harbour.example/", etag='"7"', last_modified="Fri, 02 Jan 2026 00:00:00 GMT\r\nX: y")
            return server.requests[0].headers

    headers = run(test())
    assert headers["user-agent"] == AGENT
    assert headers["if-none-match"] == '"7"'
    assert headers["if-modified-since"] == "Fri, 02 Jan 2026 00:00:00 GMTX: y"
    assert headers["accept-encoding"] == "gzip, deflate, br"
    assert "cookie" not in headers


def test_unchanged_page_has_no_content() -> None:
    page = fetch({"/": answer(status=304, ETag='"7"')}, etag='"7"')
    assert (page.status, page.content, page.headers["etag"]) == (304, b"", '"7"')


def deflated(content: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(content) + packer.flush()


CODED = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "x-gzip": ("x-gzip", gzip.compress(TEXT)),
    "gzip members": ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0\0padding"),
    "gzip not done": ("gzip", TEXT),
    "deflate": ("deflate", deflated(TEXT, 15)),
    "raw deflate": ("deflate", deflated(TEXT, -15)),
    "br": ("br", brotli.compress(TEXT)),
    "identity": ("identity", TEXT),
    "utf-8": ("UTF-8", TEXT),
}


@pytest.mark.parametrize(("coding", "body"), CODED.values(), ids=CODED)
def test_content_codings(coding: str, body: bytes) -> None:
    assert fetch({"/": answer(body, Content_Encoding=coding)}).content == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_byte_at_a_time(coding: str) -> None:
    body = CODED[coding][1]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = [b"1\r\n" + body[i : i + 1] + b"\r\n" for i in range(len(body))]
    assert fetch({"/": raw(head, *chunks, b"0\r\n\r\n")}).content == TEXT


DAMAGED = {
    "unknown coding": (answer(TEXT, Content_Encoding="zstd"), "sent its content coded as 'zstd', which was not asked for"),
    "twice coded": (answer(TEXT, Content_Encoding="gzip, br"), "sent its content coded as 'gzip, br', which was not asked for"),
    "gzip damaged": (answer(gzip.compress(TEXT)[:20] + b"\xff" * 50, Content_Encoding="gzip"), "sent damaged gzip data"),
    "gzip cut": (answer(gzip.compress(TEXT)[:-12], Content_Encoding="gzip"), "sent gzip data that ends too early"),
    "brotli damaged": (answer(b"\xff" * 50, Content_Encoding="br"), "sent damaged br data"),
    "brotli cut": (answer(brotli.compress(TEXT)[:-5], Content_Encoding="br"), "sent br data that ends too early"),
}


@pytest.mark.parametrize(("handler", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_content(handler: Handler, reason: str) -> None:
    assert str(refused({"/": handler})) == reason


HUGE = b"\0" * 3_000_000
TOO_LARGE = {
    "announced": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n", then="hang"),
    "endless": raw(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000, then="repeat"),
    "endless chunks": raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n", then="repeat"
    ),
    "gzip bomb": answer(gzip.compress(HUGE), Content_Encoding="gzip"),
    "gzip bomb in members": answer(gzip.compress(HUGE[:40_000]) * 50, Content_Encoding="gzip"),
    "deflate bomb": answer(deflated(HUGE, -15), Content_Encoding="deflate"),
    "brotli bomb": answer(brotli.compress(HUGE), Content_Encoding="br"),
}


@pytest.mark.parametrize("handler", TOO_LARGE.values(), ids=TOO_LARGE)
def test_no_more_bytes_than_allowed(handler: Handler) -> None:
    error = refused({"/": handler}, limit=50_000)
    assert str(error) == "is larger than 50,000 bytes"
    assert error.permanent


def test_exactly_the_limit_is_allowed() -> None:
    assert fetch({"/": answer(TEXT)}, limit=len(TEXT)).content == TEXT
    assert "larger" in str(refused({"/": answer(TEXT)}, limit=len(TEXT) - 1))


@pytest.mark.parametrize(
    "handler",
    [
        answer(TEXT),
        answer(TEXT[:100], status=206, Content_Range="bytes 0-99/9000"),
        raw(b"HTTP/1.1 200 OK\r\n\r\n", TEXT, then="repeat"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n", TEXT, then="hang"),
    ],
    ids=["whole", "range", "endless", "announced"],
)
def test_only_the_head_of_a_page(handler: Handler) -> None:
    assert fetch({"/": handler}, head_bytes=100).content == TEXT[:100]


def test_the_head_is_asked_for() -> None:
    async def test() -> Request:
        async with serving({"/": answer(TEXT)}) as server, client(server) as fetcher:
            await fetcher.fetch("http://harbour.example/", head_bytes=4096)
            return server.requests[0]

    headers = run(test()).headers
    assert (headers["range"], headers["accept-encoding"]) == ("bytes=0-4095", "identity")


REDIRECTS = {
    "temporary": ([302], "http://b.example/1", ""),
    "permanent": ([301], "http://b.example/1", "http://b.example/1"),
    "permanent twice": ([301, 308], "http://b.example/2", "http://b.example/2"),
    "permanent, then temporary": ([308, 307], "http://b.example/2", "http://b.example/1"),
    "temporary, then permanent": ([303, 301], "http://b.example/2", ""),
}


@pytest.mark.parametrize(("statuses", "final", "moved_to"), REDIRECTS.values(), ids=REDIRECTS)
def test_redirects(statuses: list[int], final: str, moved_to: str) -> None:
    routes = {f"/{n}": redirect(f"http://b.example/{n + 1}", status) for n, status in enumerate(statuses)}
    page = fetch({**routes, f"/{len(statuses)}": answer(TEXT)}, "http://a.example/0")
    assert (page.final_url, page.moved_to, page.content) == (final, moved_to, TEXT)


@pytest.mark.parametrize(
    ("location", "final"),
    [("../up", "http://a.example/up"), ("//b.example/x", "http://b.example/x"), ("?q=ü", "http://a.example/d/e?q=%C3%BC")],
)
def test_relative_redirects(location: str, final: str) -> None:
    handler = answer(status=302, Location=location.encode().decode("latin-1"))
    page = fetch({"/d/e": handler, "/up": answer(), "/x": answer(), "/d/e?q=%C3%BC": answer()}, "http://a.example/d/e")
    assert page.final_url == final


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/", "redirects more than 5 times"),
        ("file:///etc/passwd", "is not an http or https address"),
        ("ftp://harbour.example/", "is not an http or https address"),
        ("http://[::1", "redirects to what is not an address"),
        ("http://harbour.example:99999/", "redirects to what is not an address"),
        ("", "answered 302 without saying where to"),
        ("/" + "a" * 5000, "the address is too long"),
    ],
)
def test_redirects_that_lead_nowhere(location: str, reason: str) -> None:
    assert str(refused({"*": redirect(location)})) == reason


@pytest.mark.parametrize(
    "url", ["", "harbour.example", "/path", "ftp://harbour.example/", "file:///etc/passwd", "http://", "http://[", "x" * 9000]
)
def test_what_is_no_address(url: str) -> None:
    assert refused({"*": answer()}, url).permanent


@pytest.mark.parametrize(
    ("status", "permanent"), [(404, True), (410, True), (451, True), (403, False), (429, False), (500, False), (300, False)]
)
def test_errors_by_status(status: int, permanent: bool) -> None:
    error = refused({"/": answer(b"gone", status)})
    assert (str(error), error.status, error.permanent, error.retry_at) == (f"answered {status}", status, permanent, None)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", 120),
        ("Fri, 02 Jan 2026 12:10:00 GMT", 600),
        ("99999999999", 172_800),
        ("Fri, 02 Jan 2099 12:10:00 GMT", 172_800),
    ],
)
def test_busy_host_says_when_to_come_again(status: int, header: str, wait: int) -> None:
    assert refused({"/": answer(status=status, Retry_After=header)}).retry_at == NOW + timedelta(seconds=wait)


@pytest.mark.parametrize("header", ["soon", "-5", "Fri, 02 Jan 2020 12:10:00 GMT", "²"])
def test_busy_host_that_does_not_say_when(header: str) -> None:
    assert refused({"/": answer(status=503, Retry_After=header.encode().decode("latin-1"))}).retry_at is None


def test_busy_address_is_left_alone_and_its_host_after_three() -> None:
    async def test() -> None:
        now = [NOW]
        busy = answer(status=503, Retry_After="60")
        async with serving({"busy.example/ok": answer(TEXT), "idle.example/": answer(TEXT), "*": busy}) as server:
            async with client(server, clock=lambda: now[0]) as fetcher:

                async def left_alone(path: str) -> bool:
                    with pytest.raises(FetchError) as error:
                        await fetcher.fetch(f"http://busy.example/{path}")
                    assert error.value.retry_at == NOW + timedelta(seconds=60)
                    return "left alone until 2026-01-02 12:01:00 UTC" in str(error.value)

                assert [await left_alone(path) for path in ("a", "a", "b")] == [False, True, False]
                await fetcher.fetch("http://busy.example/ok")  # so it is not the host that has had enough
                assert [await left_alone(path) for path in ("c", "d", "b", "e", "f", "ok")] == [
                    False,
                    False,
                    True,
                    False,
                    True,
                    True,
                ]
                await fetcher.fetch("http://idle.example/")
                assert [state.host for state in fetcher.learnt()] == ["busy.example"]
                now[0] += timedelta(seconds=60)
                await fetcher.fetch("http://busy.example/ok")
                assert fetcher.learnt() == []
            assert server.asked() == ["/a", "/b", "/ok", "/c", "/d", "/e", "/", "/ok"]

    run(test())


def test_what_was_learnt_of_a_host_is_remembered() -> None:
    async def test() -> list[str]:
        async with serving({"*": answer(TEXT)}) as server, client(server) as fetcher:
            fetcher.remember([HostState(host="busy.example", closed_until=NOW + timedelta(hours=1))])
            with pytest.raises(FetchError, match="left alone"):
                await fetcher.fetch("http://busy.example/")
            await fetcher.fetch("http://idle.example/")
            return server.asked()

    assert run(test()) == ["/"]


def test_dead_host_is_asked_three_times() -> None:
    async def test() -> list[str]:
        async with serving({"*": raw()}) as server, client(server) as fetcher:
            for n in range(6):
                with pytest.raises(FetchError):
                    await fetcher.fetch(f"http://dead.example/{n}")
            return server.asked()

    assert set(run(test())) == {"/0", "/1", "/2"}


def test_many_hosts_do_not_keep_their_connections() -> None:
    async def test() -> list[str]:
        async with serving({"*": answer()}) as server, client(server) as fetcher:
            for n in range(260):
                await fetcher.fetch(f"http://h{n}.example/")
            return [request.headers.get("connection", "") for request in server.requests]

    assert run(test()) == [""] * 256 + ["close"] * 4


def test_one_request_a_host_and_few_in_all_at_once() -> None:
    async def test(hosts: int, **limits: int) -> int:
        async def slowly(request: Request, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.01)
            await answer(TEXT)(request, writer)

        async with serving({"*": slowly}) as server, client(server, **limits) as fetcher:
            await asyncio.gather(*(fetcher.fetch(f"http://h{n % hosts}.example/{n}") for n in range(12)))
            return server.most_open

    assert run(test(1)) == 1
    assert run(test(1, connections_per_host=3)) <= 3
    assert run(test(12, connections=2)) <= 2


def test_gap_between_requests_to_one_host() -> None:
    async def test() -> list[float]:
        async with serving({"*": answer()}) as server, client(server, gap=0.05, connections_per_host=4) as fetcher:
            await asyncio.gather(*(fetcher.fetch(f"http://h.example/{n}") for n in range(4)))
            return sorted(request.at for request in server.requests)

    times = run(test())
    assert times[3] - times[0] >= 0.14
