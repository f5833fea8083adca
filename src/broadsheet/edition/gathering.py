"""Asking the sources: which are due, what is new, what is remembered of each."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

import msgspec

from broadsheet.edition.flow import flow, spread
from broadsheet.edition.run import Run
from broadsheet.gather.client import Client
from broadsheet.gather.poll import poll
from broadsheet.gather.values import Poll
from broadsheet.models import Entry, Source, SourceState
from broadsheet.store import frontier
from broadsheet.store.frontier import Found
from broadsheet.urls import host, url_key

BATCH = 50  # polls kept together


async def gather(run: Run, client: Client, *, due_only: bool) -> None:
    """Ask the sources and remember what they name. A source that fails is reported and hurts itself alone."""
    sources = {source.url: source for source in run.settings.sources if source.kind != "archive"}
    with run.database.transaction() as connection:
        states = frontier.source_states(connection, sources)
        asked = frontier.polled_in(connection, sources, run.number)
    due = [
        source
        for url, source in sources.items()
        if url not in asked and _is_due(run, states.get(url, SourceState(url=url)), due_only=due_only)
    ]
    total = len(due)
    run.progress("gather", 0, total)

    async def ask(source: Source) -> Poll:
        state = states.get(source.url, SourceState(url=source.url))
        return _titled(await poll(source, state, client, run.at, run.settings.gather), source)

    def keep(polls: list[Poll]) -> None:
        _keep(run, polls)
        run.progress("gather", run.counts["sources asked"], total)

    await flow(
        spread(due, lambda source: host(source.url)), ask, keep, workers=2 * run.settings.gather.connections, batch=BATCH
    )
    run.save_report()


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
    with run.database.transaction() as connection:
        for result in polls:
            frontier.save_source(connection, result.state, run.number)
        found = [item for result in polls for item in _found(run, result)]
        new = frontier.add_entries(connection, found, run.number)
    for result in polls:
        run.counts["sources asked"] += 1
        run.counts["sources unchanged"] += result.unchanged
        if result.problem is not None:
            run.counts["sources failed"] += 1
            run.problem(result.problem)
    run.counts["new entries"] += new


def _found(run: Run, result: Poll) -> list[Found]:
    oldest = run.at - timedelta(days=run.settings.gather.max_age_days)
    found: list[Found] = []
    for entry in result.entries:
        if not entry.url:
            continue
        said = entry.updated_at or entry.published_at
        old = said is not None and said < oldest
        state = msgspec.structs.replace(entry, source=result.state.url)
        found.append(
            Found(key=url_key(entry.url), entry=state, fingerprint=_fingerprint(entry), state="ignored" if old else "pending")
        )
    ignored = sum(1 for item in found if item.state == "ignored")
    if ignored:
        days = run.settings.gather.max_age_days
        run.note(
            f"{result.state.url}: {ignored} entries are older than {days:g} days and were left aside (gather.max_age_days)"
        )
    return found


def _fingerprint(entry: Entry) -> str:
    """Changes when the source says something else about the article."""
    said = (entry.title, entry.summary, entry.html, entry.published_at, entry.updated_at)
    return blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()
