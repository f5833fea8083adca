"""When an article was published and last changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from broadsheet.dates import parse_date
from broadsheet.read.jsonld import first_text
from broadsheet.read.metadata import Document, attribute, node_text

_PUBLISHED = (
    "article:published_time", "og:published_time", "datepublished", "article:published", "og:article:published_time",
    "rnews:datepublished",
    "cxenseparse:recs:publishtime", "parsely-pub-date", "sailthru.date", "publishdate", "publish-date", "publish_date",
    "published-date", "published_time",
    "pubdate", "pub_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dcterms.date",
    "dc.date", "dcsext.articlefirstpublished",
    "date_published", "article_date_original", "article.published", "datecreated", "cre_date", "last-published",
    "originalpublicationdate", "date", "release_date",
    "shareaholic:article_published_time", "citation_publication_date", "timestamp", "bt:pubdate", "iso-8601-publish-date",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:modified", "article:updated_time", "lastmod",
    "last-modified", "dcterms.modified",
    "dc.date.modified", "rnews:datemodified", "modified_time", "cxenseparse:recs:articlelastmodified",
)  # fmt: skip
A_DAY_ANYWHERE = timedelta(days=1, hours=15)  # a day begins up to 14 hours before and ends up to 12 after it does in UTC
MAX_GUESSED = 2_000_000  # characters
_ZONED = re.compile(r"(?:[+-]\d\d:?\d\d|Z|GMT|UTC)\s*$", re.I)
_CLOCK = re.compile(r"\d[T ]?\d?\d:\d\d")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_-]|\b)")
_DATE_ELEMENTS = (
    ",".join(f'[class*="{word}" i]' for word in ("date", "publish", "time", "posted", "byline", "meta")) + ',[id*="date" i]'
)
_DAY = (
    r"(?:\d{1,2}\. ?\d{1,2}\. ?(?:20)?\d\d|\d{4}-\d\d-\d\d|\d{4}[年.] ?\d{1,2}[月.] ?\d{1,2}日?|"
    r"\d{1,2}(?:st|nd|rd|th|\.|er)?(?: de| of)? [^\W\d_]{3,12}\.?,?(?: de)? \d{4}|"
    r"[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
)
_CLOCK_AFTER = (
    r"(?:\W{0,4}(?:um|at|alle|à|a las|kl\.?|ore)?\W{0,3}\d{1,2}[:.h]\d\d(?!\d)(?: ?(?:[ap]\.?m\.?|Uhr))?"
    r"(?: ?(?:[A-Z]{2,4}T|UTC|GMT|[+-]\d\d:?\d\d)\b)?)?"
)
_SHOWN = re.compile(_DAY + _CLOCK_AFTER, re.I)
_TIME_CLASS = re.compile(r"publish|posted|created|entry-date|dateline|article-date|pubdate|^date$|post-date|timestamp", re.I)


class Moment(NamedTuple):
    value: datetime | None = None
    origin: str = ""


class _Stated(NamedTuple):
    text: str
    origin: str
    value: datetime


def published(document: Document) -> Moment:
    """JSON-LD ``datePublished``, ``article:published_time`` and its likes, microdata, ``time`` elements, the address, then
    dates that are shown.

    The first that can be read wins; where it lacks a time of day or an offset, a later one of the same wall clock that has
    both is taken instead.
    """
    return _best(_stated_published(document))


def guessed(markup: str, latest: datetime) -> Moment:
    """The day that htmldate finds anywhere on the page, not after ``latest``. Slow: for pages that state nothing."""
    from htmldate import find_date  # imported late: few pages need it

    if len(markup) > MAX_GUESSED:
        return Moment()
    try:
        day = find_date(markup, original_date=True, max_date=latest.strftime("%Y-%m-%d"), deferred_url_extractor=True)
    except Exception:  # noqa: BLE001 a reader of hostile pages; its failure leaves the article without a date
        return Moment()
    if not day or day.endswith("-01-01"):  # what it makes of a year that stands alone
        return Moment()
    return Moment(parse_date(day), "htmldate")


def updated(document: Document) -> Moment:
    """JSON-LD ``dateModified``, then ``article:modified_time`` and its likes, then microdata."""
    return _best(_stated(document, ("dateModified",), _UPDATED, "datemodified"))


def _best(stated: Iterator[_Stated]) -> Moment:
    """The first statement, or a later one that says the same more exactly. Later ones are looked for only then."""
    first = next(stated, None)
    if first is None:
        return Moment()
    rest = list(stated) if not (_CLOCK.search(first.text) and _ZONED.search(first.text)) else []
    if not _CLOCK.search(first.text):
        first = next((one for one in rest if _CLOCK.search(one.text) and abs(one.value - first.value) < A_DAY_ANYWHERE), first)
    if not _ZONED.search(first.text):
        first = next((one for one in rest if _ZONED.search(one.text) and _same_clock(first, one)), first)
    return Moment(first.value, first.origin)


def _same_clock(bare: _Stated, zoned: _Stated) -> bool:
    """Whether the two show the same hour and minute on the wall, the second with an offset."""
    wall = parse_date(_ZONED.sub("", zoned.text))
    return wall is not None and abs(wall - bare.value) < timedelta(minutes=1)


def _stated_published(document: Document) -> Iterator[_Stated]:
    yield from _stated(document, ("datePublished", "dateCreated", "uploadDate"), _PUBLISHED, "datepublished")
    yield from _times(document)
    if match := _URL_DAY.search(document.url):
        yield from _read("-".join(match.groups()), "address")
    yield from _visible(document)


def _stated(document: Document, names: tuple[str, ...], metas: tuple[str, ...], item: str) -> Iterator[_Stated]:
    for name in names:
        yield from _read(first_text(document.article.get(name)), f"json-ld {name}")
    for meta in metas:
        for text in document.metas.get(meta, ()):
            yield from _read(text, f"meta {meta}")
    for node in document.items.get(item, ())[:10]:
        yield from _read(attribute(node, "datetime") or attribute(node, "content") or node_text(node), f"microdata {item}")


def _visible(document: Document) -> Iterator[_Stated]:
    """Dates that are shown in elements named after them, as written; a day at least, with its time where that is near."""
    for node in document.tree.css(_DATE_ELEMENTS)[:20]:
        text = node_text(node)[:200]
        if match := _SHOWN.search(text):
            yield from _read(match[0], "visible date")


def _times(document: Document) -> Iterator[_Stated]:
    """``time`` elements: those that say they are the publication's first, then the first in the article."""
    nodes = document.nodes.get("time", ())[:50]
    marked = [node for node in nodes if "pubdate" in node.attributes or _TIME_CLASS.search(attribute(node, "class"))]
    for node in [*marked, *nodes][:20]:
        yield from _read(attribute(node, "datetime"), "time element")


def _read(text: str, origin: str) -> Iterator[_Stated]:
    value = parse_date(text) if text else None
    if value:
        yield _Stated(text.strip(), origin, value)
