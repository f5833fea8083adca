"""Which stories went into a story, and which it came out of: what was decided of those holds of it too."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from broadsheet.store.changes import superseded
from broadsheet.store.database import rows_of
from broadsheet.store.tables import story_changes

DEEPEST = 20  # stories that went into, or came out of, one that did
ALL = 2**62  # more than any number of a change or decision


class _Step(NamedTuple):
    """From a story back to one that went into it, or that it came out of: by which change, after which decision."""

    number: int
    story: str
    origin: str
    kind: str
    decided: int


def reached(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those stories and all that they went into or that came out of them, through others too."""
    found, new = set(ids), set(ids)
    query = select(story_changes.c.other, story_changes.c.story).where(story_changes.c.kind == "split")
    for _ in range(DEEPEST):
        parts = {row.other for row in rows_of(connection, query, story_changes.c.story, new)}
        new = (parts | set(superseded(connection, new).values())) - found
        if not new:
            break
        found |= new
    return found


def origins(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, int]]:
    """For each of those stories itself, what went into it, and what it came out of; with the last decision that counts.

    That is `ALL` for what went into it. Of a story that it came out of, what was decided after it had left is nothing to it.
    """
    steps: set[_Step] = set()
    known, new = set(ids), set(ids)
    for _ in range(DEEPEST):
        found = set(_steps(connection, new))
        steps |= found
        if not (new := {step.origin for step in found} - known):
            break
        known |= new
    return {name: _bounds(name, steps) for name in ids}


def _steps(connection: Connection, ids: Collection[str]) -> Iterator[_Step]:
    query = select(story_changes).where(story_changes.c.undone_at.is_(None))
    merges, splits = (query.where(story_changes.c.kind == kind) for kind in ("merge", "split"))
    for row in rows_of(connection, merges, story_changes.c.story, ids):
        yield _Step(row.id, row.story, row.other, row.kind, row.decided)
    for row in rows_of(connection, splits, story_changes.c.other, ids):
        yield _Step(row.id, row.other, row.story, row.kind, row.decided)


def _bounds(name: str, steps: Collection[_Step]) -> dict[str, int]:
    """By story the last decision of it that counts; of several ways to it, that which leaves it last."""
    left = {name: ALL}  # by which change the way leaves each story
    grown = True
    while grown:
        grown = False
        for step in steps:
            until = left.get(step.story, 0)
            if step.number < until:
                leaves = until if step.kind == "merge" else step.number
                if leaves > left.get(step.origin, 0):
                    left[step.origin], grown = leaves, True
    decided = {step.number: step.decided for step in steps}
    return {story: decided.get(number, ALL) for story, number in left.items()}
