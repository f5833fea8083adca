"""Sitemaps by month, their index, and the news sitemap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from msgspec.structs import replace

from broadsheet.models import PublishedStory, Record
from broadsheet.publish import sitemaps
from broadsheet.settings import NewsroomSettings

HOME = "https://paper.example/sound/"
NEWSROOM = NewsroomSettings(name="Sound & Strait", url=HOME, language="en-GB")
WHEN = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


def story(number: int, at: datetime | None = WHEN, language: str = "") -> PublishedStory:
    record = Record(path=f"_news/2026-01-02-story-{number}.md", title=f"Story <{number}>", published_at=at, published=True)
    return PublishedStory(id=str(number), record=record, language=language)


def texts(content: bytes, name: str) -> list[str | None]:
    return [
        element.text
        for element in etree.fromstring(content).iter(f"{{{sitemaps.SITEMAP}}}{name}", f"{{{sitemaps.NEWS}}}{name}")
    ]


def test_month() -> None:
    content = sitemaps.month(HOME, [("_news/2026-01-03-b.md", WHEN + timedelta(days=1)), ("_news/2026-01-02-a.md", WHEN)])
    assert texts(content, "loc") == [f"{HOME}stories/2026-01-02-a/", f"{HOME}stories/2026-01-03-b/"]
    assert texts(content, "lastmod") == ["2026-01-31T23:30:00Z", "2026-02-01T23:30:00Z"]
    assert etree.fromstring(content).tag == f"{{{sitemaps.SITEMAP}}}urlset"
    assert content.count(b"xmlns") == 1


def test_a_month_is_bounded_to_the_last_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_URLS", 3)
    stories = [(f"_news/2026-01-01-{number}.md", WHEN + timedelta(minutes=number)) for number in range(5)]
    for order in (stories, stories[::-1]):
        assert texts(sitemaps.month(HOME, order), "loc") == [f"{HOME}stories/2026-01-01-{number}/" for number in (2, 3, 4)]


def test_index() -> None:
    content = sitemaps.index(HOME, {"2026-02": WHEN + timedelta(days=1), "2026-01": WHEN})
    assert texts(content, "loc") == [f"{HOME}sitemaps/2026-01.xml", f"{HOME}sitemaps/2026-02.xml"]
    assert texts(content, "lastmod") == ["2026-01-31T23:30:00Z", "2026-02-01T23:30:00Z"]
    assert etree.fromstring(content).tag == f"{{{sitemaps.SITEMAP}}}sitemapindex"
    assert texts(sitemaps.index(HOME, {}), "loc") == []


def test_news_are_those_of_two_days_before_the_newest() -> None:
    ages = [timedelta(), timedelta(hours=1), timedelta(days=2), timedelta(days=2, seconds=1), timedelta(days=9)]
    content = sitemaps.news(NEWSROOM, [*(story(number, WHEN - age) for number, age in enumerate(ages)), story(9, None)])
    assert texts(content, "title") == ["Story <0>", "Story <1>", "Story <2>"]
    assert texts(content, "publication_date")[0] == "2026-01-31T23:30:00Z"
    assert set(texts(content, "name")) == {"Sound & Strait"}
    assert texts(content, "loc")[1] == f"{HOME}stories/2026-01-02-story-1/"


def test_news_are_at_most_a_thousand() -> None:
    assert len(texts(sitemaps.news(NEWSROOM, [story(number) for number in range(1200)]), "loc")) == 1000


@pytest.mark.parametrize(
    ("language", "said"),
    [("", "en"), ("de", "de"), ("pt-BR", "pt"), ("zh-CN", "zh-cn"), ("zh-TW", "zh-tw"), ("zh", "zh"), ("fil", "fil")],
)
def test_languages_as_google_wants_them(language: str, said: str) -> None:
    assert texts(sitemaps.news(NEWSROOM, [story(1, language=language)]), "language") == [said]


def test_no_news() -> None:
    assert texts(sitemaps.news(NEWSROOM, []), "loc") == []


def test_control_characters_do_not_break_the_file() -> None:
    broken = story(1)
    content = sitemaps.news(NEWSROOM, [replace(broken, record=replace(broken.record, title="a\x00\x0b\ufffeb"))])
    assert texts(content, "title") == ["ab"]
