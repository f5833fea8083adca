"""A page's tree as a flat list of text blocks: what a browser would show as one run of text, with where it stands."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

BESIDE, NEVER = 1, 2
MAX_NAMES = 500  # characters of an element's classes that are looked at
MAX_NODES = 200_000  # of one page; what follows is not read

_TEXT, _SKIP, _INLINE, _BREAK, _PICTURE, _BLOCK = range(6)
_ROLES = {
    "-text": _TEXT,
    "br": _BREAK,
    **dict.fromkeys(("img", "picture", "video", "amp-img"), _PICTURE),
    **dict.fromkeys(
        (
            "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "audio", "canvas", "map",
            "math", "head", "select", "option",
            "textarea", "input", "button", "label", "nav", "dialog", "footer", "menu", "-comment", "amp-ad", "amp-sidebar",
            "amp-analytics",
        ),
        _SKIP,
    ),
    **dict.fromkeys(
        (
            "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
            "ins", "kbd", "mark", "meter", "nobr",
            "output", "q", "ruby", "rb", "rp", "rt", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
            "time", "tt", "u", "var", "wbr",
        ),
        _INLINE,
    ),
}  # fmt: skip
_NEW_LINE = "\n\n"  # a line break that the page asks for; no text node is that by itself
_MARKED_TAGS = frozenset({"figure", "figcaption", "aside", "address", "caption"})
_KEPT_TAGS = frozenset({"html", "body", "main", "article"})

_BEFORE, _AFTER = r"(?:^|[_-]|(?<=[a-z])(?=[A-Z]))(?:", r")(?:$|[_-]|(?=[A-Z\d]))"
# Names of what is never the article, and of what is beside it unless the article itself is called so.
_NEVER = re.compile(
    _BEFORE + r"comments?|disqus|respond|related|recommend\w*|more-?(?:on|from|news|stories|like)|also-?read|see-?also|"
    r"newsletters?|cookies?|consent|onetrust\w*|optanon\w*|gdpr|ccpa|rgpd|taboola|outbrain|teasers?|trending|"
    r"twitter-tweet|instagram-media|tiktok-embed|fb-post|most-?(?:read|viewed|popular)|"
    r"breadcrumbs?|pagination|pager|adverts?|advertise\w*|adsense|ad-\w+|sponsor\w*|footer" + _AFTER
)  # fmt: skip
_UNLIKELY = re.compile(
    _BEFORE + r"subscri\w+|sign-?up|promo\w*|ads?|shar(?:e|es|ing)|social\w*|sidebar|side-?bar|navigation|nav|"
    r"navbar|menu\w*|foot|banner|privacy|modal|"
    r"popup|overlay|captions?|credits?|copyright|by-?lines?|author-?(?:bio|box|info|card|name|desc\w*)?s?|bio|"
    r"meta|metadata|tags|tag-?(?:list|cloud|links)|"
    r"topics?|keywords?|popular|latest|toolbar|tools|print|timestamp|date-?line|dates?|pub-?date|rating|votes?|"
    r"polls?|quiz|carousel|gallery|slideshow|"
    r"slider|lightbox|player|audio|podcast\w*|tooltip|sr-only|visually-?hidden|screen-?reader\w*|skip-?link|"
    r"disclaimer|feedback|survey|donat\w+|"
    r"support-us|affiliate|shop\w*|infobox|info-?box|factbox|fact-?box|login|register|account|follow\w*|"
    r"app-?(?:banner|promo|download)|notification|"
    r"alert|language|translat\w*|weather|stock-?quote" + _AFTER + "|^(?:is-)?hidden$|^widget$"
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class Element(NamedTuple):
    """An element that holds blocks: its parent's index, itself, its tag, and what tag and class say of it:
    0 nothing, `BESIDE` the article unless the article itself is called so, `NEVER` the article."""

    parent: int
    node: LexborNode
    tag: str
    marked: int


class Block(NamedTuple):
    """A run of text: the index of its element and that element's tag, and how many of its characters stand in links."""

    owner: int
    tag: str
    text: str
    linked: int


class Layout(NamedTuple):
    """``elements`` in document order, so that a parent stands before its children; ``pictured``: those that hold a picture."""

    elements: list[Element]
    blocks: list[Block]
    pictured: list[int]


def layout(root: LexborNode, *, whole: bool = False) -> Layout:
    """The blocks below ``root`` in reading order; what is never the article only if ``whole``. Depth costs no stack."""
    walker = _Walker(root, whole=whole)
    node: LexborNode | None = root.first_child
    for _ in range(MAX_NODES):
        if node is None:
            if not walker.open:
                break
            node = walker.leave().next
        elif walker.enter(node):
            node = node.first_child
        else:
            node = node.next
    walker.flush()
    return Layout(walker.elements, walker.blocks, walker.pictured)


class _Walker:
    """Keeps what is open while the tree is walked. ``open`` holds for each open element the state to go back to."""

    __slots__ = ("blocks", "elements", "linked", "links", "open", "owner", "pictured", "pieces", "whole")

    def __init__(self, root: LexborNode, *, whole: bool) -> None:
        self.elements = [Element(-1, root, root.tag or "", 0)]
        self.whole = whole
        self.blocks: list[Block] = []
        self.pictured: list[int] = []
        self.open: list[tuple[LexborNode, int, int]] = []
        self.owner = 0
        self.links = 0
        self.pieces: list[str] = []
        self.linked = 0

    def enter(self, node: LexborNode) -> bool:
        """Take in a node; whether its children are to be walked (and `leave` to be called after them)."""
        tag = node.tag or ""
        role = _ROLES.get(tag, _BLOCK)
        if role == _TEXT:
            self._text(node.text_content or "")
        elif role == _INLINE:
            self.open.append((node, self.owner, self.links))
            self.links += tag == "a"
            return True
        elif role == _BLOCK:
            return self._block(node, tag)
        elif role == _BREAK:
            self._break()
        elif role == _PICTURE:
            self.pictured.append(self.owner)
        return False

    def _block(self, node: LexborNode, tag: str) -> bool:
        mark = _mark(node, tag)
        self.flush()
        if mark == NEVER and not self.whole:
            return False
        self.open.append((node, self.owner, self.links))
        self.elements.append(Element(self.owner, node, tag, mark))
        self.owner = len(self.elements) - 1
        return True

    def leave(self) -> LexborNode:
        node, owner, links = self.open.pop()
        if owner != self.owner:
            self.flush()
        self.owner, self.links = owner, links
        return node

    def flush(self) -> None:
        """End the run of text that is being gathered."""
        if self.pieces:
            text = " ".join("".join(self.pieces).split())
            if text:
                self.blocks.append(Block(self.owner, self.elements[self.owner].tag, text, self.linked))
            self.pieces, self.linked = [], 0

    def _text(self, text: str) -> None:
        if not text.isspace():
            self.linked += len(text.strip()) if self.links else 0
        elif not self.pieces:
            return
        self.pieces.append(text)

    def _break(self) -> None:
        """A second line break in a row ends a paragraph; a single one is white space."""
        while self.pieces and self.pieces[-1] != _NEW_LINE and self.pieces[-1].isspace():
            self.pieces.pop()
        if self.pieces and self.pieces[-1] == _NEW_LINE:
            self.flush()
        elif self.pieces:
            self.pieces.append(_NEW_LINE)


def _mark(node: LexborNode, tag: str) -> int:
    if tag in _MARKED_TAGS:
        return BESIDE
    if tag in _KEPT_TAGS:
        return 0
    attributes = node.attributes
    if not attributes:
        return 0
    mark = _names_mark((attributes.get("class") or "")[:MAX_NAMES], (attributes.get("id") or "")[:MAX_NAMES])
    return mark or (BESIDE if _is_hidden(attributes) else 0)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if attributes.get("aria-hidden") == "true" or "hidden" in attributes:
        return True
    return _HIDDEN.search((attributes.get("style") or "")[:MAX_NAMES]) is not None


@lru_cache(maxsize=8192)
def _names_mark(classes: str, name: str) -> int:
    """What an element's classes and id say of it."""
    return max(map(_name_mark, [*classes.split(), *name.split()]), default=0)


@lru_cache(maxsize=32_768)
def _name_mark(name: str) -> int:
    """What one name says; names as "md:print-none" style an element and do not name it."""
    if ":" in name or "[" in name or len(name) > 100:
        return 0
    return NEVER if _NEVER.search(name) else BESIDE if _UNLIKELY.search(name) else 0
