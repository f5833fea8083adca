"""An invented press: articles with only what a test is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broadsheet.models import Article, Judgement, Member, Part, Provider, Score

NOON = datetime(2031, 5, 12, 12, 0, tzinfo=UTC)

Maker = Callable[..., Article]


def made(
    title: str, text: str = "", *, key: str = "", outlet: str = "courier.example", hours: float = 0.0, **rest: Any
) -> Article:
    """An article by an outlet, so many hours after noon of an invented day."""
    key = key or f"{outlet}/{title.casefold().replace(' ', '-')}"
    facts: dict[str, Any] = {
        "key": key,
        "original_url": f"https://{key}",
        "web_url": f"https://{key}",
        "provider": Provider(name=outlet.partition(".")[0].title(), domain=outlet),
        "published_at": NOON + timedelta(hours=hours),
        "language": "en",
    }
    return Article(title=title, text=text, **(facts | rest))


def joined(title: str, *, quality: int = 60, copy_of: str = "", story: str = "s", **rest: Any) -> Member:
    """A judged article of a story; its words are those of its headline, all alike."""
    article = made(title, **rest)
    words = dict.fromkeys(title.casefold().split(), 300)
    score = Score(value=quality, parts=(Part(name="length", points=float(quality)),))
    return Member(
        article=article, judgement=Judgement(key=article.key, story=story, copy_of=copy_of, words=words, quality=score)
    )


@pytest.fixture
def make() -> Maker:
    return made


@pytest.fixture
def join() -> Callable[..., Member]:
    return joined
