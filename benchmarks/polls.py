"""What `benchmarks.polling` measures: an edition's gathering, and bare requests; and the farm of feeds that both ask."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
import uvloop
from msgspec.structs import replace

from benchmarks.farm import Resolver, in_process
from broadsheet.edition import loop
from broadsheet.edition.gathering import gather
from broadsheet.edition.run import Run
from broadsheet.gather.client import Client
from broadsheet.models import Source, SourceState
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.store import Database, editions, sources

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
ENTRIES = 10  # of a feed, as the most used blog software has it
WORDS = 30  # of a summary
AGENT = "benchmark/1"
ROUNDS = 3  # of which the best counts, of ours and of the bare ones
_WORDS = ("harbour", "ferry", "council", "budget", "storm", "bridge", "school", "market", "tide", "vote", "pier", "lantern")

Cost = dict[str, float]


def address(feed: int) -> str:
    return f"http://feed{feed}.example/feed/{feed}"


def feed(number: int) -> bytes:
    """An invented feed with summaries, always the same for its number."""
    rng = random.Random(number)

    def words(count: int) -> str:
        return " ".join(rng.choices(_WORDS, k=count))

    items = "".join(
        f"<item><title>{words(8)} {n}</title><link>http://feed{number}.example/news/{n}-{rng.randrange(10**6)}</link>"
        f'<guid isPermaLink="false">{number}-{n}</guid><description>&lt;p&gt;{words(WORDS)}&lt;/p&gt;</description>'
        f"<pubDate>{NOW - timedelta(hours=n):%a, %d %b %Y %H:%M:%S} GMT</pubDate><category>{words(1)}</category></item>"
        for n in range(ENTRIES)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {number}</title>'
        f"<link>http://feed{number}.example/</link>{items}</channel></rss>"
    ).encode()


# --- the farm ------------------------------------------------------------------------------------------------------------


def _serve(feeds: int, ready: Connection) -> None:
    """The least of an HTTP server, so that it is not the farm that is measured: one answer a connection, and one at a time."""
    contents = [feed(number) for number in range(feeds)]
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        if hasattr(socket, "TCP_DEFER_ACCEPT"):  # of Linux: a connection is not there before its request is
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        ready.send(listening.getsockname()[1])
        while True:
            connection, _ = listening.accept()
            with connection, suppress(ConnectionError):
                head = connection.recv(65_536)
                if head:
                    connection.sendall(_answer(head, contents))


def _answer(head: bytes, contents: list[bytes]) -> bytes:
    number = int(head.partition(b" HTTP/")[0].rpartition(b"/")[2])
    common = b'ETag: "%d"\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n' % number
    if b'If-None-Match: "%d"' % number in head:
        return b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % common
    body = contents[number]
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (common, len(body), body)


def farm(feeds: int) -> AbstractContextManager[int]:
    """The port of a farm of so many feeds, in a process of its own."""
    return in_process(_serve, feeds)


# --- what is measured ----------------------------------------------------------------------------------------------------


async def _timed(work: Callable[[], Awaitable[None]], feeds: int) -> Cost:
    start, cpu = time.perf_counter(), _processor()
    await work()
    seconds, cpu = time.perf_counter() - start, _processor() - cpu
    return {"feeds_per_second": round(feeds / seconds, 1), "cpu_seconds": round(cpu, 2)}


def _processor() -> float:
    """Seconds of processor taken by this process and by those it started and that have ended, as the one that reads feeds."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


async def bare(feeds: int, port: int, connections: int) -> tuple[Cost, Cost]:
    """Requests of aiohttp alone: for whole feeds, then for unchanged ones."""
    connector = aiohttp.TCPConnector(limit=connections, resolver=Resolver(port), force_close=True)
    async with aiohttp.ClientSession(connector=connector, headers={"User-Agent": AGENT}) as session:

        async def ask(conditional: bool) -> None:
            numbers = iter(range(feeds))

            async def worker() -> None:
                for number in numbers:
                    headers = {"If-None-Match": f'"{number}"'} if conditional else {}
                    async with session.get(address(number), headers=headers) as response:
                        await response.read()
                        if response.status != (304 if conditional else 200):
                            raise SystemExit(f"polling: a bare request was answered {response.status}")

            await asyncio.gather(*(worker() for _ in range(connections)))

        return await _timed(lambda: ask(False), feeds), await _timed(lambda: ask(True), feeds)


def newsroom_of(folder: Path, known: int) -> Newsroom:
    folder.mkdir()
    (folder / "broadsheet.toml").write_text("[read]\nlogos = false\n", encoding="utf-8")
    make_newsroom(folder, new_key())
    return _watching(folder, known)


def _watching(folder: Path, known: int) -> Newsroom:
    newsroom = open_newsroom(folder)
    watched = tuple(Source(url=address(number)) for number in range(known))
    return replace(newsroom, settings=replace(newsroom.settings, sources=watched))


async def poll_all(newsroom: Newsroom, port: int, at: datetime, feeds: int, expected: str) -> Cost:
    """One edition's gathering of the sources that are due; ``expected`` is the count that must be ``feeds``."""
    database = Database(newsroom.store_url)
    run = Run(newsroom, database, at, lambda *_: None)
    client = Client(newsroom.settings.gather, user_agent=AGENT, clock=lambda: at, resolver=Resolver(port), allow_private=True)
    async with client:
        cost = await _timed(lambda: gather(run, client, due_only=True), feeds)
    if run.counts[expected] != feeds or run.counts["sources asked"] != feeds or run.problems:
        raise SystemExit(f"polling: {run.report()}")
    with database.transaction() as connection:
        editions.save_report(connection, run.report(), finished=True)
    database.close()
    return cost


def polls(port: int, feeds: int, folder: Path) -> dict[str, object]:
    best: dict[str, Cost] = {}
    for number in range(ROUNDS):  # ours between two of the bare ones, so that what else this machine does meets both
        newsroom = newsroom_of(folder / f"paper-{number}", feeds)
        _note_bare(best, port, feeds, newsroom)
        full = loop.run(poll_all(newsroom, port, NOW, feeds, "sources asked"))
        unchanged = loop.run(poll_all(newsroom, port, NOW + timedelta(days=3), feeds, "sources unchanged"))
        _keep_best(best, full=full, unchanged=unchanged)
    _note_bare(best, port, feeds, newsroom)
    return {
        **{f"ratio_{part}": _ratio(best[part], best[f"bare_{part}"]) for part in ("full", "unchanged")},
        **{f"ratio_{part}_same_loop": _ratio(best[part], best[f"same_loop_{part}"]) for part in ("full", "unchanged")},
        **best,
    }


def _ratio(ours: Cost, theirs: Cost) -> float:
    return round(ours["feeds_per_second"] / theirs["feeds_per_second"], 3)


def _note_bare(best: dict[str, Cost], port: int, feeds: int, newsroom: Newsroom) -> None:
    connections = newsroom.settings.gather.connections
    full, unchanged = uvloop.run(bare(feeds, port, connections))
    _keep_best(best, bare_full=full, bare_unchanged=unchanged)
    full, unchanged = loop.run(bare(feeds, port, connections))
    _keep_best(best, same_loop_full=full, same_loop_unchanged=unchanged)


def _keep_best(best: dict[str, Cost], **costs: Cost) -> None:
    """All that is slower is the machine's other work."""
    for name, cost in costs.items():
        if name not in best or cost["feeds_per_second"] > best[name]["feeds_per_second"]:
            best[name] = cost


def among_known(port: int, feeds: int, known: int, folder: Path) -> dict[str, object]:
    """A poll of ``feeds`` sources that are due among ``known``, most of which are not."""
    # in a process of its own, as earlier editions were: what making them takes is not what knowing them takes
    maker = multiprocessing.get_context("spawn").Process(target=_know, args=(folder / "paper", known, feeds))
    maker.start()
    maker.join()
    return dict(loop.run(poll_all(_watching(folder / "paper", known), port, NOW, feeds, "sources asked")))


def _know(folder: Path, count: int, due: int) -> None:
    newsroom = newsroom_of(folder, count)
    later = NOW + timedelta(days=1)
    database = Database(newsroom.store_url)
    known: tuple[Source, ...] = newsroom.settings.sources
    for start in range(0, len(known), 1000):
        part = enumerate(known[start : start + 1000], start)
        states = [
            SourceState(url=source.url, etag='"x"', interval=3600, next_at=NOW if number < due else later)
            for number, source in part
        ]
        with database.transaction() as connection:
            sources.save_sources(connection, states, 0)
    with database.transaction() as connection:
        sources.set_sources(connection, [source.url for source in known])
    database.close()
