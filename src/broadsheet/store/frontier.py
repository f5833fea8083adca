"""The entries that sources have named: what waits to be read, what failed. `broadsheet.store.sources` has the sources."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select, update

from broadsheet.models import Entry, Value
from broadsheet.store.database import chunks, rows_of, upsert
from broadsheet.store.tables import entries
from broadsheet.store.values import dump, load

_PART = 5000  # entries put in at once: more than a batch of usual feeds names
_KNOWN = select(entries.c.key, entries.c.source, entries.c.fingerprint, entries.c.state, entries.c.edition, entries.c.attempts)


class Found(Value, frozen=True):
    """An entry as a source named it. ``fingerprint`` changes when the source says something else about it."""

    key: str
    entry: Entry
    fingerprint: str
    state: Literal["pending", "ignored"] = "pending"


class Pending(Value, frozen=True):
    """An entry whose page is to be read, and how often that failed."""

    key: str
    entry: Entry
    attempts: int


def add_entries(connection: Connection, found: Iterable[Found], edition: int) -> int:
    """Remember entries; the number of those whose pages are now to be read.

    A known entry costs nothing more, unless its own source changed what it says. Of two sources that name one address in one
    edition the first by its address counts, so that the result does not depend on which answered first.
    """
    unique: dict[str, Found] = {}
    for item in found:
        unique.setdefault(item.key, item)
    rest = iter(unique.values())
    new = 0
    while part := list(islice(rest, _PART)):
        known = {row[0]: row for row in rows_of(connection, _KNOWN, entries.c.key, [item.key for item in part])}
        counted = [item for item in part if _counts(item, known.get(item.key), edition)]
        upsert(connection, entries, [_row(item, edition) for item in counted])
        new += sum(item.state == "pending" and item.key not in known for item in counted)
    return new


def _counts(item: Found, row: Any, edition: int) -> bool:
    if row is None:
        return True
    _, source, fingerprint, state, named_in, attempts = row
    if source == item.entry.source:
        return bool(fingerprint != item.fingerprint and item.state == "pending")
    return bool(state == "pending" and named_in == edition and attempts == 0 and item.entry.source < source)


def _row(item: Found, edition: int) -> dict[str, Any]:
    return {
        "key": item.key,
        "source": item.entry.source,
        "entry": dump(item.entry) if item.state == "pending" else "",
        "fingerprint": item.fingerprint,
        "state": item.state,
        "attempts": 0,
        "problem": "",
        "edition": edition,
    }


def waiting(connection: Connection, edition: int, limit: int, until: str = "") -> list[str]:
    """Keys, in order, of entries whose pages are to be read, but not of those that have failed in this edition already.

    ``until`` is the last key to be read in this edition; empty: no bound.
    """
    query = select(entries.c.key).where(_waits(edition)).order_by(entries.c.key).limit(limit)
    return list(connection.scalars(query.where(entries.c.key <= until) if until else query))


def pending(connection: Connection, edition: int, keys: Collection[str]) -> list[Pending]:
    """Those of the entries, in the order of their keys, whose pages are still to be read."""
    query = select(entries).where(_waits(edition)).order_by(entries.c.key)
    return [
        Pending(key=row.key, entry=load(row.entry, Entry), attempts=row.attempts)
        for row in rows_of(connection, query, entries.c.key, keys)
    ]


def _waits(edition: int) -> ColumnElement[bool]:
    tried = and_(entries.c.attempts > 0, entries.c.edition == edition)
    return and_(entries.c.state == "pending", not_(tried))


def mark_read(connection: Connection, keys: Sequence[str]) -> None:
    """Note that pages were read; what their sources said of them is forgotten, as it is kept with the articles."""
    for part in chunks(keys):
        connection.execute(update(entries).where(entries.c.key.in_(part)).values(state="read", problem="", entry=""))


def mark_failed(connection: Connection, problems: Mapping[str, str], edition: int, *, final: bool) -> None:
    """Note why pages could not be read; ``final`` says that they will not be tried again."""
    for key, problem in problems.items():
        values = {
            "attempts": entries.c.attempts + 1,
            "problem": problem,
            "edition": edition,
            "state": "failed" if final else "pending",
        }
        values |= {"entry": ""} if final else {}
        connection.execute(update(entries).where(entries.c.key == key).values(values))


def entry_problem(connection: Connection, key: str) -> str:
    """Why the page of that entry was not read: its last problem, or an empty text."""
    return str(connection.execute(select(entries.c.problem).where(entries.c.key == key)).scalar() or "")


def entry_counts(connection: Connection) -> dict[str, int]:
    """Entries by state. Reads all; for `broadsheet doctor` alone."""
    query = select(entries.c.state, func.count()).group_by(entries.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}
