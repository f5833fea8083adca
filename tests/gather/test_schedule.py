"""When a source is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FeedError, FetchError
from broadsheet.gather.schedule import after_failure, after_success, after_unchanged
from broadsheet.gather.values import Hints
from broadsheet.models import Page, SourceState
from broadsheet.settings import GatherSettings

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
SETTINGS = GatherSettings()
STATE = SourceState(url="https://harbour.example/feed")
HOUR, DAY = 3600, 86_400


def page(status: int = 200, moved_to: str = "", **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(
        url=STATE.url, final_url=STATE.url, status=status, headers=named, content=b"", fetched_at=NOW, moved_to=moved_to
    )


def every(hours: float, count: int = 12, start: float = 0) -> list[datetime]:
    return [NOW - timedelta(hours=start + hours * n) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("dates", "interval"),
    [
        (every(4), 2 * HOUR),
        (every(0.1), 900),  # not below the least
        (every(100), DAY),  # not above the greatest
        (every(1, count=1), HOUR // 2),
        (every(1, start=30), round((30 + 10) / 10 * HOUR / 2)),  # has fallen silent
        ([*every(4), NOW + timedelta(days=400)], 2 * HOUR),  # dates to come say nothing
        ([*every(4), None, None], 2 * HOUR),
        ([*every(4), *every(4)], 2 * HOUR),
        ([], 2400),  # nothing is known
    ],
)
def test_interval_follows_the_rhythm(dates: list[datetime | None], interval: int) -> None:
    state = after_success(STATE, page(), NOW, SETTINGS, dates=dates)
    assert state.interval == interval
    assert state.next_at is not None
    assert timedelta(seconds=interval) <= state.next_at - NOW <= timedelta(seconds=interval * 1.1)


@pytest.mark.parametrize(
    ("headers", "interval"),
    [
        ({"cache_control": "public, max-age=7200"}, 7200),
        ({"cache_control": 'MAX-AGE="7200"', "age": "1200"}, 6000),
        ({"cache_control": "s-maxage=7200"}, 900),
        ({"cache_control": "no-cache, max-age=7200"}, 900),
        ({"cache_control": "max-age=31536000"}, DAY),
        ({"cache_control": "max-age=x", "expires": "Fri, 02 Jan 2026 14:00:00 GMT"}, 7200),
        ({"expires": "Fri, 02 Jan 2026 14:00:00 GMT", "date": "Fri, 02 Jan 2026 13:00:00 GMT"}, 3600),
        ({"expires": "0"}, 900),
        ({"cache_control": "max-age=0", "expires": "Fri, 02 Jan 2026 14:00:00 GMT"}, 900),
    ],
)
def test_what_the_host_says_is_honoured(headers: dict[str, str], interval: int) -> None:
    assert after_success(STATE, page(**headers), NOW, SETTINGS, dates=every(0.1)).interval == interval
    assert after_unchanged(STATE, page(304, **headers), NOW, SETTINGS).interval == max(interval, 1350)


def test_ttl_is_honoured_and_bounded() -> None:
    assert after_success(STATE, page(), NOW, SETTINGS, hints=Hints(ttl=7200), dates=every(0.1)).interval == 7200
    assert after_success(STATE, page(), NOW, SETTINGS, hints=Hints(ttl=10**9), dates=every(0.1)).interval == DAY
    assert after_success(STATE, page(), NOW, SETTINGS, hints=Hints(ttl=60), dates=every(4)).interval == 2 * HOUR


def test_hours_to_skip_are_skipped() -> None:
    state = after_success(STATE, page(), NOW, SETTINGS, hints=Hints(skip_hours=(12, 13, 14)), dates=every(0.1))
    assert state.next_at == datetime(2026, 1, 2, 15, 0, tzinfo=UTC)
    state = after_success(STATE, page(), NOW, SETTINGS, hints=Hints(skip_hours=tuple(range(24))), dates=every(0.1))
    assert state.next_at is not None
    assert state.next_at < NOW + timedelta(hours=1)


def test_success_is_remembered() -> None:
    before = SourceState(url=STATE.url, title="Old", failures=3, problem="answered 500", etag='"1"', retired=True)
    state = after_success(before, page(etag='"2"', moved_to="https://b.example/feed"), NOW, SETTINGS, title="New")
    assert (state.title, state.failures, state.problem, state.etag, state.last_modified) == ("New", 0, "", '"2"', "")
    assert (state.moved_to, state.polled_at, state.retired) == ("https://b.example/feed", NOW, False)
    assert after_success(state, page(), NOW, SETTINGS).moved_to == "https://b.example/feed"
    assert after_success(state, page(), NOW, SETTINGS).title == "New"


def test_unchanged_source_is_asked_more_and_more_seldom() -> None:
    state, intervals = SourceState(url=STATE.url, etag='"1"', last_modified="x"), []
    for _ in range(14):
        state = after_unchanged(state, page(304), NOW, SETTINGS)
        intervals.append(state.interval)
    assert intervals[:3] == [1350, 2025, 3037]
    assert intervals[-1] == DAY
    assert (state.etag, state.last_modified) == ('"1"', "x")


def test_failures_are_answered_with_patience() -> None:
    state, waits = STATE, []
    for _ in range(20):
        state = after_failure(state, FeedError("is not\na feed"), NOW, SETTINGS)
        assert state.next_at is not None
        waits.append((state.next_at - NOW).total_seconds())
    assert waits == sorted(waits)
    assert 900 <= waits[0] < 1800
    assert 1800 <= waits[1] < 2700
    assert DAY <= waits[-1] < DAY + 900
    assert (state.failures, state.problem, state.polled_at, state.retired) == (20, "is not a feed", NOW, False)


def test_retry_after_is_kept() -> None:
    late, soon = NOW + timedelta(hours=20), NOW + timedelta(seconds=5)
    assert after_failure(STATE, FetchError("busy", status=503, retry_at=late), NOW, SETTINGS).next_at == late + timedelta(
        seconds=317
    )
    next_at = after_failure(STATE, FetchError("busy", status=503, retry_at=soon), NOW, SETTINGS).next_at
    assert next_at is not None
    assert next_at >= NOW + timedelta(seconds=900)


def test_feeds_of_a_host_that_failed_do_not_come_back_together() -> None:
    late = NOW + timedelta(hours=20)
    states = [SourceState(url=f"https://router.example/feed/{n}") for n in range(100)]
    for error in (FetchError("down"), FetchError("busy", status=429, retry_at=late)):
        times = {after_failure(state, error, NOW, SETTINGS).next_at for state in states}
        instants = sorted(time for time in times if time)
        assert len(instants) > 80
        assert timedelta(minutes=12) < instants[-1] - instants[0] < timedelta(minutes=15)


def test_gone_retires() -> None:
    assert after_failure(STATE, FetchError("answered 410", status=410, permanent=True), NOW, SETTINGS).retired
    assert not after_failure(STATE, FetchError("answered 404", status=404, permanent=True), NOW, SETTINGS).retired


def test_a_move_that_led_nowhere_is_forgotten() -> None:
    moved = SourceState(url=STATE.url, moved_to="https://b.example/feed")
    state = after_failure(moved, FetchError("answered 410", status=410, permanent=True), NOW, SETTINGS)
    assert (state.moved_to, state.retired) == ("", False)
    assert after_failure(moved, FetchError("answered 500", status=500), NOW, SETTINGS).moved_to == moved.moved_to


_HEADERS = st.dictionaries(
    st.sampled_from(["cache-control", "expires", "age", "date"]), st.text(max_size=30) | st.just("max-age=99")
)


@given(
    _HEADERS, st.lists(st.none() | st.datetimes(timezones=st.just(UTC))), st.integers(0, 10**9), st.lists(st.integers(0, 23))
)
def test_the_next_time_is_always_within_bounds(
    headers: dict[str, str], dates: list[datetime | None], ttl: int, hours: list[int]
) -> None:
    answer = Page(url="", final_url="", status=200, headers=headers, content=b"", fetched_at=NOW)
    hints = Hints(ttl=ttl, skip_hours=tuple(hours))
    state = after_success(STATE, answer, NOW, SETTINGS, hints=hints, dates=dates)
    assert SETTINGS.min_interval <= state.interval <= SETTINGS.max_interval
    assert state.next_at is not None
    assert NOW + timedelta(seconds=SETTINGS.min_interval) <= state.next_at <= NOW + timedelta(hours=26.5 + 24)
    assert state == after_success(STATE, answer, NOW, SETTINGS, hints=hints, dates=dates)


def test_sources_added_together_are_not_asked_together() -> None:
    times = {after_success(SourceState(url=f"https://h{n}.example/"), page(), NOW, SETTINGS).next_at for n in range(50)}
    assert len(times) > 25
