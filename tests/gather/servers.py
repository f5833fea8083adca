"""Real HTTP servers on loopback, from well-behaved to hostile, and names that lead to them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypeVar

import uvloop
from aiohttp.abc import AbstractResolver, ResolveResult

from broadsheet.edition import loop
from broadsheet.gather.answers import read_asked
from broadsheet.gather.client import Client
from broadsheet.gather.poll import ask
from broadsheet.gather.values import Asked, Poll
from broadsheet.models import Source, SourceState
from broadsheet.settings import GatherSettings

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
AGENT = "Broadsheet/0.1 (+https://newsroom.example/)"

Dialled = list[tuple[str, int]]
_T = TypeVar("_T")


def stay_home(put: Callable[[Any, str, Any], object]) -> Dialled:
    """What would be dialled off loopback from now on, or asked of a name server; nothing of it is. ``put`` is as `setattr`."""
    found: Dialled = []
    connect, look_up = uvloop.Loop.sock_connect, socket.getaddrinfo

    async def dial(own: uvloop.Loop, opened: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not ip_address(address[0]).is_loopback:
            found.append(address[:2])
            raise OSError("a test may not leave this machine")
        await connect(own, opened, address)

    def resolve(host: Any, port: Any, *others: Any, **named: Any) -> Any:
        flags = socket.AI_NUMERICHOST if host != "localhost" else 0
        try:
            return look_up(host, port, *others, **{**named, "flags": named.get("flags", 0) | flags})
        except socket.gaierror:
            found.append((host, port))
            raise

    put(uvloop.Loop, "sock_connect", dial)
    put(socket, "getaddrinfo", resolve)
    return found


@dataclass(frozen=True)
class Request:
    host: str
    path: str
    headers: dict[str, str]
    at: float


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"", status: int = 200, **headers: str) -> Handler:
    """A handler that sends one whole answer; underscores in header names are hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    raw = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body

    async def handle(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return handle


def redirect(location: str, status: int = 302) -> Handler:
    return answer(status=status, Location=location)


def raw(*chunks: bytes, then: str = "close") -> Handler:
    """A handler that sends bytes as they are and then closes, hangs until the other side leaves, or repeats the last chunk."""

    async def handle(_request: Request, writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        while then == "repeat":
            writer.write(chunks[-1])
            await writer.drain()
        if then == "hang":
            await asyncio.Event().wait()

    return handle


@dataclass
class Server:
    """What a running server was asked, and what it answers: by ``host/path``, ``/path`` or ``*``."""

    routes: dict[str, Handler]
    requests: list[Request] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self) -> list[str]:
        return [request.path for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._answer((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"), writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        request = Request(headers.get("host", ""), first.split(" ")[1], headers, asyncio.get_running_loop().time())
        self.requests.append(request)
        host = request.host.partition(":")[0]
        handler = self.routes.get(host + request.path) or self.routes.get(request.path) or self.routes.get("*")
        await (handler or answer(status=404))(request, writer)


@asynccontextmanager
async def serving(routes: dict[str, Handler], tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on a free port of loopback; what still hangs when the test ends is cut off."""
    server = Server(routes)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Names(AbstractResolver):
    """A resolver that knows every name to be at one address of the test's choice; what is in ``unknown`` has none."""

    def __init__(self, port: int, address: str = "127.0.0.1", unknown: tuple[str, ...] = ()) -> None:
        self._port, self.address, self._unknown = port, address, unknown
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        self.asked.append(host)
        if host in self._unknown:
            raise OSError(None, "no such name")
        six = ":" in self.address
        return [
            ResolveResult(
                hostname=host,
                host=self.address,
                port=self._port,
                family=socket.AF_INET6 if six else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return None


def settings(**changes: Any) -> GatherSettings:
    """Settings for tests: no gap between requests, short times."""
    return GatherSettings(**({"gap": 0.0, "timeout": 20.0, "connect_timeout": 10.0, "first_byte_timeout": 10.0} | changes))


def client(
    server: Server | None = None, clock: Callable[[], datetime] = lambda: NOW, *, private: bool = True, **changes: Any
) -> Client:
    """A client for which every name, whatever the port, leads to ``server``."""
    resolver = Names(server.port) if server else None
    return Client(settings(**changes), user_agent=AGENT, clock=clock, resolver=resolver, allow_private=private)


async def poll(source: Source, state: SourceState, fetcher: Client, settings: GatherSettings, now: datetime = NOW) -> Poll:
    """Ask and read, as an edition does in two places."""
    asked = await ask(source, state, fetcher, now, settings)
    return read_asked(asked, now, settings) if isinstance(asked, Asked) else asked


def run(test: Coroutine[Any, Any, _T]) -> _T:
    return loop.run(test)
