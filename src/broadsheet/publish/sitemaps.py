"""Sitemaps of the story pages (sitemaps.org 0.9) and Google's news sitemap. Pure: counted from the stories, never the clock.

There is one sitemap a month, so that an edition writes those of the months it touched, and an index of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from broadsheet.models import PublishedStory
from broadsheet.publish.site_view import iso, story_path
from broadsheet.publish.xml import Xml, document, element
from broadsheet.settings import NewsroomSettings

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
MAX_URLS = 50_000  # of one sitemap, by the standard
MAX_NEWS = 1000  # of the news sitemap, by Google's rules
NEWS_DAYS = 2


def month_file(month: str) -> str:
    """Where the sitemap of a month such as "2026-01" stands."""
    return f"sitemaps/{month}.xml"


def month(home: str, stories: Sequence[tuple[str, datetime]]) -> bytes:
    """The sitemap of one month's stories, given as (record path, last change): at most 50,000, the last changed ones."""
    kept = sorted(sorted(stories, key=lambda story: (story[1], story[0]), reverse=True)[:MAX_URLS])
    return _document("urlset", *(_dated("url", home + story_path(path), changed) for path, changed in kept))


def index(home: str, months: Mapping[str, datetime]) -> bytes:
    """The index of the sitemaps of ``months``, each with its last change, in order."""
    entries = (_dated("sitemap", home + month_file(name), changed) for name, changed in sorted(months.items()))
    return _document("sitemapindex", *entries)


def news(newsroom: NewsroomSettings, stories: Sequence[PublishedStory]) -> bytes:
    """The news sitemap: of ``stories``, newest first, those at most two days older than the newest, and at most 1,000."""
    dated = [(story, story.record.published_at) for story in stories if story.record.published_at]
    newest = max((at for _, at in dated), default=None)
    recent = [(story, at) for story, at in dated if newest and newest - at <= timedelta(days=NEWS_DAYS)]
    entries = (_news_entry(newsroom, story, at) for story, at in recent[:MAX_NEWS])
    return _document("urlset", *entries, **{"xmlns:news": NEWS})


def _news_entry(newsroom: NewsroomSettings, story: PublishedStory, at: datetime) -> Xml:
    language = _language(story.language or newsroom.language)
    publication = (element("news:name", newsroom.name), element("news:language", language))
    entry = element(
        "news:news",
        element("news:publication", *publication),
        element("news:publication_date", iso(at)),
        element("news:title", story.record.title),
    )
    return element("url", element("loc", newsroom.url + story_path(story.record.path)), entry)


def _language(tag: str) -> str:
    """A language as Google wants it: ISO 639, but Chinese with its script."""
    tag = tag.lower()
    return tag if tag in ("zh-cn", "zh-tw") else tag.partition("-")[0]


def _dated(tag: str, address: str, changed: datetime) -> Xml:
    return element(tag, element("loc", address), element("lastmod", iso(changed)))


def _document(tag: str, *children: Xml, **names: str) -> bytes:
    return document(element(tag, *children, attributes={"xmlns": SITEMAP} | names))
