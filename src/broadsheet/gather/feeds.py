"""Bytes of a feed in any format in use to a `Feed`. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice

from msgspec.structs import replace

from broadsheet.errors import FeedError
from broadsheet.gather.atom import read_atom
from broadsheet.gather.elements import local_name
from broadsheet.gather.jsonfeed import read_json_feed
from broadsheet.gather.markup import MAX_TAGS, has_too_many_tags, parse_xml
from broadsheet.gather.rss import read_rss
from broadsheet.gather.values import Feed, Hints

__all__ = ["Feed", "Hints", "read_feed"]

MAX_ENTRIES = 120_000  # of one feed
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s/>]")
_READERS = {"rss": read_rss, "rdf": read_rss, "channel": read_rss, "feed": read_atom, "entry": read_atom}


def read_feed(content: bytes, url: str, content_type: str = "") -> Feed:
    """The feed in ``content``, which was found at ``url``: RSS 0.9x to 2.0, RDF 0.90 and 1.0, Atom 0.3 and 1.0, JSON Feed 1.x.

    ``content_type`` is the header of that name; only its charset counts, as what it says of the format is often wrong. What is
    broken is repaired, and what cannot be repaired is left out. Raises FeedError when there is no feed in the bytes.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_json_feed(content, url, content_type)
    whole = len(content)
    content = _bounded(content)
    root = parse_xml(content, content_type, url)
    name = local_name(root)
    reader = _READERS.get(name)
    if reader is None:
        raise FeedError("is a web page, not a feed" if name == "html" else f"is not a feed: its root element is {name[:40]!r}")
    feed = reader(root, url, bases=b"xml:base" in content or b"\0" in content[:4])
    return replace(feed, cut=True) if len(content) < whole else feed


def worth_keeping(content: bytes) -> bytes:
    """``content`` without what `read_feed` leaves aside of it, so that this takes no memory while the rest is read."""
    first = _first_not_read(content)
    return content if first is None else content[: first.end()]


def _bounded(content: bytes) -> bytes:
    """``content`` up to the end of its last entry that is read: what is never parsed takes no memory."""
    first = _first_not_read(content)
    end = len(content) if first is None else first.start()
    if has_too_many_tags(content, end):
        many = bisect_left(range(end), MAX_TAGS, key=lambda place: content.count(b"<", 0, place))
        before = [match.start() for match in _ENTRY.finditer(content, 0, many)]
        end = before[-1] if len(before) > 1 else end  # without the entry that has a tag too many
    return content if end == len(content) else content[:end]


def _first_not_read(content: bytes) -> re.Match[bytes] | None:
    """Where the first entry begins that is one too many."""
    if len(content) < MAX_ENTRIES * len(b"<item/>"):
        return None
    return next(islice(_ENTRY.finditer(content), MAX_ENTRIES, None), None)
