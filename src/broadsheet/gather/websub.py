"""The part of WebSub that needs a network: asking hubs. `broadsheet.gather.hubs` knows what they are sent and answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from broadsheet.errors import FetchError
from broadsheet.gather.client import Client
from broadsheet.gather.hubs import request_form
from broadsheet.models import Problem, Subscription


async def subscribe(
    client: Client,
    subscriptions: Iterable[Subscription],
    save: Callable[[Subscription], Awaitable[None]],
    callback: str,
    now: datetime,
) -> list[Problem]:
    """Ask hubs for subscriptions, each saved first, as a hub may verify before it answers; what went wrong.

    ``callback`` is the address at which hubs reach us, with its last slash.
    """
    problems = []
    for subscription in subscriptions:
        asked = replace(subscription, asked_at=now, problem="")
        await save(asked)
        try:
            await client.post(subscription.hub, request_form(asked, callback))
        except FetchError as error:
            await save(replace(asked, problem=str(error)))
            problems.append(Problem(room="gather", where=subscription.hub, reason=str(error)))
    return problems
