"""Quality is the sum of named signals; what is missing and what smells of advertising costs points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from broadsheet.curate.quality import quality
from broadsheet.models import Article, Image
from broadsheet.settings import QualityWeights
from tests.curate.conftest import NOON, made

WEIGHTS = QualityWeights()
GOOD: dict[str, Any] = {
    "excerpt": "Hundreds leave their homes as the river rises.",
    "text": "The river rose through the night. " * 120,
    "authors": ("Ada Quill",),
    "images": (Image(url="https://courier.example/a.jpg", width=1200, height=800),),
    "updated_at": NOON + timedelta(hours=1),
}


def good(**changes: Any) -> Article:
    title = changes.pop("title", "River rises after the dam above Lowfield bursts")
    return made(title, **(GOOD | changes))


def points(article: Article, name: str, **rest: Any) -> float:
    return next((part.points for part in quality(article, WEIGHTS, **rest).parts if part.name == name), 0.0)


def test_a_good_report_has_all_points() -> None:
    score = quality(good(), WEIGHTS)
    assert score.value == 100
    assert [part.name for part in score.parts] == [
        "completeness", "length", "originality", "headline", "picture", "author", "freshness",
    ]  # fmt: skip


def test_a_bare_headline_has_few() -> None:
    assert quality(made("Dam bursts"), WEIGHTS).value < 40


SIGNALS = [
    ("completeness", {"excerpt": ""}, 15.0, "no standfirst"),
    ("completeness", {"excerpt": "River rises after the dam above Lowfield bursts"}, 15.0, "no standfirst"),
    ("length", {"text": ""}, 0.0, "0 words"),
    ("length", {"text": "word " * 100}, 8.6, "100 words"),
    ("headline", {"title": "Dam bursts"}, 7.5, "short"),
    ("headline", {"title": "RIVER RISES AFTER THE DAM BURSTS"}, 7.5, "all capitals"),
    ("headline", {"title": "You won't believe what the river did next!!"}, 7.5, "bait"),
    ("headline", {"title": "RIVER RISES! WHAT HAPPENS NEXT?!"}, 0.0, "all capitals, bait"),
    ("picture", {"images": ()}, 0.0, "none"),
    ("picture", {"images": (Image(url="https://a.example/i"),)}, 6.0, "of unknown size"),
    ("picture", {"images": (Image(url="https://a.example/i", width=300),)}, 5.0, "300 pixels wide"),
    ("author", {"authors": ()}, 0.0, "not named"),
    ("author", {"authors": ("Courier Staff",)}, 4.0, "Courier Staff"),
    ("author", {"authors": ("admin", "Ada Quill")}, 10.0, "Ada Quill"),
    ("freshness", {"updated_at": None}, 8.0, "dated"),
    ("freshness", {"updated_at": NOON - timedelta(hours=1)}, 4.0, "changed before it was published"),
    ("paywall", {"paywalled": True}, -10.0, "behind a paywall"),
]


@pytest.mark.parametrize(("name", "changes", "expected", "reason"), SIGNALS)
def test_signals(name: str, changes: dict[str, Any], expected: float, reason: str) -> None:
    part = next(part for part in quality(good(**changes), WEIGHTS).parts if part.name == name)
    assert (part.points, part.reason) == (expected, reason)


def test_a_copy_is_not_original() -> None:
    assert points(good(), "originality", copy_of="wire.example/a") == 0.0
    assert quality(good(), WEIGHTS, copy_of="wire.example/a").value == 85


SPAM = [
    "Facial Recognition Market Size to Witness Huge Growth by 2035",
    "Global Cloud Gaming Market Share, Industry Trends, Key Players and Forecast to 2032",
    "Smart Tractor Market Research Report 2031: Demand, Scope and Outlook till 2038",
]
NEWS = [
    "Stock market falls after weak trade data",
    "Farmers' market opens in Lowfield",
    "City plans to be carbon neutral by 2040",
    "Forecast: rain until Friday",
]


@pytest.mark.parametrize("title", SPAM)
def test_market_reports_rank_below_real_reports(title: str) -> None:
    report = good(title=title, text="The market will grow at a CAGR of 12 %. Key players are listed. " * 60)
    assert quality(report, WEIGHTS).value <= 60
    assert points(report, "spam") <= -20


@pytest.mark.parametrize("title", NEWS)
def test_news_that_says_market_is_not_spam(title: str) -> None:
    assert points(good(title=title), "spam") == 0.0


def test_weights_are_the_newsrooms_own() -> None:
    plain = QualityWeights(picture=0, author=50)
    assert sum(part.points for part in quality(good(), plain).parts) == 130
    assert quality(good(), plain).value == 100
    strict = msgspec.structs.replace(WEIGHTS, spam=100.0)
    assert quality(good(title=SPAM[1], text="CAGR"), strict).value == 0
