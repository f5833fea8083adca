"""How the outlet files an article: section, keywords, and whether it is free to read."""

from __future__ import annotations

from broadsheet.read.jsonld import texts
from broadsheet.read.metadata import Document
from broadsheet.text import fold_space, plain, shorten

MAX_KEYWORDS = 30
MAX_KEYWORD = 80  # characters; what is longer is a sentence
_FALSE = frozenset({"false", "0", "no", "http://schema.org/false", "https://schema.org/false"})
_TIERS = {"free": False, "locked": True, "metered": True}


def section(document: Document) -> str:
    """JSON-LD ``articleSection``, else ``article:section`` and its likes."""
    stated = texts(document.article.get("articleSection"))
    found = (
        stated[0] if stated else document.meta("article:section", "section", "parsely-section", "cxenseparse:category").value
    )
    return shorten(found, 100)


def keywords(document: Document) -> tuple[str, ...]:
    """JSON-LD ``keywords``, else ``article:tag``, else the metas ``news_keywords`` and ``keywords``; each once, in order."""
    stated = texts(document.article.get("keywords")) or [plain(tag) for tag in document.metas.get("article:tag", ())[:100]]
    stated = stated or [document.meta("news_keywords", "parsely-tags", "keywords").value]
    words = (fold_space(word) for item in stated for word in item[:10_000].split(","))
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= MAX_KEYWORD))[:MAX_KEYWORDS]


def paywalled(document: Document) -> bool | None:
    """JSON-LD ``isAccessibleForFree``, else ``article:content_tier``; None when the page does not say."""
    value = document.article.get("isAccessibleForFree")
    if isinstance(value, str | bool | int):
        return str(value).strip().lower() in _FALSE
    return _TIERS.get(document.meta("article:content_tier").value.lower())
