"""Asking the sources: which are due, what is new, what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Literal

import msgspec

from broadsheet.edition.flow import flow, spread
from broadsheet.edition.run import Run
from broadsheet.gather.client import Client
from broadsheet.gather.poll import poll
from broadsheet.gather.values import Feed, Poll
from broadsheet.models import Entry, Source, SourceState
from broadsheet.settings import GatherSettings, Settings
from broadsheet.store import Database, frontier, hosts
from broadsheet.store.frontier import Found
from broadsheet.urls import host, url_key

BATCH = 200  # polls kept together, and states looked up


async def gather(run: Run, client: Client, *, due_only: bool) -> None:
    """Ask the sources and remember what they name. A source that fails is reported and hurts itself alone."""
    due = spread(_due(run, due_only=due_only), lambda source: host(source.url))
    with run.database.transaction() as connection:
        client.remember(hosts.host_states(connection))
    total = len(due)
    run.progress("gather", 0, total)

    async def ask(item: tuple[Source, SourceState]) -> Poll:
        source, state = item
        return _titled(await poll(source, state, client, run.at, run.settings.gather), source)

    def keep(polls: list[Poll]) -> None:
        _keep(run, polls)
        run.progress("gather", run.counts["sources asked"], total)

    await flow(_with_states(run, due), ask, keep, workers=2 * run.settings.gather.connections, batch=BATCH)
    keep_hosts(run, client)
    run.save_report()


def keep_hosts(run: Run, client: Client) -> None:
    """Remember what the client learnt of hosts."""
    with run.database.transaction() as connection:
        hosts.keep_hosts(connection, client.learnt())


def deliver(database: Database, settings: Settings, source: Source, feed: Feed, now: datetime) -> int:
    """Keep what a hub delivered of ``source`` as a poll would, for the next edition; the number of new entries.

    As the hub has shown that it delivers, the source itself is asked again only after the longest interval.
    """
    later = now + timedelta(seconds=settings.gather.max_interval)
    found, _ = _found(source.url, [entry for entry in feed.entries if entry.url], settings.gather, now)
    with database.transaction() as connection:
        state = frontier.source_states(connection, [source.url]).get(source.url, SourceState(url=source.url))
        edition = frontier.asked_in(connection, source.url)
        frontier.save_source(connection, msgspec.structs.replace(state, next_at=later, failures=0, problem=""), edition)
        return frontier.add_entries(connection, found, edition)


def _due(run: Run, *, due_only: bool) -> list[Source]:
    """The sources to ask now. Their states are looked at in parts and not held, however many are known."""
    sources = {source.url: source for source in run.settings.sources if source.kind != "archive"}
    due: list[Source] = []
    urls = iter(sources)
    while part := list(islice(urls, BATCH)):
        with run.database.transaction() as connection:
            states = frontier.source_states(connection, part)
            asked = frontier.polled_in(connection, part, run.number)
        for url in part:
            if url not in asked and _is_due(run, states.get(url, SourceState(url=url)), due_only=due_only):
                due.append(sources[url])
    return due


def _with_states(run: Run, due: Sequence[Source]) -> Iterator[tuple[Source, SourceState]]:
    for start in range(0, len(due), BATCH):
        part = due[start : start + BATCH]
        with run.database.transaction() as connection:
            states = frontier.source_states(connection, [source.url for source in part])
        yield from ((source, states.get(source.url, SourceState(url=source.url))) for source in part)


def _is_due(run: Run, state: SourceState, *, due_only: bool) -> bool:
    """Whether to ask now. Asked by a person all are, but for those that are gone and those that asked to be left alone."""
    waits = state.next_at is not None and state.next_at > run.at
    if state.retired:
        run.note(f"{state.url} is gone for good and is not asked any more; remove it from the sources")
        return False
    if waits and state.failures and not due_only:
        when = f"{state.next_at:%Y-%m-%d %H:%M} UTC"
        run.note(f"{state.url} failed {state.failures} times and is left alone until {when}: {state.problem}")
    return not (waits and (due_only or state.failures))


def _titled(result: Poll, source: Source) -> Poll:
    """What the newsroom calls a source goes before what the source calls itself."""
    if not source.title:
        return result
    return msgspec.structs.replace(result, state=msgspec.structs.replace(result.state, title=source.title))


def _keep(run: Run, polls: list[Poll]) -> None:
    days = run.settings.gather.max_age_days
    found: list[Found] = []
    for result in polls:
        more, ignored = _found(result.state.url, result.entries, run.settings.gather, run.at)
        found += more
        if ignored:
            older = f"{ignored} entries are older than {days:g} days and were left aside (gather.max_age_days)"
            run.note(f"{result.state.url}: {older}")
    with run.database.transaction() as connection:
        frontier.save_sources(connection, [result.state for result in polls], run.number)
        new = frontier.add_entries(connection, found, run.number)
    for result in polls:
        run.counts["sources asked"] += 1
        run.counts["sources unchanged"] += result.unchanged
        if result.problem is not None:
            run.counts["sources failed"] += 1
            run.problem(result.problem)
    run.counts["new entries"] += new


def _found(source: str, entries: Iterable[Entry], settings: GatherSettings, now: datetime) -> tuple[list[Found], int]:
    """The entries as the store takes them, and how many of them are too old to be read."""
    oldest = now - timedelta(days=settings.max_age_days)
    found: list[Found] = []
    ignored = 0
    for entry in entries:
        said = entry.updated_at or entry.published_at
        old = said is not None and said < oldest
        ignored += old
        own = entry if entry.source == source else msgspec.structs.replace(entry, source=source)
        state: Literal["ignored", "pending"] = "ignored" if old else "pending"
        found.append(Found(key=url_key(entry.url), entry=own, fingerprint=_fingerprint(entry), state=state))
    return found, ignored


def _fingerprint(entry: Entry) -> str:
    """Changes when the source says something else about the article."""
    said = (entry.title, entry.summary, entry.html, entry.published_at, entry.updated_at)
    return blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()
