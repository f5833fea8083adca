"""The app: which part answers which address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.serve import (
    api,
    api_feeds,
    api_hooks,
    desk,
    desk_pages,
    events,
    fever,
    health,
    mcp_http,
    news_lists,
    oidc_sign_in,
    openapi,
    reader,
    sessions,
    websub,
)
from broadsheet.serve.events import Followers
from broadsheet.serve.hooks import Deliveries
from broadsheet.serve.metrics import Measured
from broadsheet.serve.office import Office
from broadsheet.serve.private import Private, Shared
from broadsheet.serve.security import guarded, part_of, refusal
from broadsheet.serve.site import Site
from broadsheet.store.search import Search

CALLS = 2  # of the API that are worked on at once: more would take the processor from each other, and memory each


class _Published:
    """Answers with the site's small files before all else looks at a request: most requests are for them.

    What may be another part's, or is not for everybody, takes the whole way.
    """

    def __init__(self, app: ASGIApp, site: Site, live: Collection[str], office: Office) -> None:
        self._app, self._site, self._live, self._office = app, site, live, office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and part_of(scope["path"]) not in self._live
        is_public = mine and self._office.newsroom.settings.serve.public
        answer = self._site.at_once(scope) if is_public else None
        await (answer or self._app)(scope, receive, send)


def make_app(office: Office, wake: Callable[[], None] = lambda: None) -> Starlette:
    """All that ``broadsheet serve`` answers; whatever no other part does is a file of the published site.

    ``wake`` is called when something has come that the next edition is not to wait for.
    """
    settings = office.newsroom.settings
    site, followers, deliveries = Site(office.newsroom.output), Followers(office), Deliveries(office)

    @asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(work) for work in (followers.watch(), deliveries.run())]
        try:
            yield
        finally:
            followers.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    live = [
        # asked the most, and so looked at first
        *events.routes(),
        *api_hooks.routes(),
        *api.routes(),
        *health.routes(),
        *sessions.routes(settings.serve),
        *oidc_sign_in.routes(settings.serve.oidc),
        *reader.routes(),
        *fever.routes(),
        *mcp_http.routes(office),
        *desk.routes(),
        *openapi.routes(),
        *api_feeds.routes(),
        *news_lists.routes(site),
        *websub.routes(),
    ]
    app = Starlette(
        routes=[*live, Mount("/", site, name="site")],
        middleware=[
            Middleware(Measured),
            Middleware(_Published, site=site, live=_parts(live), office=office),
            Middleware(Shared),
            guarded(settings),
            Middleware(Private),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={HTTPException: _refusal, BroadsheetError: _refusal, Exception: _refusal},
        lifespan=living,
    )
    app.state.office, app.state.followers = office, followers
    app.state.search, app.state.wake = Search(), wake
    app.state.calls = ThreadPoolExecutor(CALLS, thread_name_prefix="call")
    return app


def _parts(live: Iterable[BaseRoute]) -> frozenset[str]:
    return frozenset(part_of(getattr(route, "path", "")) for route in live)


async def _refusal(request: Request, error: Exception) -> Response:
    """Every error in one shape: ``{"error": {"status": 404, "message": "..."}}``; on a page where a person asks for one."""
    headers = None
    if isinstance(error, HTTPException):
        status, message, headers = error.status_code, error.detail, error.headers
    elif isinstance(error, StoreError):
        status, message = 503, "the database does not answer"
    elif isinstance(error, BroadsheetError):
        status, message = 400, str(error)
    else:
        status, message = 500, "a fault of the server's own; its log says more"
    if status == 404 and part_of(request.url.path) == "desk" and "text/html" in request.headers.get("accept", ""):
        return await run_in_threadpool(desk_pages.refusal, request, status, "there is no such page")
    return refusal(status, message, headers)
