"""How a call of the HTTP API is read and answered: checked fields in, JSON with an ETag out, cursors between pages."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from broadsheet.publish.api import encode
from broadsheet.serve.api_forms import Ask, Since
from broadsheet.serve.office import Office, office
from broadsheet.serve.people import require
from broadsheet.serve.site import is_known
from broadsheet.store.values import seconds

A = TypeVar("A", bound=Ask)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:\d\d))?", re.A)
_UNKNOWN = re.compile("Object contains unknown field `(.*)`")


class Call(Struct, frozen=True):
    """A checked request, within one view of what is stored."""

    request: Request
    here: Office
    connection: Connection
    ask: Any

    @property
    def home(self) -> str:
        return self.here.newsroom.settings.newsroom.url

    def path(self, name: str) -> str:
        """A part of the address. One that no database takes is not found."""
        text: str = self.request.path_params[name]
        if not text.isprintable():
            raise HTTPException(404, "there is nothing of that name")
        return text


class Operation(Struct, frozen=True):
    """A call of the API as it is served and as OpenAPI tells of it.

    ``path`` is below ``/api/v1``, ``{name}`` one part of an address and ``{name:path}`` all the rest; ``answer`` the type of
    what ``work`` gives; ``scope`` what a token must have, empty: nothing; ``lasting``: it needs one view of what is stored.
    """

    path: str
    summary: str
    work: Callable[[Call], Any]
    answer: Any
    ask: type[Ask] = Ask
    scope: str = ""
    parameters: tuple[tuple[str, str], ...] = ()  # of the path: name, description
    lasting: bool = True


def route(prefix: str, operation: Operation) -> Route:
    """Answers the operation, in a thread: it asks the database."""

    async def endpoint(request: Request) -> Response:
        return await asyncio.get_running_loop().run_in_executor(request.app.state.calls, _answer, request, operation)

    return Route(prefix + operation.path, endpoint, methods=["GET"])


def _answer(request: Request, operation: Operation) -> Response:
    here = office(request)
    if operation.scope:
        require(request, operation.scope)
    ask = read_ask(request, operation.ask)
    with here.database.reading() if operation.lasting else here.database.asking() as connection:
        value = operation.work(Call(request, here, connection, ask))
    if isinstance(value, Response):
        return value
    more = getattr(value, "next_cursor", None)
    links = {"Link": f'<?{urlencode({**request.query_params, "cursor": more})}>; rel="next"'} if more else {}
    return said(request, encode(value), "application/json", links, private=bool(operation.scope))


def said(
    request: Request, content: bytes, kind: str, headers: dict[str, str] | None = None, *, private: bool = False
) -> Response:
    """An answer with an ETag of what it says; without the content for whoever has it (If-None-Match, RFC 9110).

    ``private``: also where the newsroom is public; of one that is not `broadsheet.serve.private` says so of every answer.
    """
    etag = f'W/"{sha256(content).hexdigest()[:24]}"'  # weak: it may be sent compressed
    known = {
        "ETag": etag,
        "Cache-Control": "private, no-cache" if private else "no-cache",
        "Access-Control-Allow-Origin": "*",
        **({"Vary": "Authorization, Cookie"} if private else {}),
        **(headers or {}),
    }
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=known)
    return Response(content, headers=known | {"Content-Type": kind})


# --- what is asked -------------------------------------------------------------------------------------------------------


def read_ask(request: Request, kind: type[A]) -> A:
    """The fields of the query as ``kind`` has them. Raises HTTPException 400, which names what is wrong."""
    fields: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in fields:
            raise HTTPException(400, f"{shown(name)}: is given twice")
        fields[name] = value
    return checked(fields, kind)


def checked(fields: Any, kind: type[A], *, strict: bool = False) -> A:
    """Fields as ``kind`` has them, with instants that can be read. Raises HTTPException 400."""
    try:
        ask = msgspec.convert(fields, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise HTTPException(400, explained(error)) from None
    if isinstance(ask, Since):
        moment("since", ask.since)
        moment("until", ask.until)
    return ask


def explained(error: msgspec.ValidationError) -> str:
    """What was wrong with a field, on one line."""
    text, _, place = str(error).partition(" - at `$")
    if unknown := _UNKNOWN.fullmatch(text):
        return shown(f"{unknown[1]}: there is no such field")
    return shown(f"{place.strip('.`')}: {text}" if place else text)


def shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])


def moment(name: str, text: str | None) -> int | None:
    """Seconds since 1970 of a day or an instant, as RFC 3339 writes them; None for none. Raises HTTPException 400."""
    if text is None:
        return None
    found = _INSTANT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day, time, zone = found.groups()
        at = datetime.fromisoformat(f"{day}T{time}{zone.upper()}" if time else f"{day}T00:00:00Z")
    except ValueError:
        raise HTTPException(400, f"{name}: {shown(text)!r} is neither a day like 2031-05-12 nor an instant") from None
    return seconds(at)


# --- cursors -------------------------------------------------------------------------------------------------------------


def cursor_of(order: str, place: Any) -> str | None:
    """The place behind which the next page begins, as text that only we read; None where there is no next page."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(msgspec.msgpack.encode([order, place])).rstrip(b"=").decode()


def place_of(order: str, cursor: str, kind: Any) -> Any:
    """The place that a cursor of a listing in that order says; None for no cursor. Raises HTTPException 400."""
    if not cursor:
        return None
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_for, place = msgspec.msgpack.decode(content, type=tuple[str, kind])
        parts = place if isinstance(place, tuple) else (place,)
        if made_for != order or not all(_can_be(part) for part in parts):
            raise ValueError
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise HTTPException(400, "cursor: is none that a page of this listing gave") from None
    return place


def _can_be(part: Any) -> bool:
    """Whether a database takes it."""
    return "\x00" not in part if isinstance(part, str) else abs(part) < 1 << 62
