"""Requests as they go over the network, one at a time: connections, sockets that refuse private addresses, times, proxies.

`broadsheet.gather.client` says when a host may be asked, and what its answer means.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import AsyncExitStack
from functools import partial
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from broadsheet.gather.addresses import public_socket
from broadsheet.gather.deadlines import Deadlines
from broadsheet.gather.exchange import Answer, UnreachableError, Wish, body_of, explained, received_headers, timed_out
from broadsheet.gather.lookups import Lookups
from broadsheet.gather.unpacking import ACCEPTED
from broadsheet.settings import GatherSettings

_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9, application/xml;q=0.9, */*;q=0.8"
_KEPT_OPEN = 256  # connections left open in so many seconds, so that many hosts do not use up the files one may have
_KEPT_SECONDS = 15.0


class Transport:
    """Use as an async context manager. With a ``resolver`` proxies of the environment are not used."""

    def __init__(
        self, settings: GatherSettings, user_agent: str, resolver: AbstractResolver | None, ssl_context: SSLContext | None
    ) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._resolver = resolver
        self._ssl = ssl_context
        self._proxies = {} if resolver else getproxies()
        self._kept_open: deque[float] = deque(maxlen=_KEPT_OPEN)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._stack = AsyncExitStack()
        self._deadlines = Deadlines(self._settings.connect_timeout, self._settings.timeout)
        # TLS is part of a connection, and only the library knows when it has come to its end
        silent = self._settings.first_byte_timeout
        self._times = aiohttp.ClientTimeout(total=None, sock_read=silent)
        self._tls_times = aiohttp.ClientTimeout(total=None, sock_read=silent, sock_connect=self._settings.connect_timeout)
        self._lookups = Lookups(self._resolver)
        self._stack.push_async_callback(self._lookups.close)
        self._public = await self._stack.enter_async_context(self._session(public=True))
        self._open = await self._stack.enter_async_context(self._session(public=False))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _session(self, *, public: bool) -> aiohttp.ClientSession:
        """A session with its own connections, so that one opened to a private address is never used for a public request."""
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=self._lookups,
            use_dns_cache=False,  # which would hold all hosts, and takes a task for each
            ssl=self._ssl or True,
            socket_factory=self._public_socket if public else self._any_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
            timeout=self._tls_times,
        )

    def _public_socket(self, info: tuple[Any, ...]) -> socket.socket:
        return self._deadlines.dialled(public_socket(info))

    def _any_socket(self, info: tuple[Any, ...]) -> socket.socket:
        return self._deadlines.dialled(socket.socket(family=info[0], type=info[1], proto=info[2]))

    async def exchange(self, url: URL, wish: Wish, proxy: str, private: bool) -> Answer:
        """Ask, and read the answer. Raises UnreachableError, and what `body_of` does."""
        session = self._open if proxy or private else self._public
        headers = wish.headers if self._keep_open() else {**wish.headers, "Connection": "close"}
        posted = wish.content if wish.form is None else wish.form
        send = session.get if posted is None else partial(session.post, data=posted)
        times = self._times if url.scheme == "http" and not proxy else self._tls_times
        deadline = self._deadlines.begin()
        try:
            async with send(url, headers=headers, allow_redirects=False, proxy=proxy or None, timeout=times) as response:
                received = received_headers(response.headers)
                content = await body_of(response, wish) if 200 <= response.status < 300 else b""
                return Answer(response.status, received, content)
        except asyncio.CancelledError:
            if not deadline.ended():
                raise
            raise UnreachableError(timed_out(deadline.expired, self._settings)) from None
        except TimeoutError as error:
            late = "connect" if isinstance(error, aiohttp.ConnectionTimeoutError) else "silent"
            raise UnreachableError(timed_out(late, self._settings)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise explained(error) from error
        finally:
            self._deadlines.end(deadline)

    def proxy(self, url: URL) -> str:
        """The proxy for an address: the settings' own, else the environment's with its exceptions; empty for none."""
        if self._settings.proxy:
            return self._settings.proxy
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all", "")
        return proxy if proxy and not proxy_bypass(url.raw_host or "") else ""

    def _keep_open(self) -> bool:
        """Whether one more connection may stay open after its answer."""
        now = self._loop.time()
        if len(self._kept_open) == _KEPT_OPEN and now - self._kept_open[0] < _KEPT_SECONDS:
            return False
        self._kept_open.append(now)
        return True
