"""Pages out of web archives: WARC 1.x files, compressed by record or not, and WACZ collections, as streams."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from broadsheet.errors import FeedError
from broadsheet.gather.values import ArchivedPage
from broadsheet.models import Page

MAX_PAGE_BYTES = 10_000_000
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/1."
_MARK = re.compile(rb"\x1f\x8b\x08|WARC/1\.")
_BLOCK = 1 << 20
_OVERLAP = len(_WARC) - 1
_DAMAGE = (OSError, ValueError, EOFError, zlib.error)


class _Member(NamedTuple):
    """One WARC file: of its own, or at ``offset`` in a WACZ file."""

    path: Path
    name: str
    offset: int
    size: int


def read_archive(path: Path | str, cursor: int = 0) -> Iterator[ArchivedPage]:
    """The web pages of an archive (HTML, status 200), in its order, from ``cursor`` on.

    Each comes with the cursor, a number of bytes, from which another call goes on after it. A damaged record is reported in
    place of a page, and reading goes on at the next one that can be read. A file compressed as a whole, not by record, is
    unpacked again from its start to go on. Raises FeedError when it cannot be opened.
    """
    for member in _members(Path(path)):
        if member.name and cursor >= member.offset + member.size:
            continue
        with _opened(member) as file:
            for found in _read(file, max(cursor - member.offset, 0)):
                yield ArchivedPage(page=found.page, cursor=found.cursor + member.offset, problem=found.problem)


def _members(path: Path) -> list[_Member]:
    try:
        if not zipfile.is_zipfile(path):
            return [_Member(path, "", 0, path.stat().st_size)]
        with zipfile.ZipFile(path) as collection:
            files = [info for info in collection.infolist() if info.filename.endswith((".warc", ".warc.gz"))]
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FeedError(f"{path.name} cannot be opened: {error}") from error
    if not files:
        raise FeedError(f"{path.name} is a ZIP file without WARC files in it")
    if any(info.compress_type != zipfile.ZIP_STORED for info in files):
        raise FeedError(f"{path.name} compresses its WARC files once more; WACZ stores them as they are")
    return [_Member(path, info.filename, info.header_offset, info.file_size) for info in files]


@contextmanager
def _opened(member: _Member) -> Iterator[IO[bytes]]:
    """The member's bytes: as they are, with which its records can be found again, or unpacked when it is packed as a whole."""
    with ExitStack() as stack:
        if member.name:
            file = stack.enter_context(stack.enter_context(zipfile.ZipFile(member.path)).open(member.name))
        else:
            file = stack.enter_context(member.path.open("rb"))
        if not _packed_as_a_whole(file):
            yield file
        elif member.name:
            raise FeedError(f"{member.path.name} has {member.name} compressed as a whole; WACZ has it compressed by record")
        else:
            file.seek(0)
            yield cast("IO[bytes]", stack.enter_context(gzip.open(file)))


def _packed_as_a_whole(file: IO[bytes]) -> bool:
    """Whether the second record is somewhere inside a gzip member."""
    if file.read(len(_GZIP)) != _GZIP:
        return False
    file.seek(0)
    try:
        records = ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=False)
        places = [record.stream_pos for record in islice(records, 2)]
    except (OSError, ValueError):
        return False
    file.seek(places[-1] if len(places) == 2 else 0)
    return file.read(len(_GZIP)) != _GZIP


def _read(file: IO[bytes], cursor: int) -> Iterator[ArchivedPage]:
    """From ``cursor``, over damaged stretches, to the end."""
    damage: list[ArchivedPage] = []  # not yet told, as it may be met again when reading begins there
    start: int | None = cursor
    while start is not None:
        stretch = _Stretch(file, start)
        for page, following in stretch.pages():
            yield from damage
            damage = []
            yield ArchivedPage(page=page, cursor=following)
        if stretch.count or not stretch.damage:
            yield from damage
        start = _next_record(file, stretch.position + 1) if stretch.damage else None
        end = file.tell() if start is None else start
        if stretch.page is not None:
            yield ArchivedPage(page=stretch.page, cursor=end)
        problem = f"damaged after byte {stretch.position:,}: {stretch.damage}"
        damage = [ArchivedPage(page=None, cursor=end, problem=problem)] if stretch.damage else []
    yield from damage


class _Stretch:
    """Records up to the end or to the first that cannot be read. A page is known whole when the next record begins."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self.position = start  # of the last record begun
        self.page: Page | None = None  # read, but not yet given out
        self.damage = ""
        self.count = 0  # of records that could be read

    def pages(self) -> Iterator[tuple[Page, int]]:
        """Each page and where the record after it begins."""
        self._file.seek(self.position)
        try:
            for record in ArchiveIterator(self._file, record_types=WarcRecordType.any_type, parse_http=False):
                page, self.page, self.position = self.page, None, record.stream_pos
                if page is not None:
                    yield page, self.position
                self.page = _page(record)
                self.count += 1
        except _DAMAGE as error:
            self.damage = " ".join(str(error).split())[:200] or type(error).__name__


def _page(record: WarcRecord) -> Page | None:
    """The page in a record, None when there is none. Raises OSError when the record is cut short."""
    size = record.content_length
    if record.record_type != WarcRecordType.response or not record.is_http or size > MAX_PAGE_BYTES:
        return None
    record.freeze()
    if record.content_length < size:
        raise OSError(f"the record ends after {record.content_length:,} of {size:,} bytes")
    record.parse_http(auto_decode="all")
    if record.http_headers is None or record.http_headers.status_code != 200:
        return None
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if (record.http_content_type or "").lower() not in _HTML or not url.startswith(("http://", "https://")):
        return None
    content = record.reader.read(MAX_PAGE_BYTES + 1)
    if len(content) > MAX_PAGE_BYTES:
        return None
    headers = {name.lower(): value for name, value in record.http_headers.items()}
    return Page(url=url, final_url=url, status=200, headers=headers, content=content, fetched_at=record.record_date)


def _next_record(file: IO[bytes], position: int) -> int | None:
    """Where the next record begins, from ``position`` on: with the WARC version, plain or first in a gzip member."""
    try:
        while True:
            file.seek(position)
            block = file.read(_BLOCK)
            for match in _MARK.finditer(block):
                if _begins_record(file, position + match.start()):
                    return position + match.start()
            if len(block) < _BLOCK:
                file.seek(position + len(block))
                return None
            position += len(block) - _OVERLAP
    except _DAMAGE:
        return None


def _begins_record(file: IO[bytes], position: int) -> bool:
    file.seek(position)
    head = file.read(1024)
    if head.startswith(_WARC):
        return True
    try:
        return zlib.decompressobj(31).decompress(head, len(_WARC)) == _WARC
    except zlib.error:
        return False
