"""The headline: chosen among what the page declares and shows, without the outlet's name; and the standfirst."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from broadsheet.read.headings import first_headings, shown_instead
from broadsheet.read.jsonld import first_text
from broadsheet.read.metadata import Document, Found, node_text
from broadsheet.text import shorten

MAX_TITLE = 300  # characters
MAX_EXCERPT = 600
MAX_DECLARED = 1_000  # of a title with whatever is around it
_SEPARATOR = re.compile(r"\s+[|\-–—•·»›:/]+\s+|\s*[|｜]\s*|(?<=\S)[：](?=\S)")
_BEHIND = re.compile(r"\s+[|\-–—•·»›]\s")
_FOLD = re.compile(r"[\W_]+")
_WEIGHTS = {
    "json-ld headline": 3.0,
    "meta og:title": 3.0,
    "h1": 3.2,
    "meta twitter:title": 1.0,
    "title element": 1.5,
    "microdata headline": 1.0,
}


class _Candidate(NamedTuple):
    text: str
    origin: str
    words: frozenset[str]


def title(document: Document, site_names: Iterable[str]) -> Found:
    """The headline, chosen among JSON-LD ``headline``, ``og:title``, ``twitter:title``, the ``h1`` most like them and the
    ``title`` element, each without ``site_names``.

    A JSON-LD headline that the page shows nowhere else is the newsroom's own, the others are made for search engines and social
    networks: it wins. Then what is shown in an ``h2`` while the ``h1`` only leads to the page. Without JSON-LD an ``og:title``
    of a wording of its own wins, else the ``h1``. Else each candidate votes for the others by the words they share, and the
    best supported wins. (A linear model over such features, fitted on some outlets, did no better on others.)
    """
    names = [_fold(name) for name in site_names if name]
    pool = [one for one in (_candidate(found, names) for found in _declared(document)) if one.words]
    heading = _heading(document, pool)
    pool = [heading, *pool] if heading else pool
    if not pool:
        return Found()
    best = (
        _unshown_headline(pool)
        or _shown_instead(document, pool)
        or _edited(pool)
        or (heading if heading and not _named(pool, "json-ld headline") else None)
        or max(pool, key=lambda one: _support(one, pool))
    )
    if heading and _begins(best, heading):
        best = heading
    return Found(shorten(best.text, MAX_TITLE), best.origin)


def excerpt(document: Document) -> Found:
    """The standfirst: the longest of what the page declares as its description, JSON-LD first among equals."""
    found = [
        Found(first_text(document.article.get("description")), "json-ld description"),
        document.meta("og:description"),
        document.meta("description"),
        document.meta("twitter:description"),
        document.item("description"),
    ]
    best = next((one for one in found if len(one.value) > 20), next((one for one in found if one.value), Found()))
    return Found(shorten(best.value, MAX_EXCERPT), best.origin)


def without_site(text: str, names: list[str]) -> str:
    """A title without the outlet's name (given folded) and without sections between the two, at its end or its beginning."""
    pieces = _SEPARATOR.split(text)
    if len(pieces) < 2:
        return text
    separators = list(_SEPARATOR.finditer(text))
    for index in range(1, len(pieces)):
        if _is_site(pieces[-1], names) and len(_fold(" ".join(pieces[index:]))) <= max(40, len(text) // 3):
            return text[: separators[index - 1].start()].strip()
    if _is_site(pieces[0], names):
        return text[separators[0].end() :].strip()
    return text


def _declared(document: Document) -> list[Found]:
    element = next(iter(document.nodes.get("title", ())), None)
    return [
        Found(first_text(document.article.get("headline") or document.article.get("name")), "json-ld headline"),
        document.meta("og:title"),
        document.meta("twitter:title"),
        Found(node_text(element) if element else "", "title element"),
        document.item("headline"),
    ]


def _candidate(found: Found, names: list[str]) -> _Candidate:
    text = without_site(found.value[:MAX_DECLARED], names)
    return _Candidate(text, found.origin, _words(text))


def _heading(document: Document, pool: list[_Candidate]) -> _Candidate | None:
    """The ``h1`` most like what is declared; without declarations, the only one."""
    found = [_Candidate(text, "h1", _words(text)) for text in first_headings(document)]
    if not pool:
        return found[0] if len(found) == 1 else None
    best = max(found, key=lambda one: _support(one, pool), default=None)
    return best if best and any(_likeness(best, other) > 0.3 or _begins(other, best) for other in pool) else None


def _shown_instead(document: Document, pool: list[_Candidate]) -> _Candidate | None:
    """What is declared and shown in an ``h2``, where the ``h1`` is not what readers see."""
    shown = {_fold(text): text for text in reversed(shown_instead(document))}
    for one in sorted(pool, key=lambda one: -len(one.text)):
        if one.origin != "meta twitter:title" and (text := shown.get(_fold(one.text))):
            return _Candidate(text, "h2", one.words)
    return None


def _begins(longer: _Candidate, shorter: _Candidate) -> bool:
    """Whether one text is the other with something behind a separator, as an outlet's name that we do not know."""
    rest = longer.text[len(shorter.text) :]
    return len(shorter.words) > 1 and longer.text.startswith(shorter.text) and _BEHIND.match(rest) is not None


def _unshown_headline(pool: list[_Candidate]) -> _Candidate | None:
    headline = _named(pool, "json-ld headline")
    if headline is None or any(one is not headline and one.words == headline.words for one in pool):
        return None
    og = _named(pool, "meta og:title")
    shown = [one for one in pool if one.origin in ("h1", "title element")]
    return headline if og and any(one.words == og.words for one in shown) else None


def _edited(pool: list[_Candidate]) -> _Candidate | None:
    """``og:title`` where it has a wording of its own, and ``h1`` and ``title`` element repeat each other without JSON-LD."""
    heading, element, og = (_named(pool, origin) for origin in ("h1", "title element", "meta og:title"))
    if _named(pool, "json-ld headline") or not heading or not element or not og or heading.words != element.words:
        return None
    texts = sorted((_fold(og.text), _fold(heading.text)), key=len)
    return None if texts[1].startswith(texts[0]) or texts[1].endswith(texts[0]) else og


def _named(pool: list[_Candidate], origin: str) -> _Candidate | None:
    return next((one for one in pool if one.origin == origin), None)


def _support(one: _Candidate, pool: list[_Candidate]) -> float:
    return sum(_WEIGHTS.get(other.origin, 1.0) * _likeness(one, other) for other in pool)


def _likeness(one: _Candidate, other: _Candidate) -> float:
    both = len(one.words | other.words)
    return len(one.words & other.words) / both if both else 0.0


def _words(text: str) -> frozenset[str]:
    """Its words; letters by pairs where words are not separated."""
    folded = _fold(text)
    words = folded.split()
    if words and len(folded) / len(words) > 12:
        return frozenset(folded[i : i + 2] for i in range(max(1, len(folded) - 1)))
    return frozenset(words)


def _is_site(piece: str, names: list[str]) -> bool:
    """Whether a piece of a title is the outlet's name, or the name with a little more or less."""
    folded = _fold(piece)
    close = folded.replace(" ", "")
    return bool(close) and any(
        close == (name := whole.replace(" ", ""))
        or (len(name) > 3 and name in close and len(close) < 2 * len(name) + 6)
        or (len(close) > 3 and close in name)
        for whole in names
    )


def _fold(text: str) -> str:
    return _FOLD.sub(" ", unicodedata.normalize("NFKC", text)).casefold().strip()
