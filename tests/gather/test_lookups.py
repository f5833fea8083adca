"""Addresses of hosts are looked up once in a while, and of a bounded number of hosts remembered."""

from __future__ import annotations

import asyncio
import socket

import pytest

from broadsheet.gather import lookups
from broadsheet.gather.lookups import Lookups
from tests.gather.servers import Names


def test_a_name_is_asked_for_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> list[str]:
        names = Names(80)
        found = Lookups(names)
        for _ in range(2):
            assert (await found.resolve("harbour.example", 80))[0]["host"] == "127.0.0.1"
        monkeypatch.setattr(lookups, "LIFE", 0.0)
        await found.resolve("harbour.example", 80)
        await found.close()
        return names.asked

    assert asyncio.run(test()) == ["harbour.example"] * 2


def test_not_all_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST", 3)

    async def test() -> int:
        found = Lookups(Names(80))
        for n in range(50):
            await found.resolve(f"h{n}.example", 80)
        return len(found._known)

    assert asyncio.run(test()) <= 3


def test_a_failure_is_not_remembered() -> None:
    async def test() -> list[str]:
        names = Names(80, unknown=("gone.example",))
        found = Lookups(names)
        for _ in range(2):
            with pytest.raises(OSError, match="no such name"):
                await found.resolve("gone.example", 80)
        return names.asked

    assert asyncio.run(test()) == ["gone.example"] * 2


def test_the_system_is_asked() -> None:
    async def test() -> set[str]:
        return {answer["host"] for answer in await Lookups().resolve("localhost", 80, socket.AddressFamily.AF_UNSPEC)}

    assert asyncio.run(test()) <= {"127.0.0.1", "::1"}


def test_an_address_that_takes_more_than_an_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    local = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 2))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: local)
    with pytest.raises(OSError, match="no usable address"):
        asyncio.run(_resolved("printer.local"))


async def _resolved(host: str) -> object:
    return await Lookups().resolve(host, 80)
