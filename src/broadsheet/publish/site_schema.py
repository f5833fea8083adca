"""Structured data of the site's pages: schema.org in JSON-LD, as an aggregator may honestly say it.

The articles are the outlets': a story's page is a ``WebPage`` *about* the lead's ``NewsArticle``, whose address and publisher
are the outlet's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from broadsheet.models import Provider, PublishedStory, Record, RelatedRecord
from broadsheet.publish.site_view import iso, story_path, web_url
from broadsheet.settings import NewsroomSettings

Schema = dict[str, Any]


def website(newsroom: NewsroomSettings) -> Schema:
    """The newsroom's site."""
    return {
        "@type": "WebSite",
        "@id": newsroom.url,
        "name": newsroom.name,
        "url": newsroom.url,
        "inLanguage": newsroom.language,
    }


def collection(newsroom: NewsroomSettings, url: str, name: str, stories: Sequence[PublishedStory]) -> Schema:
    """A page that lists stories in order: the front page or a topic's."""
    items = [
        {
            "@type": "ListItem",
            "position": place,
            "url": newsroom.url + story_path(story.record.path),
            "name": story.record.title,
        }
        for place, story in enumerate(stories, 1)
    ]
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": url,
        "name": name,
        "isPartOf": website(newsroom),
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }


def story_page(newsroom: NewsroomSettings, url: str, story: PublishedStory) -> Schema:
    """A story's page: its lead and the other reports it names."""
    record = story.record
    page: Schema = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": record.title,
        "isPartOf": website(newsroom),
        "mainEntity": _lead(record, story.language),
    }
    if record.related:
        page["mentions"] = [_report(related) for related in record.related]
    return page


def _lead(record: Record, language: str) -> Schema:
    lead = _report(record)
    if record.type == "video":
        lead |= {"@type": "VideoObject", "name": record.title}
    images = [url for image in record.images if (url := web_url(image.url))]
    extra = {
        "description": record.excerpt,
        "dateModified": iso(record.updated_at) if record.updated_at else "",
        "inLanguage": language,
        "thumbnailUrl" if record.type == "video" else "image": images,
        "keywords": list(record.topics),
    }
    if record.type == "video" and record.published_at:
        extra["uploadDate"] = iso(record.published_at)
    return lead | {name: value for name, value in extra.items() if value}


def _report(report: Record | RelatedRecord) -> Schema:
    article: Schema = {"@type": "NewsArticle", "headline": report.title}
    if url := web_url(report.web_url):
        article["url"] = url
    if report.published_at:
        article["datePublished"] = iso(report.published_at)
    if report.provider:
        article["publisher"] = _organization(report.provider)
    return article


def _organization(provider: Provider) -> Schema:
    return {"@type": "Organization", "name": provider.name, "url": f"https://{provider.domain}/"}
