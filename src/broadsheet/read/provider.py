"""The outlet of a page: its name, registrable domain, and pictures that may be its logo."""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadsheet.models import Image, Provider
from broadsheet.read.jsonld import Node, first_text, texts, types
from broadsheet.read.metadata import Document, Found, attribute, node_text
from broadsheet.text import plain, shorten
from broadsheet.urls import absolute, registrable_domain

MAX_LOGOS = 5
_SITE_TYPES = frozenset({"Organization", "NewsMediaOrganization", "WebSite", "Corporation"})
_PARTS = re.compile(r"\s*[|–—·•»]\s*|\s+[-:]+\s+|:\s+")
_SIZES = re.compile(r"(\d{1,4})[xX](\d{1,4})")


def provider(document: Document, web_url: str) -> tuple[Provider, str]:
    """Name, domain and logo candidates, best first, and where the name was found; a page without one is named by its domain."""
    domain = registrable_domain(web_url)
    found = site_name(document)
    return Provider(name=found.value or domain, domain=domain, images=_logos(document)), found.origin or "domain"


def site_name(document: Document) -> Found:
    """``og:site_name``, then JSON-LD ``publisher``, then any organisation or site in JSON-LD, microdata ``publisher``,
    ``application-name``, then the part of the ``title`` element that reads like the domain.

    A name written together in small letters is replaced by a later one that is the same with its spaces and capitals.
    """
    publisher = _publisher(document)
    organisation = next(
        (node for node in document.graph.nodes if _SITE_TYPES.intersection(types(node)) and node.get("name")), {}
    )
    found = [
        document.meta("og:site_name"),
        Found(first_text(publisher.get("name")), "json-ld publisher"),
        Found(first_text(organisation.get("name")), "json-ld organisation"),
        _microdata_publisher(document),
        document.meta("application-name", "apple-mobile-web-app-title"),
        _title_part(document),
    ]
    named = [one for one in found if one.value and not one.value.startswith("@")]
    if not named:
        return Found()
    best = next((one for one in named if one.value != one.value.lower() and _letters(one) == _letters(named[0])), named[0])
    return Found(shorten(best.value, 100), best.origin)


def _microdata_publisher(document: Document) -> Found:
    for node in document.items.get("publisher", ())[:3]:
        name = node.css_first('[itemprop~="name"]')
        text = plain(attribute(name, "content")) or node_text(name) if name else ""
        if text:
            return Found(text, "microdata publisher")
    return Found()


def _title_part(document: Document) -> Found:
    element = next(iter(document.nodes.get("title", ())), None)
    domain = "".join(filter(str.isalnum, registrable_domain(document.url).partition(".")[0]))
    parts = _PARTS.split(node_text(element)[:300]) if element and len(domain) > 3 else []
    for part in parts[1:][::-1] + parts[:1] if len(parts) > 1 else ():
        found = Found(part.strip(), "title element")
        if len(part) <= 40 and _letters(found).endswith(domain) and len(_letters(found)) <= len(domain) + 3:
            return found
    return Found()


def _letters(found: Found) -> str:
    return "".join(filter(str.isalnum, found.value)).casefold()


def site_names(document: Document, domain: str) -> tuple[str, ...]:
    """All that the outlet is called on its page, for taking its name out of titles and bylines."""
    metas = (
        document.meta("og:site_name"),
        document.meta("application-name"),
        document.meta("apple-mobile-web-app-title"),
        document.meta("al:ios:app_name"),
    )
    names = (
        [one.value for one in metas]
        + texts(_publisher(document).get("name"))
        + texts(_publisher(document).get("alternateName"))
    )
    return tuple(dict.fromkeys([name for name in names if name] + [domain, domain.partition(".")[0]]))


def _publisher(document: Document) -> Node:
    value = document.article.get("publisher")
    value = document.graph.resolve(value[0] if isinstance(value, list) and value else value)
    return value if isinstance(value, dict) else {}


def _logos(document: Document) -> tuple[Image, ...]:
    found = {image.url: image for image in reversed(list(_logo_candidates(document)))}
    return tuple(reversed(found.values()))[:MAX_LOGOS]


def _logo_candidates(document: Document) -> Iterator[Image]:
    """Square touch icons before wide publisher logos: they are made to be seen small."""
    for relation in ("apple-touch-icon", "apple-touch-icon-precomposed"):
        for link in document.links.get(relation, ()):
            yield from _logo(link.url, link.sizes)
    value = document.graph.resolve(_publisher(document).get("logo"))
    url = (
        value
        if isinstance(value, str)
        else first_text(value.get("url") or value.get("contentUrl"))
        if isinstance(value, dict)
        else ""
    )
    yield from _logo(absolute(document.base, url), "")
    for link in document.links.get("icon", ()):
        yield from _logo(link.url, link.sizes)


def _logo(url: str, sizes: str) -> Iterator[Image]:
    if url:
        match = _SIZES.search(sizes)
        yield Image(url=url, width=int(match[1]) if match else 0, height=int(match[2]) if match else 0)
