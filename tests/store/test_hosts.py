from __future__ import annotations

from datetime import UTC, datetime

from broadsheet.models import HostState, Subscription
from broadsheet.store import Database, hosts

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_hosts_replace_those_that_were_known(database: Database) -> None:
    states = [HostState(host="a.example", gap=2.0, learnt_at=AT), HostState(host="b.example", closed_until=AT)]
    with database.transaction() as connection:
        hosts.keep_hosts(connection, states)
        assert hosts.host_states(connection) == states
        hosts.keep_hosts(connection, [HostState(host="b.example", gap=1.0, learnt_at=AT)])
        assert [(state.host, state.gap) for state in hosts.host_states(connection)] == [("b.example", 1.0)]
        hosts.keep_hosts(connection, [])
        assert hosts.host_states(connection) == []


def test_subscriptions_come_back_until_they_end(database: Database) -> None:
    held = Subscription(token="t", source="s", hub="h", topic="s", secret="x", expires_at=AT)
    with database.transaction() as connection:
        hosts.save_subscription(connection, held)
        assert hosts.find_subscription(connection, "t") == held
        assert hosts.find_subscription(connection, "u") is None
        assert hosts.all_subscriptions(connection) == [held]
        hosts.end_subscription(connection, "t")
        assert hosts.all_subscriptions(connection) == []
