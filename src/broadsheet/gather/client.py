"""The polite HTTP client: few requests a host, bounded in time and size, never to private addresses.

One `Client` serves one edition. It does not retry: a failure is raised as FetchError with what is needed to decide when to ask
again. A request goes through these steps, each redirect through all of them again::

    address allowed? → host open (Retry-After)? → robots.txt → the host's turn and gap → a free connection → request → body
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from ssl import SSLContext
from types import TracebackType
from typing import Self

from aiohttp.abc import AbstractResolver
from yarl import URL

from broadsheet.dates import parse_date
from broadsheet.errors import FetchError
from broadsheet.gather.addresses import PRIVATE, names_private
from broadsheet.gather.exchange import (
    Answer,
    UnreachableError,
    Wish,
    address_of,
    redirected,
    request_headers,
)
from broadsheet.gather.hosts import Host, worth_keeping
from broadsheet.gather.robots import MAX_BYTES, Robots, read_robots
from broadsheet.gather.transport import Transport
from broadsheet.models import HostState, Page
from broadsheet.settings import GatherSettings

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_PERMANENT_ERRORS = frozenset({400, 401, 402, 404, 405, 406, 410, 414, 451})
_BUSY = frozenset({429, 503})
_MAX_RETRY_AFTER = timedelta(days=2)
_POST_LIMIT = 100_000  # bytes of an answer to a form
_HOSTS = 1000  # held before those that are idle are looked for
_ROBOTS_LIFE = timedelta(hours=24)  # RFC 9309: not longer without asking again
_ROBOTS_REFUSAL_LIFE = timedelta(minutes=30)


class _Origin:
    """The robots.txt of one scheme, host and port."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.robots: Robots | None = None
        self.expires: datetime | None = None


class Client:
    """Fetches pages. Use as an async context manager; safe for any number of tasks of one event loop.

    ``clock`` gives the time now, aware. ``resolver`` turns names into addresses in place of the system's; with one, proxies of
    the environment are not used, as they would not know its names. ``allow_private`` permits private addresses for all
    requests: for a resolver that maps names to this machine. Otherwise an address is refused when the socket is made, after
    all names are resolved, so that no name or spelling of an address gets around it.
    """

    def __init__(
        self,
        settings: GatherSettings,
        *,
        user_agent: str,
        clock: Callable[[], datetime],
        resolver: AbstractResolver | None = None,
        ssl_context: SSLContext | None = None,
        allow_private: bool = False,
    ) -> None:
        self._settings = settings
        self._agent = user_agent.partition("/")[0].strip()
        self._clock = clock
        self._allow_private = allow_private
        self._transport = Transport(settings, user_agent, resolver, ssl_context)
        self._known: dict[str, HostState] = {}
        self._hosts: dict[str, Host] = {}
        self._most_hosts = _HOSTS
        self._origins: dict[tuple[str, bool], _Origin] = {}

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._free = asyncio.Semaphore(self._settings.connections)
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    def remember(self, states: Iterable[HostState]) -> None:
        """What earlier editions learnt of hosts."""
        self._known.update({state.host: state for state in states})

    def learnt(self) -> list[HostState]:
        """What is worth remembering of hosts, by their names."""
        now = self._clock()
        states = {**self._known, **{name: host.state for name, host in self._hosts.items()}}
        return sorted((state for state in states.values() if worth_keeping(state, now)), key=attrgetter("host"))

    async def fetch(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        limit: int | None = None,
        head_bytes: int | None = None,
        start: int | None = None,
        allow_private: bool = False,
        robots: bool = False,
    ) -> Page:
        """The page at ``url`` after redirects, its content decompressed.

        ``etag`` and ``last_modified`` as an earlier page gave them: unchanged, the page has status 304 and no content.
        ``limit`` in bytes, before and after decompression; the settings' ``max_bytes`` by default. With ``head_bytes`` only
        so many bytes are asked for and read; with ``start`` from that byte on, as they lie in the file: no coding is undone.
        Whether the server kept to the range is told by status and Content-Range (`broadsheet.gather.ranges`).
        ``allow_private`` holds for the host of ``url`` alone, not for another one it redirects to. ``robots`` asks the host's
        robots.txt first. Raises FetchError.
        """
        headers = request_headers(etag, last_modified, head_bytes, start or 0)
        wish = Wish(headers, limit or self._settings.max_bytes, head_bytes, raw=start is not None)
        current, moved_to, permanent = address_of(url), "", True
        own_host = current.raw_host if allow_private else None
        for _ in range(self._settings.max_redirects + 1):
            private = self._allow_private or current.raw_host == own_host
            if robots and self._settings.robots:
                await self._ask_robots(current, private)
            answer = await self._request(current, wish, private)
            if answer.status not in _REDIRECTS:
                return self._page(url, str(current), moved_to, answer)
            permanent = permanent and answer.status in _PERMANENT_REDIRECTS
            current = redirected(current, answer)
            moved_to = str(current) if permanent else moved_to
        raise FetchError(f"redirects more than {self._settings.max_redirects} times", permanent=True)

    async def post(self, url: str, form: dict[str, str], *, allow_private: bool = False) -> int:
        """Send a form, as to a hub; the status of the answer, whose content is not wanted. Raises FetchError."""
        address = address_of(url)
        answer = await self._request(address, Wish({}, _POST_LIMIT, form=form), allow_private or self._allow_private)
        if answer.status in _REDIRECTS:
            raise FetchError(f"answered {answer.status}", status=answer.status)
        return answer.status

    async def send(self, url: str, content: bytes, headers: dict[str, str], *, allow_private: bool = False) -> int:
        """Send bytes, as to a webhook; the status of the answer, whose content is not wanted. Raises FetchError."""
        wish = Wish(headers, _POST_LIMIT, content=content)
        answer = await self._request(address_of(url), wish, allow_private or self._allow_private)
        if answer.status in _REDIRECTS:
            raise FetchError(f"answered {answer.status}", status=answer.status)
        return answer.status

    async def robots(self, url: str, *, allow_private: bool = False) -> Robots:
        """The rules of the host of ``url``, asked once a day at most: none when it has no robots.txt, a refusal when it fails.

        Raises FetchError for what is not an address.
        """
        origin_url = address_of(url).origin()
        private = allow_private or self._allow_private
        # a host that was refused as private must not stay so for the source that may be private
        origin = self._origins.setdefault((str(origin_url), private), _Origin())
        async with origin.lock:
            if origin.robots is None or origin.expires is None or self._clock() >= origin.expires:
                origin.robots = await self._fetch_robots(origin_url, private)
                life = _ROBOTS_REFUSAL_LIFE if origin.robots.refusal else _ROBOTS_LIFE
                origin.expires = self._clock() + life
            return origin.robots

    def _page(self, url: str, final_url: str, moved_to: str, answer: Answer) -> Page:
        return Page(
            url=url,
            final_url=final_url,
            status=answer.status,
            headers=answer.headers,
            content=answer.content,
            fetched_at=self._clock(),
            moved_to=moved_to,
        )

    async def _ask_robots(self, url: URL, private: bool) -> None:
        """Raises FetchError when robots.txt disallows ``url``; keeps the delay it asks for."""
        robots = await self.robots(str(url), allow_private=private)
        if robots.refusal:
            raise FetchError(robots.refusal)
        if not robots.allows(str(url), self._agent):
            raise FetchError("robots.txt disallows it", permanent=True)
        self._host(url).delay = robots.delay(self._agent)

    async def _fetch_robots(self, origin: URL, private: bool) -> Robots:
        wish = Wish({"Accept": "text/plain"}, MAX_BYTES * 8)
        current = origin.with_path("/robots.txt")
        try:
            for _ in range(self._settings.max_redirects + 1):
                answer = await self._request(current, wish, private and current.raw_host == origin.raw_host)
                if answer.status not in _REDIRECTS:
                    return read_robots(answer.content)
                current = redirected(current, answer)
        except FetchError as error:
            if 400 <= error.status < 500 and error.status != 429:
                return Robots()
            return Robots(refusal=f"robots.txt cannot be had, so nothing may be asked: {error}")
        return Robots()  # RFC 9309: beyond five redirects it counts as unavailable

    def _host(self, url: URL) -> Host:
        name = url.raw_host or ""
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= self._most_hosts:
                self._forget_idle()
            state = self._known.get(name) or HostState(host=name)
            host = self._hosts[name] = Host(state, self._settings.connections_per_host)
        return host

    def _forget_idle(self) -> None:
        """Let go of hosts of which there is nothing to know any more, so that memory does not grow with their number."""
        now = self._loop.time()
        self._hosts = {name: host for name, host in self._hosts.items() if not host.is_idle(now)}
        self._most_hosts = 2 * len(self._hosts) + _HOSTS

    async def _request(self, url: URL, wish: Wish, private: bool) -> Answer:
        """One request in the host's turn. Raises FetchError, also for every status that is not a success or a redirect."""
        host, address = self._host(url), str(url)
        proxy = self._transport.proxy(url)
        if not private and names_private(url.raw_host or ""):
            raise FetchError(PRIVATE, permanent=True)
        host.users += 1
        try:
            async with host.turns:
                now = self._clock()
                host.refuse_closed(address, now)
                if (wait := self._wait(host, now)) > 0:
                    await asyncio.sleep(wait)
                async with self._free:
                    answer = await self._transport.exchange(url, wish, proxy, private)
        except UnreachableError:
            host.answered(address, 0, None, self._clock())
            raise
        finally:
            host.users -= 1
        retry_at = self._retry_at(answer.headers) if answer.status in _BUSY else None
        host.answered(address, answer.status, retry_at, self._clock())
        if answer.status >= 400 or (answer.status >= 300 and answer.status != 304 and answer.status not in _REDIRECTS):
            permanent = answer.status in _PERMANENT_ERRORS
            raise FetchError(f"answered {answer.status}", status=answer.status, retry_at=retry_at, permanent=permanent)
        return answer

    def _wait(self, host: Host, now: datetime) -> float:
        """Seconds until the host's next request may start; the one after it waits another gap."""
        moment = self._loop.time()
        start = max(moment, host.next_start)
        host.next_start = start + max(self._settings.gap, host.gap(now))
        return start - moment

    def _retry_at(self, headers: dict[str, str]) -> datetime | None:
        """When a busy host wants to be asked again, from Retry-After in seconds or as a date (RFC 9110); two days at most."""
        text = headers.get("retry-after", "").strip()
        now = self._clock()
        if text.isdecimal() and text.isascii():
            return now + min(timedelta(seconds=int(text[:9])), _MAX_RETRY_AFTER)
        moment = parse_date(text)
        return min(moment, now + _MAX_RETRY_AFTER) if moment and moment > now else None
