"""RSS 0.9x to 2.0 and RDF Site Summary 0.90 and 1.0, with the extensions in use, to a `Feed`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

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
from broadsheet.gather.locations import NAMES as LOCATIONS
from broadsheet.gather.locations import location_of
from broadsheet.gather.media import media_of
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Entry

_Children = dict[str, list[etree._Element]]
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_NETLOC = re.compile(r"https?://([^/?#]*)", re.I)
_VERY_MANY = 1000  # items of a feed
_MANY = 40  # names of an item's children from which it is looked for all names, and nothing is remembered


class _Fields(NamedTuple):
    """By which names an item says what, the ones to be asked first before the others."""

    identity: tuple[str, ...] = ("guid", "atom:id", "id")
    description: tuple[str, ...] = ("description", "summary", "atom:summary", "itunes:summary", "dc:description")
    content: tuple[str, ...] = ("content:encoded", "xhtml:body", "atom:content", "content", "fulltext")
    caption: tuple[str, ...] = ("media:description",)
    title: tuple[str, ...] = ("title", "dc:title", "media:title", "atom:title")
    published: tuple[str, ...] = (
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
    updated: tuple[str, ...] = ("dcterms:modified", "atom:updated", "updated", "lastBuildDate", "dcterms:updated")
    authors: tuple[str, ...] = ("atom:author", "dc:creator", "author", "itunes:author", "creator")
    categories: tuple[str, ...] = ("category", "dc:subject", "atom:category")
    language: tuple[str, ...] = ("dc:language", "language")
    location: tuple[str, ...] = LOCATIONS


_FIELDS = _Fields()


@lru_cache(maxsize=256)
def _among(names: tuple[str, ...]) -> _Fields:
    """`_Fields` without the names that are not among these: the items of a feed have mostly the same."""
    return _Fields(*(tuple(name for name in field if name in names) for field in _FIELDS))


def read_rss(root: etree._Element, url: str, *, bases: bool = False) -> Feed:
    """The feed below ``root``, an ``rss``, ``RDF`` or bare ``channel`` element found at ``url``.

    References are relative to the nearest ``xml:base`` when there are ``bases``, else to the feed's address, or to the site's
    where a feed is served by another host.
    """
    names = Names(root)
    children, items = _channel(root, names)
    link = absolute(_channel_link(children), url)
    base = link if link and _host(link) != _host(url) else url
    language = language_of(first_text(children, "language", "dc:language") or root.get(XML + "lang", ""))
    context = Context(names, url, base, language, bases)
    return Feed(
        title=headline(text_of(first(children, "title", "dc:title", "atom:title"))),
        link=link,
        language=language,
        entries=tuple(_entries(items, context)),
        hints=_hints(children, url),
    )


def _channel(root: etree._Element, names: Names) -> tuple[_Children, list[etree._Element]]:
    """What describes the feed, and its items: inside the channel, beside it (RDF), or wherever a broken feed has them."""
    children = names.children(root)
    channels = [names.children(channel) for channel in children.get("channel", ())] or [children]
    items = [item for channel in channels for item in channel.pop("item", ())]
    items += children.pop("item", [])
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
    match = _NETLOC.match(url)
    return match[1] if match else ""


def _entries(items: list[etree._Element], context: Context) -> Iterator[Entry]:
    """Of very many items each is let go when it was read: as a tree they take more memory than as entries."""
    many = len(items) > _VERY_MANY
    items.reverse()
    while items:
        item = items.pop()
        yield _entry(item, context)
        if many:
            item.clear()


def _entry(item: etree._Element, context: Context) -> Entry:
    children = context.names.children(item)
    fields = _among(tuple(children)) if len(children) <= _MANY else _FIELDS
    base = context.base_of(item)
    description = markup_of(first(children, *fields.description))
    content = markup_of(first(children, *fields.content)) if fields.content else ""
    images, video_url = media_of(children, context.names, base)
    return Entry(
        url=_link(children, item, base, video_url),
        source=context.source,
        id=first_text(children, *fields.identity) or item.get(RDF_ABOUT, ""),
        title=headline(text_of(first(children, *fields.title))),
        summary=summary(description or content or text_of(first(children, *fields.caption))),
        html=content or (description if "<" in description else ""),
        published_at=first_date(children, fields.published),
        updated_at=first_date(children, fields.updated) if fields.updated else None,
        authors=distinct(map(person, _author_texts(children, fields.authors))) if fields.authors else (),
        categories=distinct(map(headline, texts(children, *fields.categories))) if fields.categories else (),
        language=(language_of(first_text(children, *fields.language)) if fields.language else "") or context.language,
        images=images,
        video_url=video_url,
        location=location_of(children, context.names) if fields.location else None,
    )


def _link(children: _Children, item: etree._Element, base: str, video_url: str) -> str:
    """An entry's address: its link, else the first of `_other_links` that can be one."""
    for link in children.get("link", ()):
        if _is_alternate(link) and (address := absolute(text_of(link) or link.get("href", ""), base)):
            return address
    for other in _other_links(children, item, video_url):
        if other and (address := absolute(other, base)):
            return address
    return ""


def _other_links(children: _Children, item: etree._Element, video_url: str) -> Iterator[str]:
    """What else may be an entry's address: Atom link, permanent guid, ``rdf:about``, and the medium."""
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


def _author_texts(children: _Children, names: tuple[str, ...]) -> Iterator[str]:
    """Author names as the extensions write them; an Atom author names a person inside."""
    for name in names:
        for author in children.get(name, ()):
            if name == "atom:author":
                yield from (text_of(child) for child in author if local_name(child) == "name")
            else:
                yield text_of(author)


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
