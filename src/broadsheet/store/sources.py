"""Sources: what is remembered of each, and which are due, found without a look at the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, update

from broadsheet.models import SourceState
from broadsheet.store.database import CHUNK, chunks, rows_of, upsert
from broadsheet.store.editions import fact, save_fact
from broadsheet.store.tables import sources
from broadsheet.store.values import dump, instant, load, seconds

_SET = "sources"  # the fact that tells which sources are set


def set_sources(connection: Connection, urls: Sequence[str]) -> None:
    """From now on these and no others are asked by themselves: new ones at once, known ones when their time comes.

    When they are the same as before that costs next to nothing.
    """
    digest = _digest(urls)
    if fact(connection, _SET) == digest:
        return
    waiting = sum(_set_part(connection, part) for part in _parts(urls))
    set_before = sources.c.next_at.is_not(None)
    if connection.scalar(select(func.count()).where(set_before)) != waiting:
        gone = {*connection.scalars(select(sources.c.url).where(set_before))}.difference(urls)
        for part in chunks(gone):
            connection.execute(update(sources).where(sources.c.url.in_(part)).values(next_at=None))
    save_fact(connection, _SET, digest)


def are_set(connection: Connection, urls: Sequence[str]) -> bool:
    """Whether these are the sources that were set last."""
    return fact(connection, _SET) == _digest(urls)


def _digest(urls: Iterable[str]) -> str:
    digest = blake2b(digest_size=16)
    for part in _parts(sorted(urls)):  # not in one text, which would take as much memory as all the addresses
        digest.update("".join(f"{url}\n" for url in part).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _parts(urls: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(urls)
    while part := list(islice(rest, CHUNK)):
        yield part


def _set_part(connection: Connection, urls: Sequence[str]) -> int:
    """Set these sources; the number of those that will be asked by themselves: all that are not gone."""
    known = {row.url: row for row in rows_of(connection, select(sources), sources.c.url, urls)}
    rows = []
    for url in dict.fromkeys(urls):
        row = known.get(url)
        if row is None or row.next_at is None:
            state = load(row.state, SourceState) if row else SourceState(url=url)
            rows.append(_row(state, row.edition if row else 0))
    upsert(connection, sources, rows)
    return sum(row.next_at is not None for row in known.values()) + sum(row["next_at"] is not None for row in rows)


def due(connection: Connection, at: datetime, edition: int) -> list[str]:
    """Those whose time has come, in their order, without those asked in that edition before it was interrupted."""
    query = select(sources.c.url).where(sources.c.next_at <= seconds(at), sources.c.edition != edition)
    return sorted(connection.scalars(query))  # asked for in order, SQLite would look at all to find the few


def next_time(connection: Connection) -> datetime | None:
    """When the first of those that are set is to be asked; None when none is."""
    first = connection.scalar(select(func.min(sources.c.next_at)))
    return None if first is None else instant(first)


def offered(connection: Connection) -> list[SourceState]:
    """Those of the sources that are set which a hub offers to deliver."""
    query = select(sources.c.state).where(sources.c.hub == 1, sources.c.next_at.is_not(None))
    return [load(text, SourceState) for text in connection.scalars(query.order_by(sources.c.url))]


def is_set(connection: Connection, url: str) -> bool:
    """Whether that source is asked by itself."""
    return connection.scalar(select(sources.c.next_at).where(sources.c.url == url)) is not None


def source_states(connection: Connection, urls: Collection[str]) -> dict[str, SourceState]:
    """What is remembered of those of the sources that are known."""
    query = select(sources.c.url, sources.c.state)
    return {row.url: load(row.state, SourceState) for row in rows_of(connection, query, sources.c.url, urls)}


def states_of(connection: Connection, urls: Collection[str]) -> dict[str, SourceState]:
    """The state of each of the sources, in their order; without facts for one that was never polled."""
    known = source_states(connection, urls)
    return {url: known.get(url, SourceState(url=url)) for url in urls}


def polled_in(connection: Connection, urls: Collection[str], edition: int) -> set[str]:
    """Those of the sources that were asked in that edition already, before it was interrupted."""
    query = select(sources.c.url).where(sources.c.edition == edition)
    return {row.url for row in rows_of(connection, query, sources.c.url, urls)}


def asked_in(connection: Connection, url: str) -> int:
    """The last edition that asked the source, 0 for none."""
    return connection.scalar(select(sources.c.edition).where(sources.c.url == url)) or 0


def save_source(connection: Connection, state: SourceState, edition: int, *, listed: bool = False) -> None:
    """Remember a source; one that is ``listed`` by another is asked when that one is, and not by itself."""
    upsert(connection, sources, [_row(state, edition) | ({"next_at": None} if listed else {})])


def save_sources(connection: Connection, states: Iterable[SourceState], edition: int) -> None:
    upsert(connection, sources, [_row(state, edition) for state in states])


def _row(state: SourceState, edition: int) -> dict[str, Any]:
    next_at = None if state.retired else seconds(state.next_at) if state.next_at else 0
    return {"url": state.url, "state": dump(state), "edition": edition, "next_at": next_at, "hub": int(bool(state.hub))}
