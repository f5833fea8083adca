"""A WebSub hub on loopback, by the Recommendation."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer


class Hub:
    """Takes subscriptions, asks the subscriber back, signs what it distributes."""

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


@asynccontextmanager
async def hub_answering() -> AsyncIterator[tuple[Hub, str]]:
    """A running hub and its address."""
    hub, app = Hub(), web.Application()
    app.router.add_post("/", hub.answer)
    async with TestServer(app) as server:
        yield hub, str(server.make_url("/"))
