"""What a source answered: its entries, its new state, or what went wrong. Pure; `broadsheet.gather.poll` asks."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from broadsheet.errors import BroadsheetError, FeedError
from broadsheet.gather.feeds import read_feed
from broadsheet.gather.hubs import offered
from broadsheet.gather.schedule import after_failure, after_success, after_unchanged
from broadsheet.gather.values import Asked, Feed, Poll
from broadsheet.models import Entry, Page, Problem, Source, SourceState
from broadsheet.settings import GatherSettings


def read_asked(asked: Asked, now: datetime, settings: GatherSettings) -> Poll:
    """The entries of a feed in its own order, without those that name no address, and when to ask again. Never raises."""
    try:
        page = asked.page
        if page.status == 304:
            return Poll(state=after_unchanged(asked.state, page, now, settings), unchanged=True)
        feed = read_feed(page.content, page.final_url, page.content_type)
        return _read(asked.source, asked.state, page, feed, now, settings)
    except Exception as error:  # noqa: BLE001 - whatever one source makes of our code must not stop the others
        return failed(asked.source, asked.state, error, now, settings)


def failed(source: Source, state: SourceState, error: Exception, now: datetime, settings: GatherSettings) -> Poll:
    """What came of a source that could not be asked or read."""
    if not isinstance(error, BroadsheetError):
        error = FeedError(f"could not be read: {type(error).__name__}: {error}")
    state = after_failure(state, error, now, settings)
    return Poll(state=state, problem=Problem(room="gather", where=source.url, reason=state.problem))


def _read(source: Source, state: SourceState, page: Page, feed: Feed, now: datetime, settings: GatherSettings) -> Poll:
    dates = [entry.published_at or entry.updated_at for entry in feed.entries]
    new_state = after_success(state, page, now, settings, hints=feed.hints, title=feed.title, dates=dates)
    hub, topic = offered(page, feed.hints)
    problem = None
    if feed.cut:
        reason = f"has more than {len(feed.entries):,} entries; the others were left aside"
        problem = Problem(room="gather", where=source.url, reason=reason)
    return Poll(state=replace(new_state, hub=hub, topic=topic), entries=_entries(feed, source), problem=problem)


def _entries(feed: Feed, source: Source) -> tuple[Entry, ...]:
    entries = (entry for entry in feed.entries if entry.url)
    return tuple(entry if entry.source == source.url else replace(entry, source=source.url) for entry in entries)
