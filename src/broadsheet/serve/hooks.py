"""Webhooks in the form of Standard Webhooks (https://www.standardwebhooks.com): what is sent and when.

One message an event, in order: a hook that fails waits, and what is behind waits with it. How far each has got is kept with
each message that was taken, so that one that is stopped goes on there. A message can come twice, under the same ``webhook-id``.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from msgspec.structs import replace
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from broadsheet import __version__
from broadsheet.errors import BroadsheetError, FetchError, StoreError
from broadsheet.gather.addresses import PRIVATE, names_private
from broadsheet.gather.client import Client
from broadsheet.gather.exchange import address_of
from broadsheet.models import Hook
from broadsheet.publish.api import encode
from broadsheet.serve.events import body, fits
from broadsheet.serve.office import Office
from broadsheet.settings import Settings
from broadsheet.store import events, hooks, people
from broadsheet.store.events import Event
from broadsheet.store.hooks import HookState
from broadsheet.store.listings import Wanted
from broadsheet.urls import bare

MOST = 100  # hooks of a newsroom
LOOK = 2.0  # seconds between two looks for what is to be sent
AT_ONCE = 8  # hooks
BATCH = 50  # events in a hook's turn
TIMEOUT = 15.0  # seconds for one message
HELD = timedelta(seconds=60)  # that a hook is held for a message
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600, 10_800, 21_600))  # after the first failure, the second, ...
GIVE_UP = timedelta(days=3)  # of failing

log = logging.getLogger("broadsheet.hooks")


class TooManyError(BroadsheetError):
    """There are as many hooks as there may be."""


def new_hook(settings: Settings, url: str, who: str, at: datetime, **wanted: Any) -> Hook:
    """A hook with a secret of its own. Raises BroadsheetError for an address to which nothing is sent."""
    try:
        host = address_of(url).raw_host or ""
    except FetchError as error:
        raise BroadsheetError(f"{url}: {error}") from None
    if names_private(host) and not settings.serve.private_hooks:
        raise BroadsheetError(f"{url}: {PRIVATE}; the setting serve.private_hooks permits it")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return Hook(id=uuid4().hex, url=url, secret=secret, who=who, at=at, **wanted)


def add_hook(connection: Connection, settings: Settings, url: str, who: str, at: datetime, **wanted: Any) -> Hook:
    """Keep a new hook, which gets what happens from now on. Raises BroadsheetError."""
    hook = new_hook(settings, url, who, at, **wanted)
    if len(hooks.every(connection)) >= MOST:
        raise TooManyError(f"there are {MOST} hooks already; remove one")
    hooks.add(connection, hook)
    people.note(connection, people.Note(at, who, "hook added", hook.id, detail=bare(hook.url)))
    return hook


def signature(secret: str, id: str, at: int, content: bytes) -> str:
    """What ``webhook-signature`` says of a message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{id}.{at}.".encode() + content, sha256)
    return "v1," + base64.b64encode(digest).decode()


def message(home: str, hook: Hook, event: Event, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The bytes of a message and its headers."""
    said = {"type": f"story.{event.kind}", "timestamp": event.at, "data": body(home, event)}
    content, id, at = encode(said), f"{hook.id}-{event.number}", int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(hook.secret, id, at, content),
    }
    return content, headers


class Deliveries:
    """Sends what is due, until cancelled."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def _client(self) -> Client:
        """The polite client: it refuses private addresses where the socket is made. No gaps: it is who asked for messages."""
        settings = self._office.newsroom.settings
        gather = replace(settings.gather, gap=0.0, timeout=TIMEOUT, connections_per_host=AT_ONCE)
        agent = f"Broadsheet/{__version__} (+{settings.newsroom.url})"
        return Client(gather, user_agent=agent, clock=self._office.clock)

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except StoreError as error:
                log.warning("hooks: %s", error)
            await asyncio.sleep(LOOK)

    async def round(self) -> None:
        """Give each hook that is due one turn."""
        due = await run_in_threadpool(self._due)
        if not due:
            return
        places = asyncio.Semaphore(AT_ONCE)

        async def turn(client: Client, state: HookState) -> None:
            async with places:
                try:
                    await self._turn(client, state)
                except StoreError as error:  # what was not noted is sent again
                    log.warning("hooks: %s", error)

        async with self._client() as client, asyncio.TaskGroup() as group:
            for state in due:
                group.create_task(turn(client, state))

    def _due(self) -> list[HookState]:
        with self._office.database.reading() as connection:
            return hooks.due(connection, self._office.clock(), MOST)

    async def _turn(self, client: Client, state: HookState) -> None:
        """Send the next events, one after the other, while the hook is ours and its address takes them."""
        held = await run_in_threadpool(self._take, state.hook.id)
        if held is None:
            return
        state, passed, wanted = held, held.sent, wanted_by(held.hook)
        for event in await run_in_threadpool(self._behind, state.sent):
            if fits(wanted, event):
                error = await self._send(client, state.hook, event)
                held = await run_in_threadpool(self._note, replace(state, sent=passed), event.number, error)
                if held is None:
                    return
                state = held
            passed = event.number
        await run_in_threadpool(self._leave, replace(state, sent=passed))

    async def _send(self, client: Client, hook: Hook, event: Event) -> FetchError | None:
        settings = self._office.newsroom.settings
        content, headers = message(settings.newsroom.url, hook, event, self._office.clock())
        try:
            await client.send(hook.url, content, headers, allow_private=settings.serve.private_hooks)
        except FetchError as error:
            return error
        return None

    def _behind(self, sent: int) -> list[Event]:
        with self._office.database.reading() as connection:
            return events.after(connection, sent, BATCH)

    def _take(self, id: str) -> HookState | None:
        now = self._office.clock()
        with self._office.database.transaction() as connection:
            return hooks.take(connection, id, now, now + HELD)

    def _leave(self, state: HookState) -> None:
        with self._office.database.transaction() as connection:
            hooks.leave(connection, state, self._office.clock())

    def _note(self, state: HookState, number: int, error: FetchError | None) -> HookState | None:
        """Keep how a message went; the hook as it is then, None when the next one is not to be sent now."""
        now = self._office.clock()
        with self._office.database.transaction() as connection:
            if error is None:
                until = now + HELD
                done = replace(state, sent=number, next_at=until, failures=0, failing_at=None)
                return done if hooks.succeed(connection, state, number, until) else None
            next_at, stop = again(state, error, now)
            hooks.fail(connection, state, str(error), now, next_at, stop=stop)
        log.warning("a hook failed", extra={"hook": state.hook.id, "problem": str(error), "stopped": stop})
        return None


def again(state: HookState, error: FetchError, now: datetime) -> tuple[datetime, bool]:
    """When to try once more, and whether to stop: the address is gone (410), or it fails for too long."""
    wait = now + WAITS[min(state.failures, len(WAITS) - 1)]
    stop = error.status == 410 or now - (state.failing_at or now) >= GIVE_UP
    return max(wait, error.retry_at or wait), stop


def wanted_by(hook: Hook) -> Wanted:
    return Wanted(topic=hook.topic, outlet=hook.outlet, language=hook.language, heat=hook.heat, quality=hook.quality)
