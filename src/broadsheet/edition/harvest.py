"""From what sources answered to what the store keeps of it, off the event loop: this takes as much of a processor as asking."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import msgspec

from broadsheet.edition.flow import seldom_collected
from broadsheet.edition.workers import Workers
from broadsheet.errors import FeedError
from broadsheet.gather.answers import failed, read_asked
from broadsheet.gather.values import Asked, Poll
from broadsheet.models import Entry, Problem, Source, SourceState, Value
from broadsheet.settings import GatherSettings
from broadsheet.store import Database, frontier, sources
from broadsheet.store.frontier import Found
from broadsheet.urls import url_key

if TYPE_CHECKING:
    from broadsheet.edition.run import Run  # which knows more than the process that reads has need of

_PROCESSES = 2  # keep up with the one loop that asks
FEW = 1000  # feeds that are read before a process would have started
MANY = 4000  # sources that are worth a process even if nothing of them is to be read
LARGE = 64_000  # bytes of a feed from which reading it would hold up the other transfers
ENOUGH = 800  # answers that a process is to read, with which it has work until it gets the next
LAST = 200  # answers that are not given to another process any more, as the edition would wait for it


class Harvest(Value, frozen=True):
    """What is kept of one source's answer. ``ignored``: how many of its entries are too old to be read."""

    state: SourceState
    found: tuple[Found, ...] = ()
    problem: Problem | None = None
    unchanged: bool = False
    ignored: int = 0


class Batch(Value, frozen=True):
    """Answers that are yet to be read, and what needed no reading."""

    asked: Sequence[Asked]
    done: Sequence[Harvest]
    edition: int
    at: datetime
    settings: GatherSettings


class Kept(Value, frozen=True):
    """What is to report of a batch: how many sources and new entries, the problems, and the entries ignored of a source."""

    sources: int
    unchanged: int
    new: int
    problems: tuple[Problem, ...]
    ignored: dict[str, int]


_BATCH = msgspec.msgpack.Decoder(Batch)
_KEPT = msgspec.msgpack.Decoder(Kept)


def harvest(source: Source, poll: Poll, settings: GatherSettings, at: datetime) -> Harvest:
    """What is kept of a poll. What the newsroom calls a source goes before what the source calls itself."""
    state = msgspec.structs.replace(poll.state, title=source.title) if source.title else poll.state
    if not poll.entries:
        return Harvest(state=state, problem=poll.problem, unchanged=poll.unchanged)
    entries, ignored = found(source.url, poll.entries, settings, at)
    return Harvest(state=state, found=entries, problem=poll.problem, unchanged=poll.unchanged, ignored=ignored)


def read(answer: Asked, settings: GatherSettings, at: datetime) -> Harvest:
    """What is kept of an answer that is yet to be read."""
    return harvest(answer.source, read_asked(answer, at, settings), settings, at)


def found(source: str, entries: Iterable[Entry], settings: GatherSettings, at: datetime) -> tuple[tuple[Found, ...], int]:
    """The entries as the store takes them, and how many of them are too old to be read."""
    oldest = at - timedelta(days=settings.max_age_days)
    taken: list[Found] = []
    ignored = 0
    for entry in entries:
        said = entry.updated_at or entry.published_at
        old = said is not None and said < oldest
        ignored += old
        own = entry if entry.source == source else msgspec.structs.replace(entry, source=source)
        state: Literal["ignored", "pending"] = "ignored" if old else "pending"
        taken.append(Found(key=url_key(entry.url), entry=own, fingerprint=_fingerprint(entry), state=state))
    return tuple(taken), ignored


def _fingerprint(entry: Entry) -> str:
    """Changes when the source says something else about the article."""
    place = (entry.location,) if entry.location else ()  # entries without one are the same as before there were any
    said = (entry.title, entry.description, entry.html, entry.published_at, entry.updated_at, *place)
    return blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


def keep(database: Database, batch: Batch) -> Kept:
    """Read what is to be read, and keep all of the batch or nothing of it. Raises StoreError."""
    harvests = [*batch.done, *(read(one, batch.settings, batch.at) for one in batch.asked)]
    with database.transaction() as connection:
        sources.save_sources(connection, [one.state for one in harvests], batch.edition)
        new = frontier.add_entries(connection, chain.from_iterable(one.found for one in harvests), batch.edition)
    return Kept(
        sources=len(harvests),
        unchanged=sum(one.unchanged for one in harvests),
        new=new,
        problems=tuple(one.problem for one in harvests if one.problem is not None),
        ignored={one.state.url: one.ignored for one in harvests if one.ignored},
    )


class Harvester:
    """Reads and keeps the answers of so many ``sources``: of many, once they have started, in other processes.

    Until then, and while these have enough to do, answers are read in the event loop and kept in a thread. Use as a context
    manager.
    """

    def __init__(self, run: Run, sources: int) -> None:
        self._edition = run
        self._left = sources  # whose answers are yet to be kept
        self._feeds = 0  # that were to be read
        self._unread = 0  # answers that another process is to read
        self._stack = ExitStack()
        self._thread = self._stack.enter_context(Workers(0, "harvest"))
        self.processes: Workers | None = None
        if sources > MANY:
            self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    async def keep(self, answers: Sequence[Asked | Harvest]) -> list[Kept]:
        """Keep a batch. An answer that ends the process that reads it is a failure of its source alone. Raises StoreError."""
        unread = [one for one in answers if isinstance(one, Asked)]
        self._left -= len(answers)
        self._feeds += sum(one.page.status != 304 for one in unread)
        if self.processes is None and self._feeds > FEW and self._left > LAST:
            self._start()
        if not self._will_be_read_soon() and all(len(one.page.content) < LARGE for one in unread):
            return await self._store(await self._read_here(answers))
        self._unread += len(unread)
        try:
            return await self._store(answers)
        finally:
            self._unread -= len(unread)

    async def _read_here(self, answers: Sequence[Asked | Harvest]) -> list[Harvest]:
        """Read a batch in the event loop: a thread and the loop would wait for each other more than they work."""
        done: list[Harvest] = []
        size = 0
        for one in answers:
            if isinstance(one, Harvest):
                done.append(one)
                continue
            if (size := size + len(one.page.content)) > LARGE:
                await asyncio.sleep(0)
                size = 0
            done.append(read(one, self._edition.settings.gather, self._edition.at))
        return done

    async def _store(self, answers: Sequence[Asked | Harvest]) -> list[Kept]:
        if processes := self._ready():
            return await self._store_in(processes, answers)
        return [await self._thread.run(keep, self._edition.database, self._batch(answers))]

    def _will_be_read_soon(self) -> bool:
        processes = self._ready()
        return processes is not None and self._unread < ENOUGH * processes.count and self._left > LAST

    def _ready(self) -> Workers | None:
        """The other processes, once they have started."""
        return self.processes if self.processes is not None and self.processes.are_ready else None

    def _start(self) -> None:
        if others := min((os.cpu_count() or 1) - 1, _PROCESSES):
            self.processes = self._stack.enter_context(Workers(others, "harvest"))

    async def _store_in(self, process: Workers, answers: Sequence[Asked | Harvest]) -> list[Kept]:
        # packed by us, as this is far quicker than pickle
        packed = msgspec.msgpack.encode(self._batch(answers))
        try:
            return [_KEPT.decode(await process.run(_keep_packed, self._edition.newsroom.store_url, packed))]
        except BrokenProcessPool:
            if len(answers) > 1:  # one by one, each in a process, also while that is starting anew
                return [kept for one in answers for kept in await self._store_in(process, [one])]
        return await self._store([self._lost(one) if isinstance(one, Asked) else one for one in answers])

    def _batch(self, answers: Sequence[Asked | Harvest]) -> Batch:
        asked = [one for one in answers if isinstance(one, Asked)]
        done = [one for one in answers if isinstance(one, Harvest)]
        edition = self._edition
        return Batch(asked=asked, done=done, edition=edition.number, at=edition.at, settings=edition.settings.gather)

    def _lost(self, answer: Asked) -> Harvest:
        error = FeedError("the process that read it ended")
        settings, at = self._edition.settings.gather, self._edition.at
        return harvest(answer.source, failed(answer.source, answer.state, error, at, settings), settings, at)


def _keep_packed(store_url: str, batch: bytes) -> bytes:
    with seldom_collected():
        return msgspec.msgpack.encode(keep(_opened(store_url), _BATCH.decode(batch)))


@cache
def _opened(store_url: str) -> Database:
    """The store, opened once by the process that reads."""
    return Database(store_url)
