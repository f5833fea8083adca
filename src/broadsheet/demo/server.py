"""The invented press on loopback: real HTTPS servers, one port, a virtual host for each outlet."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import ssl
import threading
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import TracebackType
from typing import NamedTuple, Self

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from broadsheet.demo.certificates import contexts
from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION, World, world
from broadsheet.demo.sites import Document, Site, sites

_LOOPBACK = "127.0.0.1"


class Request(NamedTuple):
    """One line of the press's log. ``status`` is 0 for a request that was never answered."""

    method: str
    host: str
    path: str
    status: int


class LoopbackResolver(AbstractResolver):
    """Maps every name in ``.example`` to one port on loopback and refuses all others, so that no packet leaves the machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        if not host.endswith(".example"):
            raise OSError(f"{host}: the invented press knows only names in .example")
        return [
            ResolveResult(
                hostname=host, host=_LOOPBACK, port=self._port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Press:
    """The invented press, served from a thread of its own while the context is open.

    >>> with Press() as press:
    ...     connector = aiohttp.TCPConnector(resolver=press.resolver, ssl=press.ssl_context)

    ``requests`` is the log of what was asked. `advance` turns the press to the second edition's instant.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.now = FIRST_EDITION
        self._world: World = world()
        self._sites: dict[str, Site] = sites(self._world, self.now)
        self._silent = {outlet.host for outlet in self._world.outlets if outlet.fault == "silent"}
        self._gzip = {outlet.host for outlet in self._world.outlets if outlet.gzip}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="invented-press", daemon=True)

    def __enter__(self) -> Self:
        server_context, self.ssl_context = contexts([outlet.host for outlet in self._world.outlets])
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(server_context), self._loop).result()
        self.resolver = LoopbackResolver(self.port)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def advance(self) -> None:
        """Publish what the second edition finds: new articles, and corrections of old ones."""
        self.now = SECOND_EDITION
        self._sites = sites(self._world, self.now)

    def prepare(self) -> None:
        """Make all that is served now, so that no answer has to wait for a picture to be drawn."""
        for documents in self._sites.values():
            for document in documents.values():
                _ = document.body

    async def _start(self, context: ssl.SSLContext) -> int:
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, 0, ssl_context=context).start()
        return int(self._runner.addresses[0][1])

    async def _stop(self) -> None:
        self._closing.set()  # lets the silent host's requests end
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        if host in self._silent:
            self._log(request, 0)
            await self._closing.wait()
            return web.Response(status=503)
        documents = self._sites.get(host, {})
        document = documents.get(request.path_qs) or documents.get(request.path)
        response = self._not_found() if document is None else self._found(request, document, zipped=host in self._gzip)
        response.headers["Date"] = _http_date(self.now)
        self._log(request, response.status)
        return response

    def _log(self, request: web.Request, status: int) -> None:
        self.requests.append(Request(request.method, request.host.partition(":")[0], request.path_qs, status))

    def _not_found(self) -> web.Response:
        return web.Response(
            status=404, content_type="text/html", body=b"<!DOCTYPE html><title>Not found</title><h1>Not found</h1>"
        )

    def _found(self, request: web.Request, document: Document, *, zipped: bool) -> web.Response:
        if document.location:
            return web.Response(status=302, headers={"Location": document.location})
        etag = '"' + hashlib.blake2b(document.body, digest_size=8).hexdigest() + '"'
        headers = {"ETag": etag, "Last-Modified": _http_date(document.modified), "Cache-Control": "max-age=300"}
        if _unchanged(request, etag, document.modified):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = document.content_type
        body = document.body
        if (
            zipped
            and document.content_type.startswith(("text/", "application/"))
            and "gzip" in request.headers.get("Accept-Encoding", "")
        ):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = gzip.compress(body, mtime=0)
        return web.Response(body=body, headers=headers)


def _unchanged(request: web.Request, etag: str, modified: datetime) -> bool:
    """Whether the client's copy is still good (RFC 9110, section 13.2.2: the entity tag decides, when there is one)."""
    if given := request.headers.get("If-None-Match"):
        return etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]
    since = request.headers.get("If-Modified-Since")
    if not since:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)
