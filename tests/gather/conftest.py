"""No test of this room sends a packet off loopback, whatever the guard does: names and connections are the test's own."""

from __future__ import annotations

import asyncio
import socket
from asyncio.selector_events import BaseSelectorEventLoop
from ipaddress import ip_address
from typing import Any

import pytest

Dialled = list[tuple[str, int]]


@pytest.fixture(autouse=True)
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    """What would have been dialled off loopback, or asked of a name server; nothing of it was."""
    found: Dialled = []
    connect, look_up = BaseSelectorEventLoop.sock_connect, socket.getaddrinfo

    async def dial(loop: asyncio.AbstractEventLoop, opened: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not ip_address(address[0]).is_loopback:
            found.append(address[:2])
            raise OSError("a test may not leave this machine")
        await connect(loop, opened, address)  # type: ignore[arg-type]

    def resolve(host: Any, port: Any, *others: Any, **named: Any) -> Any:
        flags = socket.AI_NUMERICHOST if host != "localhost" else 0
        try:
            return look_up(host, port, *others, **{**named, "flags": named.get("flags", 0) | flags})
        except socket.gaierror:
            found.append((host, port))
            raise

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", dial)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return found
