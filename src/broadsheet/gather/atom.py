"""Atom 1.0 (RFC 4287), Atom 0.3 and a lone Atom entry to a `Feed`. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator

from lxml import etree

from broadsheet.gather.elements import (
    XML,
    Context,
    Names,
    absolute,
    distinct,
    first,
    first_date,
    headline,
    language_of,
    local_name,
    looks_like_html,
    markup_of,
    person,
    text_of,
)
from broadsheet.gather.locations import location_of
from broadsheet.gather.media import media_of
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Entry
from broadsheet.text import summary

_Children = dict[str, list[etree._Element]]
_PUBLISHED = ("published", "issued", "created", "dc:date", "dcterms:issued", "dcterms:created", "pubDate")
_UPDATED = ("updated", "modified", "dcterms:modified")
_HTML_TYPES = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})


def read_atom(root: etree._Element, url: str, *, bases: bool = False) -> Feed:
    """The feed below ``root``, a ``feed`` or ``entry`` element found at ``url``; ``bases`` as in `read_rss`."""
    names = Names(root)
    children = names.children(root)
    lone = local_name(root) == "entry"
    context = Context(names, url, url, language_of(root.get(XML + "lang", "")), bases)
    base = context.base_of(root)
    site = _link(children, base, context)
    if not url:  # all that is known of where the feed is
        context = context._replace(base=site)
    entries = [root] if lone else children.get("entry") or [e for e in root.iter("{*}entry") if e is not root]
    links = {link.get("rel", ""): absolute(link.get("href", ""), base) for link in reversed(children.get("link", []))}
    return Feed(
        title=_title(children.get("title", [])),
        link=site,
        language=context.language,
        entries=tuple(_entry(entry, context) for entry in entries),
        hints=Hints(hub=links.get("hub", ""), self_url=links.get("self", ""), updated_at=first_date(children, _UPDATED)),
    )


def _entry(entry: etree._Element, context: Context) -> Entry:
    children = context.names.children(entry)
    base = context.base_of(entry)
    identity = text_of(first(children, "id", "guid"))
    content = _markup(first(children, "content"), context)
    description = _markup(first(children, "summary", "description"), context)
    images, video_url = media_of(children, context.names, base)
    return Entry(
        url=_link(children, base, context) or _content_address(children, base) or absolute(identity, "") or video_url,
        source=context.source,
        id=identity,
        title=_title([*children.get("title", ()), *children.get("media:title", ())]),
        description=summary(description or ("" if content else _media_description(children))),
        html=content,
        published_at=first_date(children, _PUBLISHED),
        updated_at=first_date(children, _UPDATED),
        authors=distinct(map(person, _author_texts(children))),
        categories=distinct(_categories(children)),
        language=language_of(entry.get(XML + "lang", "")) or context.language,
        images=images,
        video_url=video_url,
        location=location_of(children, context.names),
    )


def _title(titles: list[etree._Element]) -> str:
    for title in titles:
        kind = title.get("type", "text").lower()
        if text := headline(text_of(title), is_html=kind in _HTML_TYPES and len(title) == 0):
            return text
    return ""


def _markup(element: etree._Element | None, context: Context) -> str:
    """A text construct or content as HTML: plain text is escaped, unless it cannot be anything but HTML; binary is nothing."""
    if element is None:
        return ""
    kind = element.get("type", "text").lower()
    if kind in _HTML_TYPES or len(element) or looks_like_html(element.text or ""):
        return markup_of(element)
    return html.escape(text_of(element), quote=False) if kind.startswith("text") else ""


def _link(children: _Children, base: str, context: Context) -> str:
    """The alternate link, a web page before other types; against its own ``xml:base``."""
    links = [link for link in children.get("link", ()) if link.get("rel", "alternate").rpartition("/")[2] == "alternate"]
    links.sort(key=lambda link: link.get("type", "text/html") not in _HTML_TYPES)
    for link in links:
        own = context.base_of(link) if context.bases else base
        if address := absolute(link.get("href") or text_of(link), own):
            return address
    return ""


def _content_address(children: _Children, base: str) -> str:
    """The address of content that is kept elsewhere (``src``)."""
    return next((absolute(content.get("src", ""), base) for content in children.get("content", ()) if content.get("src")), "")


def _media_description(children: _Children) -> str:
    """What a Media RSS group says of itself, as YouTube's feeds do."""
    for group in children.get("media:group", ()):
        for element in group.iter("{*}description"):
            return html.escape(text_of(element), quote=False)
    return ""


def _author_texts(children: _Children) -> Iterator[str]:
    for author in [*children.get("author", ()), *children.get("dc:creator", ())]:
        if len(author) == 0:
            yield text_of(author)
        yield from (text_of(child) for child in author if local_name(child) == "name")


def _categories(children: _Children) -> Iterator[str]:
    for category in [*children.get("category", ()), *children.get("dc:subject", ())]:
        yield headline(category.get("label") or category.get("term") or text_of(category))
