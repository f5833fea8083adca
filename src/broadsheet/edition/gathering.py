"""Asking the sources: which are due, what is new, what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from broadsheet.edition.flow import flow, spread
from broadsheet.edition.harvest import LARGE, Harvest, Harvester, Kept, found, harvest
from broadsheet.edition.run import Run
from broadsheet.gather.client import Client
from broadsheet.gather.poll import ask
from broadsheet.gather.schedule import is_due
from broadsheet.gather.values import Asked, Feed, Poll
from broadsheet.models import Source, SourceState
from broadsheet.settings import Settings
from broadsheet.store import Database, frontier, hosts, sources
from broadsheet.urls import host

BATCH = 200  # polls kept together
_KEPT_AT_ONCE = 6  # batches: with fewer, asking stands still whenever the database copies its log back
_STATES = 500  # states looked up together


async def gather(run: Run, client: Client, *, due_only: bool) -> None:
    """Ask the sources and remember what they name. A source that fails is reported and hurts itself alone."""
    due = spread(_due(run, due_only=due_only), lambda source: host(source.url))
    with run.database.transaction() as connection:
        client.remember(hosts.host_states(connection))
    total = len(due)
    run.progress("gather", 0, total)

    with Harvester(run, total) as harvester:

        async def work(item: tuple[Source, SourceState]) -> Asked | Harvest | None:
            source, state = item
            answer = await ask(source, state, client, run.at, run.settings.gather)
            if isinstance(answer, Poll):
                return harvest(source, answer, run.settings.gather, run.at)
            if len(answer.page.content) < LARGE:
                return answer
            await keep([answer])  # alone, so that a batch takes little memory
            return None

        async def keep(answers: Sequence[Asked | Harvest | None]) -> None:
            for kept in await harvester.keep([answer for answer in answers if answer is not None]):
                _count(run, kept)
            run.progress("gather", run.counts["sources asked"], total)

        workers = 2 * run.settings.gather.connections
        await flow(_with_states(run, due), work, keep, workers=workers, batch=BATCH, kept_at_once=_KEPT_AT_ONCE)
    keep_hosts(run, client)
    run.save_report()


def keep_hosts(run: Run, client: Client) -> None:
    """Remember what the client learnt of hosts."""
    with run.database.transaction() as connection:
        hosts.keep_hosts(connection, client.learnt())


def deliver(database: Database, settings: Settings, source: str, feed: Feed, now: datetime) -> int | None:
    """Keep what a hub delivered of a source as a poll would, for the next edition; the number of new entries.

    None when the newsroom has no such source any more. As the hub has shown that it delivers, the source itself is asked again
    only after the longest interval.
    """
    later = now + timedelta(seconds=settings.gather.max_interval)
    entries, _ = found(source, [entry for entry in feed.entries if entry.url], settings.gather, now)
    with database.transaction() as connection:
        if not sources.is_set(connection, source):
            return None
        state = sources.states_of(connection, [source])[source]
        edition = sources.asked_in(connection, source)
        sources.save_source(connection, msgspec.structs.replace(state, next_at=later, failures=0, problem=""), edition)
        return frontier.add_entries(connection, entries, edition)


def _due(run: Run, *, due_only: bool) -> list[Source]:
    """The sources to ask now. Their states are looked at in parts and not held, however many are known."""
    with run.database.transaction() as connection:
        sources.set_sources(connection, [source.url for source in run.settings.sources])
    if due_only:
        with run.database.reading() as connection:
            urls = set(sources.due(connection, run.at, run.number))
    else:
        urls = set(_willing(run))
    return list(
        {source.url: source for source in run.settings.sources if source.kind != "archive" and source.url in urls}.values()
    )


def _willing(run: Run) -> Iterator[str]:
    """Those a person can have asked: not those that are gone, that failed lately, or that were asked in this edition."""
    rest = (source.url for source in run.settings.sources)
    while part := list(islice(rest, _STATES)):
        with run.database.reading() as connection:
            states = sources.states_of(connection, part)
            asked = sources.polled_in(connection, part, run.number)
        yield from (url for url, state in states.items() if url not in asked and _is_willing(run, state))


def _with_states(run: Run, due: Sequence[Source]) -> Iterator[tuple[Source, SourceState]]:
    for start in range(0, len(due), _STATES):
        part = due[start : start + _STATES]
        with run.database.reading() as connection:
            states = sources.states_of(connection, [source.url for source in part])
        yield from ((source, states[source.url]) for source in part)


def _is_willing(run: Run, state: SourceState) -> bool:
    willing = is_due(state, run.at, due_only=False)
    if state.retired:
        run.note_retired(state.url)
    elif not willing:
        when = f"{state.next_at:%Y-%m-%d %H:%M} UTC"
        run.note(f"{state.url} failed {state.failures} times and is left alone until {when}: {state.problem}")
    return willing


def _count(run: Run, kept: Kept) -> None:
    days = run.settings.gather.max_age_days
    run.counts["sources asked"] += kept.sources
    run.counts["sources unchanged"] += kept.unchanged
    run.counts["sources failed"] += len(kept.problems)
    run.counts["new entries"] += kept.new
    for problem in kept.problems:
        run.problem(problem)
    for url, ignored in kept.ignored.items():
        run.note(f"{url}: {ignored} entries are older than {days:g} days and were left aside (gather.max_age_days)")
