"""Structured data of a page: JSON-LD as it is found in the wild, read leniently.

Only what schema.org articles need: objects are looked up by type, references by ``@id`` are followed once. Not a JSON-LD
processor: contexts are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from broadsheet.text import plain
from broadsheet.urls import url_key

Node = dict[str, Any]

MAX_SCRIPT = 2_000_000  # characters of one script
MAX_NODES = 2_000
MAX_DEPTH = 12

ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
        "BackgroundNewsArticle", "AskPublicNewsArticle",
        "ReviewNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle", "TechArticle", "Report",
        "BlogPosting", "LiveBlogPosting",
        "SocialMediaPosting", "DiscussionForumPosting", "Review", "Recipe",
    }
)  # fmt: skip

_FRAME = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_STRING_OR_NOISE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|/\*.*?(?:\*/|\Z)|//[^\n]*|,(?=\s*[}\]])', re.S)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')


class Graph(NamedTuple):
    """All objects of a page's scripts in order, and those that carry an ``@id`` by it."""

    nodes: tuple[Node, ...] = ()
    by_id: dict[str, Node] = {}  # noqa: RUF012 a NamedTuple's default, never written to

    def resolve(self, value: object) -> object:
        """The object that a bare reference ``{"@id": ...}`` means; any other value as it is."""
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
            return self.by_id.get(value["@id"], value)
        return value


def read_graph(scripts: Iterable[str]) -> Graph:
    """The objects of all JSON-LD scripts of a page. Scripts that cannot be repaired are left out; never raises."""
    nodes: list[Node] = []
    for script in scripts:
        if len(script) <= MAX_SCRIPT and len(nodes) < MAX_NODES:
            nodes.extend(_objects(_load(script)))
    nodes = nodes[:MAX_NODES]
    by_id: dict[str, Node] = {}
    for node in nodes:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(by_id.get(name, ())):
            by_id[name] = node
    return Graph(tuple(nodes), by_id)


def types(node: Node) -> tuple[str, ...]:
    """The types of an object without their vocabulary's address."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return tuple(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if isinstance(name, str))


def main_article(graph: Graph, url: str) -> Node:
    """The object that describes the page's own article: the one with its address, else the one that says most; {} if none."""
    found = [node for node in graph.nodes if ARTICLE_TYPES.intersection(types(node))]
    if not found:
        return {}
    key = url_key(url)
    return max(found, key=lambda node: (key in _addresses(node), _says(node)))


def texts(value: object) -> list[str]:
    """The plain texts in a value that may be a text, a list of texts or objects with a name or a value."""
    if isinstance(value, str):
        text = plain(value)
        return [text] if text else []
    if isinstance(value, list):
        return [text for item in value[:100] for text in texts(item)]
    if isinstance(value, dict):
        return texts(value.get("name") or value.get("@value"))
    return []


def first_text(value: object) -> str:
    return next(iter(texts(value)), "")


def _addresses(node: Node) -> set[str]:
    found = (node.get(name) for name in ("url", "@id", "mainEntityOfPage"))
    values = (value.get("@id") or value.get("url") if isinstance(value, dict) else value for value in found)
    return {url_key(value.partition("#")[0]) for value in values if isinstance(value, str) and value.startswith("http")}


def _says(node: Node) -> int:
    return sum(1 for name in ("headline", "datePublished", "author", "image", "publisher", "articleBody") if node.get(name))


def _objects(value: object, depth: int = 0) -> Iterator[Node]:
    """Every object with a type, outer before inner."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:MAX_NODES]:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _objects(inner, depth + 1)


def _load(script: str) -> object:
    try:
        return msgspec.json.decode(script)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        pass
    for text in (script, _repair(script)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return _pieces(_repair(script))


def _repair(script: str) -> str:
    """Without comment frames, comments, trailing commas, wrong escapes and what stands after the last bracket."""
    text = _FRAME.sub("", _FRAME.sub("", script))
    text = _STRING_OR_NOISE.sub(lambda match: _BAD_ESCAPE.sub(r"\\\\", match[0]) if match[0][0] == '"' else "", text)
    return text.strip().rstrip(";").strip()


def _pieces(text: str) -> list[object]:
    """Objects written one after the other without a list around them, up to the first that cannot be read."""
    decoder = json.JSONDecoder(strict=False)
    found: list[object] = []
    position = text.find("{")
    while position >= 0 and len(found) < 50:
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        position = text.find("{", position)
    return found
