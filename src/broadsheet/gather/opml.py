"""Reading OPML, the list of feeds that readers exchange (OPML 2.0, http://opml.org/spec2.opml)."""

from __future__ import annotations

from lxml import etree

from broadsheet.errors import FeedError
from broadsheet.gather.markup import parse_xml
from broadsheet.models import Source
from broadsheet.text import plain

MAX_BYTES = 20_000_000
MAX_SOURCES = 200_000


def read_opml(content: bytes) -> tuple[Source, ...]:
    """The feeds that an OPML file names, each address once, in its order; folders are passed over.

    Attributes are taken in any case (``xmlUrl``, ``xmlurl``), and broken XML is read as far as it goes. Raises FeedError when
    it is no OPML or names no feed.
    """
    if len(content) > MAX_BYTES:
        raise FeedError(f"is larger than {MAX_BYTES} bytes")
    root = parse_xml(content)
    if etree.QName(root).localname.lower() != "opml":
        raise FeedError("is not OPML: its root element is another")
    found: dict[str, Source] = {}
    for outline in root.iter("{*}outline"):
        source = _source(outline)
        if source is not None and len(found) < MAX_SOURCES:
            found.setdefault(source.url, source)
    if not found:
        raise FeedError("names no feed")
    return tuple(found.values())


def _source(outline: etree._Element) -> Source | None:
    said = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
    url = said.get("xmlurl", "")
    if url.startswith("feed:"):
        url = url.removeprefix("feed:") if url.startswith("feed:http") else f"http:{url.removeprefix('feed:')}"
    if not url.lower().startswith(("http://", "https://")):
        return None
    return Source(url=url, title=plain(said.get("title") or said.get("text") or ""))
