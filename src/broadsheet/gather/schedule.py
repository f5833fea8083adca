"""When to ask a source again, from what it said and how it has behaved. Pure: the same past gives the same next time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from msgspec.structs import replace

from broadsheet.dates import parse_date
from broadsheet.errors import BroadsheetError, FetchError
from broadsheet.gather.values import Hints
from broadsheet.models import Page, SourceState
from broadsheet.settings import GatherSettings

_RHYTHM_ENTRIES = 10  # newest entries whose dates say how often a source publishes
_GROWTH = 1.5  # of the interval each time nothing had changed
_JITTER = 0.1  # of the interval, so that sources added together are not asked together
_MAX_DOUBLINGS = 10
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.I | re.A)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.I)


def is_due(state: SourceState, now: datetime, *, due_only: bool) -> bool:
    """Whether to ask a source now: unless it is gone, or failed lately or, with ``due_only``, its time has not come."""
    early = state.next_at is not None and state.next_at > now
    return not (state.retired or (early and (due_only or state.failures > 0)))


def after_success(
    state: SourceState,
    page: Page,
    now: datetime,
    settings: GatherSettings,
    *,
    hints: Hints | None = None,
    title: str = "",
    dates: Iterable[datetime | None] = (),
) -> SourceState:
    """The state after a source was read. ``dates``: when its entries were published.

    Asked again after half the time it usually lets pass between two entries, but not before what it asked for itself (``ttl``,
    Cache-Control, Expires), and always between the settings' least and greatest interval.
    """
    hints = hints or Hints()
    rhythm = _rhythm(dates, now)
    learnt = rhythm / 2 if rhythm is not None else (state.interval or settings.min_interval * 4) / _GROWTH
    asked = max(hints.ttl or 0, _fresh_for(page.headers, now))
    interval = _between(max(learnt, asked), settings)
    return replace(
        state,
        **_healthy(state, page, now),
        title=title or state.title,
        etag=page.headers.get("etag", ""),
        last_modified=page.headers.get("last-modified", ""),
        interval=interval,
        next_at=_awake(now + _with_jitter(interval, state.url), hints.skip_hours),
    )


def after_unchanged(state: SourceState, page: Page, now: datetime, settings: GatherSettings) -> SourceState:
    """The state after a source answered that nothing has changed (304): each time it is left alone half as long again."""
    learnt = (state.interval or settings.min_interval) * _GROWTH
    interval = _between(max(learnt, _fresh_for(page.headers, now)), settings)
    return replace(
        state,
        **_healthy(state, page, now),
        etag=page.headers.get("etag", "") or state.etag,
        last_modified=page.headers.get("last-modified", "") or state.last_modified,
        interval=interval,
        next_at=now + _with_jitter(interval, state.url),
    )


def after_failure(state: SourceState, error: BroadsheetError, now: datetime, settings: GatherSettings) -> SourceState:
    """The state after a failure: asked again after the least interval, doubled with each failure in a row up to the greatest.

    A time given by the host (Retry-After) is kept. 410 Gone retires the source. When the address a permanent redirect led to
    fails for good, the source's own address is asked the next time.
    """
    status, retry_at, permanent = 0, None, False
    if isinstance(error, FetchError):
        status, retry_at, permanent = error.status, error.retry_at, error.permanent
    wait = _between(settings.min_interval * 2 ** min(state.failures, _MAX_DOUBLINGS), settings)
    # spread: the feeds of a host that failed, or that named one time for all, are not to come back together
    spread = timedelta(seconds=int(settings.min_interval * _share(state.url)))
    next_at = max(now + timedelta(seconds=wait), retry_at or now) + spread
    return replace(
        state,
        polled_at=now,
        next_at=next_at,
        failures=state.failures + 1,
        moved_to="" if permanent else state.moved_to,
        retired=status == 410 and not state.moved_to,
        problem=" ".join(str(error).split()),
    )


def _healthy(state: SourceState, page: Page, now: datetime) -> dict[str, Any]:
    """What is true of every source that answered."""
    moved_to = page.moved_to or state.moved_to
    return {"polled_at": now, "failures": 0, "problem": "", "retired": False, "moved_to": moved_to}


def _rhythm(dates: Iterable[datetime | None], now: datetime) -> float | None:
    """Seconds a source usually lets pass between entries: the time since the oldest of the newest ten, divided by their number.

    The time since the newest counts as well, so that a source that has fallen silent is asked more and more seldom.
    """
    ordered = sorted((date for date in dates if date and date <= now), reverse=True)
    newest = [date for date, _ in islice(groupby(ordered), _RHYTHM_ENTRIES)]  # a set of dates takes ten times as long
    return (now - newest[-1]).total_seconds() / len(newest) if newest else None


def _fresh_for(headers: dict[str, str], now: datetime) -> float:
    """Seconds for which the answer stays fresh (RFC 9111): max-age less Age, else Expires; 0 when it does not say."""
    control, until = headers.get("cache-control", ""), headers.get("expires", "")
    if not control and not until:
        return 0
    if _NOT_KEPT.search(control):
        return 0
    if match := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        return max(int(match[1]) - (int(age[:9]) if age.isdecimal() and age.isascii() else 0), 0)
    expires = parse_date(until)
    if expires is None:
        return 0
    sent = parse_date(headers.get("date", "")) or now
    return max((expires - sent).total_seconds(), 0)


def _between(seconds: float, settings: GatherSettings) -> int:
    return int(max(settings.min_interval, min(seconds, settings.max_interval)))


def _with_jitter(seconds: int, url: str) -> timedelta:
    """``seconds`` and up to a tenth more, always the same share for the same address."""
    return timedelta(seconds=int(seconds * (1 + _JITTER * _share(url))))


def _share(url: str) -> float:
    """A number from 0 to 1 that belongs to the address."""
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "replace")).digest()[:4], "big") / 2**32


def _awake(moment: datetime, skip_hours: tuple[int, ...]) -> datetime:
    """``moment``, or the beginning of the next hour, UTC, that the feed does not want to be left alone in."""
    if not skip_hours or len(set(skip_hours)) >= 24:
        return moment
    while moment.astimezone(UTC).hour in skip_hours:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment
