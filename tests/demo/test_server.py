"""The press as it is served: real HTTPS on loopback, asked by a real client."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientResponse, ClientSession

from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION, Outlet, published, world
from broadsheet.demo.server import Press, Request
from broadsheet.demo.sites import sites

OUTLETS = {outlet.id: outlet for outlet in world().outlets}
POST = OUTLETS["post"]
FEED = f"https://{POST.host}{POST.feed_path}"


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as served:
        yield served


def asking(press: Press, question: Callable[[ClientSession], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        connector = aiohttp.TCPConnector(resolver=press.resolver, ssl=press.ssl_context)
        async with ClientSession(connector=connector, **options) as session:
            return await question(session)

    return asyncio.run(run())


def get(press: Press, url: str, headers: dict[str, str] | None = None, **options: Any) -> tuple[ClientResponse, bytes]:
    async def question(session: ClientSession) -> tuple[ClientResponse, bytes]:
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            return response, await response.read()

    result: tuple[ClientResponse, bytes] = asking(press, question, **options)
    return result


def test_every_host_answers_over_tls_and_every_report_is_found(press: Press) -> None:
    reports = published(world().reports, FIRST_EDITION)

    async def question(session: ClientSession) -> list[int]:
        async def status(url: str) -> int:
            async with session.get(url) as response:
                assert (await response.read()).startswith(b"<!")
                return response.status

        return list(await asyncio.gather(*(status(report.url) for report in reports)))

    assert asking(press, question) == [200] * len(reports)
    assert len(press.requests) == len(reports)
    assert {request.host for request in press.requests} == {report.outlet.host for report in reports}


def test_unchanged_feed_is_304_by_etag_and_by_date(press: Press) -> None:
    first, body = get(press, FEED)
    assert first.status == 200
    assert body
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-None-Match": f'"other", W/{first.headers["ETag"]}'},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again, nothing = get(press, FEED, headers)
        assert (again.status, nothing) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 12 May 2031 07:00:00 GMT"},
        {"If-Modified-Since": "Sat, 10 May 2031 07:00:00 GMT"},
        {"If-Modified-Since": "yesterday or so"},
        {"If-Modified-Since": "Mon, 12 May 2031 07:00:00 -0000"},
    ],
)
def test_other_conditions(press: Press, headers: dict[str, str]) -> None:
    expected = 304 if headers.get("If-Modified-Since", "").endswith("-0000") else 200
    assert get(press, FEED, headers)[0].status == expected


def test_advance_publishes_the_second_edition(press: Press) -> None:
    first, before = get(press, FEED)
    late = next(report for report in world().reports if report.outlet == POST and report.published_at > FIRST_EDITION)
    corrected = next(report for report in world().reports if report.correction)
    assert get(press, late.url)[0].status == 404
    _, old = get(press, corrected.url)

    press.advance()

    second, after = get(
        press, FEED, {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    )
    assert second.status == 200
    assert late.headline.encode() in after
    assert late.headline.encode() not in before
    assert get(press, late.url)[0].status == 200
    page, new = get(press, corrected.url)
    assert new != old
    assert parsedate_to_datetime(page.headers["Last-Modified"]) == corrected.correction.at  # type: ignore[union-attr]
    assert parsedate_to_datetime(page.headers["Date"]) == SECOND_EDITION


def test_nothing_known_is_404(press: Press) -> None:
    buoy = OUTLETS["buoy"]
    for url in (f"https://{buoy.host}{buoy.feed_path}", f"{POST.home}no/such/page", "https://www.anselpost.example/search?q=x"):
        assert get(press, url)[0].status == 404
    assert [request.status for request in press.requests] == [404, 404, 404]


def test_silent_host_never_answers_and_does_not_hold_up_the_end() -> None:
    foghorn = OUTLETS["foghorn"]
    with Press() as press:

        async def question() -> None:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", press.port, ssl=press.ssl_context, server_hostname=foghorn.host
            )
            writer.write(f"GET {foghorn.feed_path} HTTP/1.1\r\nHost: {foghorn.host}\r\n\r\n".encode())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.3)
            writer.close()
            await writer.wait_closed()

        asyncio.run(question())
        assert press.requests == [Request("GET", foghorn.host, foghorn.feed_path, 0)]


def test_counter_redirects(press: Press) -> None:
    radio = next(report for report in world().reports if report.outlet.id == "radio" and report.published_at < FIRST_EDITION)
    response, _ = get(press, f"https://{radio.outlet.host}/go/{radio.number}")
    assert (response.status, response.headers["Location"]) == (302, radio.url)


def test_tracking_parameters_and_query_addresses(press: Press) -> None:
    post = next(report for report in world().reports if report.outlet == POST and report.published_at < FIRST_EDITION)
    mercury = next(
        report for report in world().reports if report.outlet.id == "mercury" and report.published_at < FIRST_EDITION
    )
    assert get(press, f"{post.url}?utm_source=feed")[0].status == 200
    assert "?sid=" in mercury.url
    assert get(press, mercury.url)[0].status == 200
    assert get(press, mercury.url.partition("?")[0])[0].status == 404


def test_some_hosts_compress(press: Press) -> None:
    response, body = get(press, FEED, {"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert response.headers["Content-Encoding"] == "gzip"
    plain, text = get(press, FEED, {"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(body) == text
    mercury = OUTLETS["mercury"]
    assert "Content-Encoding" not in get(press, f"https://{mercury.host}{mercury.feed_path}")[0].headers


def test_only_invented_names_resolve(press: Press) -> None:
    async def question(session: ClientSession) -> None:
        with pytest.raises(aiohttp.ClientConnectorDNSError, match="Cannot connect") as refused:
            await session.get("https://www.iana.org/")
        assert "only names in .example" in str(refused.value.os_error)

    asking(press, question)
    assert press.requests == []


def test_certificate_is_trusted_by_our_context_only(press: Press) -> None:
    async def question(session: ClientSession) -> None:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(FEED, ssl=ssl.create_default_context())
        with pytest.raises(aiohttp.ClientConnectorCertificateError):  # a host that the certificate does not name
            await session.get("https://another.example/")

    asking(press, question)


def test_certificate_passes_the_strict_checks_of_newer_pythons(press: Press) -> None:
    press.ssl_context.verify_flags |= ssl.VERIFY_X509_STRICT
    assert get(press, FEED)[0].status == 200


def test_two_presses_at_once() -> None:
    with Press() as one, Press() as other:
        one.advance()
        assert one.port != other.port
        assert get(one, FEED)[1] != get(other, FEED)[1]


def test_sites_change_only_where_something_was_published() -> None:
    before, after = sites(world(), FIRST_EDITION), sites(world(), SECOND_EDITION)
    quiet = {"lighthouse", "buoy", "foghorn", "vigia"}
    for outlet in world().outlets:
        same = {path: document.modified for path, document in before[outlet.host].items()}
        new = {path: document.modified for path, document in after[outlet.host].items()}
        assert (same == new) == (outlet.id in quiet), outlet.id
        assert set(same) <= set(new)


def test_dates_of_documents_lie_before_the_edition() -> None:
    for now in (FIRST_EDITION, SECOND_EDITION):
        assert all(document.modified <= now for site in sites(world(), now).values() for document in site.values())


@pytest.mark.parametrize("outlet", [outlet for outlet in world().outlets if not outlet.fault], ids=lambda outlet: outlet.id)
def test_icons(press: Press, outlet: Outlet) -> None:
    response, body = get(press, f"{outlet.home}apple-touch-icon.png")
    assert response.headers["Content-Type"] == "image/png"
    assert body.startswith(b"\x89PNG")


_DIGESTS = """
import hashlib, json
from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION, world
from broadsheet.demo.sites import sites
scenes, made = set(), {}
for now in (FIRST_EDITION, SECOND_EDITION):
    for host, site in sites(world(), now).items():
        for path, document in site.items():
            if path.startswith("/media/"):
                continue
            made[f"{now} {host}{path}"] = hashlib.sha256(document.body).hexdigest()
served = sites(world(), SECOND_EDITION)
for report in world().reports:
    if report.picture_path and report.scene not in scenes:
        scenes.add(report.scene)
        picture = served[report.outlet.host][report.picture_path].body
        made[report.picture_path] = hashlib.sha256(picture).hexdigest()
print(json.dumps(made))
"""


def test_bytes_are_the_same_in_every_process() -> None:
    """Whatever Python's hash seed, time zone and locale: the same documents (of the pictures, one a scene)."""
    surroundings = (("1", "UTC", "C"), ("2", "Asia/Tokyo", "C.UTF-8"))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _DIGESTS],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
        )
        for seed, zone, locale in surroundings
    ]
    one, other = (json.loads(process.communicate()[0]) for process in running)
    assert one == other
    assert len(one) > 500
    assert hashlib.sha256(sites(world(), FIRST_EDITION)[POST.host]["/robots.txt"].body).hexdigest() in one.values()


def test_clock_starts_with_the_first_edition(press: Press) -> None:
    response, _ = get(press, POST.home)
    assert parsedate_to_datetime(response.headers["Date"]) == press.now == FIRST_EDITION
    assert datetime(2031, 5, 12, 7, tzinfo=UTC) == FIRST_EDITION
