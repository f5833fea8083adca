"""Feeds delivered by a real hub on loopback to a running ``serve``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from broadsheet.gather.client import Client
from broadsheet.gather.hubs import LEASE
from broadsheet.models import SourceState, Subscription
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.app import make_app
from broadsheet.serve.office import Office
from broadsheet.serve.websub import ask_hubs
from broadsheet.store import Database, frontier, hosts, sources
from tests.gather.hub import hub_answering
from tests.serve.newsrooms import answering

START = datetime(2031, 5, 12, 7, tzinfo=UTC)
SOURCE = "http://harbour.example/feed"
FEED = b"<rss><channel><item><title>%s</title><link>/%s</link></item></channel></rss>"


class Newspaper:
    """A newsroom whose server runs. ``woken`` counts how often an edition was called for."""

    def __init__(self, folder: Path) -> None:
        make_newsroom(folder, new_key())
        newsroom = open_newsroom(folder)
        gather = replace(newsroom.settings.gather, max_feed_bytes=10_000, gap=0.0)
        self.at, self.woken = START, 0
        self.database = Database(newsroom.store_url)
        self.office = Office(
            replace(newsroom, settings=replace(newsroom.settings, gather=gather)), self.database, lambda: self.at, _client
        )

    def wake(self) -> None:
        self.woken += 1

    def reached_at(self, home: str) -> None:
        settings = self.office.newsroom.settings
        gather = replace(settings.gather, websub=f"{home}websub/")
        self.office = replace(self.office, opened=replace(self.office.newsroom, settings=replace(settings, gather=gather)))

    def watch(self, *states: SourceState) -> None:
        with self.database.transaction() as connection:
            sources.set_sources(connection, [state.url for state in states])
            sources.save_sources(connection, states, 1)

    def ask_hubs(self) -> int:
        """What the server does by itself from time to time."""
        return asyncio.run(ask_hubs(self.office))

    def subscriptions(self) -> list[Subscription]:
        with self.database.reading() as connection:
            return hosts.all_subscriptions(connection)

    def waiting(self) -> list[str]:
        with self.database.reading() as connection:
            return frontier.waiting(connection, 9, 9)


def _client(newsroom: Newsroom, at: datetime) -> Client:
    return Client(newsroom.settings.gather, user_agent="test", clock=lambda: at, allow_private=True)


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Newspaper]:
    made = Newspaper(tmp_path)
    with answering(make_app(made.office, made.wake)) as home:
        made.reached_at(home)
        yield made
    made.database.close()


def test_subscription_delivery_renewal_and_end(paper: Newspaper) -> None:
    async def test() -> None:
        async with hub_answering() as (hub, address):

            async def asked() -> int:
                return await asyncio.to_thread(paper.ask_hubs)

            paper.watch(SourceState(url=SOURCE, hub=address, topic=SOURCE), SourceState(url="http://mill.example/feed"))
            assert await asked() == 1
            assert len(hub.confirmed) == 1
            [held] = paper.subscriptions()
            assert (held.source, held.expires_at, held.asked_at, held.problem) == (SOURCE, START + LEASE, None, "")
            assert await asked() == 0, "it holds"

            assert await hub.distribute(FEED % (b"One", b"1")) == 202
            assert (paper.waiting(), paper.woken) == (["harbour.example/1"], 1)
            assert await hub.distribute(FEED % (b"Two", b"2"), secret="guessed") == 202
            assert await hub.distribute(b"x" * 20_000) == 413
            assert await hub.distribute(b"no feed") == 202
            assert (paper.waiting(), paper.woken) == (["harbour.example/1"], 1)
            assert paper.subscriptions()[0].problem == "what the hub delivered is not XML that can be read"

            paper.at += LEASE * 0.8
            assert await asked() == 1, "less than a quarter of the lease is left"
            assert paper.subscriptions()[0].expires_at == paper.at + LEASE

            paper.watch(SourceState(url="http://mill.example/feed"))
            assert await hub.distribute(FEED % (b"Three", b"3")) == 410, "its source was taken out"
            assert await asked() == 0
            paper.at += LEASE
            assert await asked() == 0
            assert paper.subscriptions() == []

    asyncio.run(test())


def test_a_delivered_feed_is_seldom_asked(paper: Newspaper) -> None:
    async def test() -> None:
        async with hub_answering() as (hub, address):
            paper.watch(SourceState(url=SOURCE, hub=address, topic=SOURCE, next_at=START))
            await asyncio.to_thread(paper.ask_hubs)
            await hub.distribute(FEED % (b"One", b"1"))

    asyncio.run(test())
    with paper.database.reading() as connection:
        assert sources.next_time(connection) == START + timedelta(days=1)


def test_a_hub_that_is_down_is_asked_again_after_an_hour(paper: Newspaper) -> None:
    paper.watch(SourceState(url=SOURCE, hub="http://127.0.0.1:9/", topic=SOURCE))
    assert paper.ask_hubs() == 1
    assert paper.subscriptions()[0].problem.startswith("cannot be reached")
    assert paper.ask_hubs() == 0
    paper.at += timedelta(hours=1)
    assert paper.ask_hubs() == 1


@pytest.mark.parametrize(("method", "token", "status"), [("GET", "0" * 64, 404), ("POST", "0" * 64, 410), ("POST", "x", 410)])
def test_strangers(paper: Newspaper, method: str, token: str, status: int) -> None:
    async def ask() -> int:
        address = f"{paper.office.newsroom.settings.gather.websub}{token}?hub.mode=subscribe&hub.challenge=c"
        async with aiohttp.request(method, address) as response:
            return response.status

    assert asyncio.run(ask()) == status
