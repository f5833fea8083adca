"""The app: which part answers which address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from broadsheet.errors import BroadsheetError, StoreError
from broadsheet.serve import (
    api,
    api_feeds,
    api_hooks,
    desk,
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


class _Published(Mount):
    """The site's addresses that can be no other part's: most requests are for them, and need not be held against each route."""

    def __init__(self, site: Site, live: Sequence[BaseRoute]) -> None:
        super().__init__("/", site)
        self._parts = {part_of(getattr(route, "path", "")) for route in live}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if part_of(scope["path"]) in self._parts or scope["type"] != "http":
            return Match.NONE, {}
        return super().matches(scope)


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
        *health.routes(),
        *sessions.routes(settings.serve),
        *oidc_sign_in.routes(settings.serve.oidc),
        *reader.routes(),
        *fever.routes(),
        *mcp_http.routes(office),
        *desk.routes(),
        *events.routes(),
        *api_hooks.routes(),
        *api.routes(),
        *openapi.routes(),
        *api_feeds.routes(),
        *news_lists.routes(site),
        *websub.routes(),
    ]
    app = Starlette(
        routes=[_Published(site, live), *live, Mount("/", site, name="site")],
        middleware=[
            Middleware(Measured),
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
    return app


async def _refusal(_request: Request, error: Exception) -> Response:
    """Every error in one shape: ``{"error": {"status": 404, "message": "..."}}``."""
    headers = None
    if isinstance(error, HTTPException):
        status, message, headers = error.status_code, error.detail, error.headers
    elif isinstance(error, StoreError):
        status, message = 503, "the database does not answer"
    elif isinstance(error, BroadsheetError):
        status, message = 400, str(error)
    else:
        status, message = 500, "a fault of the server's own; its log says more"
    return refusal(status, message, headers)
