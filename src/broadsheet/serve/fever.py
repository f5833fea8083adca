"""The Fever API, which many feed readers know: topics as feeds, in groups by the topics at the top.

Its forms are those of Fever 1.14 as the makers of apps know them. Requests may ask for several things at once. Whoever cannot
be known gets ``"auth": 0`` with status 200, as apps expect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.publish.feeds import content_html, outlet_name, story_url
from broadsheet.serve.fields import Fields, read_fields
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import by_digest
from broadsheet.serve.reader import PRIVATE, Ask
from broadsheet.serve.reader_feeds import Feed, feed_of, feeds, folder_stream, number_of
from broadsheet.store import editions, fever_keys, reading_marks
from broadsheet.store.reading_marks import Item, Stream
from broadsheet.text import clean

VERSION = 3
PAGE = 50  # items in one answer, by Fever's rule
MOST = 2**31 - 1  # the highest number of an item, feed or group


def routes() -> list[BaseRoute]:
    return [Route(path, fever, methods=["GET", "POST"]) for path in ("/fever", "/fever/")]


async def fever(request: Request) -> Response:
    fields = await read_fields(request)
    return JSONResponse(await run_in_threadpool(_answer, office(request), fields), headers=PRIVATE)


def _answer(here: Office, fields: Fields) -> dict[str, Any]:
    person = _reader(here, fields.one("api_key"))
    if not person:
        return {"api_version": VERSION, "auth": 0}
    ask = Ask(here, person, fields, here.clock())
    if "mark" in fields:
        with here.database.transaction() as connection:
            _mark(connection, ask)
    with here.database.reading() as connection:
        last = editions.last_report(connection)
        answer: dict[str, Any] = {
            "api_version": VERSION,
            "auth": 1,
            "last_refreshed_on_time": int(last.at.timestamp()) if last else 0,
        }
        for name, part in _PARTS.items():
            if name in fields:
                answer |= part(connection, ask)
    return answer


def _reader(here: Office, key: str) -> str:
    """The name of the person whose key that is, if they may read; else empty."""
    if not key:
        return ""
    with here.database.reading() as connection:
        digest = fever_keys.token_of(connection, key)
    person = by_digest(here, digest) if digest else None
    return person.name if person and "read" in person.scopes else ""


# --- what is asked for ---------------------------------------------------------------------------------------------------


def _groups(connection: Connection, ask: Ask) -> dict[str, Any]:
    known = feeds(ask.here.newsroom.settings, reading_marks.unread(connection, ask.person))
    folders = dict.fromkeys(feed.folder for feed in known)
    return {"groups": [{"id": number_of(name), "title": name} for name in folders], **_relations(known)}


def _feeds(connection: Connection, ask: Ask) -> dict[str, Any]:
    unread = reading_marks.unread(connection, ask.person)
    known = feeds(ask.here.newsroom.settings, unread)
    newest = {feed.slug: 0 for feed in known}
    for topic, found in unread.items():
        if feed := feed_of(topic, known):
            newest[feed.slug] = max(newest[feed.slug], int(found.newest.timestamp()))
    listed = [
        {
            "id": feed.number,
            "favicon_id": 0,
            "title": feed.title,
            "url": feed.page + "feed.xml",
            "site_url": feed.page,
            "is_spark": 0,
            "last_updated_on_time": newest[feed.slug],
        }
        for feed in known
    ]
    return {"feeds": listed, **_relations(known)}


def _relations(known: list[Feed]) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    for feed in known:
        groups.setdefault(feed.folder, []).append(str(feed.number))
    return {"feeds_groups": [{"group_id": number_of(name), "feed_ids": ",".join(ids)} for name, ids in groups.items()]}


def _items(connection: Connection, ask: Ask) -> dict[str, Any]:
    fields, settings = ask.fields, ask.here.newsroom.settings
    if "with_ids" in fields:
        found = reading_marks.chosen(connection, ask.person, fields.numbers("with_ids", PAGE, MOST))
    elif "max_id" in fields:
        stream = Stream(below=fields.number("max_id", 0, 0, MOST))
        found = reading_marks.items(connection, ask.person, stream, PAGE)
    else:
        since = max(fields.number("since_id", 0, 0, MOST), reading_marks.floor(connection))
        found = reading_marks.items(connection, ask.person, Stream(above=since, oldest_first=True), PAGE)
    known = feeds(settings, [""])
    listed = [_item(settings.newsroom.url, feed_of(item.topic, known), item) for item in found]
    return {"total_items": reading_marks.newest(connection), "items": listed}


def _item(home: str, feed: Feed | None, item: Item) -> dict[str, Any]:
    record = item.story.record
    return {
        "id": item.number,
        "feed_id": feed.number if feed else 0,
        "title": clean(record.title),
        "author": clean(outlet_name(record)),
        "html": content_html(record),
        "url": story_url(home, record),
        "is_saved": int(item.starred),
        "is_read": int(item.read),
        "created_on_time": int((record.published_at or item.shown_at).timestamp()),
    }


def _unread_ids(connection: Connection, ask: Ask) -> dict[str, Any]:
    return {"unread_item_ids": _list(connection, ask, Stream(read=False))}


def _saved_ids(connection: Connection, ask: Ask) -> dict[str, Any]:
    return {"saved_item_ids": _list(connection, ask, Stream(starred=True))}


def _list(connection: Connection, ask: Ask, stream: Stream) -> str:
    found = reading_marks.numbers(connection, ask.person, replace(stream, oldest_first=True), 2 * reading_marks.WINDOW)
    return ",".join(str(number) for number, _ in found)


_PARTS: dict[str, Callable[[Connection, Ask], dict[str, Any]]] = {
    "groups": _groups,
    "feeds": _feeds,
    "favicons": lambda connection, ask: {"favicons": []},
    "links": lambda connection, ask: {"links": []},
    "items": _items,
    "unread_item_ids": _unread_ids,
    "saved_item_ids": _saved_ids,
}


# --- marks ---------------------------------------------------------------------------------------------------------------

_AS: dict[str, dict[str, bool]] = {
    "read": {"read": True},
    "unread": {"read": False},
    "saved": {"starred": True},
    "unsaved": {"starred": False},
}


def _mark(connection: Connection, ask: Ask) -> None:
    """Mark an item, or all of a feed or group that were shown until ``before``. What cannot be understood marks nothing."""
    fields = ask.fields
    what, said = fields.one("mark"), fields.one("as")
    number = fields.number("id", -1, -1, MOST)
    if what == "item" and said in _AS and number > 0:
        reading_marks.mark(connection, ask.person, [number], **_AS[said])
    elif what in ("feed", "group") and said == "read":
        before = fields.number("before", 0, 0, 2**40)
        for stream in _streams(ask, what, number):
            reading_marks.mark_all(connection, ask.person, replace(stream, shown_until=before))


def _streams(ask: Ask, what: str, number: int) -> list[Stream]:
    settings = ask.here.newsroom.settings
    known = feeds(settings, [""])
    if what == "group" and number == 0:
        return [Stream()]
    if what == "group":
        folders = dict.fromkeys(feed.folder for feed in known)
        return [folder_stream(settings, folder) for folder in folders if number_of(folder) == number]
    return [feed.stream for feed in known if feed.number == number]
