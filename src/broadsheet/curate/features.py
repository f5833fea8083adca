"""What is taken from an article once, before it is compared with others."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from itertools import islice
from urllib.parse import unquote

from msgspec import field

from broadsheet.curate.duplicates import Copy, sketch
from broadsheet.curate.terms import idle_terms, term, words
from broadsheet.models import Article, Value

TITLE_WEIGHT = 2
SLUG_WORDS = 3  # words from which on a part of an address is a headline
_ENDING = re.compile(r"\.[a-z]{2,5}$")
_SLUG_GAP = re.compile(r"[\W_]+")
LEAD_WORDS = 60  # words of the text that say what it is about


class Stream(Value, frozen=True):
    """The newsroom's own stream: how many articles there were, and in how many of them each term occurred."""

    total: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class Prepared(Value, frozen=True):
    """An article with what comparing it needs. ``weights`` counts its terms, those of the headline twice."""

    article: Article
    at: datetime
    copy: Copy
    weights: dict[str, int]

    @property
    def key(self) -> str:
        return self.article.key

    @property
    def bands(self) -> tuple[str, ...]:
        """The strings by which articles with the same text are found."""
        return self.copy.bands

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms whose counts in the stream are wanted."""
        return tuple(self.weights)


def prepare(article: Article) -> Prepared:
    """Takes from an article what comparing it needs. Raises ValueError when it has no date: give it the one first seen."""
    at = _date(article)
    return Prepared(
        article=article,
        at=at,
        copy=sketch(article.key, article.provider.domain, at, article.title, article.text),
        weights=weights(article),
    )


def reread(article: Article) -> Prepared:
    """An article that was curated before, without what finds its copies. Raises ValueError when it has no date."""
    at = _date(article)
    copy = Copy(key=article.key, story="", original="", domain=article.provider.domain, published_at=at)
    return Prepared(article=article, at=at, copy=copy, weights=weights(article))


def _date(article: Article) -> datetime:
    if article.published_at is None:
        raise ValueError(f"{article.key}: an article needs a date before it is curated")
    return article.published_at


def weights(article: Article) -> dict[str, int]:
    """How often each term occurs in an article's headline, counted twice, and in the beginning of its text or standfirst.

    Words of its address that neither has count once: it is often made from another, longer headline. `idle_terms` do not count.
    """
    counts: Counter[str] = Counter()
    body = article.text or article.excerpt
    for text, weight in ((article.title, TITLE_WEIGHT), (body[: LEAD_WORDS * 12], 1)):
        for word in islice(words(text), LEAD_WORDS):
            counts[term(word)] += weight
    for one in {term(word) for word in slug_words(article.web_url)}:
        counts.setdefault(one, 1)
    for one in idle_terms(article.language.partition("-")[0]).intersection(counts):
        del counts[one]
    return dict(sorted(counts.items()))


def slug_words(address: str) -> list[str]:
    """The words of the part of an address that has most of them, none when it has less than `SLUG_WORDS`; numbers left out."""
    best: list[str] = []
    for part in unquote(address.partition("?")[0].partition("#")[0]).split("/")[3:]:
        found = [word for word in _SLUG_GAP.split(_ENDING.sub("", part)) if len(word) > 1 and word.isalpha()]
        best = found if len(found) > len(best) else best
    return best if len(best) >= SLUG_WORDS else []
