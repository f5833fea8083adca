"""Hosts of which something was learnt, and the subscriptions to hubs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from broadsheet.models import HostState, Subscription
from broadsheet.store.database import chunks, upsert
from broadsheet.store.tables import hosts, subscriptions
from broadsheet.store.values import dump, load


def host_states(connection: Connection) -> list[HostState]:
    """All of them: only hosts that refused something lately are kept."""
    return [load(text, HostState) for text in connection.scalars(select(hosts.c.state).order_by(hosts.c.host))]


def keep_hosts(connection: Connection, states: Collection[HostState]) -> None:
    """Keep these in place of all that were known."""
    gone = {*connection.scalars(select(hosts.c.host))} - {state.host for state in states}
    for part in chunks(gone):
        connection.execute(delete(hosts).where(hosts.c.host.in_(part)))
    upsert(connection, hosts, [{"host": state.host, "state": dump(state)} for state in states])


def find_subscription(connection: Connection, token: str) -> Subscription | None:
    text = connection.scalar(select(subscriptions.c.subscription).where(subscriptions.c.token == token))
    return None if text is None else load(text, Subscription)


def all_subscriptions(connection: Connection) -> list[Subscription]:
    query = select(subscriptions.c.subscription).order_by(subscriptions.c.token)
    return [load(text, Subscription) for text in connection.scalars(query)]


def save_subscription(connection: Connection, subscription: Subscription) -> None:
    upsert(connection, subscriptions, [{"token": subscription.token, "subscription": dump(subscription)}])


def end_subscription(connection: Connection, token: str) -> None:
    connection.execute(delete(subscriptions).where(subscriptions.c.token == token))
