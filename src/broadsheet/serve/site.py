"""The published folder over HTTP, from memory where its files are small."""

from __future__ import annotations

import mimetypes
import os
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

SMALL = 256 * 1024  # bytes of a file that is kept in memory
KEPT = 64 * 1024 * 1024  # bytes of files kept in memory in all

_TYPES = {".webmanifest": "application/manifest+json", ".opml": "text/x-opml", ".webp": "image/webp", ".js": "text/javascript"}
_MISSING = HTTPException(404, "there is no such page")


class _Kept(Struct, frozen=True):
    """A file in memory, and the whole answer that it is: made once, as most requests are for a few files."""

    place: Path
    mark: tuple[int, int, int]
    headers: dict[str, str]
    content: bytes
    sent: tuple[tuple[bytes, bytes], ...]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(self.sent)})
        await send({"type": "http.response.body", "body": self.content})


class Site:
    """An ASGI app that answers with the files of ``folder``, and with nothing outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._kept: dict[str, _Kept] = {}  # by the path that was asked for
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, "this address is only read", headers={"Allow": "GET, HEAD"})
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        kept = self._kept.get(path)
        place = kept.place if kept is not None else self._place(path)
        try:
            found = place.stat()
        except OSError:
            self._forget(path)
            raise _MISSING from None
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        if kept is not None and kept.mark != mark:
            self._forget(path)
            kept = None
        headers = kept.headers if kept is not None else _headers(place, found)
        if _is_known(scope, headers["etag"]):
            return Response(status_code=304, headers=headers)
        if kept is None and found.st_size > SMALL:
            return FileResponse(place, headers=headers)
        return kept or self._keep(path, _kept(place, mark, headers))

    def _place(self, path: str) -> Path:
        """The file of an address, its folder's index.html for a folder. Raises HTTPException when there is none."""
        try:
            place = (self._folder / path.lstrip("/")).resolve()
            is_folder = place.is_dir()
        except (OSError, ValueError):
            raise _MISSING from None
        if not place.is_relative_to(self._folder) or "\\" in path:
            raise _MISSING
        if is_folder:
            if not path.endswith("/"):
                there = quote(place.name) + "/"
                raise HTTPException(308, "this page's address ends in a slash", headers={"Location": there})
            place /= "index.html"
        elif path.endswith("/"):
            raise _MISSING
        return place

    def _keep(self, path: str, kept: _Kept) -> _Kept:
        self._kept[path] = kept
        self._size += len(kept.content)
        while self._size > KEPT:
            self._forget(next(iter(self._kept)))
        return kept

    def _forget(self, path: str) -> None:
        old = self._kept.pop(path, None)
        self._size -= len(old.content) if old else 0


def _kept(place: Path, mark: tuple[int, int, int], headers: dict[str, str]) -> _Kept:
    content = place.read_bytes()
    return _Kept(place, mark, headers, content, tuple(Response(content, headers=headers).raw_headers))


def _headers(place: Path, found: os.stat_result) -> dict[str, str]:
    """What is said of a file; its ETag is another for every edition that writes it anew."""
    kind = _TYPES.get(place.suffix) or mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith(("json", "xml", "javascript"))
    return {
        "content-type": f"{kind}; charset=utf-8" if text else kind,
        "etag": f'"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"',
        "last-modified": formatdate(found.st_mtime, usegmt=True),
        "cache-control": "no-cache",
        "access-control-allow-origin": "*",
    }


def _is_known(scope: Scope, etag: str) -> bool:
    """Whether the request names the file as it is (If-None-Match, RFC 9110 13.1.2)."""
    asked = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"), "")
    return asked.strip() == "*" or etag in [item.strip().removeprefix("W/") for item in asked.split(",")]
