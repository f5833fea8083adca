"""The lists of the format's first users at their old addresses, with query parameters: ``/api/news/?minimum_heat=80&page=2``.

Without a query these are files of the published folder, and the answer is the file. ``/api/news[/TOPIC]/[index.json]``,
``.../page/N/index.json`` and ``.../pageN/index.json`` are known, and each may be asked with ``minimum_heat`` and ``page``.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.publish import api
from broadsheet.publish.api import encode
from broadsheet.serve.api_calls import explained, said
from broadsheet.serve.office import office
from broadsheet.store import listings
from broadsheet.store.listings import Wanted

NEWEST = 5000  # stories among which a list looks
_PATH = re.compile(
    r"(?:/(?P<topic>(?!page\d*(?:/|$)|minimum_heat(?:/|$)|index\.json$)[^/]+))?(?:/minimum_heat/(?P<heat>\d{1,5}))?"
    r"(?:/page/?(?P<page>[1-9]\d{0,3}))?(?:/(?:index\.json)?)?"
)


class _Asked(Struct):
    """Other fields are passed over, as the first system's lists did: they were files."""

    minimum_heat: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page: Annotated[int, Meta(ge=1, le=9999)] = 1


class Lists:
    """An ASGI app before that of the published folder."""

    def __init__(self, site: ASGIApp) -> None:
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        found = _PATH.fullmatch(scope["path"].removeprefix("/api/news"))
        if found is None or not {"minimum_heat", "page"}.intersection(request.query_params):
            await self._site(scope, receive, send)
            return
        answer = await run_in_threadpool(_list, request, found)
        await answer(scope, receive, send)


def routes(site: ASGIApp) -> list[BaseRoute]:
    return [Route("/api/news{rest:path}", Lists(site), methods=["GET"])]


def _list(request: Request, found: re.Match[str]) -> Response:
    here = office(request)
    given = {"page": found["page"], "minimum_heat": found["heat"], **request.query_params}
    try:
        asked = msgspec.convert({name: value for name, value in given.items() if value}, _Asked, strict=False)
    except msgspec.ValidationError as error:
        raise HTTPException(400, explained(error)) from None
    topics = {topic.slug: topic.name for topic in here.newsroom.settings.topics}
    slug = found["topic"] or ""
    if slug and slug not in topics:
        raise HTTPException(404, "there is no such topic")
    wanted = Wanted(topic=topics.get(slug, ""), heat=asked.minimum_heat or None)
    size = here.newsroom.settings.publish.page_size
    with here.database.reading() as connection:
        stories, more = listings.slice_of(connection, wanted, NEWEST, size * (asked.page - 1), size)
    page = api.ListPage(page=asked.page, value=api.items(stories), next_page=asked.page + 1 if more else None)
    return said(request, encode(page), "application/json; charset=utf-8")
