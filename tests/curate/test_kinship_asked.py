"""Less kinship is asked of whole texts than of headlines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadsheet.curate.kinship import asked
from broadsheet.models import Article, Judgement, Member, Provider


def member(words: int) -> Member:
    provider = Provider(name="Tern", domain="tern.example")
    at = datetime(2031, 5, 12, tzinfo=UTC)
    article = Article(
        key="k",
        original_url="https://tern.example/k",
        web_url="",
        title="T",
        provider=provider,
        published_at=at,
        word_count=words,
    )
    return Member(article=article, judgement=Judgement(key="k"))


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [(0, 0, 1.0), (0, 900, 1.0), (60, 60, 1.0), (120, 900, 2 / 3), (180, 180, 1 / 3), (900, 900, 1 / 3)],
)
def test_the_shorter_article_decides_how_much_is_asked(one: int, other: int, share: float) -> None:
    assert asked(member(one), member(other), 0.3) == pytest.approx(0.3 * share)
