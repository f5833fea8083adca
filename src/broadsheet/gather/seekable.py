"""Bytes that are got from anywhere in them, as a file that Python's own readers take."""

from __future__ import annotations

import io
from abc import abstractmethod


class Seekable(io.RawIOBase):
    """A file to be read of ``size`` bytes; a subclass says what stands where."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._position = 0

    @abstractmethod
    def bytes_at(self, position: int, count: int) -> bytes | memoryview:
        """At most ``count`` bytes from a ``position`` before the end on; none when it ends early."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max({io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence] + offset, 0)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed names a private protocol
        if self._position >= self._size:
            return 0
        content = self.bytes_at(self._position, min(len(buffer), self._size - self._position))
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
