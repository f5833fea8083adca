"""Who wrote an article: people's names, as JSON-LD, metas and the visible byline give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from broadsheet.read.jsonld import Graph, first_text, texts
from broadsheet.read.metadata import Document, node_text
from broadsheet.text import fold_space, plain

MAX_AUTHORS = 20
BYLINE_WITHIN = 4  # lines at the beginning of a text
MAX_BYLINE = 120  # characters
_METAS = (
    "author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator",
    "byl", "cxenseparse:author", "mediator_author", "bt:author", "citation_author", "og:article:author", "twitter:data1",
)  # fmt: skip
_BYLINES = (
    '[rel~="author"]',
    '[itemprop~="author"] [itemprop~="name"]',
    '[itemprop~="author"]',
    '[class*="author-name" i],[class*="author__name" i],[class*="authorname" i],[class*="author_name" i]',
    '[class~="author"] a,[class~="byline"] a,[class~="vcard"] a',
    '[class~="byline"],[class~="author"],[class~="byline-name"],[class~="article-author"],[class~="post-author"],[class~="fn"]',
)
_LIKE_BYLINES = ",".join(f'[class*="{word}" i]' for word in ("author", "autor", "auteur", "byline", "contributor")) + ",byline"
_ELSEWHERE = re.compile(r"comment|related|teaser|recommend|sidebar|footer|widget|list", re.I)
_PREFIX = re.compile(
    r"^(?:(?:(?:written|posted|reported|reviewed|story|text|words|published|created|submitted|review|interview|artikel|article|"
    r"opinion|analysis|news)\s+)?(?:by|par|por|door|av|af|oleh|przez)\b|authors?\b|autore?n?\b|autor[ae]s?\b|redactie\b|text\b|foto\b|"
    r"(?-i:(?:(?:Text |Artikel )?Von|Di|De)(?=\s+[^\W\d_a-zß-ÿ]\S*\s+[^\W\d_a-zß-ÿ])))\s*[:：]?\s*",
    re.I,
)  # "Von", "Di" and "De" begin names too: they are cut off only before two capitalised words
_NAME = r"[^\W\d_a-zß-ÿ][\w.’'-]+(?: (?:v[ao]n |de |al |bin )?[^\W\d_a-zß-ÿ][\w.’'-]*){1,2}"
_SIGNATURE = re.compile(rf"(?:(?:By|Von|Par|Por|BY) )?{_NAME}(?:(?:,| and| und| et| y| e| /| &) {_NAME})?")
_OF = re.compile(r"^(?:[Vv]on|[Dd]i|[Dd]e)\s+(?=[^\W\d_a-zß-ÿ])")  # in a byline, not in a name by itself
_SPLIT = re.compile(r"\s*(?:[,;|/•·&、，]|\s+(?:and|und|et|y|e|en|og|och|i|dan|with|mit|avec|con)\s+|\s[-–—]\s)\s*")
_TAIL = re.compile(r"\s*(?:\(.*\)?|\[.*\]?|@\S+|\b(?:updated|published|posted|on|am|le|el)\b.*\d.*|\d.*)$", re.I)
_NO_NAME = re.compile(r"https?:|www\.|@|\d|[<>{}=_#]|\.(?:com|org|net|de|fr|uk)\b", re.I)
_ADDRESS = re.compile(r"^@|https?:|www\.|/|\S@\S", re.I)
_NOBODY = re.compile(r"^(?:admin\w*|author|guest|unknown|anonymous|webmaster|user|none|null|undefined|test|n/a|root)$", re.I)
_ROLES = re.compile(
    r"\b(?:editors?|editorial|staff|correspondents?|reporters?|reports?|writers?|redaktion|redaction|rédaction|redacción|"
    r"redazione|redactie|redaksi|desk|newsroom|team|"
    r"agency|agencies|agentur(?:en)?|agence|news|press|presse|admin|administrator|author|guest|contributors?|"
    r"webmaster|unknown|anonymous|journalist|editor|bureau|chief|"
    r"columnist|photographer|fotograf|senior|managing|director|professor|media|online|magazine|follow|more|all|"
    r"posts|view|about|contact|share|comments?|twitter|facebook|instagram|linkedin|whatsapp|email|"
    r"website|homepage|profile|biography)\b",
    re.I,
)


def authors(document: Document, site_names: Iterable[str], text: str = "") -> tuple[tuple[str, ...], str]:
    """Names and where they were found: people in JSON-LD ``author``, in metas, in visible bylines, as a line of the ``text``
    by itself; failing all, the agency or newsroom that JSON-LD or a meta names instead. ``site_names`` are no people.
    """
    outlets = {_fold(name) for name in site_names}
    bodies: tuple[tuple[str, ...], str] = ((), "")
    for values, origin in _stated(document):
        if names := clean_names(values, outlets):
            return _with_agencies(names, values, outlets) if origin.startswith("json-ld") else names, origin
        if not bodies[0] and origin != "byline":
            bodies = _bodies(values), origin
    if names := clean_names(_signatures(document, text), outlets):
        return names, "signature"
    return bodies if bodies[0] else ((), "")


def without_byline(text: str, people: Iterable[str]) -> str:
    """``text`` without the lines among its first that say "By" and one of ``people``, a date at most, and nothing else."""
    lines = text.split("\n")
    kept = [line for line in lines[:BYLINE_WITHIN] if not _is_byline(line, people)]
    return "\n".join([*kept, *lines[BYLINE_WITHIN:]])


def _is_byline(line: str, people: Iterable[str]) -> bool:
    begin = _PREFIX.match(line) if len(line) <= MAX_BYLINE else None
    rest = _fold(line[begin.end() :]) if begin else ""
    name = next((name for name in map(_fold, people) if rest.startswith(name)), "")
    return bool(name) and sum(word.isalpha() for word in rest.removeprefix(name).split()) <= 3


def _signatures(document: Document, text: str) -> list[str]:
    """Lines at the beginning or end of a text that are nothing but a name or two, and no heading."""
    lines = text.split("\n")
    found = [line for line in dict.fromkeys([*lines[:2], *lines[-1:]]) if len(line) < 80 and _SIGNATURE.fullmatch(line)]
    headings = {node_text(node) for node in document.tree.css("h1,h2,h3,h4,h5,h6")[:100]} if found else set()
    return [line for line in found if line not in headings]


def _with_agencies(names: tuple[str, ...], values: list[str], outlets: set[str]) -> tuple[str, ...]:
    """People together with the agencies that are named beside them."""
    others = [value for value in values if not clean_names([value]) and _fold(value) not in outlets]
    return tuple(dict.fromkeys(names + _bodies(others)))[:MAX_AUTHORS]


def clean_names(values: Iterable[str], outlets: Iterable[str] = ()) -> tuple[str, ...]:
    """People's names in bylines: "By Ann Lee and Bo Ek, Staff Writer" gives Ann Lee, Bo Ek. In order, each once."""
    found: dict[str, str] = {}
    known = set(outlets)
    for value in values:
        text = plain(value)[:300]
        if _ADDRESS.search(text):
            continue
        for piece in _SPLIT.split(_PREFIX.sub("", text)):
            name = _name(piece)
            if name and not _is_outlet(_fold(name), known):
                found.setdefault(_fold(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def _is_outlet(folded: str, outlets: set[str]) -> bool:
    """Whether a name is the outlet's, or that of a part of it ("RNN Sport" of RNN)."""
    return folded in outlets or any(len(outlet) > 1 and folded.startswith(outlet + " ") for outlet in outlets)


def _bodies(values: list[str]) -> tuple[str, ...]:
    """Agencies, newsrooms and outlets as they are written."""
    texts_ = (fold_space(plain(value)) for value in values)
    return tuple(
        dict.fromkeys(text for text in texts_ if 1 < len(text) <= 60 and not _ADDRESS.search(text) and not _NOBODY.search(text))
    )[:MAX_AUTHORS]


def _stated(document: Document) -> Iterator[tuple[list[str], str]]:
    for field in ("author", "creator"):
        yield _people(document.graph, document.article.get(field)), f"json-ld {field}"
    for meta in _METAS:
        yield document.metas.get(meta, []), f"meta {meta}"
    for selector in _BYLINES:
        yield [_OF.sub("", node_text(node)) for node in document.tree.css(selector)[:5]], "byline"
    yield _like_bylines(document), "byline"


def _like_bylines(document: Document) -> list[str]:
    """What elements say whose class speaks of an author, if it is nothing but names and stands in no list or comment."""
    nodes = [node for node in document.tree.css(_LIKE_BYLINES)[:20] if not _stands_elsewhere(node)]
    shown = (_TAIL.sub("", _OF.sub("", _PREFIX.sub("", node_text(node)[:200]))) for node in nodes)
    return [text for text in shown if _SIGNATURE.fullmatch(text)][:1]


def _stands_elsewhere(node: LexborNode) -> bool:
    parent: LexborNode | None = node
    for _ in range(6):
        if parent is None:
            return False
        if parent.tag == "footer" or _ELSEWHERE.search((parent.attributes.get("class") or "")[:300]):
            return True
        parent = parent.parent
    return False


def _people(graph: Graph, value: object) -> list[str]:
    """The names in a JSON-LD value: texts, objects with a name, or with a given and a family name."""
    names: list[str] = []
    for item in value[:MAX_AUTHORS] if isinstance(value, list) else [value]:
        node = graph.resolve(item)
        if isinstance(node, dict) and not node.get("name"):
            names.append(" ".join(first_text(node.get(part)) for part in ("givenName", "familyName")).strip())
        else:
            names.extend(texts(node))
    return names


def _name(piece: str) -> str:
    """A piece of a byline as a name, empty when it is none."""
    text = fold_space(_TAIL.sub("", _PREFIX.sub("", piece))).strip(" .,:;-–—*\"'")
    words = text.split()
    if not 2 < len(text) <= 60 or len(words) > 6 or _NO_NAME.search(text) or _ROLES.search(text):
        return ""
    if text.isupper() and text.isascii() and len(words) > 1:
        text = " ".join(word.capitalize() for word in words)
    return text if text[:1].isalpha() else ""


def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).casefold().strip()
