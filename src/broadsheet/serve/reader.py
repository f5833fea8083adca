"""The Google Reader API, by which feed readers keep in step: stories as items, topics as feeds in folders.

An app signs in with a person's name and one of their tokens as the password, at ``/accounts/ClientLogin``, and shows that token
with every request. See ``docs/readers.md``; the forms are those of FreshRSS, which most apps know, and of FeedHQ for Atom.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.serve import reader_forms
from broadsheet.serve.fields import Fields, read_fields
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import Person, by_token
from broadsheet.serve.reader_feeds import READ, READING_LIST, STARRED, UNREAD, feeds, narrowed, stream
from broadsheet.store import reading_marks
from broadsheet.store.reading_marks import Stream

PRIVATE = {"Cache-Control": "private, no-store"}
AT_ONCE, IDS_AT_ONCE = 1000, 10_000  # stories, and numbers of stories, in one answer at most
LATE = 6 * 3600  # seconds: stories carry the instant at which their edition began, and can be read only when it has ended


def routes() -> list[BaseRoute]:
    return [
        Route("/accounts/ClientLogin", login, methods=["POST"]),
        Route("/reader/api/0/{call:path}", api, methods=["GET", "POST"]),
        Route("/reader/atom/{stream:path}", atom, methods=["GET"]),
    ]


class Ask(Struct, frozen=True):
    """A person's question: to which office, with which fields, when."""

    here: Office
    person: str
    fields: Fields
    at: datetime

    @property
    def home(self) -> str:
        return self.here.newsroom.settings.newsroom.url


# --- signing in ----------------------------------------------------------------------------------------------------------


async def login(request: Request) -> Response:
    """The token, as ``Auth``, for a person's name (``Email``) and token (``Passwd``)."""
    fields = await read_fields(request)
    name, token = fields.one("Email"), fields.one("Passwd")
    person = await run_in_threadpool(_reader, office(request), token)
    if person is None or person.name != name:
        return PlainTextResponse("Error=BadAuthentication\n", status_code=401, headers=PRIVATE)
    return PlainTextResponse(f"SID={token}\nLSID=none\nAuth={token}\n", headers=PRIVATE)


def _reader(here: Office, token: str) -> Person | None:
    person = by_token(here, token)
    return person if person is not None and "read" in person.scopes else None


def _asking(request: Request, fields: Fields) -> Ask:
    """Who asks, by ``Authorization: GoogleLogin auth=TOKEN`` (or Bearer). Raises HTTPException 401."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "googlelogin":
        token = token.strip().removeprefix("auth=")
    here = office(request)
    person = _reader(here, token.strip()) if kind.lower() in ("googlelogin", "bearer") else None
    if person is None:
        raise HTTPException(401, "sign in at /accounts/ClientLogin", headers={"WWW-Authenticate": "GoogleLogin"})
    return Ask(here, person.name, fields, here.clock())


# --- answers -------------------------------------------------------------------------------------------------------------


async def api(request: Request) -> Response:
    fields = await read_fields(request)
    return await run_in_threadpool(_answer, request, fields)


async def atom(request: Request) -> Response:
    fields = await read_fields(request)
    return await run_in_threadpool(_atom, request, fields)


def _answer(request: Request, fields: Fields) -> Response:
    ask = _asking(request, fields)
    call = request.path_params["call"].strip("/")
    if call in _CHANGES:
        if request.method != "POST":
            raise HTTPException(405, "marks are set by POST", headers={"Allow": "POST"})
        with ask.here.database.transaction() as connection:
            _CHANGES[call](connection, ask)
        return PlainTextResponse("OK", headers=PRIVATE)
    if call == "token":
        return PlainTextResponse(_token(ask.person) + "\n", headers=PRIVATE)
    with ask.here.database.reading() as connection:
        if call == "stream/contents" or call.startswith("stream/contents/"):
            return JSONResponse(_contents(connection, ask, call[len("stream/contents/") :]), headers=PRIVATE)
        if call in _QUESTIONS:
            return JSONResponse(_QUESTIONS[call](connection, ask), headers=PRIVATE)
    if call.startswith(("subscription/", "rename-tag", "disable-tag")):
        raise HTTPException(403, "the feeds are the newsroom's topics; its editors change them")
    raise HTTPException(404, "there is no such call")


def _token(person: str) -> str:
    # requests carry their sign-in in a header that no other site can send, so this one is not asked for again
    return sha256(person.encode()).hexdigest()[:57]


def _user(_connection: Connection, ask: Ask) -> Any:
    name = ask.person
    return {"userId": name, "userName": name, "userProfileId": name, "userEmail": name if "@" in name else ""}


def _subscriptions(connection: Connection, ask: Ask) -> Any:
    known = feeds(ask.here.newsroom.settings, reading_marks.unread(connection, ask.person))
    return reader_forms.subscriptions(ask.home, known)


def _tags(connection: Connection, ask: Ask) -> Any:
    return reader_forms.tags(feeds(ask.here.newsroom.settings, reading_marks.unread(connection, ask.person)))


def _unread(connection: Connection, ask: Ask) -> Any:
    unread = reading_marks.unread(connection, ask.person)
    return reader_forms.unread_counts(feeds(ask.here.newsroom.settings, unread), unread, reading_marks.WINDOW)


def _ids(connection: Connection, ask: Ask) -> Any:
    limit = ask.fields.number("n", 20, 1, IDS_AT_ONCE)
    found = reading_marks.numbers(connection, ask.person, _asked(ask, ask.fields.one("s", READING_LIST)), limit + 1)
    answer = {"itemRefs": [reader_forms.reference(number, at) for number, at in found[:limit]]}
    return answer | _continuation(found[limit - 1][0] if len(found) > limit else 0)


def _contents(connection: Connection, ask: Ask, name: str) -> Any:
    name = name or ask.fields.one("s", READING_LIST)
    limit = ask.fields.number("n", 20, 1, AT_ONCE)
    found = reading_marks.items(connection, ask.person, _asked(ask, name), limit + 1)
    settings = ask.here.newsroom.settings
    answer = reader_forms.contents(name, ask.home, feeds(settings, [""]), found[:limit], ask.at)
    return answer | _continuation(found[limit - 1].number if len(found) > limit else 0)


def _chosen(connection: Connection, ask: Ask) -> Any:
    found = reading_marks.chosen(connection, ask.person, _numbers(ask)[:AT_ONCE])
    return reader_forms.contents(READING_LIST, ask.home, feeds(ask.here.newsroom.settings, [""]), found, ask.at)


def _atom(request: Request, fields: Fields) -> Response:
    ask = _asking(request, fields)
    settings = ask.here.newsroom.settings
    name, limit = request.path_params["stream"], fields.number("n", 20, 1, AT_ONCE)
    known = feeds(settings, [""])
    with ask.here.database.reading() as connection:
        found = reading_marks.items(connection, ask.person, _asked(ask, name), limit + 1)
    title = next((feed.title for feed in known if feed.id == name), settings.newsroom.name)
    more = str(found[limit - 1].number) if len(found) > limit else ""
    content = reader_forms.atom(name, title, ask.home, known, found[:limit], more, ask.at)
    return Response(content, media_type="application/atom+xml", headers=PRIVATE)


def _asked(ask: Ask, name: str) -> Stream:
    """The stream of that name, narrowed by the fields. Raises HTTPException 404."""
    fields = ask.fields
    found = stream(ask.here.newsroom.settings, name)
    if found is None:
        raise HTTPException(404, "there is no such stream")
    found = narrowed(found, fields.many("it"), fields.many("xt"))
    oldest_first, last = fields.one("r") == "o", fields.number("c", 0, 0, 2**62)
    bounds = {"above" if oldest_first else "below": last}
    since, until = (reader_forms.seconds_of(fields.one(name)) for name in ("ot", "nt"))
    return replace(found, oldest_first=oldest_first, shown_from=max(0, since - LATE), shown_until=until, **bounds)


def _continuation(last: int) -> dict[str, str]:
    return {"continuation": str(last)} if last else {}


def _numbers(ask: Ask) -> list[int]:
    """The items that the request names. Raises HTTPException 400."""
    try:
        return [reader_forms.item_number(text) for text in ask.fields.many("i")]
    except ValueError as error:
        raise HTTPException(400, str(error)) from None


# --- marks ---------------------------------------------------------------------------------------------------------------


def _edit_tag(connection: Connection, ask: Ask) -> None:
    read = starred = None
    for names, added in ((ask.fields.many("r"), False), (ask.fields.many("a"), True)):
        for name in ("user/-/" + name.split("/", 2)[-1] for name in names):
            if name == READ or (added and name in UNREAD):
                read = added and name == READ
            elif name == STARRED:
                starred = added
    reading_marks.mark(connection, ask.person, _numbers(ask), read=read, starred=starred)


def _mark_all(connection: Connection, ask: Ask) -> None:
    found = stream(ask.here.newsroom.settings, ask.fields.one("s"))
    if found is None:
        raise HTTPException(400, "there is no such stream")
    until = reader_forms.seconds_of(ask.fields.one("ts"))
    reading_marks.mark_all(connection, ask.person, replace(found, shown_until=until))


_QUESTIONS: dict[str, Callable[[Connection, Ask], Any]] = {
    "user-info": _user,
    "subscription/list": _subscriptions,
    "tag/list": _tags,
    "unread-count": _unread,
    "stream/items/ids": _ids,
    "stream/items/contents": _chosen,
    "preference/list": lambda connection, ask: {"prefs": []},
    "preference/stream/list": lambda connection, ask: {"streamprefs": {}},
}
_CHANGES: dict[str, Callable[[Connection, Ask], None]] = {"edit-tag": _edit_tag, "mark-all-as-read": _mark_all}
