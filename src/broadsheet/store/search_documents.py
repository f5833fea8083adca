"""What is indexed of a story and of an article: its words, its filters, and its place in the order of search. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from broadsheet.models import Article, Judgement, PublishedStory, Record, Value
from broadsheet.store.search_tables import Kind
from broadsheet.store.search_words import words
from broadsheet.store.values import seconds
from broadsheet.text import slugify

MOST = {"heading": 100, "body": 5000}  # words of a document that are indexed
SAME = 255  # places of one word that are indexed: more, PostgreSQL does not keep
HALF_LIFE = 86_400  # seconds in which the heat of a document halves, in the order of search
HEADLINE = 4  # doublings of heat that a match in the headline is worth
REACH = {"story": 30 * 86_400, "article": 7 * 86_400}  # seconds by which heat can put one before what was published later
LEVELS = (16, 20, 24, 28)  # PostgreSQL: bits of seconds in the spans of time that are indexed
STEP = 10  # heats and qualities are indexed by tens, the highest being all above it
HIGHEST = {"heat": 30, "quality": 10}
HASHED = 19  # bits of an id that keep documents of one second apart

NOTHING = "\ue000"  # stands for a word that is not indexed, so that the others keep their places; nobody can ask for it

_SHIFT = HASHED + 1
# what a match in the headline adds to a document's id; never the difference of two ids, so that no two scores are the same
BOOST = (HEADLINE * HALF_LIFE << _SHIFT) + (1 << HASHED)


class Document(Value, frozen=True):
    """What is searched. ``at`` is when it would have been published, had it the heat of one point, to be as hot as it is."""

    kind: Kind
    key: str
    at: int
    published_at: int
    heading: str
    body: str
    facets: tuple[str, ...]
    heat: int = 0
    quality: int = 0


def facet(kind: str, value: str) -> str:
    """The word under which a topic, outlet, language or source is indexed; no word of a text is like it."""
    same = slugify(value) or value.casefold() if kind == "topic" else value.casefold()
    return f"{kind[0].upper()}{blake2b(same.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def degree(kind: str, value: int) -> str:
    """The word for a heat or quality."""
    return f"{kind[0].upper()}Z{min(max(value, 0) // STEP, HIGHEST[kind])}"


def spans(at: int) -> tuple[str, ...]:
    """The words for the spans of time that an instant lies in."""
    return tuple(span(level, at >> level) for level in LEVELS)


def span(level: int, place: int) -> str:
    return f"W{level}Z{place}"


def number(at: int, key: str) -> int:
    """The id of a document: a higher one is hotter, now and ever, as all heat decays alike."""
    return (at << _SHIFT) + int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % (1 << HASHED)


def first_id(at: int) -> int:
    """The least id of an instant."""
    return at << _SHIFT


def instant_of(id: int) -> int:
    return id >> _SHIFT


def story_document(story: PublishedStory, sources: Iterable[str] = ()) -> Document:
    record = story.record
    at = seconds(record.published_at) if record.published_at else 0
    outlets = {report.provider.domain for report in record.related} | ({record.provider.domain} if record.provider else set())
    names = [report.provider.name for report in record.related] + ([record.provider.name] if record.provider else [])
    body = [record.excerpt, *(f"{report.title}\n{report.excerpt}" for report in record.related), *dict.fromkeys(names)]
    quality, heat = record.quality or 0, max(record.heat or 0, 0)
    facets = [facet("topic", name) for name in record.topics] + [facet("outlet", name) for name in sorted(outlets) if name]
    facets += [facet("lang", story.language), degree("heat", heat), degree("quality", quality)]
    return Document(
        kind="story",
        key=record.path,
        at=min(_heat_time(record, at), at + REACH["story"]),
        published_at=at,
        heading=record.title,
        body="\n".join(body),
        facets=tuple(sorted({*facets, *_sources(sources)})),
        heat=heat,
        quality=quality,
    )


def article_document(article: Article, judgement: Judgement, text: str) -> Document:
    at = seconds(article.published_at) if article.published_at else 0
    quality = judgement.quality.value
    facets = [facet("topic", match.topic) for match in judgement.topics]
    facets += [facet("outlet", article.provider.domain), facet("lang", article.language), degree("quality", quality)]
    return Document(
        kind="article",
        key=article.key,
        at=max(0, min(at + int(HALF_LIFE * math.log2(max(quality, 1))), at + REACH["article"])),
        published_at=at,
        heading=article.title,
        body=f"{article.excerpt}\n{article.provider.name}\n{text}",
        facets=tuple(sorted({*facets, *_sources([article.source])})),
        quality=quality,
    )


def _heat_time(record: Record, at: int) -> int:
    """When a report of one point would have to come to be as hot as the story is, each of whose reports cools by itself."""
    reports = [(at, max(record.quality or 0, 1))]
    reports += [(seconds(report.published_at), 10) for report in record.related if report.published_at]
    newest = max(time for time, _ in reports)
    return max(
        0, newest + int(HALF_LIFE * math.log2(sum(points * 2 ** ((time - newest) / HALF_LIFE) for time, points in reports)))
    )


def _sources(urls: Iterable[str]) -> set[str]:
    """A source is found by its address and by its host."""
    known = {url for url in urls if url}
    return {facet("source", name) for url in known for name in (url, url.split("://", 1)[-1].split("/", 1)[0]) if name}


def said(text: str, name: str) -> list[str]:
    """The words that are indexed of a document's ``name``: "heading" or "body"."""
    found = words(text, MOST[name])
    if len(found) <= SAME:
        return found
    seen: Counter[str] = Counter()
    for place, word in enumerate(found):
        seen[word] += 1
        if seen[word] > SAME:
            found[place] = NOTHING
    return found
