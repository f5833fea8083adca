"""JSON Feed 1.0 and 1.1 (jsonfeed.org) to a `Feed`. Pure; wrongly typed members are as if absent."""

from __future__ import annotations

import html
from typing import Any

import msgspec

from broadsheet.dates import parse_date
from broadsheet.errors import FeedError
from broadsheet.gather.decoding import decode
from broadsheet.gather.elements import absolute, distinct, headline, language_of
from broadsheet.gather.markup import ILLEGAL
from broadsheet.gather.media import MAX_IMAGES
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Entry, Image
from broadsheet.text import summary

_Members = dict[str, Any]


def read_json_feed(content: bytes, url: str, content_type: str = "") -> Feed:
    """The JSON Feed in ``content``. Raises FeedError when it is not JSON or has no list of items."""
    try:
        feed = msgspec.json.decode(decode(content, content_type).encode())
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise FeedError("is not JSON that can be read") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise FeedError("is JSON, but not a JSON Feed: it has no list of items")
    language = language_of(_text(feed, "language"))
    people = _authors(feed)
    return Feed(
        title=headline(_text(feed, "title")),
        link=absolute(_text(feed, "home_page_url"), url),
        language=language,
        entries=tuple(_entry(item, url, language, people) for item in feed["items"] if isinstance(item, dict)),
        hints=Hints(hub=_hub(feed, url), self_url=absolute(_text(feed, "feed_url"), url)),
    )


def _entry(item: _Members, url: str, language: str, people: tuple[str, ...]) -> Entry:
    text = html.escape(_text(item, "content_text"), quote=False)
    content = _text(item, "content_html") or text
    address = _text(item, "url") or _text(item, "external_url") or _text(item, "id")
    return Entry(
        url=absolute(address, url),
        source=url,
        id=_text(item, "id"),
        title=headline(_text(item, "title")),
        description=summary(html.escape(_text(item, "summary"), quote=False)),
        html=content,
        published_at=parse_date(_text(item, "date_published")),
        updated_at=parse_date(_text(item, "date_modified")),
        authors=_authors(item) or people,
        categories=distinct(headline(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
        language=language_of(_text(item, "language")) or language,
        images=_images(item, url),
        video_url=_video(item, url),
    )


def _text(members: _Members, name: str) -> str:
    value = members.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # identifiers are written as numbers by some
    return ILLEGAL.sub("", value).strip() if isinstance(value, str) else ""


def _list(members: _Members, name: str) -> list[Any]:
    value = members.get(name)
    return value if isinstance(value, list) else []


def _authors(members: _Members) -> tuple[str, ...]:
    people = [*_list(members, "authors"), members.get("author")]
    return distinct(headline(_text(person, "name")) for person in people if isinstance(person, dict))


def _images(item: _Members, url: str) -> tuple[Image, ...]:
    attached = [_text(file, "url") for file in _attachments(item, "image/")]
    addresses = (absolute(address, url) for address in [_text(item, "image"), _text(item, "banner_image"), *attached])
    return tuple(Image(url=address) for address in distinct(addresses)[:MAX_IMAGES])


def _video(item: _Members, url: str) -> str:
    return next((absolute(_text(file, "url"), url) for file in _attachments(item, "video/")), "")


def _attachments(item: _Members, kind: str) -> list[_Members]:
    files = (file for file in _list(item, "attachments") if isinstance(file, dict))
    return [file for file in files if _text(file, "mime_type").startswith(kind)]


def _hub(feed: _Members, url: str) -> str:
    return next((absolute(_text(hub, "url"), url) for hub in _list(feed, "hubs") if isinstance(hub, dict)), "")
