"""Feeds of any query: ``/feeds/v1/search.rss?q=...`` and ``/feeds/v1/stories.rss?topic=...``, also ``.atom`` and ``.json``.

A saved search has an address of its own, ``/feeds/v1/saved/NAME.rss``, which stays when its query is edited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.config import load_settings
from broadsheet.models import PublishedStory
from broadsheet.publish.feeds import Feed, atom, json_feed, rss
from broadsheet.serve.api import searcher, story_filters
from broadsheet.serve.api_calls import Call, read_ask, said
from broadsheet.serve.api_forms import Ask, SearchFeedAsk, StoriesFeedAsk
from broadsheet.serve.office import office
from broadsheet.store import listings, search_query

KINDS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
PATHS: dict[str, tuple[str, type[Ask]]] = {
    "/feeds/v1/search.{form}": ("The stories that a search finds, newest first, as a feed.", SearchFeedAsk),
    "/feeds/v1/stories.{form}": ("Stories, as a feed.", StoriesFeedAsk),
}
_WRITERS: dict[str, Callable[[Feed, Sequence[PublishedStory]], bytes]] = {"rss": rss, "atom": atom, "json": json_feed}
_NEVER = datetime.min.replace(tzinfo=UTC)


def routes() -> list[BaseRoute]:
    return [
        Route("/feeds/v1/{what}.{form}", feed, methods=["GET"]),
        Route("/feeds/v1/saved/{name}.{form}", saved, methods=["GET"]),
    ]


async def saved(request: Request) -> Response:
    """Where the feed of a saved search is just now."""
    name, form = request.path_params["name"], request.path_params["form"]
    query = load_settings(office(request).newsroom.folder).search.saved.get(name)
    if query is None or form not in KINDS:
        raise HTTPException(404, "there is no saved search of that name, as rss, atom or json")
    return RedirectResponse(f"../search.{form}?{urlencode({'q': query})}", 302)


async def feed(request: Request) -> Response:
    return await run_in_threadpool(_feed, request)


def _feed(request: Request) -> Response:
    what, form = request.path_params["what"], request.path_params["form"]
    if what not in _STORIES or form not in KINDS:
        raise HTTPException(404, "there is no such feed: search and stories, as rss, atom or json")
    here = office(request)
    kind, find = _STORIES[what]
    ask = read_ask(request, kind)
    with here.database.reading() as connection:
        stories, name = find(Call(request, here, connection, ask))
    newsroom = here.newsroom.settings.newsroom
    itself = urljoin(newsroom.url, request.url.path.lstrip("/")) + (f"?{request.url.query}" if request.url.query else "")
    about = Feed(
        title=f"{name} · {newsroom.name}",
        description=newsroom.description,
        language=newsroom.language,
        home=newsroom.url,
        page=_page(newsroom.url, ask),
        itself=itself,
    )
    return said(request, _WRITERS[form](about, stories), f"{KINDS[form]}; charset=utf-8")


def _found(call: Call) -> tuple[list[PublishedStory], str]:
    ask: SearchFeedAsk = call.ask
    found = searcher(call.request).find(call.connection, search_query.parse(ask.q), "story", ask.limit)
    stories = [story for hit in found.hits if (story := hit.story)]
    stories.sort(key=lambda story: (story.record.published_at or _NEVER, story.record.path), reverse=True)
    return stories, ask.q


def _listed(call: Call) -> tuple[list[PublishedStory], str]:
    ask: StoriesFeedAsk = call.ask
    wanted = story_filters(call.here.newsroom.settings, ask)
    page = listings.stories(call.connection, wanted, ask.sort, ask.limit)
    name = " · ".join(filter(None, (wanted.topic, wanted.outlet, wanted.language))) or "Stories"
    return list(page.stories), name


def _page(home: str, ask: Ask) -> str:
    """The page a feed goes with: the search in the reader's browser, or the front page."""
    return f"{home}search/?{urlencode({'q': ask.q})}" if isinstance(ask, SearchFeedAsk) else home


_STORIES: dict[str, tuple[type[Any], Callable[[Call], tuple[list[PublishedStory], str]]]] = {
    "search": (SearchFeedAsk, _found),
    "stories": (StoriesFeedAsk, _listed),
}
