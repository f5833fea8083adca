"""WebSub against a real hub on loopback, and its parts as data."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from broadsheet.gather.hubs import LEASE, denied, offered, request_form, secret_for, signed, token_for, verified, wanted
from broadsheet.gather.values import Feed, Hints
from broadsheet.gather.websub import app, subscribe
from broadsheet.models import Page, SourceState, Subscription
from tests.gather.servers import NOW, client, run

KEY = b"k" * 32
TOPIC = "http://harbour.example/feed"
STATE = SourceState(url=TOPIC, hub="http://hub.example/", topic=TOPIC)
ASKED = Subscription(token=token_for(KEY, TOPIC), source=TOPIC, hub=STATE.hub, topic=TOPIC, secret="s", asked_at=NOW)
FEED = b"<rss><channel><item><title>One</title><link>/1</link></item></channel></rss>"


class Memory:
    """A book in memory."""

    def __init__(self) -> None:
        self.all: dict[str, Subscription] = {}

    def find(self, token: str) -> Subscription | None:
        return self.all.get(token)

    def save(self, subscription: Subscription) -> None:
        self.all[subscription.token] = subscription


class Hub:
    """A hub by the Recommendation: takes subscriptions, asks the subscriber back, signs what it distributes."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.confirmed: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        lease = form.get("hub.lease_seconds", "864000")
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "c1",
            "hub.lease_seconds": lease,
        }
        async with aiohttp.ClientSession() as session, session.get(form["hub.callback"], params=query) as response:
            if response.status == 200 and await response.text() == "c1":
                self.confirmed.append(form)
        return web.Response(status=202)

    async def distribute(self, content: bytes, method: str = "sha256", secret: str | None = None) -> int:
        form = self.forms[-1]
        key = form["hub.secret"] if secret is None else secret
        signature = hmac.new(key.encode(), content, method).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={signature}", "Content-Type": "application/rss+xml"}
        sending = aiohttp.request("POST", form["hub.callback"], data=content, headers=headers)
        async with sending as response:
            return response.status


def test_subscription_verification_and_delivery() -> None:
    async def test() -> None:
        hub, book, got = Hub(), Memory(), list[Feed]()
        now = [NOW]
        callbacks = app(book, lambda _, feed: got.append(feed), lambda: now[0], 10_000)
        hub_app = web.Application()
        hub_app.router.add_post("/", hub.answer)
        async with TestServer(callbacks) as ours, TestServer(hub_app) as theirs, client() as fetcher:
            state = replace(STATE, hub=str(theirs.make_url("/")))
            [subscription] = wanted([state], {}, KEY, NOW)
            assert await subscribe(fetcher, [subscription], book, str(ours.make_url("/")), NOW) == []
            assert len(hub.confirmed) == 1
            held = book.all[subscription.token]
            assert (held.expires_at, held.asked_at, held.problem) == (NOW + LEASE, None, "")
            assert await hub.distribute(FEED) == 202
            assert await hub.distribute(FEED, "sha1") == 202
            assert [entry.url for feed in got for entry in feed.entries] == ["http://harbour.example/1"] * 2
            assert await hub.distribute(FEED, secret="guessed") == 202
            assert await hub.distribute(FEED, "md5") == 202
            assert len(got) == 2
            assert await hub.distribute(b"x" * 20_000) == 413
            assert await hub.distribute(b"no feed") == 202
            assert book.all[subscription.token].problem == "what the hub delivered is not XML that can be read"
            now[0] += LEASE
            assert await hub.distribute(FEED) == 410

    run(test())


def test_hub_that_fails_is_a_problem() -> None:
    async def test() -> None:
        book = Memory()
        async with TestServer(web.Application()) as nobody, client() as fetcher:
            failing = replace(ASKED, hub=str(nobody.make_url("/")))
            [problem] = await subscribe(fetcher, [failing], book, "http://paper.example/websub/", NOW)
            assert (problem.where, problem.reason) == (failing.hub, "answered 404")
            assert book.all[failing.token].problem == "answered 404"

    run(test())


QUERY = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "60"}
STRANGE = {
    "unknown token": ("0" * 64, QUERY, 404),
    "other topic": (ASKED.token, {**QUERY, "hub.topic": "http://other.example/"}, 404),
    "unsubscription nobody asked for": (ASKED.token, {**QUERY, "hub.mode": "unsubscribe"}, 404),
    "no challenge": (ASKED.token, {**QUERY, "hub.challenge": ""}, 404),
    "long challenge": (ASKED.token, {**QUERY, "hub.challenge": "c" * 5000}, 404),
    "denied": (ASKED.token, {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "no\nroom"}, 200),
    "right": (ASKED.token, QUERY, 200),
}


@pytest.mark.parametrize(("token", "query", "status"), STRANGE.values(), ids=STRANGE)
def test_verification_by_strangers(token: str, query: dict[str, str], status: int) -> None:
    async def test() -> Subscription:
        book = Memory()
        book.save(ASKED)
        async with (
            TestServer(app(book, lambda *_: None, lambda: NOW, 9)) as ours,
            aiohttp.request("GET", ours.make_url(f"/{token}"), params=query) as response,
        ):
            assert response.status == status
        return book.all[ASKED.token]

    after = run(test())
    assert (after != ASKED) == (status == 200)
    if query["hub.mode"] == "denied":
        assert after.problem == "the hub refuses: no room"


OFFERS = {
    "headers": (
        '<http://h.example/>; rel="hub", <http://a.example/f>; rel=self',
        Hints(hub="http://x.example/"),
        "http://h.example/",
    ),
    "two relations": ('</hub>; title="a, b"; rel="alternate hub"', Hints(), "http://harbour.example/hub"),
    "feed": ("", Hints(hub="http://x.example/"), "http://x.example/"),
    "neither": ('<http://a.example/f>; rel="self", <<>>; rel=;', Hints(self_url="http://a.example/f"), ""),
}


@pytest.mark.parametrize(("link", "hints", "hub"), OFFERS.values(), ids=OFFERS)
def test_what_a_feed_offers(link: str, hints: Hints, hub: str) -> None:
    page = Page(url=TOPIC, final_url=TOPIC, status=200, headers={"link": link}, content=b"", fetched_at=NOW)
    topic = "http://a.example/f" if "rel=self" in link else TOPIC if hub else ""
    assert offered(page, hints) == (hub, topic)


def test_what_is_asked_for_and_when_again() -> None:
    [new] = wanted([STATE, SourceState(url="http://b.example/"), replace(STATE, retired=True)], {}, KEY, NOW)
    assert (new.token, new.secret) == (token_for(KEY, TOPIC), secret_for(KEY, TOPIC))
    asked = replace(new, asked_at=NOW)
    assert wanted([STATE], {asked.token: asked}, KEY, NOW) == []
    assert wanted([STATE], {asked.token: asked}, KEY, NOW + timedelta(hours=1)) == [asked]
    held = verified(asked, QUERY | {"hub.lease_seconds": "864000"}, NOW)
    assert held is not None
    assert wanted([STATE], {held.token: held}, KEY, NOW + LEASE * 0.7) == []
    assert wanted([STATE], {held.token: held}, KEY, NOW + LEASE * 0.8) == [held]
    assert wanted([replace(STATE, hub="http://c.example/")], {held.token: held}, KEY, NOW) != []
    assert wanted([STATE], {held.token: denied(held, {}, NOW)}, KEY, NOW) == []
    assert verified(asked, QUERY, NOW + timedelta(hours=2)) is None
    assert "hub.secret" not in request_form(new, "http://paper.example/", "unsubscribe")


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "sha256=é", "md5=x", "=", "sha999=ab"])
def test_bad_signatures(header: str) -> None:
    assert not signed(b"x", header, "s")
    assert signed(b"x", "SHA256=" + hmac.new(b"s", b"x", hashlib.sha256).hexdigest().upper(), "s")
