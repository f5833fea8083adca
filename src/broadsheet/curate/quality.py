"""How good one article is, 0 to 100, from named signals. No clock: the same article always scores the same."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from broadsheet.models import Article, Part, Score
from broadsheet.settings import QualityWeights

FULL_LENGTH = 600  # words at which length gives all its points
WIDE = 600  # pixels a picture needs to give all its points
_SPAM = (
    re.compile(
        r"\bmarket\b.{0,60}\b(?:size|share|growth|forecast|outlook|analysis|report|research|trends|demand|scope)\b", re.I
    ),
    re.compile(r"\b(?:forecasts?|outlook|till|to|by|through|from|-|–)\s*(?:20[2-9]\d)\b(?:\s*(?:to|-|–)\s*20[2-9]\d)?", re.I),
    re.compile(r"\bCAGR\b"),
    re.compile(r"\b(?:key|top|leading|major)\s+(?:players|manufacturers|companies|vendors|regions)\b", re.I),
)
_BAIT = re.compile(r"you won[’']t believe|what happens next|will shock you|this one (?:weird )?trick|\bOMG\b|[!?]{2,}", re.I)
_DESK = re.compile(r"\b(?:staff|desk|admin|editor|editors|team|newsroom|agency|reuters|afp|ap|associated press|news)\b", re.I)

Signal = Callable[[Article], tuple[float, str]]


def completeness(article: Article) -> tuple[float, str]:
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


def length(article: Article) -> tuple[float, str]:
    words = article.word_count or len(article.text.split())
    return min(1.0, math.log1p(words / 50) / math.log1p(FULL_LENGTH / 50)), f"{words} words"


def originality(article: Article, copy_of: str) -> tuple[float, str]:
    if copy_of:
        return 0.0, f"repeats {copy_of}"
    return (1.0, "its own text") if article.text else (0.5, "no text to compare")


def headline(article: Article) -> tuple[float, str]:
    title, faults = article.title, []
    if len(title) < 20:
        faults.append("short")
    if len(title) > 120:
        faults.append("long")
    if title.isupper():
        faults.append("all capitals")
    if _BAIT.search(title):
        faults.append("bait")
    return max(0.0, 1 - 0.5 * len(faults)), ", ".join(faults) or "clear"


def picture(article: Article) -> tuple[float, str]:
    if not article.images:
        return 0.0, "none"
    width = max(image.width for image in article.images)
    if not width:
        return 0.6, "of unknown size"
    return min(1.0, width / WIDE), f"{width} pixels wide"


def author(article: Article) -> tuple[float, str]:
    named = [name for name in article.authors if len(name.split()) >= 2 and not _DESK.search(name)]
    if named:
        return 1.0, named[0]
    return (0.4, article.authors[0]) if article.authors else (0.0, "not named")


def freshness(article: Article) -> tuple[float, str]:
    if article.published_at is None:
        return 0.0, "no date"
    if article.updated_at is None:
        return 0.8, "dated"
    if article.updated_at < article.published_at:
        return 0.4, "changed before it was published"
    return 1.0, "dated, changes dated"


def spam(article: Article) -> tuple[float, str]:
    """Whether it advertises a market report: by two signs at least, one of them in the headline; signs elsewhere count half."""
    headline = sum(1.0 for sign in _SPAM if sign.search(article.title))
    if not headline:
        return 0.0, "no sign"
    rest = f"{article.excerpt}\n{article.text[:3000]}"
    found = headline + sum(0.5 for sign in _SPAM if not sign.search(article.title) and sign.search(rest))
    return (min(1.0, found / 2), "reads like an advertised market report") if found >= 1.5 else (0.0, "no sign")


def paywall(article: Article) -> tuple[float, str]:
    return (1.0, "behind a paywall") if article.paywalled else (0.0, "open")


GIVING: tuple[tuple[str, Signal], ...] = (
    ("completeness", completeness),
    ("length", length),
    ("headline", headline),
    ("picture", picture),
    ("author", author),
    ("freshness", freshness),
)
TAKING: tuple[tuple[str, Signal], ...] = (("spam", spam), ("paywall", paywall))


def quality(article: Article, weights: QualityWeights, *, copy_of: str = "") -> Score:
    """The quality of an article with its parts: what each signal gave or took, of the weight set for it, and why."""
    parts = [_part(name, signal(article), getattr(weights, name)) for name, signal in GIVING]
    parts.insert(2, _part("originality", originality(article, copy_of), weights.originality))
    for name, signal in TAKING:
        share, reason = signal(article)
        if share:
            parts.append(_part(name, (share, reason), -getattr(weights, name)))
    total = math.floor(sum(part.points for part in parts) + 0.5)
    return Score(value=min(100, max(0, total)), parts=tuple(parts))


def _part(name: str, found: tuple[float, str], weight: float) -> Part:
    return Part(name=name, points=round(found[0] * weight, 1), reason=found[1])
