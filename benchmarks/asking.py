"""Asks a server over many connections at once, and says how fast it answers."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence

import msgspec

CONNECTIONS = 32


class Asked(msgspec.Struct, frozen=True):
    """Requests a second, the 50th and 99th of a hundred times until the answer in milliseconds, bytes of the first answer."""

    rps: float
    p50_ms: float
    p99_ms: float
    count: int
    size: int


class _Connection(asyncio.Protocol):
    """Asks again as soon as it is answered, until ``until``."""

    def __init__(self, paths: itertools.cycle[bytes], until: float, ended: asyncio.Future[None]) -> None:
        self.times: list[float] = []
        self.size = 0
        self._paths, self._until, self._ended = paths, until, ended
        self._buffer, self._awaited = bytearray(), 0
        self._transport: asyncio.Transport
        self._start = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._start = time.perf_counter()
        if self._start >= self._until:
            self._transport.close()
            return
        self._transport.write(b"GET " + next(self._paths) + b" HTTP/1.1\r\nHost: paper.example\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._awaited:
            head, end, _ = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._ended.set_exception(RuntimeError(bytes(self._buffer[:300]).decode("latin-1")))
                self._transport.abort()
                return
            length = bytes(head).lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self._awaited = len(head) + 4 + int(length)
            self.size = self.size or int(length)
        if len(self._buffer) >= self._awaited:
            self.times.append(time.perf_counter() - self._start)
            self._buffer.clear()
            self._awaited = 0
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)


def ask(port: int, paths: Sequence[str], length: float, connections: int = CONNECTIONS) -> Asked:
    """Ask for those addresses in turn for so many seconds. Raises RuntimeError for any answer but 200.

    Each connection comes from a loopback address of its own, as from so many readers.
    """
    return asyncio.run(_ask(port, paths, length, connections))


async def _ask(port: int, paths: Sequence[str], length: float, connections: int) -> Asked:
    loop = asyncio.get_running_loop()
    turns = itertools.cycle([path.encode() for path in paths])
    start = time.perf_counter()
    asked, ends = [], []
    for number in range(connections):
        ended: asyncio.Future[None] = loop.create_future()
        connection = _Connection(turns, start + length, ended)
        await loop.create_connection(lambda one=connection: one, "127.0.0.1", port, local_addr=(f"127.0.1.{number + 1}", 0))  # type: ignore[misc]
        asked.append(connection)
        ends.append(ended)
    await asyncio.gather(*ends)
    took = time.perf_counter() - start
    times = sorted(time for connection in asked for time in connection.times)
    return Asked(
        rps=len(times) / took,
        p50_ms=1000 * statistics.median(times),
        p99_ms=1000 * times[int(0.99 * (len(times) - 1))],
        count=len(times),
        size=asked[0].size,
    )
