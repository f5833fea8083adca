"""Decompressing what the web sends, a chunk at a time and never beyond a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import brotli

from broadsheet.errors import FetchError

ACCEPTED = "gzip, deflate, br"
_GZIP = b"\x1f\x8b"
_STEP = 65_536  # bytes taken out of a decompressor at once


class TooLargeError(FetchError):
    """More bytes came than were allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"is larger than {limit:,} bytes", permanent=True)


class Unpacker:
    """Takes the chunks of a body in its content coding, gives its bytes; at most ``limit`` of them.

    Data that is not in the coding its header names is passed on as it is, as some servers forget to compress.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = _coding(coding)
        self._limit = limit
        self._size = 0
        self._started = False
        self._zlib: zlib._Decompress | None = None
        self._brotli: brotli.Decompressor | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The bytes ``chunk`` stands for. Raises TooLargeError beyond the limit, FetchError for damaged data."""
        if not self._started and chunk:
            self._start(chunk)
        try:
            for data in self._unpack(chunk):
                self._size += len(data)
                if self._size > self._limit:
                    raise TooLargeError(self._limit)
                yield data
        except (zlib.error, brotli.error) as error:
            raise FetchError(f"sent damaged {self._coding} data") from error

    def finish(self) -> None:
        """To be called after the last chunk. Raises FetchError when the data ended too early."""
        if (self._zlib and not self._zlib.eof) or (self._brotli and not self._brotli.is_finished()):
            raise FetchError(f"sent {self._coding} data that ends too early")

    def _start(self, chunk: bytes) -> None:
        self._started = True
        if self._coding == "br":
            self._brotli = brotli.Decompressor()
        elif self._coding == "gzip" and chunk[:2] == _GZIP:
            self._zlib = zlib.decompressobj(31)
        elif self._coding == "deflate":
            self._zlib = zlib.decompressobj(15 if _has_zlib_header(chunk) else -15)

    def _unpack(self, chunk: bytes) -> Iterator[bytes]:
        if self._brotli is not None:
            yield from self._unpack_brotli(self._brotli, chunk)
        elif self._zlib is not None:
            yield from self._unpack_zlib(self._zlib, chunk)
        else:
            yield chunk

    def _unpack_brotli(self, unpacker: brotli.Decompressor, chunk: bytes) -> Iterator[bytes]:
        yield unpacker.process(chunk, output_buffer_limit=_STEP)
        while not unpacker.can_accept_more_data():
            yield unpacker.process(b"", output_buffer_limit=_STEP)

    def _unpack_zlib(self, unpacker: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
        """The members of a gzip file follow each other; what else follows the last one is padding."""
        data = b""
        while chunk or len(data) == _STEP:
            if unpacker.eof:
                if chunk[:2] != _GZIP:
                    return
                unpacker = self._zlib = zlib.decompressobj(31)
            data = unpacker.decompress(chunk, _STEP)
            yield data
            chunk = unpacker.unconsumed_tail or unpacker.unused_data


def gunzip(content: bytes, limit: int) -> bytes:
    """``content`` decompressed when it is a gzip file, else as it is. Raises FetchError when damaged or beyond ``limit``."""
    if content[:2] != _GZIP:
        return content
    unpacker = Unpacker("gzip", limit)
    unpacked = b"".join(unpacker.feed(content))
    unpacker.finish()
    return unpacked


def _has_zlib_header(chunk: bytes) -> bool:
    """RFC 1950: method 8 and a check sum; servers send ``deflate`` with and without this header."""
    return chunk[0] & 0x0F == 8 and int.from_bytes(chunk[:2], "big") % 31 == 0


def _coding(header: str) -> str:
    """The one content coding of a header; raises FetchError for one that was not asked for."""
    coding = header.strip().lower()
    coding = {"x-gzip": "gzip", "identity": "", "none": "", "utf-8": ""}.get(coding, coding)
    if coding not in ("", "gzip", "deflate", "br"):
        raise FetchError(f"sent its content coded as {coding[:40]!r}, which was not asked for")
    return coding
