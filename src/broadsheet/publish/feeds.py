"""Feeds of stories: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1. Pure: dates come from the stories, never from the clock.

An item's link and id is the story's page on the newsroom's site, which never moves; the lead's own page is named beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape

from lxml.etree import _Element as Element

from broadsheet.models import Image, PublishedStory, Record, RelatedRecord, Value
from broadsheet.publish.api import encode
from broadsheet.publish.site_view import iso, story_path, web_url
from broadsheet.publish.xml import document, element
from broadsheet.text import clean

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a date also of a feed without entries

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class Feed(Value, frozen=True):
    """What a feed says of itself. ``home`` is the newsroom's address, ``page`` that of the page it goes with."""

    title: str
    description: str
    language: str
    home: str
    page: str


def feeds(feed: Feed, stories: Sequence[PublishedStory]) -> Iterator[tuple[str, bytes]]:
    """The three feeds of ``stories``, newest first, as (file name, content)."""
    yield "feed.xml", rss(feed, stories)
    yield "atom.xml", atom(feed, stories)
    yield "feed.json", json_feed(feed, stories)


def rss(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """RSS 2.0, with the outlet as ``dc:creator`` and the picture as ``media:thumbnail``."""
    itself = {"href": feed.page + "feed.xml", "rel": "self", "type": "application/rss+xml"}
    channel = element(
        "channel",
        element("title", feed.title),
        element("link", feed.page),
        element("description", feed.description),
        element("language", feed.language),
        element(f"{{{ATOM}}}link", attributes=itself),
        *([element("lastBuildDate", _rfc_822(_updated(stories)))] if stories else []),
        *(_rss_item(feed, story.record) for story in stories),
    )
    return document(element("rss", channel, attributes={"version": "2.0"}, prefixes={"atom": ATOM, "dc": DC, "media": MEDIA}))


def atom(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """Atom 1.0, with the lead's page as the entry's ``via`` link."""
    root = _atom(
        "feed",
        _atom("id", feed.page),
        _atom("title", feed.title),
        _atom("subtitle", feed.description),
        _atom("updated", iso(_updated(stories))),
        _atom("link", href=feed.page, rel="alternate", type="text/html"),
        _atom("link", href=feed.page + "atom.xml", rel="self", type="application/atom+xml"),
        *(_atom_entry(feed, story) for story in stories),
    )
    root.set(_LANGUAGE, feed.language)
    return document(root)


def json_feed(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """JSON Feed 1.1, with the lead's page as ``external_url``."""
    return encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": clean(feed.title),
            "home_page_url": feed.page,
            "feed_url": feed.page + "feed.json",
            "description": clean(feed.description),
            "language": feed.language,
            "items": [_json_item(feed, story) for story in stories],
        }
    )


def story_url(home: str, record: Record) -> str:
    """The address of a story's page on the site served at ``home``."""
    return home + story_path(record.path)


def _rss_item(feed: Feed, record: Record) -> Element:
    url = story_url(feed.home, record)
    return element(
        "item",
        element("title", record.title),
        element("link", url),
        element("guid", url, attributes={"isPermaLink": "true"}),
        element("description", _html(record)),
        *(element("category", topic) for topic in record.topics),
        *([element("pubDate", _rfc_822(record.published_at))] if record.published_at else []),
        *([element(f"{{{DC}}}creator", _outlet(record))] if _outlet(record) else []),
        *(_thumbnail(image) for image in record.images[:1] if web_url(image.url)),
    )


def _thumbnail(image: Image) -> Element:
    sizes = {name: str(size) for name, size in (("width", image.width), ("height", image.height)) if size}
    return element(f"{{{MEDIA}}}thumbnail", attributes={"url": image.url} | sizes)


def _atom(tag: str, *children: str | Element, **attributes: str) -> Element:
    return element(f"{{{ATOM}}}{tag}", *children, attributes=attributes, prefixes={"": ATOM})


def _atom_entry(feed: Feed, story: PublishedStory) -> Element:
    record, lead = story.record, _lead_url(story.record)
    url = story_url(feed.home, record)
    entry = _atom(
        "entry",
        _atom("id", url),
        _atom("title", record.title),
        _atom("updated", iso(_changed(record))),
        *([_atom("published", iso(record.published_at))] if record.published_at else []),
        _atom("link", href=url, rel="alternate", type="text/html"),
        *([_atom("link", href=lead, rel="via")] if lead else []),
        _atom("author", _atom("name", _outlet(record) or feed.title)),
        *(_atom("category", term=topic) for topic in record.topics),
        _atom("content", _html(record), type="html"),
    )
    if story.language:
        entry.set(_LANGUAGE, story.language)
    return entry


def _json_item(feed: Feed, story: PublishedStory) -> dict[str, object]:
    record = story.record
    url = story_url(feed.home, record)
    item: dict[str, object] = {"id": url, "url": url, "title": clean(record.title), "content_html": _html(record)}
    optional: dict[str, object] = {
        "external_url": _lead_url(record),
        "summary": clean(record.excerpt),
        "image": next((image.url for image in record.images[:1] if web_url(image.url)), ""),
        "date_published": iso(record.published_at) if record.published_at else "",
        "date_modified": iso(record.updated_at) if record.updated_at else "",
        "authors": [{"name": clean(record.provider.name)}] if record.provider and record.provider.name else [],
        "tags": list(record.topics),
        "language": story.language,
    }
    return item | {name: value for name, value in optional.items() if value}


@lru_cache(maxsize=1024)  # each story is in three feeds of each of its topics
def _html(record: Record) -> str:
    """The standfirst, a link to the lead's page, and the other outlets' reports."""
    lead = _link(_lead_url(record), _outlet(record) or _lead_url(record))
    parts = [f"<p>{text}</p>" for text in (escape(clean(record.excerpt)), lead) if text]
    if record.related:
        parts.append(f"<ul>{''.join(map(_report, record.related))}</ul>")
    return "".join(parts)


def _report(entry: RelatedRecord) -> str:
    return f"<li>{_link(web_url(entry.web_url), entry.title)} ({escape(clean(entry.provider.name))})</li>"


def _link(url: str, text: str) -> str:
    text = escape(clean(text))
    return f'<a href="{escape(url)}">{text}</a>' if url else text


def _outlet(record: Record) -> str:
    provider = record.provider
    return (provider.name or provider.domain) if provider else ""


def _lead_url(record: Record) -> str:
    return clean(web_url(record.web_url) or web_url(record.original_url))


def _changed(record: Record) -> datetime:
    return max((moment for moment in (record.published_at, record.updated_at) if moment), default=NEVER)


def _updated(stories: Sequence[PublishedStory]) -> datetime:
    return max((_changed(story.record) for story in stories), default=NEVER)


def _rfc_822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
