"""The part of WebSub that needs a network: asking hubs, and the server's end at which they verify and deliver."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from aiohttp import web
from msgspec.structs import replace

from broadsheet.errors import FeedError, FetchError
from broadsheet.gather.client import Client
from broadsheet.gather.feeds import read_feed
from broadsheet.gather.hubs import denied, request_form, signed, verified
from broadsheet.gather.values import Feed
from broadsheet.models import Problem, Subscription

_LONGEST_CHALLENGE = 4096


class Book(Protocol):
    """Where subscriptions are kept. Called from the event loop's thread alone."""

    def find(self, token: str) -> Subscription | None: ...

    def save(self, subscription: Subscription) -> None: ...


Deliver = Callable[[Subscription, Feed], None]
"""Keeps what was delivered, before the hub is told that it arrived."""


async def subscribe(
    client: Client, subscriptions: Iterable[Subscription], book: Book, callback: str, now: datetime
) -> list[Problem]:
    """Ask hubs for subscriptions, each noted first, as a hub may verify before it answers; what went wrong.

    ``callback`` is the address at which `app` is reached, with its last slash.
    """
    problems = []
    for subscription in subscriptions:
        asked = replace(subscription, asked_at=now, problem="")
        book.save(asked)
        try:
            await client.post(subscription.hub, request_form(asked, callback))
        except FetchError as error:
            book.save(replace(asked, problem=str(error)))
            problems.append(Problem(room="gather", where=subscription.hub, reason=str(error)))
    return problems


def app(book: Book, deliver: Deliver, clock: Callable[[], datetime], limit: int) -> web.Application:
    """The callbacks, ``/{token}``, to be mounted by a server; a delivery has at most ``limit`` bytes."""

    async def verify(request: web.Request) -> web.Response:
        subscription = book.find(request.match_info["token"])
        if subscription is not None and request.query.get("hub.mode") == "denied":
            if request.query.get("hub.topic") == subscription.topic:
                book.save(denied(subscription, request.query, clock()))
            return web.Response()
        confirmed = verified(subscription, request.query, clock())
        challenge = request.query.get("hub.challenge", "")
        if confirmed is None or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return web.Response(status=404)
        book.save(confirmed)
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def receive(request: web.Request) -> web.Response:
        subscription = book.find(request.match_info["token"])
        if subscription is None or subscription.expires_at is None or subscription.expires_at <= clock():
            return web.Response(status=410)  # which ends the subscription
        content = await request.read()
        if signed(content, request.headers.get("X-Hub-Signature", ""), subscription.secret):
            _take(subscription, content, request.headers.get("Content-Type", ""))
        return web.Response(status=202)  # also when not signed: who guesses learns nothing

    def _take(subscription: Subscription, content: bytes, content_type: str) -> None:
        try:
            deliver(subscription, read_feed(content, subscription.topic, content_type))
        except FeedError as error:
            book.save(replace(subscription, problem=f"what the hub delivered {error}"))

    made = web.Application(client_max_size=limit)
    made.router.add_get("/{token:[0-9a-f]{64}}", verify)
    made.router.add_post("/{token:[0-9a-f]{64}}", receive)
    return made
