"""RSS 0.9x to 2.0 and RDF Site Summary 0.90 and 1.0, with the extensions in use, to a `Feed`. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from broadsheet.gather.elements import (
    XML,
    Context,
    Names,
    absolute,
    distinct,
    first,
    first_date,
    first_text,
    headline,
    language_of,
    local_name,
    markup_of,
    person,
    summary,
    text_of,
    texts,
)
from broadsheet.gather.media import media_of
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Entry

_Children = dict[str, list[etree._Element]]
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_PUBLISHED = (
    "pubDate",
    "pubdate",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "atom:published",
    "published",
    "date",
    "dcterms:date",
)
_UPDATED = ("dcterms:modified", "atom:updated", "updated", "lastBuildDate", "dcterms:updated")


def read_rss(root: etree._Element, url: str, *, bases: bool = False) -> Feed:
    """The feed below ``root``, an ``rss``, ``RDF`` or bare ``channel`` element found at ``url``.

    References are relative to the nearest ``xml:base`` when there are ``bases``, else to the feed's address, or to the site's
    where a feed is served by another host.
    """
    names = Names(root)
    channel, items = _channel(root, names)
    children = names.children(channel)
    link = absolute(_channel_link(children), url)
    base = link if link and _host(link) != _host(url) else url
    language = language_of(first_text(children, "language", "dc:language") or root.get(XML + "lang", ""))
    context = Context(names, url, base, language, bases)
    return Feed(
        title=headline(text_of(first(children, "title", "dc:title", "atom:title"))),
        link=link,
        language=language,
        entries=tuple(_entry(item, context) for item in items),
        hints=_hints(children, url),
    )


def _channel(root: etree._Element, names: Names) -> tuple[etree._Element, list[etree._Element]]:
    """The element that describes the feed, and its items: inside it, beside it (RDF), or wherever a broken feed has them."""
    children = names.children(root)
    channels = children.get("channel") or [root]
    items = [child for parent in channels for child in parent if names(child) == "item"]
    items += children.get("item", []) if channels[0] is not root else []
    if not items:
        items = [element for element in root.iter("{*}item") if element.getparent() is not None]
    return channels[0], items


def _channel_link(children: _Children) -> str:
    """The site's address: ``link``, or an Atom link that is not to the feed itself."""
    for link in [*children.get("link", ()), *children.get("atom:link", ())]:
        if link.get("rel", "alternate") == "alternate" and (address := text_of(link) or link.get("href", "")):
            return address
    return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _entry(item: etree._Element, context: Context) -> Entry:
    children = context.names.children(item)
    base = context.base_of(item)
    identity = first_text(children, "guid", "atom:id", "id") or item.get(RDF_ABOUT, "")
    description = markup_of(first(children, "description", "summary", "atom:summary", "itunes:summary", "dc:description"))
    content = markup_of(first(children, "content:encoded", "xhtml:body", "atom:content", "content", "fulltext"))
    images, video_url = media_of(children, context.names, base)
    return Entry(
        url=_link(children, item, base, video_url),
        source=context.source,
        id=identity,
        title=headline(text_of(first(children, "title", "dc:title", "media:title", "atom:title"))),
        summary=summary(description or content or text_of(first(children, "media:description"))),
        html=content or (description if "<" in description else ""),
        published_at=first_date(children, _PUBLISHED),
        updated_at=first_date(children, _UPDATED),
        authors=distinct(map(person, _author_texts(children))),
        categories=distinct(headline(text) for text in texts(children, "category", "dc:subject", "atom:category")),
        language=language_of(first_text(children, "dc:language", "language")) or context.language,
        images=images,
        video_url=video_url,
    )


def _link(children: _Children, item: etree._Element, base: str, video_url: str) -> str:
    """The first of `_links` that can be an address."""
    for link in _links(children, item, video_url):
        if link and (address := absolute(link, base)):
            return address
    return ""


def _links(children: _Children, item: etree._Element, video_url: str) -> Iterator[str]:
    """What may be an entry's address: link, Atom link, permanent guid, ``rdf:about``, and the medium."""
    for link in children.get("link", ()):
        if _is_alternate(link):
            yield text_of(link) or link.get("href", "")
    for link in children.get("atom:link", ()):
        if _is_alternate(link):
            yield link.get("href", "")
    for guid in children.get("guid", ()):
        text = text_of(guid)
        if guid.get("isPermaLink", "true").lower() != "false" and text.startswith(("http://", "https://", "/")):
            yield text
    yield from (item.get(RDF_ABOUT, ""), video_url)
    for enclosure in children.get("enclosure", ()):
        yield enclosure.get("url", "")


def _is_alternate(link: etree._Element) -> bool:
    return link.get("rel", "alternate") == "alternate"


def _author_texts(children: _Children) -> Iterator[str]:
    """Author names as the extensions write them; an Atom author names a person inside."""
    for author in children.get("atom:author", ()):
        yield from (text_of(child) for child in author if local_name(child) == "name")
    yield from texts(children, "dc:creator", "author", "itunes:author", "creator")


def _hints(children: _Children, url: str) -> Hints:
    links = {link.get("rel", ""): absolute(link.get("href", ""), url) for link in reversed(children.get("atom:link", []))}
    return Hints(
        ttl=_ttl(children),
        skip_hours=_skip_hours(children),
        hub=links.get("hub", ""),
        self_url=links.get("self", ""),
        updated_at=first_date(children, ("lastBuildDate", "pubDate", "dc:date", "atom:updated")),
    )


def _ttl(children: _Children) -> int | None:
    """Seconds between changes: ``ttl`` in minutes, or the syndication module's period divided by its frequency."""
    minutes = first_text(children, "ttl")
    if minutes.isdecimal() and int(minutes[:9]) > 0:
        return int(minutes[:9]) * 60
    period = _PERIODS.get(first_text(children, "sy:updatePeriod").lower())
    frequency = first_text(children, "sy:updateFrequency") or "1"
    return period // max(int(frequency[:6]), 1) if period and frequency.isdecimal() else None


def _skip_hours(children: _Children) -> tuple[int, ...]:
    """Hours of the day, UTC, in which the feed asks not to be read; 24 is midnight in RSS 0.91."""
    hours = [text_of(hour) for element in children.get("skipHours", ()) for hour in element]
    return tuple(sorted({int(hour) % 24 for hour in hours if hour.isdecimal() and len(hour) <= 2 and int(hour) <= 24}))
