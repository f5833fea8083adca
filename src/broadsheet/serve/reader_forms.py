"""Stories in the forms of the Google Reader API: JSON as FreshRSS and others write it, Atom as FeedHQ does. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from broadsheet.publish.feeds import ATOM, content_html, lead_url, outlet_name, story_url
from broadsheet.publish.site_view import iso, web_url
from broadsheet.publish.xml import Xml, document, element
from broadsheet.serve.reader_feeds import LABEL, READ, READING_LIST, STARRED, UNREAD, Feed, feed_of
from broadsheet.store.reading_marks import Item, Unread
from broadsheet.text import clean

GR = "http://www.google.com/schemas/reader/atom/"
SCHEME = "http://www.google.com/reader/"
_ID = "tag:google.com,2005:reader/item/"
_MOST = 2**63 - 1


def item_id(number: int) -> str:
    """The long form of an item's number: 16 hexadecimal digits behind a fixed beginning."""
    return f"{_ID}{number:016x}"


def item_number(text: str) -> int:
    """The number in an item's id of the long form, its 16 digits, or a decimal number. Raises ValueError for anything else."""
    _, slash, last = text.rpartition("/")
    if not last.isascii() or not last.isalnum():
        raise ValueError(f"{text[:80]!r} is no item")
    number = int(last, 16 if slash or not last.isdigit() or last.startswith("0") else 10)
    if number > _MOST:
        raise ValueError(f"{text[:80]!r} is no item")
    return number


def seconds_of(text: str) -> int:
    """An instant given in seconds, milliseconds or microseconds since 1970, as apps do, in seconds; 0 when it is none."""
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    for bound, unit in ((10**14, 1_000_000), (10**11, 1000)):
        if value >= bound:
            return value // unit
    return value


def subscriptions(home: str, feeds: Sequence[Feed]) -> dict[str, Any]:
    return {
        "subscriptions": [
            {
                "id": feed.id,
                "title": feed.title,
                "categories": [{"id": LABEL + feed.folder, "label": feed.folder}],
                "sortid": f"{place:08x}",
                "firstitemmsec": "0",
                "url": feed.page + "feed.xml",
                "htmlUrl": feed.page,
                "iconUrl": home + "static/icon-192.png",
            }
            for place, feed in enumerate(feeds, 1)
        ]
    }


def tags(feeds: Sequence[Feed]) -> dict[str, Any]:
    folders = [{"id": LABEL + folder, "type": "folder"} for folder in dict.fromkeys(feed.folder for feed in feeds)]
    return {"tags": [{"id": STARRED}, *folders]}


def unread_counts(feeds: Sequence[Feed], unread: Mapping[str, Unread], most: int) -> dict[str, Any]:
    """Unread stories a feed, a folder, and in all; those without a newest story have 0 as its instant."""
    counts: dict[str, tuple[int, str]] = {}
    for topic, found in unread.items():
        feed = feed_of(topic, feeds)
        usec = _usec(found.newest)
        for name in (feed.id, LABEL + feed.folder, READING_LIST) if feed else ():
            count, newest = counts.get(name, (0, "0"))
            counts[name] = (count + found.count, max(newest, usec, key=int))
    names = [*(feed.id for feed in feeds), *dict.fromkeys(LABEL + feed.folder for feed in feeds), READING_LIST]
    listed = [(name, *counts.get(name, (0, "0"))) for name in names]
    return {
        "max": most,
        "unreadcounts": [{"id": name, "count": count, "newestItemTimestampUsec": newest} for name, count, newest in listed],
    }


def contents(stream: str, home: str, feeds: Sequence[Feed], items: Sequence[Item], at: datetime) -> dict[str, Any]:
    return {
        "direction": "ltr",
        "id": stream,
        "updated": int(at.timestamp()),
        "items": [_item(home, feeds, item) for item in items],
    }


def reference(number: int, shown_at: datetime) -> dict[str, Any]:
    return {"id": str(number), "directStreamIds": [], "timestampUsec": _usec(shown_at)}


def atom(stream: str, title: str, home: str, feeds: Sequence[Feed], items: Sequence[Item], more: str, at: datetime) -> bytes:
    """A stream as Atom; ``more`` is the continuation, empty at the end."""
    return document(
        element(
            "feed",
            element("id", f"tag:google.com,2005:reader/{stream}"),
            element("title", title),
            element("updated", iso(at)),
            element("link", attributes={"href": home, "rel": "alternate", "type": "text/html"}),
            *([element("gr:continuation", more)] if more else []),
            *(_entry(home, feeds, item) for item in items),
            attributes={"xmlns": ATOM, "xmlns:gr": GR},
        )
    )


def _item(home: str, feeds: Sequence[Feed], item: Item) -> dict[str, Any]:
    record = item.story.record
    page = story_url(home, record)
    feed = feed_of(item.topic, feeds)
    made: dict[str, Any] = {
        "id": item_id(item.number),
        "crawlTimeMsec": str(int(item.shown_at.timestamp()) * 1000),
        "timestampUsec": _usec(item.shown_at),
        "published": int((record.published_at or item.shown_at).timestamp()),
        "updated": int((record.updated_at or record.published_at or item.shown_at).timestamp()),
        "title": clean(record.title),
        "canonical": [{"href": page}],
        "alternate": [{"href": page, "type": "text/html"}],
        "categories": _categories(feed, item, record.topics),
        "summary": {"direction": "ltr", "content": content_html(record)},
        "author": clean(outlet_name(record)),
    }
    if feed:
        made["origin"] = {"streamId": feed.id, "title": feed.title, "htmlUrl": feed.page}
    if lead_url(record):
        made["via"] = [{"href": lead_url(record), "type": "text/html"}]
    if pictures := [image.url for image in record.images[:1] if web_url(image.url)]:
        made["visual"] = {"url": pictures[0]}
    return made


def _categories(feed: Feed | None, item: Item, topics: Collection[str]) -> list[str]:
    folder = [LABEL + feed.folder] if feed else []
    states = [READ] * item.read + [STARRED] * item.starred
    return [READING_LIST, *folder, *states, *topics]


def _entry(home: str, feeds: Sequence[Feed], item: Item) -> Xml:
    record = item.story.record
    feed = feed_of(item.topic, feeds)
    state = [READ if item.read else UNREAD[-1]] + [STARRED] * item.starred
    labels = [(name, name.rpartition("/")[2]) for name in state] + ([(LABEL + feed.folder, feed.folder)] if feed else [])
    return element(
        "entry",
        element("id", item_id(item.number)),
        element("title", record.title),
        element("published", iso(record.published_at or item.shown_at)),
        element("updated", iso(record.updated_at or record.published_at or item.shown_at)),
        element("link", attributes={"href": story_url(home, record), "rel": "alternate", "type": "text/html"}),
        element("author", element("name", outlet_name(record))),
        *(element("category", attributes={"term": name, "scheme": SCHEME, "label": label}) for name, label in labels),
        element("content", content_html(record), attributes={"type": "html"}),
        attributes={"gr:crawl-timestamp-msec": str(int(item.shown_at.timestamp()) * 1000)},
    )


def _usec(at: datetime) -> str:
    return str(int(at.timestamp()) * 1_000_000)
