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
        if self._in_head:  # most come whole, and need no timer
            self._head_size += len(data)
            self._head = self._head or self.loop.call_later(self.head_seconds, self.transport.abort)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        _cancel(self._head)
        self._head, self._in_head, self._head_size = None, False, 0
        super().on_headers_complete()

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
