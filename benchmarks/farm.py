"""A farm of invented outlets on loopback, in a process of its own: feeds, article pages, pictures, made from a seed."""

from __future__ import annotations

import multiprocessing
import random
import re
import socket
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from broadsheet.demo.press import world

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
PER_FEED = 50  # entries a feed
PER_EVENT = 4  # articles an event, each of another outlet
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


class Farm:
    """``articles`` articles in feeds of `PER_FEED`; article ``i`` reports event ``i // PER_EVENT``."""

    def __init__(self, articles: int) -> None:
        self.articles = articles
        self.feeds = -(-articles // PER_FEED)
        self.words = _vocabulary()
        self.common = self.words[:300]

    def host(self, feed: int) -> str:
        return f"outlet{feed}.example"

    def members(self, feed: int) -> range:
        """The articles of a feed: every so many-th, so that an event's articles come from different outlets."""
        return range(feed, self.articles, self.feeds)

    def address(self, article: int) -> str:
        return f"http://{self.host(article % self.feeds)}/news/{article}"

    def title(self, article: int) -> str:
        names, subject = self._event(article)
        rng = random.Random(f"title {article}")
        return " ".join([*rng.sample(names, 2), *rng.sample(subject, 4), rng.choice(self.common)]).capitalize()

    def date(self, article: int) -> datetime:
        return NOW - timedelta(minutes=(article // PER_EVENT) * 13 % 2880 + article % PER_EVENT)

    def _event(self, article: int) -> tuple[list[str], list[str]]:
        """The names in an event and the words of what it is about."""
        rng = random.Random(f"event {article // PER_EVENT}")
        return [_name(rng) for _ in range(5)], rng.sample(self.words[300:], 30)

    def text(self, article: int) -> list[str]:
        rng, (names, subject) = random.Random(f"text {article}"), self._event(article)
        kinds = rng.choices((self.common, self.words, subject, names), weights=(50, 25, 18, 7), k=360)
        words = [rng.choice(kind) for kind in kinds]
        return [" ".join(words[start : start + 60]).capitalize() + "." for start in range(0, 360, 60)]

    def page(self, article: int) -> str:
        title, date = self.title(article), self.date(article).isoformat()
        links = "".join(f'<li><a href="/section/{n}">{self.common[n]} {self.common[n + 40]}</a></li>' for n in range(40))
        body = "".join(f"<p>{paragraph}</p>" for paragraph in self.text(article))
        return (
            f'<!DOCTYPE html><html lang="en"><head><title>{title} | Outlet</title><meta property="og:title" content="{title}">'
            f'<meta property="og:site_name" content="Outlet {article % self.feeds}"><meta name="author" content="Ada Brook">'
            f'<meta property="article:published_time" content="{date}"><meta property="og:image" content="/p/{article}.png">'
            f'<meta name="description" content="{self.text(article)[0][:150]}"></head><body><nav><ul>{links}</ul></nav>'
            f"<main><article><h1>{title}</h1>{body}</article></main><aside><ul>{links}</ul></aside><footer>{links}</footer></body></html>"
        )

    def feed(self, feed: int) -> str:
        items = "".join(
            f"<item><title>{self.title(n)}</title><link>{self.address(n)}</link><guid>{self.address(n)}</guid>"
            f"<pubDate>{self.date(n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for n in self.members(feed)
        )
        return f'<rss version="2.0"><channel><title>Outlet {feed}</title><link>http://{self.host(feed)}/</link>{items}</channel></rss>'


def _name(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(3)).capitalize()


def _vocabulary() -> list[str]:
    """The words of the invented press, the most frequent first."""
    texts = (paragraph for report in world().reports for paragraph in report.paragraphs)
    counts = Counter(word for text in texts for word in re.findall(r"[a-z]{3,}", text))
    return sorted(counts, key=lambda word: (-counts[word], word))


def _png(width: int, height: int) -> bytes:
    """A grey picture, small in bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(height * (width + 1)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Resolver(AbstractResolver):
    """Every name is the farm's; nothing else is reached."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self.port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


def _serve(articles: int, ready: Connection) -> None:
    farm, picture = Farm(articles), _png(800, 450)

    async def answer(request: web.Request) -> web.Response:
        kind, _, name = request.path.strip("/").partition("/")
        if kind == "feed":
            etag = f'"{articles}"'
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            return web.Response(text=farm.feed(int(name)), content_type="application/rss+xml", headers={"ETag": etag})
        if kind == "news":
            return web.Response(text=farm.page(int(name)), content_type="text/html")
        if kind == "p":
            return web.Response(body=picture, content_type="image/png")
        return web.Response(status=404)

    async def start(app: web.Application) -> None:
        ready.send(listening.getsockname()[1])

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    app.on_startup.append(start)
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    web.run_app(app, sock=listening, print=None, access_log=None, handle_signals=False)


def running(articles: int) -> AbstractContextManager[int]:
    """The port of a farm of so many articles, in a process of its own."""
    return in_process(_serve, articles)


@contextmanager
def in_process(serve: Callable[[int, Connection], None], size: int) -> Iterator[int]:
    """The port that ``serve``, started with ``size`` in a process of its own, sends when it listens."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(size, theirs), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()
