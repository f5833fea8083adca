"""Reading an archive on a web server, and the memory that takes: of a few megabytes, and of many.

    python -m benchmarks.archives [--megabytes N]

Prints one JSON line. The archive is made up by a server on loopback as it is asked for, a part at a time; nobody holds it.
`rss_mb` is the peak of the process that read N megabytes, `rss_mb_small` of one that read `SMALL`, `rss_growth` the first over
the second: the limit is a memory that stays flat. `pages` were read of N megabytes, `pages_per_second` of them by the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import multiprocessing
import re
import resource
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import IO, cast

from benchmarks.farm import Resolver, in_process
from broadsheet.gather.archives import read_opened
from broadsheet.gather.client import Client
from broadsheet.gather.ranges import RemoteFile, open_remote
from broadsheet.settings import GatherSettings

SMALL = 16  # megabytes
MEGABYTE = 1 << 20
RECORD = 16 << 10  # bytes of each record
_RANGE = re.compile(rb"Range: bytes=(\d+)-(\d+)", re.I)


def _record() -> bytes:
    """A record of exactly `RECORD` bytes with a page in it."""
    head = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://harbour.example/1\r\nWARC-Date: 2026-01-02T07:30:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %05d\r\n\r\n"
    )
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>"
    length = RECORD - len(head % 0) - len(b"\r\n\r\n")
    return (
        head % length
        + page
        + b"herring " * (length // 8 - len(page) // 8 - 1)
        + b" " * ((length - len(page)) % 8 + 8)
        + b"\r\n\r\n"
    )


class _Archive(asyncio.Protocol):
    """Sends parts of ``size`` bytes of records."""

    def __init__(self, size: int) -> None:
        self._size, self._records = size, _record() * (MEGABYTE // RECORD)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        asked = _RANGE.search(data)
        assert asked is not None
        start, end = int(asked[1]), min(int(asked[2]) + 1, self._size)
        place = start % MEGABYTE
        body = (self._records * ((place + end - start) // MEGABYTE + 1))[place : place + end - start]
        head = f"HTTP/1.1 206 Part\r\nContent-Range: bytes {start}-{end - 1}/{self._size}\r\nContent-Length: {len(body)}\r\n"
        self._transport.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        self._transport.close()


def _serve(megabytes: int, ready: Connection) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Archive(megabytes * MEGABYTE), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _pages(file: RemoteFile) -> int:
    pages = 0
    with cast("IO[bytes]", io.BufferedReader(file)) as buffered:
        for item in read_opened(buffered, "a.warc"):
            assert item.page is not None, item.problem
            file.found()
            pages += 1
    return pages


async def _read(port: int) -> int:
    settings, at = GatherSettings(gap=0.0), datetime(2031, 5, 12, tzinfo=UTC)
    client = Client(settings, user_agent="benchmark/1", clock=lambda: at, resolver=Resolver(port), allow_private=True)
    async with client:
        file, _ = await open_remote(client, "http://crawl.example/a.warc")
        assert file is not None
        return await asyncio.to_thread(_pages, file)


def _in_process(port: int, answer: Connection) -> None:
    start = time.perf_counter()
    pages = asyncio.run(_read(port))
    seconds = time.perf_counter() - start
    answer.send((pages, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(megabytes: int) -> tuple[int, float, float]:
    """Pages, seconds and peak of memory in megabytes, of a process that reads so much."""
    context = multiprocessing.get_context("spawn")
    with in_process(_serve, megabytes) as port:
        ours, theirs = context.Pipe()
        process = context.Process(target=_in_process, args=(port, theirs))
        process.start()
        theirs.close()
        try:
            result: tuple[int, float, float] = ours.recv()
        except EOFError:
            raise SystemExit("archives: the measuring process ended without an answer") from None
        process.join()
    if result[0] != megabytes * MEGABYTE // RECORD:
        raise SystemExit(f"archives: {result[0]} pages were read of {megabytes * MEGABYTE // RECORD}")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=512)
    options = parser.parse_args()
    _, _, small = measured(SMALL)
    pages, seconds, large = measured(options.megabytes)
    result = {"benchmark": "archives", "megabytes": options.megabytes, "pages": pages}
    result |= {"pages_per_second": round(pages / seconds, 1), "rss_mb_small": round(small, 1), "rss_mb": round(large, 1)}
    print(json.dumps(result | {"rss_growth": round(large / small, 3)}))


if __name__ == "__main__":
    main()
