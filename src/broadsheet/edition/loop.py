"""The event loop of an edition: that of uvloop, in which asking many feeds takes a fifth less of a processor."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

if sys.platform == "win32":
    run = asyncio.run
else:
    import uvloop

    class _Loop(uvloop.Loop):
        async def getaddrinfo(
            self, host: Any, port: Any, *, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
        ) -> list[Any]:
            """For sockets of TCP unless another kind is asked for.

            Without a kind uvloop has a thread look up each address that a socket is connected to, also one by number.
            """
            kind = type or socket.SOCK_STREAM
            return await super().getaddrinfo(host, port, family=family, type=kind, proto=proto, flags=flags)

    def run(main: Coroutine[Any, Any, T]) -> T:
        """As `asyncio.run`."""
        with asyncio.Runner(loop_factory=_Loop) as runner:
            return runner.run(main)


__all__ = ["run"]
