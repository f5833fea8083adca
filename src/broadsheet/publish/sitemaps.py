"""Sitemaps of the story pages (sitemaps.org 0.9) and Google's news sitemap. Pure: counted from the stories, never the clock.

There is one sitemap a month, so that an edition writes those of the months it touched, and an index of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from lxml.etree import _Element as Element

from broadsheet.models import PublishedStory
from broadsheet.publish.site_view import iso, story_path
from broadsheet.publish.xml import document, element
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
    # written as text, ten times as fast as elements: it is the one file that grows with a month's stories
    urls = (
        f"<url><loc>{escape(home + story_path(path))}</loc><lastmod>{iso(changed)}</lastmod></url>" for path, changed in kept
    )
    text = f'<urlset xmlns="{SITEMAP}">{"".join(urls)}</urlset>' if kept else f'<urlset xmlns="{SITEMAP}"/>'
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def index(home: str, months: Mapping[str, datetime]) -> bytes:
    """The index of the sitemaps of ``months``, each with its last change, in order."""
    entries = (
        _site("sitemap", _site("loc", home + month_file(name)), _site("lastmod", iso(changed)))
        for name, changed in sorted(months.items())
    )
    return document(_site("sitemapindex", *entries))


def news(newsroom: NewsroomSettings, stories: Sequence[PublishedStory]) -> bytes:
    """The news sitemap: of ``stories``, newest first, those at most two days older than the newest, and at most 1,000."""
    dated = [(story, story.record.published_at) for story in stories if story.record.published_at]
    newest = max((at for _, at in dated), default=None)
    recent = [(story, at) for story, at in dated if newest and newest - at <= timedelta(days=NEWS_DAYS)]
    entries = (_news_entry(newsroom, story, at) for story, at in recent[:MAX_NEWS])
    return document(element(f"{{{SITEMAP}}}urlset", *entries, prefixes={"": SITEMAP, "news": NEWS}))


def _news_entry(newsroom: NewsroomSettings, story: PublishedStory, at: datetime) -> Element:
    publication = _news(
        "publication", _news("name", newsroom.name), _news("language", _language(story.language or newsroom.language))
    )
    entry = _news("news", publication, _news("publication_date", iso(at)), _news("title", story.record.title))
    return _site("url", _site("loc", newsroom.url + story_path(story.record.path)), entry)


def _language(tag: str) -> str:
    """A language as Google wants it: ISO 639, but Chinese with its script."""
    tag = tag.lower()
    return tag if tag in ("zh-cn", "zh-tw") else tag.partition("-")[0]


def _site(tag: str, *children: str | Element) -> Element:
    return element(f"{{{SITEMAP}}}{tag}", *children, prefixes={"": SITEMAP})


def _news(tag: str, *children: str | Element) -> Element:
    return element(f"{{{NEWS}}}{tag}", *children, prefixes={"news": NEWS})
