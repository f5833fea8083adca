"""What holds for every request, whoever asks: how large, how slow and how often it may be, from where, and what answers say."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import IPv6Address, ip_address
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.serve.people import COOKIE, SAFE
from broadsheet.settings import ServeSettings, Settings

LARGEST = 1_000_000  # bytes of a request's body
DELIVERED = 10_000_000  # bytes of what a hub delivers
SLOWEST = 30.0  # seconds until a request's body has come
ADDRESSES = 10_000  # that are remembered

# for what we answer ourselves; pages of the published site carry their own policy
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = "frame-ancestors 'none'"
DOCUMENTS = f"default-src 'none'; style-src 'unsafe-inline'; sandbox; {PAGES}"  # SVG and XML can carry scripts too
LIVE = frozenset(  # the parts that are answered live
    {"api", "desk", "reader", "accounts", "fever", "mcp", "hooks", "feeds", "account", "websub"}
)
_PRIVATE = frozenset({"desk", "account"})


class Allowance:
    """How often something may be done: ``burst`` at once, and ``rate`` a second after that. Remembers ``ADDRESSES`` of them."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str) -> bool:
        """Whether it may be done once more; if so that is counted."""
        with self._lock:
            left = self._now(name)
            self._keep(name, left - 1 if left >= 1 else left)
            return left >= 1

    def give_back(self, name: str) -> None:
        """Uncount one that was taken."""
        with self._lock:
            self._keep(name, min(self._burst, self._now(name) + 1))

    def is_used_up(self, name: str) -> bool:
        with self._lock:
            return self._now(name) < 1

    def _now(self, name: str) -> float:
        left, then = self._left.get(name, (self._burst, self._clock()))
        return min(self._burst, left + (self._clock() - then) * self._rate)

    def _keep(self, name: str, left: float) -> None:
        self._left[name] = (left, self._clock())
        self._left.move_to_end(name)
        while len(self._left) > ADDRESSES:
            self._left.popitem(last=False)


class _Refused(Exception):
    """A request that is not to be answered, with the status and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def part_of(path: str) -> str:
    """The first name of a path, by which the server tells its parts apart."""
    return path.partition("/")[2].partition("/")[0]


def guarded(settings: Settings) -> Middleware:
    """`Guarded` as a newsroom's settings want it."""
    serve, home = settings.serve, urlsplit(settings.newsroom.url)
    return Middleware(Guarded, allowance=_allowance(serve), home=f"{home.scheme}://{home.netloc}")


def _allowance(serve: ServeSettings) -> Allowance:
    return Allowance(serve.requests_per_second, serve.request_burst)


class Guarded:
    """Refuses what no part should have to think of, and puts the headers on every answer that keep browsers careful.

    ``home`` is the origin at which the newsroom is known, for when a web server before it does not say by what scheme it was
    asked.
    """

    def __init__(
        self, app: ASGIApp, allowance: Allowance | None = None, slowest: float = SLOWEST, home: str | None = None
    ) -> None:
        self._app = app
        self._allowance = allowance or _allowance(ServeSettings())
        self._slowest = slowest
        self._home = home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        part = part_of(scope["path"])
        started = False

        async def saying(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                harden(message.setdefault("headers", []), part, scope["scheme"])
            await send(message)

        try:
            self._check(scope, part)
            await self._app(_uncompressed(scope, part), _bounded(receive, _largest(part), self._slowest), saying)
        except _Refused as refused:
            if not started:
                await _refusal(refused)(scope, receive, saying)

    def _check(self, scope: Scope, part: str) -> None:
        if scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            is_ours = part in _PRIVATE or COOKIE in headers.get("cookie", "")
            if is_ours and not is_from_here(headers, scope["scheme"], self._home):
                raise _Refused(403, "this was sent by another site")
            size = headers.get("content-length", "0")
            if not re.fullmatch("[0-9]{1,12}", size) or int(size) > _largest(part):
                raise _Refused(413, "the request is too large")
        if part in LIVE and not self._allowance.take(asker(scope)):
            raise _Refused(429, "too many requests from this address; wait a little")


def asker(scope: Scope) -> str:
    """The address that a request counts for: of IPv6 the network of 64 bits, all of which one household has."""
    client = scope.get("client")
    host = client[0] if client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def is_from_here(headers: Headers, scheme: str, home: str | None = None) -> bool:
    """Whether a request that changes something was sent by a page of this host, as browsers say (Fetch, Origin header)."""
    origin = headers.get("origin")
    if origin is not None:
        return origin.lower() in (f"{scheme}://{headers.get('host', '')}".lower(), (home or "-").lower())
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _uncompressed(scope: Scope, part: str) -> Scope:
    """The pages of people are not compressed: their length would tell of the CSRF token in them, letter by letter (BREACH)."""
    if part not in _PRIVATE:
        return scope
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


def _largest(part: str) -> int:
    return DELIVERED if part == "websub" else LARGEST


def _bounded(receive: Receive, largest: int, slowest: float) -> Receive:
    """The request's body, given up when it is too large, whatever its length was said to be, or too slow."""
    size, ended, until = 0, False, monotonic() + slowest

    async def receiving() -> Message:
        nonlocal size, ended
        if ended:  # what comes now is that the reader has gone, whenever that is
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.01, until - monotonic()))
        except TimeoutError:
            raise _Refused(408, "the request came too slowly") from None
        size += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if size > largest:
            raise _Refused(413, "the request is too large")
        return message

    return receiving


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Every error in one shape: ``{"error": {"status": 404, "message": "..."}}``."""
    return JSONResponse({"error": {"status": status, "message": message}}, status_code=status, headers=headers)


def _refusal(refused: _Refused) -> Response:
    headers = {"Connection": "close"} if refused.status in (408, 413) else {}
    headers |= {"Retry-After": "10"} if refused.status == 429 else {}
    return refusal(refused.status, str(refused), headers)


def harden(said: list[tuple[bytes, bytes]], part: str, scheme: str) -> None:
    """Add to the headers of an answer what it does not say itself."""
    names = {name for name, _ in said}
    kind = next((value for name, value in said if name == b"content-type"), b"").decode("latin-1")
    said.extend(item for item in _careful(_policy(part, kind), part in _PRIVATE, scheme) if item[0] not in names)


@cache
def _careful(policy: str, private: bool, scheme: str) -> tuple[tuple[bytes, bytes], ...]:
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "content-security-policy": policy,
    }
    if private:
        headers |= {"cache-control": "no-store", "x-robots-tag": "noindex"}
    if scheme == "https":
        headers["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def _policy(part: str, kind: str) -> str:
    if part in LIVE:
        return POLICY
    return DOCUMENTS if "xml" in kind.partition(";")[0] else PAGES
