"""Lists of archives as Common Crawl publishes them (``warc.paths.gz``): one path a line, from the root of their host. Pure."""

from __future__ import annotations

import re
import zlib
from urllib.parse import urljoin, urlsplit

from broadsheet.errors import FeedError, FetchError
from broadsheet.gather.unpacking import gunzip

MAX_BYTES = 20_000_000  # of a list, unpacked
_GZIP = b"\x1f\x8b"
_LINE = re.compile(r"\S+\.(?:warc|warc\.gz|wacz)", re.I)
LONGEST_HEAD = 8192  # bytes of a file from which `is_listing` tells


def is_listing(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a list of archives, packed or not, and no archive itself."""
    try:
        head = zlib.decompressobj(31).decompress(head, LONGEST_HEAD) if head[:2] == _GZIP else head
    except zlib.error:
        return False
    return _LINE.fullmatch(head.partition(b"\n")[0].strip().decode("ascii", "replace")) is not None


def read_listing(content: bytes, url: str) -> tuple[str, ...]:
    """The addresses of the archives in a list found at ``url``, each once, in its order.

    Raises FeedError when it is damaged, too large, has a line that is no archive's path, or names another host: who lists
    archives does not decide whom else we ask.
    """
    try:
        lines = gunzip(content, MAX_BYTES).decode("utf-8", "replace").split("\n")
    except FetchError as error:
        raise FeedError(f"is a list of archives that {error}") from error
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    found: dict[str, None] = {}
    for line in filter(None, map(str.strip, lines)):
        try:
            address = urljoin(f"{origin}/", line)
            own = address.startswith(f"{origin}/")
        except ValueError:
            own = False
        if not _LINE.fullmatch(line) or not own:
            raise FeedError(f"is a list of archives with a line that names none on its host: {line[:80]!r}")
        found[address] = None
    return tuple(found)
