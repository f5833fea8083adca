"""Headings as a reader sees them: without the kicker they begin with, and not those that only lead to the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from broadsheet.read.metadata import Document, attribute, node_text

MAX_HEADINGS = 30  # of one kind that are looked at
MAX_LENGTH = 300  # characters
_LEVELS = 5  # elements around a heading that are looked at
_KICKER = re.compile(
    r"kicker|over-?line|top-?line|dachzeile|roof-?line|eyebrow|super-?title|spitzmarke|strapline|surtitre|occhiello|"
    r"antet[ií]tulo|volanta|cintillo",
    re.I,
)
_TRAIL = re.compile(r"crumb|seo-?(?:title|head)|visually-?hidden|sr-only", re.I)
_TRAIL_TAGS = frozenset({"li", "nav"})


def first_headings(document: Document) -> list[str]:
    """The texts of the ``h1`` elements, in order."""
    return _texts(map(without_kicker, document.nodes.get("h1", ())[:MAX_HEADINGS]))


def shown_instead(document: Document) -> list[str]:
    """The texts of ``h2`` elements, whole and by their parts, where every ``h1`` only leads to the page; else none.

    Outlets put the search engine's headline into an ``h1`` in the trail of links at the top, and the readers' into an ``h2``.
    """
    firsts = document.nodes.get("h1", ())[:MAX_HEADINGS]
    if not firsts or not all(map(_leads_here, firsts)):
        return []
    shown = (node for node in document.nodes.get("h2", ())[:MAX_HEADINGS] if not _leads_here(node))
    return _texts(text for node in shown for text in _wordings(node))


def without_kicker(node: LexborNode) -> str:
    """The text of a heading without the kicker it begins with, if an element of its own says that it is one."""
    text = node_text(node)
    first = next(iter(node.iter()), None)
    if first is None or not _KICKER.search(attribute(first, "class")):
        return text
    rest = text.removeprefix(node_text(first)).strip(" :–—|-")
    return rest if len(rest.split()) > 1 else text


def _wordings(node: LexborNode) -> Iterator[str]:
    yield without_kicker(node)
    for part in node.iter():
        yield node_text(part)


def _texts(texts: Iterator[str]) -> list[str]:
    return [text for text in texts if 2 < len(text) <= MAX_LENGTH]


def _leads_here(node: LexborNode) -> bool:
    """Whether a heading is part of a trail of links ("Home / News / Headline") or is said to be for machines."""
    parent: LexborNode | None = node
    for _ in range(_LEVELS):
        if parent is None:
            return False
        if parent.tag in _TRAIL_TAGS or _TRAIL.search((parent.attributes.get("class") or "")[:300]):
            return True
        parent = parent.parent
    return False
