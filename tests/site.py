"""A small news site on loopback, for tests that meet Broadsheet as a user does: by its command line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ARTICLES = {
    "harbour-bridge": (
        "Harbour bridge software counts every gull",
        "The software that opens the harbour bridge of Lower Skerry now counts the birds that sit on it.",
        "Bridge keeper Idris Fallow had asked for a quieter alarm and was given a census instead. Two hundred gulls were seen "
        "on the first morning. The council will keep the tally for a year and then decide whether the railing needs spikes.",
    ),
    "lamp-post": (
        "Lamp posts learn to dim with artificial intelligence",
        "A town of four streets has taught its lamps to sleep when nobody walks.",
        "Electrician Maud Tarn spent the winter fitting sensors to ninety posts along Chapel Lane. Bills fell by a third, and "
        "the astronomy club has seen the Milky Way from the square for the first time since it was founded.",
    ),
    "ferry-tickets": (
        "Ferry tickets move to a new technology",
        "Passengers will hold up a shell instead of a paper slip.",
        "Each shell carries a chip that the turnstile at Port Ansel reads in half a second. Islanders over seventy travel free "
        "and were sent theirs by post; visitors may buy one on the quay and keep it as a souvenir afterwards.",
    ),
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "":
            self.answer(
                "text/html", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'
            )
        elif name == "feed.xml":
            self.answer("application/rss+xml", self.feed())
        elif name.removeprefix("2031/") in ARTICLES:
            self.answer("text/html", self.page(name.removeprefix("2031/")))
        else:
            self.send_error(404)

    def answer(self, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def feed(self) -> str:
        items = "".join(
            f"<item><title>{title}</title><link>{self.home}/2031/{name}</link><guid>{name}</guid></item>"
            for name, (title, _, _) in ARTICLES.items()
        )
        return f'<rss version="2.0"><channel><title>Skerry News</title><link>{self.home}/</link>{items}</channel></rss>'

    def page(self, name: str) -> str:
        title, standfirst, text = ARTICLES[name]
        date = (datetime.now(UTC) - timedelta(hours=3)).isoformat(timespec="seconds")
        paragraphs = "".join(f"<p>{sentence}.</p>" for sentence in (standfirst + " " + text).rstrip(".").split(". "))
        return (
            f'<html lang="en"><head><title>{title}</title><meta property="og:site_name" content="Skerry News">'
            f'<meta name="description" content="{standfirst}"><meta property="article:published_time" content="{date}"></head>'
            f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        )

    @property
    def home(self) -> str:
        return f"http://{self.headers['Host']}"

    def log_message(self, format: str, *args: Any) -> None:
        pass


def running() -> AbstractContextManager[str]:
    """The site's address, without a last slash."""
    return serving(Site)


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address, without a last slash, of a server on loopback that answers by ``handler``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
