"""Feeds that hubs deliver (WebSub): asking hubs for them, and ``/websub/TOKEN``, where they verify and deliver."""

from __future__ import annotations

import asyncio
import logging
import os
import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from broadsheet.edition.gathering import deliver
from broadsheet.errors import BroadsheetError
from broadsheet.gather.hubs import ANSWER_WITHIN, Answer, delivery, token_for, verification, wanted
from broadsheet.gather.websub import subscribe
from broadsheet.models import Subscription
from broadsheet.publish.seal import load_keys
from broadsheet.serve.office import Office, office
from broadsheet.store import hosts, sources

LOOK = 300.0  # seconds between two looks at which subscriptions are to be asked for
ROUND = 200  # subscriptions asked for before the next look
_TOKEN = re.compile("[0-9a-f]{64}")

log = logging.getLogger("broadsheet.websub")


def routes() -> list[BaseRoute]:
    return [Route("/websub/{token}", verify, methods=["GET"]), Route("/websub/{token}", receive, methods=["POST"])]


def verify(request: Request) -> Response:
    """A hub asks whether we meant it."""
    here = office(request)
    answer = verification(_find(here, request), request.query_params, here.clock())
    if answer.after is not None:
        _save(here, answer.after)
    return PlainTextResponse(answer.text, status_code=answer.status, headers={"X-Content-Type-Options": "nosniff"})


async def receive(request: Request) -> Response:
    """A hub delivers. What it brings is kept before it is told so, and an edition comes soon."""
    here = office(request)
    subscription = await run_in_threadpool(_find, here, request)
    if subscription is None:  # before a stranger's bytes are taken
        return Response(status_code=410)
    content = await _body(request, here.newsroom.settings.gather.max_feed_bytes)
    answer = delivery(subscription, content, request.headers, here.clock())
    status = await run_in_threadpool(_keep, here, subscription, answer)
    if answer.feed is not None and status == answer.status:
        request.app.state.wake()
    return Response(status_code=status)


async def _body(request: Request, limit: int) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise HTTPException(413, f"a delivery has at most {limit:,} bytes")
    return bytes(content)


def _keep(here: Office, subscription: Subscription, answer: Answer) -> int:
    """The status to answer with: 410 where the newsroom has the source no more."""
    if answer.after is not None:
        _save(here, answer.after)
    if answer.feed is not None:
        known = deliver(here.database, here.newsroom.settings, subscription.source, answer.feed, here.clock())
        return 410 if known is None else answer.status
    return answer.status


def _find(here: Office, request: Request) -> Subscription | None:
    token = request.path_params["token"]
    if not _TOKEN.fullmatch(token):
        return None
    with here.database.reading() as connection:
        return hosts.find_subscription(connection, token)


def _save(here: Office, subscription: Subscription) -> None:
    with here.database.transaction() as connection:
        hosts.save_subscription(connection, subscription)


async def keep_subscribed(here: Office) -> None:
    """Ask hubs for the feeds they offer, and again before a subscription ends, until cancelled."""
    while True:
        try:
            await ask_hubs(here)
        except BroadsheetError as error:
            log.error("hubs not asked", extra={"reason": str(error)})
        await asyncio.sleep(LOOK)


async def ask_hubs(here: Office) -> int:
    """Ask for the subscriptions that are wanted now, some at a time; how many were asked for. Raises BroadsheetError."""
    now, callback = here.clock(), here.newsroom.settings.gather.websub
    asking = await asyncio.to_thread(_wanted, here)

    async def save(subscription: Subscription) -> None:
        await asyncio.to_thread(_save, here, subscription)

    if asking:
        async with here.client(here.newsroom, now) as fetcher:
            for problem in await subscribe(fetcher, asking, save, callback, now):
                log.warning("hub failed", extra={"hub": problem.where, "reason": problem.reason})
    return len(asking)


def _wanted(here: Office) -> list[Subscription]:
    """The subscriptions to ask for; those that have ended and that nobody wants any more are forgotten."""
    keys, now = load_keys(os.environ, here.newsroom.key_file), here.clock()
    if not keys:
        raise BroadsheetError("there is no key, and without one no subscription can be kept secret")
    key = keys[0]
    with here.database.transaction() as connection:
        offered = sources.offered(connection)
        known = {subscription.token: subscription for subscription in hosts.all_subscriptions(connection)}
        for token in known.keys() - {token_for(key, state.url) for state in offered}:
            if _has_ended(known[token], here):
                hosts.end_subscription(connection, token)
    return wanted(offered, known, key, now)[:ROUND]


def _has_ended(subscription: Subscription, here: Office) -> bool:
    until = subscription.expires_at or (subscription.asked_at or here.clock()) + ANSWER_WITHIN
    return until <= here.clock()
