"""Webhooks: where to send what happens to stories, how far each has got, and whose turn it is to send.

A process that sends holds the hook by its time, ``next_at``: it may go on as long as that is still what the database has, and
one that died lets it go by itself. So what is sent is sent at least once, and never by two at a time for long.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from broadsheet.models import Hook, Value
from broadsheet.store import events
from broadsheet.store.tables import hooks
from broadsheet.store.values import dump, instant, load, seconds


class HookState(Value, frozen=True):
    """A hook and how it does. ``sent``: the number of the last event that it has; ``stopped``: nothing is sent any more."""

    hook: Hook
    sent: int
    next_at: datetime
    failures: int = 0
    failing_at: datetime | None = None
    problem: str = ""
    stopped: bool = False


def add(connection: Connection, hook: Hook) -> None:
    """Keep a hook; it gets what happens from now on."""
    row = {"id": hook.id, "hook": dump(hook), "sent": events.released(connection), "next_at": seconds(hook.at)}
    connection.execute(insert(hooks).values(row | {"failures": 0, "problem": "", "stopped": 0}))


def every(connection: Connection) -> list[HookState]:
    """All hooks, in the order of their ids."""
    return [_state(row) for row in connection.execute(select(hooks).order_by(hooks.c.id))]


def find(connection: Connection, id: str) -> HookState | None:
    row = connection.execute(select(hooks).where(hooks.c.id == id)).first()
    return _state(row) if row else None


def remove(connection: Connection, id: str) -> bool:
    """False when there is none."""
    return connection.execute(delete(hooks).where(hooks.c.id == id)).rowcount > 0


def resume(connection: Connection, id: str, at: datetime) -> bool:
    """Send again, from where it stopped; false when there is no such hook."""
    values = {"stopped": 0, "failures": 0, "failing_at": None, "problem": "", "next_at": seconds(at)}
    return connection.execute(update(hooks).where(hooks.c.id == id).values(values)).rowcount > 0


def due(connection: Connection, at: datetime, limit: int) -> list[HookState]:
    """The hooks that have something to be sent and whose time has come, those that wait longest first."""
    waits = (hooks.c.stopped == 0, hooks.c.next_at <= seconds(at), hooks.c.sent < events.released(connection))
    return [_state(row) for row in connection.execute(select(hooks).where(*waits).order_by(hooks.c.next_at).limit(limit))]


def take(connection: Connection, id: str, at: datetime, until: datetime) -> HookState | None:
    """Hold a hook until then, and how it is now; None when another process has it, or it is stopped or gone."""
    free = (hooks.c.id == id, hooks.c.stopped == 0, hooks.c.next_at <= seconds(at))
    if not connection.execute(update(hooks).where(*free).values(next_at=seconds(until))).rowcount:
        return None
    return find(connection, id)  # not what was read before: another may have sent since


def leave(connection: Connection, state: HookState, at: datetime) -> bool:
    """Hold a hook no more, all up to ``state.sent`` having been sent or passed; false when another process has it."""
    return connection.execute(_held(state).values(next_at=seconds(at), sent=state.sent)).rowcount > 0


def succeed(connection: Connection, state: HookState, sent: int, until: datetime) -> bool:
    """Note that all up to an event was taken, and hold the hook until then; false when another process has it."""
    values = {"sent": sent, "next_at": seconds(until), "failures": 0, "failing_at": None, "problem": ""}
    return connection.execute(_held(state).values(values)).rowcount > 0


def fail(connection: Connection, state: HookState, problem: str, at: datetime, next_at: datetime, *, stop: bool) -> bool:
    """Note a failure and when to try again; false when another process has it."""
    failing_at = seconds(state.failing_at or at)
    values = {"failures": state.failures + 1, "failing_at": failing_at, "problem": problem, "stopped": int(stop)}
    values |= {"sent": state.sent}
    return connection.execute(_held(state).values(values | {"next_at": seconds(next_at)})).rowcount > 0


def _held(state: HookState) -> Any:
    return update(hooks).where(hooks.c.id == state.hook.id, hooks.c.next_at == seconds(state.next_at))


def _state(row: Row[Any]) -> HookState:
    return HookState(
        hook=load(row.hook, Hook),
        sent=row.sent,
        next_at=instant(row.next_at),
        failures=row.failures,
        failing_at=instant(row.failing_at) if row.failing_at is not None else None,
        problem=row.problem,
        stopped=bool(row.stopped),
    )
