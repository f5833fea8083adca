"""What is learnt of a host, as data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.errors import FetchError
from broadsheet.gather.hosts import IN_A_ROW, LONGEST_GAP, REST, Host, learnt_gap, relieved, widened, worth_keeping
from broadsheet.models import HostState

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
NEW = HostState(host="harbour.example")


def test_gap_doubles_up_to_a_bound_and_halves_in_time() -> None:
    state, gaps = NEW, []
    for _ in range(8):
        state = widened(state, NOW)
        gaps.append(state.gap)
    assert gaps == [1, 2, 4, 8, 16, 30, 30, LONGEST_GAP]
    assert learnt_gap(state, NOW + timedelta(hours=6)) == 15
    assert learnt_gap(state, NOW + timedelta(days=3)) == 0
    assert learnt_gap(state, NOW - timedelta(days=3)) == 30
    assert not worth_keeping(state, NOW + timedelta(days=3))
    assert worth_keeping(state, NOW)


def test_good_answers_make_the_gap_smaller() -> None:
    state = widened(NEW, NOW)
    for _ in range(30):
        state = relieved(state, NOW)
    assert learnt_gap(state, NOW) == 0
    assert relieved(NEW, NOW) == NEW


def test_forbidden_bursts_count_as_too_much() -> None:
    host = Host(NEW, 1)
    for n in range(IN_A_ROW - 1):
        host.answered(f"/{n}", 403, None, NOW)
    host.answered("/ok", 200, None, NOW)
    host.answered("/0", 403, None, NOW)
    assert host.gap(NOW) == 0
    host.answered("/1", 403, None, NOW)
    host.answered("/1", 403, None, NOW)
    assert host.gap(NOW) == 0
    host.answered("/2", 403, None, NOW)
    assert host.gap(NOW) == 1


@pytest.mark.parametrize(("status", "retry_at"), [(429, None), (503, NOW + timedelta(hours=2)), (0, None)])
def test_host_that_refuses_all_is_left_alone(status: int, retry_at: datetime | None) -> None:
    host = Host(NEW, 1)
    for n in range(IN_A_ROW):
        host.refuse_closed("/other", NOW)
        host.answered(f"/{n}", status, retry_at, NOW)
    with pytest.raises(FetchError) as error:
        host.refuse_closed("/other", NOW)
    assert error.value.retry_at == (retry_at or NOW + REST)
    host.refuse_closed("/other", error.value.retry_at or NOW)


def test_router_is_not_frozen_by_some_of_its_feeds() -> None:
    host = Host(NEW, 1)
    for n in range(40):
        host.answered(f"/bad{n}", 503, NOW + timedelta(hours=2), NOW)
        host.answered(f"/good{n}", 200, None, NOW)
    host.refuse_closed("/other", NOW)
    with pytest.raises(FetchError, match="left alone"):
        host.refuse_closed("/bad3", NOW)


def test_broken_pages_say_nothing_of_their_host() -> None:
    host = Host(NEW, 1)
    for n in range(9):
        host.answered(f"/{n}", 500, None, NOW)
        host.answered(f"/{n}", 404, None, NOW)
    assert host.state == NEW
