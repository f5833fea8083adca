"""A file on a web server, read from anywhere in it, a block at a time and in constant memory (RFC 9110, section 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from broadsheet.errors import FetchError
from broadsheet.gather.client import Client
from broadsheet.gather.seekable import Seekable
from broadsheet.models import Page, Value

BLOCK = 4 << 20  # bytes asked for at once
KEPT = 2  # blocks
MAX_SILENCE = 1 << 30  # bytes fetched in search of the next thing of use
_SLACK = 1 << 20  # bytes that may come beyond a block before the transfer is cut off
_RANGE = re.compile(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", re.I | re.A)


class Version(Value, frozen=True):
    """What tells one state of a file on a server from another. ``length`` in bytes."""

    etag: str = ""
    last_modified: str = ""
    length: int = 0

    def same_file(self, other: Version) -> bool:
        """Whether both are of one state: of one length, and of one ETag, or failing that one date, as far as it is said."""
        if self.length != other.length:
            return False
        if self.etag and other.etag:
            return self.etag == other.etag
        return not (self.last_modified and other.last_modified) or self.last_modified == other.last_modified


class RemoteFile(Seekable):
    """The bytes of a file by its blocks, of which the last used are kept. Reading raises what ``fetch`` raises.

    ``fetch`` gives the block of that number, whole. Reading raises FetchError when ``MAX_SILENCE`` bytes were fetched since the
    last call of `found`: a server that makes up a file without an end is not read without an end.
    """

    def __init__(self, version: Version, first: bytes, fetch: Callable[[int], bytes]) -> None:
        super().__init__(version.length)
        self.version = version
        self._blocks = {0: first}
        self._fetch = fetch
        self._fetched = 0

    def found(self) -> None:
        """To be called when something of use was read."""
        self._fetched = 0

    def bytes_at(self, position: int, count: int) -> memoryview:
        number, place = divmod(position, BLOCK)
        return memoryview(self._block(number))[place : place + count]

    def _block(self, number: int) -> bytes:
        content = self._blocks.pop(number, None)
        if content is None:
            if self._fetched >= MAX_SILENCE:
                raise FetchError(f"has nothing of use within {MAX_SILENCE:,} bytes", permanent=True)
            content = self._fetch(number)
            self._fetched += len(content)
        self._blocks[number] = content  # as the last used
        while len(self._blocks) > KEPT:
            del self._blocks[next(iter(self._blocks))]
        return content


async def open_remote(
    client: Client, url: str, *, unless: Version | None = None, allow_private: bool = False
) -> tuple[RemoteFile | None, Page]:
    """The file at ``url`` and the answer to its first request; no file when the server says that it is still ``unless``.

    The file is to be read in a thread beside the running event loop, which fetches its blocks. A server that does not send
    parts of files is taken for one block. Raises FetchError, here and when reading.
    """
    loop = asyncio.get_running_loop()
    known = unless or Version()

    async def ask(number: int, etag: str = "", last_modified: str = "") -> Page:
        return await client.fetch(
            url,
            etag=etag,
            last_modified=last_modified,
            start=number * BLOCK,
            head_bytes=BLOCK,
            limit=BLOCK + _SLACK,
            allow_private=allow_private,
        )

    def fetch(number: int) -> bytes:
        page = asyncio.run_coroutine_threadsafe(ask(number), loop).result()
        content, now = read_part(page, number * BLOCK, BLOCK)
        if not now.same_file(version):
            raise FetchError("was changed while it was read")
        return content

    page = await ask(0, known.etag, known.last_modified)
    if page.status == 304:
        return None, page
    first, version = read_part(page, 0, BLOCK)
    return RemoteFile(version, first, fetch), page


def read_part(page: Page, start: int, count: int) -> tuple[bytes, Version]:
    """The bytes that were asked for, and the version of the whole file. Pure.

    Raises FetchError when the answer is no part of a file, not the one that was asked for, or not all of it; the whole file
    is taken when it was asked for from its beginning and is shorter than ``count``.
    """
    content, headers = page.content, page.headers
    match = _RANGE.fullmatch(headers.get("content-range", "")) if page.status == 206 else None
    if page.status != 206 and start == 0 and len(content) < count:
        length = len(content)
    elif page.status != 206:
        raise FetchError("is on a server that sends no parts of files (Range): download it and name its path", permanent=True)
    elif match is None or match[3] == "*":
        raise FetchError("is on a server that does not say which part of a file it sends", permanent=True)
    else:
        length = int(match[3])
        if int(match[1]) != start or len(content) != min(count, length - start):
            raise FetchError(
                f"is on a server that sent {match[0].strip()[:80]} in place of the {count:,} bytes from {start:,} on"
            )
    return content, Version(etag=headers.get("etag", ""), last_modified=headers.get("last-modified", ""), length=length)
