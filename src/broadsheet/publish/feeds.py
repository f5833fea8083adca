"""Feeds of stories: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1. Pure: dates come from the stories, never from the clock.

An item's link and id is the story's page on the newsroom's site, which never moves; the lead's own page is named beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from broadsheet.models import Image, Location, PublishedStory, Record, RelatedRecord, Value
from broadsheet.publish.api import encode
from broadsheet.publish.site_view import iso, story_path, web_url
from broadsheet.publish.xml import Xml, document, element, quoted, text
from broadsheet.text import clean

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
GEORSS = "http://www.georss.org/georss"
FILES = ("feed.xml", "atom.xml", "feed.json")  # of each feed, beside its page
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a date also of a feed without entries


class Feed(Value, frozen=True):
    """What a feed says of itself. ``home`` is the newsroom's address, ``page`` that of the page it goes with.

    ``itself`` is the feed's own address; empty: it lies beside its page under its usual name.
    """

    title: str
    description: str
    language: str
    home: str
    page: str
    itself: str = ""

    def address(self, name: str) -> str:
        """Where the feed is, whose usual name is ``name``."""
        return self.itself or self.page + name


def feeds(feed: Feed, stories: Sequence[PublishedStory]) -> Iterator[tuple[str, bytes]]:
    """The three feeds of ``stories``, newest first, as (file name, content)."""
    yield from zip(FILES, (rss(feed, stories), atom(feed, stories), json_feed(feed, stories)), strict=True)


def rss(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """RSS 2.0, with the outlet as ``dc:creator`` and the picture as ``media:thumbnail``."""
    itself = {"href": feed.address("feed.xml"), "rel": "self", "type": "application/rss+xml"}
    channel = element(
        "channel",
        element("title", feed.title),
        element("link", feed.page),
        element("description", feed.description),
        element("language", feed.language),
        element("atom:link", attributes=itself),
        *([element("lastBuildDate", _rfc_822(_updated(stories)))] if stories else []),
        *(_rss_item(feed, story) for story in stories),
    )
    names = {"xmlns:atom": ATOM, "xmlns:dc": DC, "xmlns:media": MEDIA} | _georss(stories)
    return document(element("rss", channel, attributes=names | {"version": "2.0"}))


def atom(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """Atom 1.0, with the lead's page as the entry's ``via`` link."""
    root = element(
        "feed",
        element("id", feed.itself or feed.page),
        element("title", feed.title),
        element("subtitle", feed.description),
        element("updated", iso(_updated(stories))),
        _link_to(href=feed.page, rel="alternate", type="text/html"),
        _link_to(href=feed.address("atom.xml"), rel="self", type="application/atom+xml"),
        *(_atom_entry(feed, story) for story in stories),
        attributes={"xmlns": ATOM} | _georss(stories) | {"xml:lang": feed.language},
    )
    return document(root)


def json_feed(feed: Feed, stories: Sequence[PublishedStory]) -> bytes:
    """JSON Feed 1.1, with the lead's page as ``external_url``."""
    return encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": clean(feed.title),
            "home_page_url": feed.page,
            "feed_url": feed.address("feed.json"),
            "description": clean(feed.description),
            "language": feed.language,
            "items": [_json_item(feed, story) for story in stories],
        }
    )


def story_url(home: str, record: Record) -> str:
    """The address of a story's page on the site served at ``home``."""
    return home + story_path(record.path)


def _georss(stories: Sequence[PublishedStory]) -> dict[str, str]:
    """The namespace of locations, for feeds that have any."""
    return {"xmlns:georss": GEORSS} if any(story.location for story in stories) else {}


def _rss_item(feed: Feed, story: PublishedStory) -> Xml:
    """Made of one text, as entries are the most of what is published anew: each story is in the feeds of all its topics."""
    record = story.record
    url, outlet = text(story_url(feed.home, record)), outlet_name(record)
    topics = "".join([f"<category>{text(topic)}</category>" for topic in record.topics])
    date = f"<pubDate>{_rfc_822(record.published_at)}</pubDate>" if record.published_at else ""
    creator = f"<dc:creator>{text(outlet)}</dc:creator>" if outlet else ""
    picture = "".join([_thumbnail(image) for image in record.images[:1] if web_url(image.url)])
    return Xml(
        f'<item><title>{text(record.title)}</title><link>{url}</link><guid isPermaLink="true">{url}</guid>'
        f"<description>{text(content_html(record))}</description>{topics}{date}{creator}{picture}{_point(story.location)}</item>"
    )


def _thumbnail(image: Image) -> str:
    sizes = "".join([f' {name}="{size}"' for name, size in (("width", image.width), ("height", image.height)) if size])
    return f'<media:thumbnail url="{quoted(image.url)}"{sizes}/>'


def _point(location: Location | None) -> str:
    return f"<georss:point>{_degrees(location.latitude)} {_degrees(location.longitude)}</georss:point>" if location else ""


def _degrees(value: float) -> str:
    """Without an exponent, which few readers know."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _link_to(**attributes: str) -> Xml:
    return element("link", attributes=attributes)


def _atom_entry(feed: Feed, story: PublishedStory) -> Xml:
    record, lead = story.record, lead_url(story.record)
    url = quoted(story_url(feed.home, record))
    language = f' xml:lang="{quoted(story.language)}"' if story.language else ""
    published = f"<published>{iso(record.published_at)}</published>" if record.published_at else ""
    via = f'<link href="{quoted(lead)}" rel="via"/>' if lead else ""
    topics = "".join([f'<category term="{quoted(topic)}"/>' for topic in record.topics])
    return Xml(
        f"<entry{language}><id>{url}</id><title>{text(record.title)}</title><updated>{iso(_changed(record))}</updated>"
        f'{published}<link href="{url}" rel="alternate" type="text/html"/>{via}'
        f"<author><name>{text(outlet_name(record) or feed.title)}</name></author>{topics}{_point(story.location)}"
        f'<content type="html">{text(content_html(record))}</content></entry>'
    )


def _json_item(feed: Feed, story: PublishedStory) -> dict[str, object]:
    record = story.record
    url = story_url(feed.home, record)
    item: dict[str, object] = {"id": url, "url": url, "title": clean(record.title), "content_html": content_html(record)}
    optional: dict[str, object] = {
        "external_url": lead_url(record),
        "summary": clean(record.excerpt),
        "image": next((image.url for image in record.images[:1] if web_url(image.url)), ""),
        "date_published": iso(record.published_at) if record.published_at else "",
        "date_modified": iso(record.updated_at) if record.updated_at else "",
        "authors": [{"name": clean(record.provider.name)}] if record.provider and record.provider.name else [],
        "tags": list(record.topics),
        "language": story.language,
    }
    return item | {name: value for name, value in optional.items() if value}


def content_html(record: Record) -> str:
    """The standfirst, a link to the lead's page, and the other outlets' reports."""
    lead = _link(lead_url(record), outlet_name(record) or lead_url(record))
    parts = [f"<p>{said}</p>" for said in (escape(clean(record.excerpt)), lead) if said]
    if record.related:
        parts.append(f"<ul>{''.join(map(_report, record.related))}</ul>")
    return "".join(parts)


def _report(entry: RelatedRecord) -> str:
    return f"<li>{_link(web_url(entry.web_url), entry.title)} ({escape(clean(entry.provider.name))})</li>"


def _link(url: str, label: str) -> str:
    said = escape(clean(label))
    return f'<a href="{escape(url)}">{said}</a>' if url else said


def outlet_name(record: Record) -> str:
    provider = record.provider
    return (provider.name or provider.domain) if provider else ""


def lead_url(record: Record) -> str:
    return clean(web_url(record.web_url) or web_url(record.original_url))


def _changed(record: Record) -> datetime:
    return max((moment for moment in (record.published_at, record.updated_at) if moment), default=NEVER)


def _updated(stories: Sequence[PublishedStory]) -> datetime:
    return max((_changed(story.record) for story in stories), default=NEVER)


def _rfc_822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
