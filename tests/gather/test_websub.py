"""WebSub as data; `tests/serve/test_websub.py` has it against a real hub."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from msgspec.structs import replace

from broadsheet.gather.hubs import (
    LEASE,
    delivery,
    denied,
    offered,
    request_form,
    secret_for,
    signed,
    token_for,
    verification,
    verified,
    wanted,
)
from broadsheet.gather.values import Hints
from broadsheet.gather.websub import subscribe
from broadsheet.models import Page, SourceState, Subscription
from tests.gather.servers import NOW, client, run, serving

KEY = b"k" * 32
TOPIC = "http://harbour.example/feed"
STATE = SourceState(url=TOPIC, hub="http://hub.example/", topic=TOPIC)
ASKED = Subscription(token=token_for(KEY, TOPIC), source=TOPIC, hub=STATE.hub, topic=TOPIC, secret="s", asked_at=NOW)
FEED = b"<rss><channel><item><title>One</title><link>/1</link></item></channel></rss>"


def test_hub_that_fails_is_a_problem() -> None:
    async def test() -> None:
        saved: list[Subscription] = []

        async def save(subscription: Subscription) -> None:
            saved.append(subscription)

        async with serving({}) as nobody, client(nobody) as fetcher:
            failing = replace(ASKED, asked_at=None)
            [problem] = await subscribe(fetcher, [failing], save, "http://paper.example/websub/", NOW)
            assert (problem.where, problem.reason) == (failing.hub, "answered 404")
            assert [(kept.asked_at, kept.problem) for kept in saved] == [(NOW, ""), (NOW, "answered 404")]

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
    answered = verification(ASKED if token == ASKED.token else None, query, NOW)
    assert answered.status == status
    assert answered.text == ("c" if query is QUERY and status == 200 else "")
    assert (answered.after is not None) == (status == 200)
    if query["hub.mode"] == "denied":
        assert answered.after is not None
        assert answered.after.problem == "the hub refuses: no room"


HELD = replace(ASKED, asked_at=None, expires_at=NOW + LEASE)
DELIVERIES = {
    "signed": (HELD, FEED, "sha256", "s", 202, 1),
    "signed by SHA-1": (HELD, FEED, "sha1", "s", 202, 1),
    "guessed": (HELD, FEED, "sha256", "guess", 202, 0),
    "by a method that is none": (HELD, FEED, "md5", "s", 202, 0),
    "never verified": (ASKED, FEED, "sha256", "s", 410, 0),
    "ended": (replace(HELD, expires_at=NOW), FEED, "sha256", "s", 410, 0),
    "unknown": (None, FEED, "sha256", "s", 410, 0),
}


@pytest.mark.parametrize(("held", "content", "method", "secret", "status", "entries"), DELIVERIES.values(), ids=DELIVERIES)
def test_deliveries(held: Subscription | None, content: bytes, method: str, secret: str, status: int, entries: int) -> None:
    signature = hmac.new(secret.encode(), content, method).hexdigest()
    answered = delivery(held, content, {"x-hub-signature": f"{method}={signature}"}, NOW)
    assert answered.status == status
    assert len(answered.feed.entries if answered.feed else ()) == entries


def test_what_is_no_feed_is_a_problem_of_the_subscription() -> None:
    signature = hmac.new(b"s", b"no feed", "sha256").hexdigest()
    after = delivery(HELD, b"no feed", {"x-hub-signature": f"sha256={signature}"}, NOW).after
    assert after is not None
    assert after.problem == "what the hub delivered is not XML that can be read"


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
