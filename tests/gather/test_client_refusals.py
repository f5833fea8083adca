"""Hostile and broken servers, private addresses, robots.txt and proxies: what the client refuses, and in which words."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broadsheet.errors import FetchError
from broadsheet.gather import addresses
from broadsheet.gather.client import Client
from tests.gather.conftest import Dialled
from tests.gather.servers import AGENT, NOW, Handler, Names, Server, answer, client, raw, redirect, run, serving, settings

URL = "http://harbour.example/"


def reason(routes: dict[str, Handler], url: str = URL, *, private: bool = True, **changes: object) -> str:
    """Why the client did not fetch ``url``."""

    async def test() -> None:
        async with serving(routes) as server, client(server, private=private, **changes) as fetcher:
            await fetcher.fetch(url.replace("PORT", str(server.port)), robots=True)

    with pytest.raises(FetchError) as error:
        run(test())
    assert "\n" not in str(error.value)
    return str(error.value)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SLOW = {
    "says nothing": (raw(then="hang"), "sent nothing for 0.2 seconds"),
    "stops in the headers": (raw(HEAD, then="hang"), "sent nothing for 0.2 seconds"),
    "stops in the body": (raw(HEAD + b"Content-Length: 9\r\n\r\nabc", then="hang"), "sent nothing for 0.2 seconds"),
    "drips headers": (raw(HEAD, *[b"X: y\r\n"] * 3, then="hang"), "sent nothing for 0.2 seconds"),
}


@pytest.mark.parametrize(("handler", "expected"), SLOW.values(), ids=SLOW)
def test_servers_that_fall_silent(handler: Handler, expected: str) -> None:
    assert reason({"/": handler, "/robots.txt": answer()}, first_byte_timeout=0.2) == expected


def test_server_that_drips_for_ever() -> None:
    async def drip(_request: object, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert reason({"/": drip, "/robots.txt": answer()}, timeout=0.3) == "was not done within 0.3 seconds"


def test_slow_loris() -> None:
    """Headers, one at a time, for ever: never silent for long."""

    async def drip(_request: object, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert reason({"/": drip, "/robots.txt": answer()}, timeout=0.3) == "was not done within 0.3 seconds"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_server_that_accepts_no_connection(scheme: str) -> None:
    """Its queue is full, and what comes beyond is not answered."""

    async def test() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as waiting:
            for _ in range(4):
                knocking = waiting.enter_context(socket.socket())
                knocking.setblocking(False)
                knocking.connect_ex(full.getsockname())
            await asyncio.sleep(0.1)
            url = f"{scheme}://127.0.0.1:{full.getsockname()[1]}/"
            async with client(connect_timeout=0.2) as fetcher:
                await fetcher.fetch(url)

    with pytest.raises(FetchError, match=r"did not accept a connection within 0\.2 seconds"):
        run(test())


def test_server_that_never_says_who_it_is() -> None:
    """It accepts a connection and lets TLS wait."""

    async def test() -> None:
        async with serving({"*": raw(then="hang")}) as server, client(connect_timeout=0.2) as fetcher:
            await fetcher.fetch(f"https://127.0.0.1:{server.port}/")

    with pytest.raises(FetchError, match=r"did not accept a connection within 0\.2 seconds"):
        run(test())


def test_cancelled_by_another_it_is_no_timeout() -> None:
    async def test() -> bool:
        async with serving({"*": raw(then="hang")}) as server, client(server, timeout=0.2) as fetcher:
            task = asyncio.ensure_future(fetcher.fetch(URL))
            while not server.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.wait([task])
            return task.cancelled()

    assert run(test())


def test_one_that_was_late_does_not_harm_the_next() -> None:
    async def test() -> list[int]:
        routes = {"/late": raw(then="hang"), "*": answer(b"in time")}
        async with serving(routes) as server, client(server, timeout=0.2) as fetcher:
            with pytest.raises(FetchError, match="was not done"):
                await fetcher.fetch(URL + "late")
            return [(await fetcher.fetch(URL + str(n))).status for n in range(5)]

    assert run(test()) == [200] * 5


BROKEN = {
    "hangs up": raw(),
    "not HTTP": raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "hangs up in the headers": raw(HEAD),
    "body shorter than announced": raw(HEAD + b"Content-Length: 900\r\n\r\nabc"),
    "bad chunk": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
    "long header": raw(HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n"),
    "endless header": raw(HEAD + b"X: ", b"y" * 10_000, then="repeat"),
    "many headers": raw(HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n"),
    "endless headers": raw(HEAD, b"X: y\r\n" * 1000, then="repeat"),
    "bad length": raw(HEAD + b"Content-Length: many\r\n\r\n"),
    "two lengths": raw(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
}


@pytest.mark.parametrize("handler", BROKEN.values(), ids=BROKEN)
def test_servers_that_break_the_protocol(handler: Handler) -> None:
    assert reason({"/": handler, "/robots.txt": answer()}).startswith("cannot be reached: ")


def test_nobody_listens() -> None:
    async def test() -> None:
        async with serving({}) as server:
            port = server.port
        async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, allow_private=True) as fetcher:
            await fetcher.fetch(f"http://127.0.0.1:{port}/")

    with pytest.raises(FetchError, match="cannot be reached: "):
        run(test())


def test_name_without_an_address() -> None:
    async def test() -> None:
        names = Names(1, unknown=("nowhere.example",))
        async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, resolver=names) as fetcher:
            await fetcher.fetch("http://nowhere.example/")

    with pytest.raises(FetchError, match="its host has no address"):
        run(test())


# --- private addresses ---------------------------------------------------------------------------------------------------

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "localhost",
    "0",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_address_in_every_spelling(host: str, dialled: Dialled) -> None:
    async def test() -> Server:
        async with serving({"*": answer()}) as server:
            async with Client(settings(), user_agent=AGENT, clock=lambda: NOW) as fetcher:
                with pytest.raises(FetchError, match="the address is private") as error:
                    await fetcher.fetch(f"http://{host}:{server.port}/")
            assert error.value.permanent
            return server

    assert run(test()).asked() == []
    assert dialled == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_name_that_leads_to_a_private_address(address: str, dialled: Dialled) -> None:
    """As after a rebinding: what the name led to before does not count, the address of the socket does."""

    async def test() -> None:
        names = Names(80, address)
        async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, resolver=names) as fetcher:
            await fetcher.fetch("http://rebound.example/")

    with pytest.raises(FetchError, match="the address is private"):
        run(test())
    assert dialled == []


def test_what_a_failing_guard_would_dial_goes_nowhere(dialled: Dialled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The net under these tests holds."""

    async def test() -> None:
        async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, resolver=Names(80, "169.254.169.254")) as fetcher:
            await fetcher.fetch("http://rebound.example/")

    monkeypatch.setattr(addresses, "is_public", lambda _: True)
    with pytest.raises(FetchError, match="cannot be reached"):
        run(test())
    assert dialled == [("169.254.169.254", 80)]


def test_name_that_rebinds() -> None:
    """Public when it is first asked for, private the next time: what counts is the address of the socket."""

    async def test() -> list[str]:
        async with serving({"*": answer(b"inside")}) as server:
            names = Names(server.port, "203.0.113.7")
            async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, resolver=names) as fetcher:
                for address in ("198.51.100.7", "127.0.0.1"):
                    names.address = address
                    with pytest.raises(FetchError, match="the address is private"):
                        await fetcher.fetch(f"http://rebinding.example:{len(names.asked) + 1}/")
            assert names.asked == ["rebinding.example"] * 2
            return server.asked()

    assert run(test()) == []


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://other.example/"]
)
def test_redirect_to_a_private_address(target: str, dialled: Dialled) -> None:
    """A source that may be private itself may not send the client to other private hosts."""

    async def test() -> None:
        async with serving({"harbour.example/": redirect(target), "*": answer()}) as server:
            names = Names(server.port)
            async with Client(settings(), user_agent=AGENT, clock=lambda: NOW, resolver=names) as fetcher:
                await fetcher.fetch(URL, allow_private=True)

    with pytest.raises(FetchError, match="the address is private"):
        run(test())
    assert dialled == []


def test_private_source_is_fetched_when_allowed_and_leaves_no_way_in() -> None:
    async def test() -> Server:
        async with serving({"*": answer(b"inside", Connection="keep-alive")}) as server:
            async with Client(settings(), user_agent=AGENT, clock=lambda: NOW) as fetcher:
                assert (await fetcher.fetch(f"{server.url}/a", allow_private=True)).content == b"inside"
                with pytest.raises(FetchError, match="private"):
                    await fetcher.fetch(f"{server.url}/b")
            return server

    assert run(test()).asked() == ["/a"]


# --- robots.txt ----------------------------------------------------------------------------------------------------------

RULES = b"""User-agent: otherbot
Disallow: /

User-agent: *
Disallow: /private
Allow: /private/open$
Crawl-delay: 0.05
"""
ROBOTS = {
    "allowed": (answer(RULES), "/news", ""),
    "disallowed": (answer(RULES), "/private/x", "robots.txt disallows it"),
    "allowed by a longer rule": (answer(RULES), "/private/open", ""),
    "named": (answer(b"User-agent: BROADSHEET\nDisallow: /\n\nUser-agent: *\nAllow: /"), "/news", "robots.txt disallows it"),
    "named with its version": (answer(b"User-agent: Broadsheet/9\nDisallow: /"), "/news", ""),
    "none": (answer(status=404), "/news", ""),
    "for members": (answer(status=401), "/news", ""),
    "moved": (redirect("/r2"), "/private/x", "robots.txt disallows it"),
    "moved in circles": (redirect("/robots.txt"), "/news", ""),
    "broken server": (answer(status=500), "/news", "robots.txt cannot be had, so nothing may be asked: answered 500"),
    "not text": (answer(bytes(range(256)) * 40), "/news", ""),
    "a web page": (answer(b"<html>Disallow: /"), "/news", ""),
    "very long": (answer(b"User-agent: *\n" + b"# x\n" * 200_000 + b"Disallow: /"), "/news", ""),
    "in UTF-16": (answer("User-agent: *\nDisallow: /n".encode("utf-16")), "/news", "robots.txt disallows it"),
}


@pytest.mark.parametrize(("robots", "path", "expected"), ROBOTS.values(), ids=ROBOTS)
def test_robots(robots: Handler, path: str, expected: str) -> None:
    routes = {"/robots.txt": robots, "/r2": answer(RULES), "*": answer(b"page")}

    async def test() -> str:
        async with serving(routes) as server, client(server) as fetcher:
            try:
                await fetcher.fetch(f"http://harbour.example{path}", robots=True)
            except FetchError as error:
                return str(error)
            return ""

    assert run(test()) == expected


def test_robots_are_asked_once_a_day_and_only_when_wanted() -> None:
    async def test() -> list[str]:
        now = [NOW]
        async with serving({"*": answer()}) as server, client(server, clock=lambda: now[0], connections_per_host=9) as fetcher:
            await fetcher.fetch(URL + "feed")
            await asyncio.gather(*(fetcher.fetch(f"{URL}{n}", robots=True) for n in range(3)))
            now[0] += timedelta(hours=24)
            await fetcher.fetch(f"{URL}3", robots=True)
            return server.asked()

    asked = run(test())
    assert asked.count("/robots.txt") == 2
    assert asked[:2] == ["/feed", "/robots.txt"]
    assert len(asked) == 7


def test_robots_setting_turns_them_off() -> None:
    async def test() -> list[str]:
        async with serving({"*": answer()}) as server, client(server, robots=False) as fetcher:
            await fetcher.fetch(URL, robots=True)
            return server.asked()

    assert run(test()) == ["/"]


def test_redirect_is_held_against_the_rules_of_its_own_host() -> None:
    routes = {"a.example/x": redirect("http://b.example/y"), "b.example/robots.txt": answer(b"User-agent: *\nDisallow: /y")}
    assert reason(routes, "http://a.example/x") == "robots.txt disallows it"


def test_crawl_delay_is_kept() -> None:
    async def test() -> list[float]:
        async with serving({"/robots.txt": answer(RULES), "*": answer()}) as server, client(server) as fetcher:
            for n in range(4):
                await fetcher.fetch(f"{URL}{n}", robots=True)
            return [request.at for request in server.requests if request.path != "/robots.txt"]

    times = run(test())
    assert times[3] - times[0] >= 0.14


def test_refusal_as_private_does_not_bind_the_source_that_may_be() -> None:
    async def test() -> list[str]:
        async with serving({"*": answer(b"inside")}) as server:
            async with Client(settings(), user_agent=AGENT, clock=lambda: NOW) as fetcher:
                with pytest.raises(FetchError, match="private"):
                    await fetcher.fetch(f"{server.url}/a", robots=True)
                await fetcher.fetch(f"{server.url}/b", robots=True, allow_private=True)
            return server.asked()

    assert run(test()) == ["/robots.txt", "/b"]


# --- proxies and certificates --------------------------------------------------------------------------------------------


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


async def through_proxy(server: Server, url: str = "http://harbour.example/a", **changes: object) -> bytes:
    async with Client(settings(**changes), user_agent=AGENT, clock=lambda: NOW) as fetcher:
        return (await fetcher.fetch(url)).content


@pytest.mark.parametrize("by", ["setting", "environment"])
def test_proxy_is_used(by: str, no_environment: pytest.MonkeyPatch) -> None:
    async def test() -> list[str]:
        async with serving({"*": answer(b"by proxy")}) as server:
            if by == "environment":
                no_environment.setenv("http_proxy", server.url)
                no_environment.setenv("no_proxy", "other.example")
            assert await through_proxy(server, proxy=server.url if by == "setting" else "") == b"by proxy"
            return server.asked()

    assert run(test()) == ["http://harbour.example/a"]


def test_private_addresses_are_refused_before_the_proxy(no_environment: pytest.MonkeyPatch) -> None:
    async def test() -> list[str]:
        async with serving({"*": answer()}) as server:
            for host in SPELLINGS:
                with pytest.raises(FetchError, match="private"):
                    await through_proxy(server, f"http://{host}/", proxy=server.url)
            return server.asked()

    assert run(test()) == []


def test_environment_is_not_asked_when_names_are_our_own(no_environment: pytest.MonkeyPatch) -> None:
    no_environment.setenv("http_proxy", "http://127.0.0.1:9")

    async def test() -> bytes:
        async with serving({"*": answer(b"direct")}) as server, client(server) as fetcher:
            return (await fetcher.fetch(URL)).content

    assert run(test()) == b"direct"


def certificate(folder: Path) -> Path:
    """A key and a certificate signed by itself for harbour.example, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "harbour.example")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("harbour.example"), x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "harbour.pem"
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_certificates(trusted: bool, tmp_path: Path) -> None:
    path = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    trust = ssl.create_default_context(cafile=path) if trusted else None

    async def test() -> bytes:
        async with serving({"*": answer(b"sealed")}, tls) as server:
            names = Names(server.port)
            made = Client(
                settings(), user_agent=AGENT, clock=lambda: NOW, resolver=names, ssl_context=trust, allow_private=True
            )
            async with made as fetcher:
                return (await fetcher.fetch("https://harbour.example/")).content

    if trusted:
        assert run(test()) == b"sealed"
    else:
        with pytest.raises(FetchError, match="its certificate is not trusted"):
            run(test())
