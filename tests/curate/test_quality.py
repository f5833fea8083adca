"""Quality is the sum of named signals; what is missing and what smells of advertising costs points."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from broadsheet.curate.quality import quality
from broadsheet.models import Article, Image, Standing
from broadsheet.settings import QualityWeights
from tests.curate.conftest import NOON, made

WEIGHTS = QualityWeights()
LINE = "“We heard the bells at 3.40 and ran,” said Ida Brook, mayor of Lowfield, on Tuesday; {} of 212 houses stood in water. "
GOOD: dict[str, Any] = {
    "excerpt": "Hundreds leave their homes as the river rises.",
    "text": "".join(LINE.format(number) for number in range(30, 75)),
    "authors": ("Ada Quill",),
    "images": (Image(url="https://courier.example/a.jpg", width=1200, height=800),),
    "updated_at": NOON + timedelta(hours=1),
}
PROVEN = Standing(articles=100, led=80)


def good(**changes: Any) -> Article:
    title = changes.pop("title", "River rises after the dam above Lowfield bursts")
    return made(title, **(GOOD | changes))


def points(article: Article, name: str, **rest: Any) -> float:
    return next((part.points for part in quality(article, WEIGHTS, **rest).parts if part.name == name), 0.0)


def test_a_good_report_has_all_points() -> None:
    score = quality(good(), WEIGHTS, standing=PROVEN)
    assert score.value == 100
    assert [part.name for part in score.parts] == [
        "completeness", "length", "originality", "headline", "sourcing", "freshness", "picture", "author", "provider",
    ]  # fmt: skip


def test_a_bare_headline_has_few() -> None:
    assert quality(made("Dam bursts"), WEIGHTS).value < 40


def test_good_very_good_and_spam_lie_apart() -> None:
    """A wide band: what is only complete, what is reported, and what is sold."""
    plain = good(text="The river rose through the night and the dam gave way. " * 40, authors=(), updated_at=None)
    brief = made("Dam above Lowfield bursts", "The dam gave way.", excerpt="Water in the village.")
    sold = good(title="Global Dam Market Size, Share, Growth and Forecast to 2037", text="CAGR of 9 %, key players. " * 200)
    scores = [quality(article, WEIGHTS).value for article in (good(), plain, brief, sold)]
    assert scores == sorted(scores, reverse=True)
    assert all(higher - lower >= 15 for higher, lower in pairwise(scores))


SIGNALS = [
    ("completeness", {"excerpt": ""}, 7.5, "no standfirst"),
    ("completeness", {"excerpt": "River rises after the dam above Lowfield bursts"}, 7.5, "no standfirst"),
    ("length", {"text": ""}, 0.0, "0 words"),
    ("length", {"text": "word " * 100}, 5.8, "100 words"),
    ("length", {"text": "", "word_count": 100}, 5.8, "100 words"),
    ("headline", {"title": "Dam bursts"}, 9.0, "short"),
    ("headline", {"title": "RIVER RISES AFTER THE DAM BURSTS"}, 7.5, "shouts"),
    ("headline", {"title": "What happens next at the river"}, 6.0, "bait"),
    ("headline", {"title": "Will the dam above Lowfield hold?"}, 10.5, "asks"),
    ("headline", {"title": "7 reasons why the dam did not hold"}, 9.0, "a list"),
    ("headline", {"title": "RIVER RISES! WHAT HAPPENS NEXT?!"}, 0.0, "shouts, bait, exclaims"),
    ("headline", {"title": "ダムが決壊、住民避難"}, 15.0, "clear"),
    ("sourcing", {"text": "", "excerpt": ""}, 0.0, "no text"),
    ("sourcing", {"text": "water " * 160}, 0.0, "0 statements of sources and 0 figures in 160 words"),
    ("sourcing", {"text": "water " * 70 + "„So war es nie“, sagte sie. 14 Häuser, 2,5 Millionen."}, 10.0, None),
    ("sourcing", {"text": "ダムは決壊した。「こんなことは初めてだ」と述べた。死者は12人。" * 3}, 12.0, None),
    ("picture", {"images": ()}, 0.0, "none"),
    ("picture", {"images": (Image(url="https://a.example/i"),)}, 3.0, "of unknown size"),
    ("picture", {"images": (Image(url="https://a.example/i", width=300),)}, 2.5, "300 pixels wide"),
    ("author", {"authors": ()}, 0.0, "not named"),
    ("author", {"authors": ("Courier Staff",)}, 2.0, "Courier Staff"),
    ("author", {"authors": ("admin", "Ada Quill")}, 5.0, "Ada Quill"),
    ("freshness", {"updated_at": None}, 4.0, "dated, says when"),
    ("freshness", {"updated_at": None, "text": "Water rose."}, 2.5, "dated"),
    ("freshness", {"updated_at": NOON - timedelta(hours=1)}, 1.0, "changed before it was published"),
    ("paywall", {"paywalled": True}, -10.0, "behind a paywall"),
]


@pytest.mark.parametrize(("name", "changes", "expected", "reason"), SIGNALS)
def test_signals(name: str, changes: dict[str, Any], expected: float, reason: str | None) -> None:
    part = next(part for part in quality(good(**changes), WEIGHTS).parts if part.name == name)
    assert (part.points, part.reason) == (expected, reason or part.reason)


STANDINGS = [
    (Standing(), 5.0, "nothing known yet"),
    (Standing(articles=80, led=20, copied=10), 8.0, "of 80 articles 20 led, 10 were copied"),
    (Standing(articles=80, copies=40), 1.0, "of 80 articles 40 were copies"),
]


@pytest.mark.parametrize(("standing", "expected", "reason"), STANDINGS)
def test_the_outlets_record_counts(standing: Standing, expected: float, reason: str) -> None:
    part = next(part for part in quality(good(), WEIGHTS, standing=standing).parts if part.name == "provider")
    assert (part.points, part.reason) == (expected, reason)


def test_a_copy_is_not_original() -> None:
    assert points(good(), "originality", copy_of="wire.example/a") == 0.0
    assert quality(good(), WEIGHTS, copy_of="wire.example/a", standing=PROVEN).value == 85


SPAM = [
    "Facial Recognition Market Size to Witness Huge Growth by 2035",
    "Global Cloud Gaming Market Share, Industry Trends, Key Players and Forecast to 2032",
    "Smart Tractor Market Research Report 2031: Demand, Scope and Outlook till 2038",
    "Booming Tidal Turbine Market Expected to Reach US$ 9 Billion at 12.1% CAGR",
    "Marktbericht Wärmepumpen: Trends, Growth and Forecast 2031-2038",
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
    assert quality(report, WEIGHTS).value <= 40
    assert points(report, "spam") <= -45


@pytest.mark.parametrize("title", NEWS)
def test_news_that_says_market_is_not_spam(title: str) -> None:
    assert points(good(title=title), "spam") == 0.0


SALES = ["This VPN deal is now $29, 70% off for a lifetime subscription", "Save $300: coding bundle for just $35"]
RELEASE = "Courier Robotics (NASDAQ: CRBT), a leading provider of ferries, today announced a boat. Media contact: Ida Brook."


@pytest.mark.parametrize("title", SALES)
def test_offers_of_shops_are_told(title: str) -> None:
    part = next(part for part in quality(good(title=title), WEIGHTS).parts if part.name == "spam")
    assert part.points <= -40
    assert part.reason == "reads like a shop's offer"


def test_press_releases_are_told() -> None:
    assert points(good(text=RELEASE), "release") == -15.0
    assert points(good(text="The council today announced a vote."), "release") == 0.0


def test_weights_are_the_newsrooms_own() -> None:
    plain = msgspec.structs.replace(WEIGHTS, picture=0.0, author=50.0, provider=0.0)
    assert sum(part.points for part in quality(good(), plain).parts) == 130
    assert quality(good(), plain).value == 100
    strict = msgspec.structs.replace(WEIGHTS, spam=100.0)
    assert quality(good(title=SPAM[1], text="CAGR"), strict).value == 0
