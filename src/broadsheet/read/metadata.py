"""What a page declares about itself: its one parsed tree, ``meta`` and ``link`` elements, microdata, JSON-LD."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from broadsheet.read.jsonld import Graph, Node, main_article, read_graph
from broadsheet.text import plain
from broadsheet.urls import absolute

_COLLECTED = "meta,link,base,title,h1,h2,iframe,time,script[type*='ld+json' i],lite-youtube,amp-youtube,[itemprop]"
_RELATIONS = frozenset({"canonical", "amphtml", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "image_src"})
MAX_SCRIPTS = 100
MAX_CONTENT = 100_000  # characters of one meta
MAX_ELEMENTS = 2_000  # of one kind; pages with more are not read further


class Found(NamedTuple):
    """A value and the part of the page it was taken from; both empty when nothing was found."""

    value: str = ""
    origin: str = ""


class Link(NamedTuple):
    url: str
    sizes: str


class Document(NamedTuple):
    """A parsed page. ``metas`` by property or name, ``links`` by relation, ``items`` by microdata property, ``nodes`` (those of
    `_COLLECTED`) by tag; all names in lower case."""

    url: str
    base: str
    tree: LexborHTMLParser
    nodes: dict[str, list[LexborNode]]
    metas: dict[str, list[str]]
    links: dict[str, list[Link]]
    items: dict[str, list[LexborNode]]
    graph: Graph
    article: Node

    def meta(self, *names: str) -> Found:
        """The first non-empty of these metas, as plain text."""
        for name in names:
            for value in self.metas.get(name, ()):
                if text := plain(value):
                    return Found(text, f"meta {name}")
        return Found()

    def item(self, name: str) -> Found:
        """The text of the first microdata property of that name that has one."""
        texts = (node_text(node) for node in self.items.get(name, ())[:5])
        return next((Found(text, f"microdata {name}") for text in texts if text), Found())

    def link(self, relation: str) -> str:
        return next((link.url for link in self.links.get(relation, ()) if link.url), "")


def read_document(markup: str, url: str) -> Document:
    """Parse a page once and collect what it declares, in one walk over its tree."""
    tree = LexborHTMLParser(markup.encode("utf-8", "replace"), options=LexborDocumentOptions.WO_EVENTS)
    nodes: dict[str, list[LexborNode]] = {}
    for node in tree.css(_COLLECTED):
        nodes.setdefault(node.tag or "", []).append(node)
    base = next((absolute(url, attribute(node, "href")) for node in nodes.get("base", ())[:1]), "") or url
    scripts = (node.text() for node in nodes.get("script", ()))
    graph = read_graph(islice(scripts, MAX_SCRIPTS))
    return Document(
        url, base, tree, nodes, _metas(nodes), _links(nodes, base), _items(nodes), graph, main_article(graph, url)
    )  # fmt: skip


def attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def node_text(node: LexborNode) -> str:
    """The visible text of a small element on one line."""
    return plain(node.text(separator=" ")[:10_000].replace("<", "&lt;"))


def _metas(nodes: dict[str, list[LexborNode]]) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for node in nodes.get("meta", ())[:MAX_ELEMENTS]:
        attributes = node.attributes
        if not (content := attributes.get("content")):
            continue
        for kind in ("property", "name", "itemprop", "http-equiv"):
            for name in (attributes.get(kind) or "").lower().split():
                metas.setdefault(name, []).append(content[:MAX_CONTENT])
    return metas


def _links(nodes: dict[str, list[LexborNode]], base: str) -> dict[str, list[Link]]:
    links: dict[str, list[Link]] = {}
    for node in nodes.get("link", ())[:MAX_ELEMENTS]:
        attributes = node.attributes
        relations = _RELATIONS.intersection((attributes.get("rel") or "").lower().split())
        if relations:
            link = Link(absolute(base, attributes.get("href") or ""), attributes.get("sizes") or "")
            for relation in sorted(relations):
                links.setdefault(relation, []).append(link)
    return links


def _items(nodes: dict[str, list[LexborNode]]) -> dict[str, list[LexborNode]]:
    items: dict[str, list[LexborNode]] = {}
    for tag, found in nodes.items():
        for node in found[:MAX_ELEMENTS] if tag not in ("meta", "script", "link") else ():
            for name in attribute(node, "itemprop").lower().split():
                items.setdefault(name, []).append(node)
    return items
