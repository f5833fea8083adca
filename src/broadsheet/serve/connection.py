"""A connection that nobody can hold for nothing: bounds of a request's head, and of how long a reader may not read.

The server itself waits for ever for the rest of a head, keeps whatever has come of it, and waits for ever for a reader.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from broadsheet.settings import ServeSettings

HEAD = 64 * 1024  # bytes of a request's first line and headers
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """One connection to the server."""

    head_seconds = 20.0  # until a request's head must have come, from the connection or its first byte on
    reading_seconds = 60.0  # that a reader may take nothing of an answer

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head: TimerHandle | None = None  # while one is waited for
        self._head_size = 0
        self._in_head = True
        self._in_chunk = False  # of a body, before what it brings
        self._unread: TimerHandle | None = None  # while the reader takes nothing

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._head = self.loop.call_later(self.head_seconds, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._head_size > HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
            return
        super().data_received(data)
        cycle = self.cycle
        if self._in_head or (cycle is not None and cycle.response_complete and not cycle.more_body):
            # most heads come whole, and need no timer; of line breaks between requests the parser passes any number
            self._head_size += len(data)
            self._head = self._head or self.loop.call_later(self.head_seconds, self.transport.abort)
        elif self._in_chunk:
            self._head_size += len(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        _cancel(self._head)
        self._head, self._in_head, self._in_chunk, self._head_size = None, False, False, 0
        super().on_headers_complete()
        self.headers = []  # for the fields behind a body (RFC 9110, 6.5), which are none of the request's

    def on_chunk_header(self) -> None:
        self._in_chunk = True  # what is no body, such as those fields, is bounded as a head is

    def on_body(self, body: bytes) -> None:
        if not self.cycle.response_complete:
            self._in_chunk, self._head_size = False, 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            # answered before it had come: the rest may take no longer than a head
            self._head = self._head or self.loop.call_later(self.head_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.reading_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._unread)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        _cancel(self._head)
        _cancel(self._unread)


def _cancel(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def configured(app: ASGIApp, settings: ServeSettings, connection: type[Connection] = Connection) -> uvicorn.Config:
    """How the server runs the app."""
    return uvicorn.Config(
        app,
        http=connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=20,
    )
