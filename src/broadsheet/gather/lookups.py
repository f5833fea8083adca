"""Addresses of hosts: each name looked up once in a while, and many at a time, so that dead ones do not hold up the others."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

LIFE = 10.0  # seconds for which an answer is used again, as for the feeds of one host
MOST = 1000  # answers kept
_AT_ONCE = 32  # lookups; the C library waits for seconds when a name server is silent
_Answer = list[ResolveResult]


class Lookups(AbstractResolver):
    """Asks the system, or another resolver in its place. Raises OSError for a name without an address."""

    def __init__(self, other: AbstractResolver | None = None) -> None:
        self._other = other
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="lookup")
        self._known: dict[tuple[str, int, int], tuple[float, _Answer]] = {}

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> _Answer:
        """The addresses of ``host``, as asked for within the last seconds or anew."""
        key = (host, port, family)
        known = self._known.get(key)
        if known is not None and self._loop.time() - known[0] < LIFE:
            return known[1]
        found = await (self._other.resolve(host, port, family) if self._other else self._ask(host, port, family))
        if len(self._known) >= MOST:
            self._known.clear()  # all of them old, or nearly
        self._known[key] = (self._loop.time(), found)
        return found

    async def _ask(self, host: str, port: int, family: socket.AddressFamily) -> _Answer:
        look_up = partial(socket.getaddrinfo, host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        found = await self._loop.run_in_executor(self._threads, look_up)
        usable = [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, address in found
            if not (kind == socket.AF_INET6 and address[3:] != (0,))  # link-local, which takes more than an address
        ]
        if not usable:
            raise OSError("no usable address")
        return usable

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
