"""Who may read: everybody, or with ``serve.public = false`` only those who are known. And reading from other sites' pages."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.serve.desk_pages import SIGN_IN
from broadsheet.serve.office import office
from broadsheet.serve.people import who
from broadsheet.serve.security import part_of, refusal

_SHARED = frozenset({"api", "feeds"})  # may be asked by scripts of any site
# what asks by itself who asks, or tells nothing of the paper
_OPEN = frozenset({"healthz", "readyz", "metrics", "account", "accounts", "desk", "reader", "fever", "websub"})


class Shared:
    """Lets the pages of other sites read the API and the feeds (CORS), without cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        asked = ["Authorization", "If-None-Match", "Last-Event-ID"]
        self._shared = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=asked, expose_headers=["ETag", "Link"]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        part = part_of(scope["path"]) if scope["type"] == "http" else ""
        await (self._shared if part in _SHARED else self._app)(scope, receive, send)


class Private:
    """Answers those alone who have the scope "read", where the newsroom is not public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and part_of(scope["path"]) not in _OPEN:
            request = Request(scope)
            if not office(request).newsroom.settings.serve.public:
                refused = await run_in_threadpool(_refusal, request)
                await (refused or self._app)(scope, receive, _unshared(send))
                return
        await self._app(scope, receive, send)


def _unshared(send: Send) -> Send:
    """What is not for everybody is in nobody's shared cache, and in a browser's for whom it was sent to."""

    async def saying(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if "no-store" not in headers.get("cache-control", ""):
                headers["cache-control"] = "private, no-cache"
            if "cookie" not in headers.get("vary", "").lower():
                headers.add_vary_header("Authorization, Cookie")
        await send(message)

    return saying


def _refusal(request: Request) -> Response | None:
    person = who(request)
    if person is not None and "read" in person.scopes:
        return None
    if person is None and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"{SIGN_IN}?next={quote(request.url.path)}", 303)
    status, message = (401, "sign in, or send a token") if person is None else (403, "this needs the scope read")
    return refusal(status, message, {"WWW-Authenticate": "Bearer"} if status == 401 else None)
