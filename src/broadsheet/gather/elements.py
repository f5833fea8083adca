"""Reading lxml elements by the names feeds mean, whatever prefix or namespace address they use. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urljoin

from lxml import etree

from broadsheet.dates import parse_date
from broadsheet.text import folded, inline_plain, plain
from broadsheet.urls import MAX_LENGTH

TITLE_LENGTH = 2000  # characters of a title or name that are read
_LONGEST_NAME = 200  # characters, as names are remembered beyond their feed
MAX_NAMES = 100  # authors or categories of one entry

XHTML = "http://www.w3.org/1999/xhtml"
XML = "{http://www.w3.org/XML/1998/namespace}"
_PREFIXES = {
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.youtube.com/xml/schemas/2015": "yt",
    "http://gdata.youtube.com/schemas/2007": "yt",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.georss.org/georss": "georss",
    "http://www.georss.org/georss/10": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.opengis.net/gml/3.2": "gml",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
    "http://www.google.com/schemas/sitemap-video/1.1": "video",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://backend.userland.com/rss2": "",
}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_HTML = re.compile(r"</[a-zA-Z][a-zA-Z0-9]*\s*>|<(?:br|img|hr)\b[^<>]*>", re.I)
_MAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_MAIL_NAME = re.compile(r"^\s*(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+\s*\((.*)\)\s*$|\s*<[^\s@<>]+@[^\s@<>]+>\s*$", re.S)
_DECLARATION = re.compile(r"\sxmlns(?::[\w.-]+)?=\"[^\"]*\"")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]+")
_SAFE = re.compile(r"[!#-;=?-\[\]_a-z~]*")  # told in half the time


class Names:
    """Canonical names of tags, ``prefix:local`` with the prefix everybody knows; remembers what it has seen.

    Elements in the namespace of ``root`` itself have no prefix, those of unknown namespaces the empty name.
    """

    def __init__(self, root: etree._Element) -> None:
        self._known: dict[str, str] = {}
        namespace = _split(str(root.tag))[0]
        self._home = namespace if namespace and _PREFIXES.get(namespace, "atom") == "atom" else None

    def __call__(self, element: etree._Element) -> str:
        tag = element.tag
        name = self._known.get(tag)
        if name is None:
            name = self._known[tag] = _name(tag, self._home) if isinstance(tag, str) else ""
        return name

    def each(self, elements: list[etree._Element]) -> tuple[str, ...]:
        """The name of each of the elements."""
        known = self._known
        try:
            return tuple([known[element.tag] for element in elements])
        except KeyError:
            return tuple(map(self, elements))

    def children(self, element: etree._Element) -> dict[str, list[etree._Element]]:
        """The children of an element by name, each list in document order."""
        found: dict[str, list[etree._Element]] = {}
        known = self._known
        for child in element:
            try:
                name = known[child.tag]
            except KeyError:
                name = self(child)
            if name in found:
                found[name].append(child)
            else:
                found[name] = [child]
        return found


@lru_cache(maxsize=512)
def _name(tag: str, home: str | None) -> str:
    namespace, local = _split(tag)
    if len(local) > _LONGEST_NAME:
        return ""
    if not namespace or namespace == home:
        return local.removeprefix("rss:")  # as a broken feed has it that never declares the prefix
    prefix = _PREFIXES.get(namespace)
    if prefix is None:
        return ""
    return f"{prefix}:{local}" if prefix else local


class Context(NamedTuple):
    """What reading an entry needs of its feed. ``bases``: some element has an ``xml:base`` of its own."""

    names: Names
    source: str
    base: str
    language: str
    bases: bool

    def base_of(self, element: etree._Element) -> str:
        """The address against which references inside ``element`` are resolved."""
        own = element.base if self.bases else None
        try:
            return urljoin(self.base, own) if own else self.base
        except ValueError:  # as for "http://["
            return self.base


def _split(tag: str) -> tuple[str, str]:
    """Namespace address, lower case and without its last slash, and local name; a lost namespace leaves ``prefix:local``."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].partition("}")
        return namespace.lower().rstrip("/").replace("https://", "http://", 1), local
    return "", tag


def local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def text_of(element: etree._Element | None) -> str:
    """All character data inside, at its ends without white space."""
    if element is None:
        return ""
    if len(element):
        return "".join(map(str, element.itertext())).strip()
    text = element.text
    return text.strip() if text else ""


def markup_of(element: etree._Element | None) -> str:
    """The content as HTML: character data as it is, child elements written out without their namespace."""
    if element is None:
        return ""
    if len(element) == 0:
        return (element.text or "").strip()
    for child in element.iter(f"{{{XHTML}}}*"):
        with suppress(ValueError):  # a broken name, as "a:" with nothing after it, cannot be given again
            child.tag = str(child.tag).rpartition("}")[2]
    etree.cleanup_namespaces(element)
    return "".join([element.text or "", *map(_written_out, element)]).strip()


def _written_out(element: etree._Element) -> str:
    """The element and the text after it as HTML, where namespaces are not declared."""
    tag, end, rest = etree.tostring(element, encoding="unicode", method="html").partition(">")
    return _DECLARATION.sub("", tag) + end + rest


def first(children: dict[str, list[etree._Element]], *names: str) -> etree._Element | None:
    """The first element by the first of ``names`` that is there and not empty."""
    for name in names:
        for element in children.get(name, ()):
            if element.text or len(element):
                return element
    return None


def texts(children: dict[str, list[etree._Element]], *names: str) -> list[str]:
    """The texts of all elements of these names that have one, name by name."""
    return [text for name in names for element in children.get(name, ()) if (text := text_of(element))]


def first_text(children: dict[str, list[etree._Element]], *names: str) -> str:
    """The first of `texts`; empty when there is none."""
    for name in names:
        if name in children:
            for element in children[name]:
                if text := text_of(element):
                    return text
    return ""


def first_date(children: dict[str, list[etree._Element]], names: Iterable[str]) -> datetime | None:
    """The first of `texts` that is a date."""
    for name in names:
        if name in children:
            for element in children[name]:
                if moment := parse_date(text_of(element)):
                    return moment
    return None


def looks_like_html(text: str) -> bool:
    """Whether text that is not declared to be HTML has end tags or entities, which plain text has not."""
    return bool(("<" in text and _HTML.search(text)) or ("&" in text and _ENTITY.search(text)))


def headline(text: str, *, is_html: bool = False) -> str:
    """A title as plain text. Escaped HTML counts as HTML when it is declared so or cannot be anything else."""
    text = text[:TITLE_LENGTH]
    return inline_plain(text) if is_html or looks_like_html(text) else folded(text)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Names or categories without empty and repeated ones, at most a hundred of them."""
    return tuple(dict.fromkeys(filter(None, texts)))[:MAX_NAMES]


def person(text: str) -> str:
    """The name of an author written as in e-mail: ``mail@host (Name)``, ``Name <mail@host>``; empty for a bare address."""
    text = text[:TITLE_LENGTH]
    text = plain(_MAIL_NAME.sub(lambda m: m[1] or "", text) if "@" in text else text)
    return "" if _MAIL.fullmatch(text) else text


def absolute(reference: str, base: str) -> str:
    """``reference`` as an absolute http(s) address without white space; empty when it is none."""
    reference = reference.strip()
    if not reference.startswith(("https://", "http://")):
        try:
            reference = urljoin(base, reference) if reference else ""
        except ValueError:
            return ""
        if not reference[:8].lower().startswith(("https://", "http://")):
            return ""
    if len(reference) > MAX_LENGTH:
        return ""
    return reference if _SAFE.fullmatch(reference) else _UNSAFE.sub(_escape, reference)


def _escape(match: re.Match[str]) -> str:
    return quote(match[0].replace("\n", "").replace("\r", "").replace("\t", ""))


def language_of(label: str) -> str:
    """The primary language of a tag such as ``en-US``, in lower case; empty when it is none."""
    if not label:
        return ""
    primary = label.strip().replace("_", "-").partition("-")[0].lower()
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else ""
