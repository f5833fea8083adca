"""What is counted of a running server, in the form that Prometheus reads."""

from __future__ import annotations

from functools import cache
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.serve.security import LIVE, part_of

REGISTRY = CollectorRegistry()
REQUESTS = Counter("broadsheet_requests", "Requests answered.", ["part", "status"], registry=REGISTRY)
SECONDS = Histogram("broadsheet_request_seconds", "Seconds until the answer was sent.", ["part"], registry=REGISTRY)
EDITIONS = Counter("broadsheet_editions", "Editions that ended, by how.", ["result"], registry=REGISTRY)
LAST_EDITION = Gauge("broadsheet_last_edition_timestamp_seconds", "When the last edition ended well.", registry=REGISTRY)

_PARTS = LIVE | {"healthz", "readyz", "metrics"}


class Measured:
    """Counts requests by the part that answered and the class of their status, such as "2xx"."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        first = part_of(scope["path"])
        part = first if first in _PARTS else "site"
        start, status = perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _answered(part, status // 100).inc()
            _took(part).observe(perf_counter() - start)


@cache
def _answered(part: str, kind: int) -> Counter:
    """Kept, as to find it takes longer than to count."""
    return REQUESTS.labels(part, f"{kind}xx")


@cache
def _took(part: str) -> Histogram:
    return SECONDS.labels(part)
