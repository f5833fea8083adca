"""Sitemaps and their indexes (sitemaps.org 0.9) with the news, image and video extensions. Pure."""

from __future__ import annotations

from itertools import islice

from lxml import etree

from broadsheet.dates import parse_date
from broadsheet.errors import FeedError, FetchError
from broadsheet.gather.decoding import decode
from broadsheet.gather.elements import Names, absolute, first_text, headline, language_of, local_name, texts
from broadsheet.gather.markup import parse_xml
from broadsheet.gather.unpacking import gunzip
from broadsheet.gather.values import Sitemap, SitemapChild, SitemapEntry
from broadsheet.models import Image
from broadsheet.text import fold_space

MAX_BYTES = 52_428_800  # of one sitemap, unpacked: the protocol's own limit
MAX_ENTRIES = 100_000  # twice the protocol's limit
MAX_IMAGES = 20  # of one entry


def read_sitemap(content: bytes, url: str, content_type: str = "") -> Sitemap:
    """The sitemap or index in ``content``, which was found at ``url``; gzip files and plain lists of addresses are read too.

    Addresses that are not http(s) are left out, as is what is beyond 100,000 entries. Raises FeedError when there is no
    sitemap in the bytes.
    """
    try:
        content = gunzip(content, MAX_BYTES)
    except FetchError as error:
        raise FeedError(str(error)) from error
    if b"<" not in content[:1000]:
        return _read_list(decode(content, content_type), url)
    root = parse_xml(content, content_type, url)
    name = local_name(root)
    if name == "sitemapindex":
        return Sitemap(children=_children(root, url))
    if name == "urlset":
        entries = _entries(root, url)
        return Sitemap(entries=entries, news=any(entry.title or entry.published_at for entry in entries))
    raise FeedError(
        "is a web page, not a sitemap" if name == "html" else f"is not a sitemap: its root element is {name[:40]!r}"
    )


def _read_list(text: str, url: str) -> Sitemap:
    """A sitemap as a text file: one address a line."""
    lines = text.split()[:MAX_ENTRIES]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        raise FeedError("is not a sitemap")
    return Sitemap(entries=tuple(SitemapEntry(url=absolute(line, url)) for line in lines))


def _children(root: etree._Element, url: str) -> tuple[SitemapChild, ...]:
    names = Names(root)
    found = []
    for element in islice(root, MAX_ENTRIES):
        fields = names.children(element)
        address = absolute(first_text(fields, "loc"), url)
        if address and names(element) == "sitemap":
            found.append(SitemapChild(url=address, modified_at=parse_date(first_text(fields, "lastmod"))))
    return tuple(found)


def _entries(root: etree._Element, url: str) -> tuple[SitemapEntry, ...]:
    names = Names(root)
    entries = (_entry(element, names, url) for element in islice(root, MAX_ENTRIES) if names(element) == "url")
    return tuple(entry for entry in entries if entry.url)


def _entry(element: etree._Element, names: Names, url: str) -> SitemapEntry:
    fields = names.children(element)
    news = _inner(fields, "news:news", names)
    publication = _inner(news, "news:publication", names)
    return SitemapEntry(
        url=absolute(first_text(fields, "loc"), url),
        modified_at=parse_date(first_text(fields, "lastmod")),
        title=headline(first_text(news, "news:title")),
        published_at=parse_date(first_text(news, "news:publication_date")),
        language=language_of(first_text(publication, "news:language") or first_text(news, "news:language")),
        keywords=_keywords(first_text(news, "news:keywords")),
        images=_images(fields, names, url),
        video_url=_video(fields, names, url),
    )


def _inner(fields: dict[str, list[etree._Element]], name: str, names: Names) -> dict[str, list[etree._Element]]:
    """The children of the first element of that name."""
    return next((names.children(element) for element in fields.get(name, ())), {})


def _keywords(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keyword for part in text.split(",") if (keyword := fold_space(part))))


def _images(fields: dict[str, list[etree._Element]], names: Names, url: str) -> tuple[Image, ...]:
    images: dict[str, Image] = {}
    for element in fields.get("image:image", ())[:MAX_IMAGES]:
        parts = names.children(element)
        if address := absolute(first_text(parts, "image:loc"), url):
            images.setdefault(address, Image(url=address, title=headline(first_text(parts, "image:title", "image:caption"))))
    return tuple(images.values())


def _video(fields: dict[str, list[etree._Element]], names: Names, url: str) -> str:
    video = _inner(fields, "video:video", names)
    return next(
        (address for text in texts(video, "video:player_loc", "video:content_loc") if (address := absolute(text, url))), ""
    )
