"""The event loop of an edition finds addresses as any other does, and those by number without a thread."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import threading
from pathlib import Path
from typing import Any

from broadsheet.edition import loop


def test_a_socket_is_connected_to_an_address_by_number_without_a_thread() -> None:
    # in a process of its own: here other tests may have left threads, which may end meanwhile
    process = multiprocessing.get_context("spawn").Process(target=_dial)
    process.start()
    process.join()
    assert process.exitcode == 0


def _dial() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        async def test() -> None:
            before = _threads()
            for _ in range(9):
                with socket.socket() as dialled:
                    dialled.setblocking(False)
                    await asyncio.get_running_loop().sock_connect(dialled, server.getsockname())
                    assert dialled.getpeername() == server.getsockname()
            assert _threads() == before

        loop.run(test())


def test_names_are_looked_up() -> None:
    async def test() -> list[Any]:
        return await asyncio.get_running_loop().getaddrinfo("localhost", 80, family=socket.AF_INET)

    assert [address[-1] for address in loop.run(test())] == [("127.0.0.1", 80)]


def _threads() -> int:
    """Of this process, those among them that Python does not know, as of libuv."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:  # not Linux
        return threading.active_count()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
