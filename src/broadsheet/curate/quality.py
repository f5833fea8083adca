"""How good one article is, 0 to 100, from named signals. No clock: the same article always scores the same."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from broadsheet.curate.advertising import release, spam
from broadsheet.curate.decisions import Mark
from broadsheet.curate.headlines import honesty
from broadsheet.curate.standing import share, told
from broadsheet.curate.substance import freshness, length, sourcing
from broadsheet.models import Article, Part, Score, Standing
from broadsheet.settings import QualityWeights

FULL_LENGTH = 800  # words at which length gives all its points
WIDE = 600  # pixels a picture needs to give all its points
_DESK = re.compile(
    r"\b(?:staff|desk|admin|editors?|team|newsroom|agency|agencies|redaktion|redacción|rédaction|redação|redazione|news)\b",
    re.I,
)

Found = tuple[float, str]
UNKNOWN = Standing()


def completeness(article: Article) -> Found:
    missing = [
        name
        for name, there in (
            ("standfirst", bool(article.excerpt) and article.excerpt.casefold() != article.title.casefold()),
            ("text", bool(article.text)),
            ("date", article.published_at is not None),
            ("provider's name", bool(article.provider.name)),
        )
        if not there
    ]
    return 1 - len(missing) / 4, f"no {', no '.join(missing)}" if missing else "standfirst, text, date and provider are there"


def extent(article: Article) -> Found:
    count = length(article)
    return min(1.0, math.log1p(count / 50) / math.log1p(FULL_LENGTH / 50)), f"{count} words"


def originality(article: Article, copy_of: str) -> Found:
    if copy_of:
        return 0.0, f"repeats {copy_of}"
    return (1.0, "its own text") if article.text or article.word_count else (0.5, "no text to compare")


def picture(article: Article) -> Found:
    if not article.images:
        return 0.0, "none"
    width = max(image.width for image in article.images)
    if not width:
        return 0.6, "of unknown size"
    return min(1.0, width / WIDE), f"{width} pixels wide"


def author(article: Article) -> Found:
    named = [name for name in article.authors if len(name.split()) >= 2 and not _DESK.search(name)]
    if named:
        return 1.0, named[0]
    return (0.4, article.authors[0]) if article.authors else (0.0, "not named")


def paywall(article: Article) -> Found:
    return (1.0, "behind a paywall") if article.paywalled else (0.0, "open")


def quality(
    article: Article, weights: QualityWeights, *, copy_of: str = "", standing: Standing = UNKNOWN, mark: Mark | None = None
) -> Score:
    """The quality of an article with its parts: what each signal gave or took, of the weight set for it, and why.

    ``copy_of`` names the article whose text it repeats; ``standing`` is its outlet's record before it, and ``mark`` what the
    desk says in its place.
    """
    giving: tuple[tuple[str, Found], ...] = (
        ("completeness", completeness(article)),
        ("length", extent(article)),
        ("originality", originality(article, copy_of)),
        ("headline", honesty(article.title)),
        ("sourcing", sourcing(article)),
        ("freshness", freshness(article)),
        ("picture", picture(article)),
        ("author", author(article)),
        ("provider", mark or (share(standing), told(standing))),
    )
    taking = (("spam", spam(article)), ("release", release(article)), ("paywall", paywall(article)))
    parts = [_part(name, found, getattr(weights, name)) for name, found in giving]
    parts += [_part(name, found, -getattr(weights, name)) for name, found in taking if found[0]]
    return _total(parts)


def with_originality(score: Score, article: Article, weights: QualityWeights, copy_of: str) -> Score:
    """That quality of an article where another one is credited with its text, or it is itself."""
    found = _part("originality", originality(article, copy_of), weights.originality)
    return _total([found if part.name == found.name else part for part in score.parts])


def _total(parts: Sequence[Part]) -> Score:
    total = math.floor(sum(part.points for part in parts) + 0.5)
    return Score(value=min(100, max(0, total)), parts=tuple(parts))


def _part(name: str, found: Found, weight: float) -> Part:
    return Part(name=name, points=round(found[0] * weight, 1), reason=found[1])
