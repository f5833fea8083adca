"""Web archives for tests, and a real server on loopback that sends parts of files, or does what servers should not."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.site import serving

HTML = "text/html; charset=utf-8"


def http(body: bytes, status: str = "200 OK", kind: str = HTML, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def record(url: str, block: bytes, kind: str = "response", content_type: str = "application/http; msgtype=response") -> bytes:
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T07:30:00Z\r\n"
    head += f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\nContent-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def article(number: int, outlet: str = "harbour") -> bytes:
    """A record of some 8 kB whose page is an article of its own, and mostly of what cannot be packed."""
    lines = "".join(
        f"<p>Boat {number} came into the harbour with {n} crates of herring, and keeper {number * 7 + n} counted them twice "
        f"before the market of quay {number} opened its gates to the {n * number} people who had waited since dawn.</p>"
        for n in range(1, 5)
    )
    page = (
        f"<html lang=en><head><title>Boat {number} lands its herring at quay {number}</title>"
        f'<meta property="article:published_time" content="2026-01-02T07:{number % 60:02}:00Z"></head>'
        f"<!-- {random.Random(number).randbytes(3000).hex()} -->"
        f"<body><article><h1>Boat {number} lands its herring at quay {number}</h1>{lines}</article></body></html>"
    )
    return record(f"https://{outlet}.example/{number}", http(page.encode()))


def packed(records: list[bytes]) -> bytes:
    return b"".join(gzip.compress(item, mtime=0) for item in records)


def wacz(*files: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as collection:
        collection.writestr("datapackage.json", "{}")
        for number, content in enumerate(files):
            collection.writestr(f"archive/{number}.warc.gz", content)
    return buffer.getvalue()


@dataclass
class Shelf:
    """The files a server has by their paths, how it behaves, and what it was asked: path and first byte."""

    files: dict[str, bytes]
    home: str = ""
    etag: str = '"1"'
    mode: str = ""  # "no ranges", "other part", "short", "whole as part", "no length", "coded"
    drops_from: int | None = None  # requests from this one on end in the midst of their body
    asked: list[tuple[str, int]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, shelf: Shelf, *arguments: Any) -> None:
        self.shelf = shelf
        super().__init__(*arguments)

    def do_GET(self) -> None:
        content = self.shelf.files.get(self.path)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        start, last = (int(asked[1]), int(asked[2])) if asked else (0, 1 << 60)
        self.shelf.asked.append((self.path, start))
        if content is None:
            self.answer(404)
        elif self.shelf.etag and self.headers.get("If-None-Match") == self.shelf.etag:
            self.answer(304)
        elif self.shelf.mode == "no ranges" or not asked:
            self.answer(200, content)
        elif start >= len(content):
            self.answer(416)
        else:
            self.part(content, start, min(last, len(content) - 1))

    def part(self, content: bytes, start: int, last: int) -> None:
        mode = self.shelf.mode
        total = "*" if mode == "no length" else len(content)
        body = content if mode == "whole as part" else content[start : last + 1 - (mode == "short")]
        shift = 1 if mode == "other part" else 0
        coding = {"Content-Encoding": "x-gzip"} if mode == "coded" else {}
        self.answer(206, body, Content_Range=f"bytes {start + shift}-{last + shift}/{total}", **coding)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if self.shelf.etag:
            self.send_header("ETag", self.shelf.etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        drops = self.shelf.drops_from is not None and len(self.shelf.asked) >= self.shelf.drops_from
        self.wfile.write(body[: len(body) // 2] if drops else body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(files: dict[str, bytes], mode: str = "") -> Iterator[Shelf]:
    shelf = Shelf(files, mode=mode)
    with serving(partial(_Handler, shelf)) as shelf.home:
        yield shelf
