"""Pages out of web archives: WARC 1.x files, compressed by record or not, and WACZ collections, as streams."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from broadsheet.errors import FeedError
from broadsheet.gather.seekable import Seekable
from broadsheet.gather.values import ArchivedPage
from broadsheet.models import Page

MAX_PAGE_BYTES = 10_000_000
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_GZIP = b"\x1f\x8b\x08"
_WARC = b"WARC/1."
_ZIP = b"PK"
ARCHIVE_MARKS = (_GZIP, _WARC, _ZIP)  # with one of which an archive begins
_LOCAL_HEADER = 30  # bytes of a ZIP file's member before its name
_MARK = re.compile(rb"\x1f\x8b\x08|WARC/1\.")
_BLOCK = 1 << 20
_OVERLAP = len(_WARC) - 1
_SIGN_OF_LIFE = 16 << 20  # bytes without a page after which the cursor is given alone
_MAX_DAMAGE = 256 << 20  # bytes searched for the next record
_DAMAGE = (OSError, ValueError, EOFError, zlib.error)


class _Member(NamedTuple):
    """One WARC file: of its own, or from ``offset`` on in a WACZ file."""

    name: str
    offset: int
    size: int


def read_archive(path: Path | str, cursor: int = 0) -> Iterator[ArchivedPage]:
    """The web pages of an archive (HTML, status 200), in its order, from ``cursor`` on.

    Each comes with the cursor, a number of bytes, from which another call goes on after it. A damaged record is reported in
    place of a page, and reading goes on at the next one that can be read. After every 16 MiB without a page the cursor is given
    alone. A file compressed as a whole, not by record, is unpacked again from its start to go on. Raises FeedError when it
    cannot be opened, or when nothing can be read for 256 MiB.
    """
    path = Path(path)
    try:
        file = path.open("rb")
    except OSError as error:
        raise FeedError(f"{path.name} cannot be opened: {error}") from error
    with file:
        yield from read_opened(file, path.name, cursor)


def read_opened(file: IO[bytes], name: str, cursor: int = 0) -> Iterator[ArchivedPage]:
    """As `read_archive`, of a file that can be sought in; what its methods raise beside OSError and ValueError is passed on."""
    for member in _members(file, name):
        if member.name and cursor >= member.offset + member.size:
            continue
        for found in _read(_unpacked(file, name, member), max(cursor - member.offset, 0)):
            yield ArchivedPage(page=found.page, cursor=found.cursor + member.offset, problem=found.problem)


def _members(file: IO[bytes], name: str) -> list[_Member]:
    try:
        if not _starts_with(file, _ZIP):
            return [_Member("", 0, file.seek(0, io.SEEK_END))]
        with zipfile.ZipFile(file) as collection:
            files = [info for info in collection.infolist() if info.filename.endswith((".warc", ".warc.gz"))]
        members = [_Member(info.filename, _first_byte(file, info.header_offset), info.file_size) for info in files]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FeedError(f"{name} cannot be opened: {error}") from error
    if not files:
        raise FeedError(f"{name} is a ZIP file without WARC files in it")
    if any(info.compress_type != zipfile.ZIP_STORED for info in files):
        raise FeedError(f"{name} compresses its WARC files once more; WACZ stores them as they are")
    return members


def _starts_with(file: IO[bytes], mark: bytes) -> bool:
    file.seek(0)
    return file.read(len(mark)) == mark


def _first_byte(file: IO[bytes], header: int) -> int:
    """Where the content of a ZIP file's member begins: after its local header (APPNOTE.TXT, 4.3.7)."""
    file.seek(header)
    fields = file.read(_LOCAL_HEADER)
    return header + _LOCAL_HEADER + int.from_bytes(fields[26:28], "little") + int.from_bytes(fields[28:30], "little")


class _Window(Seekable):
    """The part of a file that a stored member takes, as a file of its own: `zipfile` reads on to where it seeks."""

    def __init__(self, file: IO[bytes], offset: int, size: int) -> None:
        super().__init__(size)
        self._file, self._offset = file, offset

    def bytes_at(self, position: int, count: int) -> bytes:
        self._file.seek(self._offset + position)
        return self._file.read(count)


def _unpacked(file: IO[bytes], name: str, member: _Member) -> IO[bytes]:
    """The member's bytes: as they are, with which its records can be found again, or unpacked when it is packed as a whole."""
    own = cast("IO[bytes]", io.BufferedReader(_Window(file, member.offset, member.size), _BLOCK)) if member.name else file
    own.seek(0)
    if not _packed_as_a_whole(own):
        return own
    if member.name:
        raise FeedError(f"{name} has {member.name} compressed as a whole; WACZ has it compressed by record")
    own.seek(0)
    return cast("IO[bytes]", gzip.open(own))


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
        for page, following in stretch.places():
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

    def places(self) -> Iterator[tuple[Page | None, int]]:
        """Each page and where the record after it begins; without a page when none came for long."""
        self._file.seek(self.position)
        told = self.position
        try:
            for record in ArchiveIterator(self._file, record_types=WarcRecordType.any_type, parse_http=False):
                page, self.page, self.position = self.page, None, record.stream_pos
                if page is not None or self.position - told >= _SIGN_OF_LIFE:
                    told = self.position
                    yield page, told
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
    """Where the next record begins, from ``position`` on: with the WARC version, plain or first in a gzip member.

    Raises FeedError when it would have to be searched for too long.
    """
    start = position
    try:
        while True:
            if position - start > _MAX_DAMAGE:
                raise FeedError(f"no record can be read within {_MAX_DAMAGE:,} bytes after byte {start - 1:,}")
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
