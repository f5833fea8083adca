from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from broadsheet.models import Hook
from broadsheet.store import Database, hooks, shelf
from tests.serve.apis import START, story

HOOK = Hook(id="a" * 32, url="https://hooks.example/x", secret="whsec_eA==", who="maud", at=START, topic="Sea", heat=60)
LATER = START + timedelta(minutes=1)


def filled(database: Database) -> hooks.HookState:
    """A hook, made after one story and before another."""
    with database.transaction() as connection:
        shelf.save(connection, story(1), START)
        shelf.clear_dirty(connection)
        hooks.add(connection, HOOK)
        assert hooks.due(connection, LATER, 9) == []
        shelf.save(connection, story(2), START)
        shelf.clear_dirty(connection)
        (state,) = hooks.due(connection, LATER, 9)
    return state


def test_a_hook_gets_what_happens_from_now_on(database: Database) -> None:
    state = filled(database)
    assert (state.hook, state.sent, state.next_at) == (HOOK, 1, START)
    with database.reading() as connection:
        assert hooks.every(connection) == [state]
        assert hooks.find(connection, HOOK.id) == state
        assert hooks.find(connection, "b" * 32) is None
        assert hooks.due(connection, START - timedelta(seconds=1), 9) == []


def test_of_two_processes_one_holds_a_hook_until_its_time_is_over(database: Database) -> None:
    state = filled(database)
    with database.transaction() as connection:
        mine = hooks.take(connection, HOOK.id, START, LATER)
        assert mine == replace(state, next_at=LATER)
        assert hooks.take(connection, HOOK.id, START, LATER) is None
        assert hooks.due(connection, START, 9) == []
        over = LATER + timedelta(minutes=1)
        theirs = hooks.take(connection, HOOK.id, LATER, over)
        assert theirs == replace(state, next_at=over)
        assert not hooks.succeed(connection, mine, 2, over)
        assert not hooks.leave(connection, mine, LATER)
        assert hooks.succeed(connection, theirs, 2, over)
        assert hooks.leave(connection, replace(theirs, sent=2), LATER)


def test_who_takes_a_hook_sees_what_was_sent_since_it_looked(database: Database) -> None:
    state = filled(database)
    with database.transaction() as connection:
        other = hooks.take(connection, HOOK.id, START, LATER)
        assert other is not None
        assert hooks.leave(connection, replace(other, sent=2), state.next_at)
        mine = hooks.take(connection, HOOK.id, START, LATER)
        assert mine is not None
        assert mine.sent == 2


def test_failures_are_counted_until_one_succeeds(database: Database) -> None:
    state = filled(database)
    with database.transaction() as connection:
        assert hooks.fail(connection, state, "answered 500", START, LATER, stop=False)
        (failed,) = hooks.due(connection, LATER, 9)
        assert (failed.failures, failed.failing_at, failed.problem) == (1, START, "answered 500")
        assert hooks.fail(connection, failed, "answered 502", LATER, LATER, stop=True)
        assert hooks.due(connection, LATER, 9) == []
        (stopped,) = hooks.every(connection)
        assert (stopped.failures, stopped.failing_at, stopped.problem, stopped.stopped) == (2, START, "answered 502", True)
        assert hooks.resume(connection, HOOK.id, LATER)
        (again,) = hooks.due(connection, LATER, 9)
        assert (again.sent, again.failures, again.failing_at, again.problem) == (1, 0, None, "")


def test_a_hook_that_is_gone_is_nobody_s(database: Database) -> None:
    state = filled(database)
    with database.transaction() as connection:
        assert hooks.remove(connection, HOOK.id)
        assert not hooks.remove(connection, HOOK.id)
        assert not hooks.resume(connection, HOOK.id, LATER)
        assert hooks.take(connection, HOOK.id, LATER, LATER) is None
        assert not hooks.succeed(connection, state, 2, LATER)
