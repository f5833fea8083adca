"""The published folder over HTTP, from memory where its files are small."""

from __future__ import annotations

import gzip
import mimetypes
import os
import re
from email.utils import formatdate
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.serve.security import harden, part_of

SMALL = 256 * 1024  # bytes of a file that is kept in memory
LOOK = 0.1  # seconds after which a file in memory is held against the one on the disk
PACKED = 1000  # bytes of a text from which it is sent compressed
KEPT = 64 * 1024 * 1024  # bytes of files, and of what is kept with each, in memory in all
BESIDE = 2048  # bytes kept with a file, besides the address it was asked by, of which it may have many

_TYPES = {".webmanifest": "application/manifest+json", ".opml": "text/x-opml", ".webp": "image/webp", ".js": "text/javascript"}
_OF_CONTENT = frozenset({b"content-length", b"content-encoding", b"content-type"})  # not of an answer without any
_REFUSED = re.compile(rb";\s*q=0(\.0*)?\s*$")
_MISSING = HTTPException(404, "there is no such page")


class _Kept(Struct):
    """A small file in memory, as one kind of reader gets it: made once, as most requests are for a few files."""

    place: str
    mark: tuple[int, int, int]
    etag: str
    sent: tuple[tuple[bytes, bytes], ...]
    content: bytes
    looked: float  # when the file was last seen to be the same

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if _has(scope, self.etag):
            headers = [item for item in self.sent if item[0] not in _OF_CONTENT]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(self.sent)})
        await send({"type": "http.response.body", "body": self.content})


class Site:
    """An ASGI app that answers with the files of ``folder``, and with nothing outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._kept: dict[tuple[str, bool, str], _Kept] = {}  # by path, whether packed, and the scheme that was asked by
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, "this address is only read", headers={"Allow": "GET, HEAD"})
        answer = self.at_once(scope) or self._large(scope)
        await answer(scope, receive, send)

    def at_once(self, scope: Scope) -> ASGIApp | None:
        """The answer to a request for a small file, complete with all that `security` adds; None for any other request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        key = (scope["path"], _takes_packed(scope), scope["scheme"])
        kept, now = self._kept.get(key), monotonic()
        if kept is not None and now - kept.looked < LOOK:
            return kept
        try:
            place = kept.place if kept is not None else str(self._place(key[0]))
            found = os.stat(place)  # noqa: PTH116  # of a string: half of what else is done
        except (HTTPException, OSError):
            self._forget(key)
            return None
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        if kept is not None and kept.mark == mark:
            kept.looked = now
            return kept
        self._forget(key)
        return self._keep(key, _kept(place, mark, key, now)) if found.st_size <= SMALL else None

    def _large(self, scope: Scope) -> ASGIApp:
        place = self._place(scope["path"])
        try:
            found = place.stat()
        except OSError:
            raise _MISSING from None
        headers = _headers(place, (found.st_mtime_ns, found.st_size, found.st_ino))
        if _has(scope, headers["etag"]):
            return Response(status_code=304, headers=headers)
        return FileResponse(place, headers=headers)

    def _place(self, path: str) -> Path:
        """The file of an address, its folder's index.html for a folder. Raises HTTPException when there is none."""
        try:
            place = (self._folder / path.lstrip("/")).resolve()
            is_folder = place.is_dir()
        except (OSError, ValueError):
            raise _MISSING from None
        # whoever may see a page is decided by the first name of its address: no other way leads to it
        if not place.is_relative_to(self._folder) or "\\" in path or ".." in path.split("/"):
            raise _MISSING
        if is_folder:
            if not path.endswith("/"):
                there = quote(place.name) + "/"
                raise HTTPException(308, "this page's address ends in a slash", headers={"Location": there})
            place /= "index.html"
        elif path.endswith("/"):
            raise _MISSING
        return place

    def _keep(self, key: tuple[str, bool, str], kept: _Kept) -> _Kept:
        self._kept[key] = kept
        self._size += _weight(key, kept)
        while self._size > KEPT:
            self._forget(next(iter(self._kept)))
        return kept

    def _forget(self, key: tuple[str, bool, str]) -> None:
        old = self._kept.pop(key, None)
        self._size -= _weight(key, old) if old else 0


def _weight(key: tuple[str, bool, str], kept: _Kept) -> int:
    return len(kept.content) + len(key[0]) + BESIDE


def _kept(place: str, mark: tuple[int, int, int], key: tuple[str, bool, str], now: float) -> _Kept:
    asked, packed, scheme = key
    path = Path(place)
    headers, content = _headers(path, mark), path.read_bytes()
    if _is_text(headers["content-type"]) and len(content) >= PACKED:
        headers["vary"] = "Accept-Encoding"
        if packed:
            headers["content-encoding"] = "gzip"
            headers["etag"] = headers["etag"].removesuffix('"') + '-gzip"'  # it names the bytes that are sent
            content = gzip.compress(content, mtime=0)
    sent = list(Response(content, headers=headers).raw_headers)
    harden(sent, part_of(asked), scheme)
    return _Kept(place, mark, headers["etag"], tuple(sent), content, now)


def _headers(place: Path, mark: tuple[int, int, int]) -> dict[str, str]:
    """What is said of a file; its ETag is another for every edition that writes it anew."""
    kind = _TYPES.get(place.suffix) or mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    changed, size, node = mark
    return {
        "content-type": f"{kind}; charset=utf-8" if _is_text(kind) else kind,
        "etag": f'"{changed:x}-{size:x}-{node:x}"',
        "last-modified": formatdate(changed / 10**9, usegmt=True),
        "cache-control": "no-cache",
        "access-control-allow-origin": "*",
    }


def _is_text(kind: str) -> bool:
    kind = kind.partition(";")[0]
    return kind.startswith("text/") or kind.endswith(("json", "xml", "javascript"))


def _takes_packed(scope: Scope) -> bool:
    """Whether the reader takes gzip (Accept-Encoding, RFC 9110 12.5.3)."""
    asked = _header(scope, b"accept-encoding")
    return b"gzip" in asked and any(
        part.partition(b";")[0].strip() == b"gzip" and not _REFUSED.search(part) for part in asked.split(b",")
    )


def _has(scope: Scope, etag: str) -> bool:
    asked = _header(scope, b"if-none-match")
    return asked != b"" and is_known(asked.decode("latin-1"), etag)


def is_known(asked: str, etag: str) -> bool:
    """Whether If-None-Match names what has that ETag; weak or not is the same here (RFC 9110 13.1.2)."""
    named = [item.strip().removeprefix("W/") for item in asked.split(",")]
    return etag.removeprefix("W/") in named or named == ["*"]


def _header(scope: Scope, wanted: bytes) -> bytes:
    for name, value in scope["headers"]:
        if name == wanted:
            found: bytes = value
            return found.strip()
    return b""
