"""Whether an article sells something: advertised market reports, offers of shops, press releases. By its own words alone.

Signs are turns of phrase that such texts are made from and reporting is not; none of them suffices alone, since any can stand
in a report about such things. They are looked for in lower case, which takes a fourth of the time of ignoring case.
"""

from __future__ import annotations

import re

from broadsheet.models import Article

OPENING = 3000  # characters of the text in which signs are looked for
_NOUNS = (
    r"sizes?|shares?|growth|forecasts?|outlook|analysis|reports?|research|trends?|demand|scope|insights?|overview|status|dynamics|"
    r"opportunit(?:y|ies)|segmentation|drivers?|competition|cagr|revenue|valuation"
)
_YEAR = r"20[0-9]{2}"


def _signs(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


MARKET = _signs(
    rf"\b(?:markets?\b.{{0,60}}\b(?:{_NOUNS})|marktgröße|marktbericht|taille du marché|tamaño del mercado"
    r"|tamanho do mercado|dimensioni del mercato)\b|市場規模|市场规模",
    rf"\b(?:(?:forecasts?|outlook|till|until|to|by|through|period|from)\s+{_YEAR}"
    rf"|{_YEAR}\s*(?:-|–|to)\s*{_YEAR}|market {_YEAR})\b",
    r"\b(?:cagr|compound annual growth)\b",
    r"\b(?:key|top|leading|major|prominent)\s+(?:key\s+)?(?:players?|manufacturers|companies|vend[eo]rs|regions)\b",
    r"\b(?:witness|register|exhibit|reach|surpass|projected|expected|anticipated|booming|lucrative)\b.{0,40}"
    r"\b(?:growth|market|billion|million|bn)\b",
    rf"(?:\b(?:{_NOUNS})\b\W+(?:and\s+|&\s*)?(?:industry\s+|future\s+|global\s+)?){{3,}}",
    r"\b(?:market (?:research|insights?|intelligence|study|stud(?:y|ies)) (?:report|reports|future|published)|sample copy|"
    r"request a sample|buy this report|table of contents|global\b.{0,60}\bmarket)\b",
)
SALE = _signs(
    r"(?:\b(?:for|just|only|under|at|from|now)\s+|: )[$€£]\s?\d",
    r"\b\d{1,2}\s?% (?:off|discount|rabatt|de réduction|de descuento|de desconto|di sconto)\b|\b(?:save|spare)\b.{0,12}[$€£%]",
    r"\b(?:deal|bundle|coupon|promo code|discount(?:ed)?|bargain|lifetime (?:access|subscription)|sale price|black friday)s?\b",
    r"\b(?:affiliate|we may earn|commission from|prices subject to change|add to cart|buy now|shop now)\b",
)
RELEASE = _signs(
    r"\b(?:today (?:announced|introduced|unveiled|launched)|is pleased to announce|gab heute bekannt|annonce aujourd[’']hui)\b",
    r"\b(?:nyse|nasdaq|lse|tsx|otcqb)\s?: ?[a-z]{1,5}\b",
    r"\bforward-looking statements?\b",
    r"\b(?:media|press|investor) (?:contacts?|relations|inquiries)\b|\bpressekontakt\b|\bcontact presse\b",
    r"\b(?:(?:leading|premier|foremost|global) (?:provider|supplier|innovator|developer|manufacturer)s? of"
    r"|for more information,? visit)\b",
)


def spam(article: Article) -> tuple[float, str]:
    """Whether it advertises a market report or a shop's offer: 0, or from one and a half signs on up to 1 for two.

    A sign in the headline counts whole, elsewhere half; without one in the headline there is none.
    """
    kinds = (("reads like an advertised market report", MARKET), ("reads like a shop's offer", SALE))
    found = [(_evidence(article, signs), reason) for reason, signs in kinds]
    most, reason = max(found, key=lambda one: one[0])
    return (min(1.0, most / 2), reason) if most >= 1.5 else (0.0, "no sign")


def release(article: Article) -> tuple[float, str]:
    """Whether it is a company's announcement of itself: by two signs of a press release at least."""
    ending = article.text[-OPENING:] if len(article.text) > OPENING else ""
    text = f"{article.title}\n{article.excerpt}\n{article.text[:OPENING]}\n{ending}".lower()
    found = sum(1 for sign in RELEASE if sign.search(text))
    return (min(1.0, found / 3), "reads like a press release") if found >= 2 else (0.0, "no sign")


def _evidence(article: Article, signs: tuple[re.Pattern[str], ...]) -> float:
    title = article.title.lower()
    in_title = [bool(sign.search(title)) for sign in signs]
    if not any(in_title):
        return 0.0
    rest = f"{article.excerpt}\n{article.text[:OPENING]}".lower()
    return sum(in_title) + sum(0.5 for sign, there in zip(signs, in_title, strict=True) if not there and sign.search(rest))
