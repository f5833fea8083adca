"""An item of an RSS or RDF feed to an `Entry`. Pure.

Most of what reading a feed costs is spent here, so it goes by places: the items of a feed have mostly the same children in the
same order, and which of them say what is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from broadsheet.dates import parse_date
from broadsheet.gather.elements import (
    Context,
    absolute,
    distinct,
    headline,
    language_of,
    local_name,
    markup_of,
    person,
    text_of,
)
from broadsheet.gather.locations import NAMES as LOCATIONS
from broadsheet.gather.locations import location_of
from broadsheet.gather.media import NAMES as MEDIA
from broadsheet.gather.media import media_of
from broadsheet.models import Entry, Image
from broadsheet.text import summary

RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_MANY = 40  # children from which an item is hardly like another, and its places are not remembered
_NAMES = {  # by which names an item says what, the ones to be asked first before the others
    "link": ("link", "atom:link"),
    "guid": ("guid",),
    "enclosure": ("enclosure",),
    "identity": ("guid", "atom:id", "id"),
    "description": ("description", "summary", "atom:summary", "itunes:summary", "dc:description"),
    "content": ("content:encoded", "xhtml:body", "atom:content", "content", "fulltext"),
    "caption": ("media:description",),
    "title": ("title", "dc:title", "media:title", "atom:title"),
    "published": (
        "pubDate",
        "pubdate",
        "dc:date",
        "dcterms:issued",
        "dcterms:created",
        "atom:published",
        "published",
        "date",
        "dcterms:date",
    ),
    "updated": ("dcterms:modified", "atom:updated", "updated", "lastBuildDate", "dcterms:updated"),
    "person": ("atom:author",),
    "author": ("dc:creator", "author", "itunes:author", "creator"),
    "category": ("category", "dc:subject", "atom:category"),
    "language": ("dc:language", "language"),
    "location": LOCATIONS,
    "media": MEDIA,
}
_Children = list[etree._Element]
_Places = tuple[int, ...]


class _Fields(NamedTuple):
    """At which places among an item's children it says what; by `_NAMES`, and in the order of these."""

    link: _Places
    guid: _Places
    enclosure: _Places
    identity: _Places
    description: _Places
    content: _Places
    caption: _Places
    title: _Places
    published: _Places
    updated: _Places
    person: _Places
    author: _Places
    category: _Places
    language: _Places
    location: _Places
    media: _Places


@lru_cache(maxsize=256)
def _fields(names: tuple[str, ...]) -> _Fields:
    """Of an item whose children have these names."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    return _Fields(**{field: tuple(place for name in said for place in places.get(name, ())) for field, said in _NAMES.items()})


def read_item(item: etree._Element, context: Context) -> Entry:
    """What an item says, as far as it can be read."""
    children = list(item)
    names = context.names.each(children)
    at = _fields(names) if len(names) < _MANY else _fields.__wrapped__(names)
    texts = [text_of(child) for child in children]
    base = context.base_of(item)
    relations = [children[place].get("rel", "alternate") for place in at.link]
    images: tuple[Image, ...] = ()
    video_url = ""
    if at.media or "enclosure" in relations:
        images, video_url = media_of(context.names.children(item), context.names, base)
    description = _markup(children, texts, at.description)
    content = _markup(children, texts, at.content) if at.content else ""
    html = content or (description if "<" in description else "")
    brief = description if content else "" if html else description or _text(texts, at.caption)
    links = _links(children, texts, at.link, relations)
    return Entry(
        url=_address(links, base) or _address(_other_links(item, children, texts, at, video_url), base),
        source=context.source,
        id=_text(texts, at.identity) or item.get(RDF_ABOUT, ""),
        title=headline(_text(texts, at.title)),
        description=summary(brief) if brief else "",
        html=html,
        published_at=_date(texts, at.published),
        updated_at=_date(texts, at.updated) if at.updated else None,
        authors=_authors(children, texts, at) if at.person or at.author else (),
        categories=distinct([headline(texts[place]) for place in at.category]) if at.category else (),
        language=(language_of(_text(texts, at.language)) if at.language else "") or context.language,
        images=images,
        video_url=video_url,
        location=location_of(context.names.children(item), context.names) if at.location else None,
    )


def _text(texts: list[str], places: _Places) -> str:
    """The first text that there is; empty when there is none."""
    for place in places:
        if text := texts[place]:
            return text
    return ""


def _date(texts: list[str], places: _Places) -> datetime | None:
    """The first text that is a date."""
    for place in places:
        if moment := parse_date(texts[place]):
            return moment
    return None


def _markup(children: _Children, texts: list[str], places: _Places) -> str:
    """The first HTML that there is."""
    for place in places:
        if markup := markup_of(children[place]) if len(children[place]) else texts[place]:
            return markup
    return ""


def _address(links: Iterable[str], base: str) -> str:
    """The first link that can be an address."""
    for link in links:
        if link and (address := absolute(link, base)):
            return address
    return ""


def _links(children: _Children, texts: list[str], places: _Places, relations: list[str]) -> Iterator[str]:
    """The links to the article's page."""
    for place, relation in zip(places, relations, strict=True):
        if relation == "alternate":
            yield texts[place] or children[place].get("href", "")


def _other_links(item: etree._Element, children: _Children, texts: list[str], at: _Fields, video_url: str) -> Iterator[str]:
    """What else may be an entry's address: permanent guid, ``rdf:about``, and the medium."""
    for place in at.guid:
        permanent = children[place].get("isPermaLink", "true").lower() != "false"
        if permanent and texts[place].startswith(("http://", "https://", "/")):
            yield texts[place]
    yield from (item.get(RDF_ABOUT, ""), video_url)
    for place in at.enclosure:
        yield children[place].get("url", "")


def _authors(children: _Children, texts: list[str], at: _Fields) -> tuple[str, ...]:
    """Authors as the extensions write them; an Atom author names a person inside."""
    persons = [text_of(part) for place in at.person for part in children[place] if local_name(part) == "name"]
    return distinct(map(person, [*persons, *(texts[place] for place in at.author)]))
