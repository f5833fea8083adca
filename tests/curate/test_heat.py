"""Heat counts independent providers; rank orders stories by heat now, whenever now is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.curate.heat import Report, heat_now, independent, rank
from broadsheet.curate.heat import heat as heat_of
from broadsheet.models import Member, Provider, Score
from tests.curate.conftest import NOON, joined


def heat(lead: Member, others: list[Member], *, expired: bool = False, **owners: str) -> Score:
    return heat_of(lead, others, owners={f"{name}.example": who for name, who in owners.items()}, expired=expired)


def test_heat_adds_ten_a_provider_and_says_who() -> None:
    lead = joined("Dam bursts", outlet="courier.example", quality=63)
    others = [joined("Dam bursts", outlet=f"paper{n}.example") for n in range(7)]
    score = heat(lead, others)
    assert score.value == 133
    assert [(part.name, part.points) for part in score.parts] == [("lead", 63.0), ("coverage", 70.0)]
    assert score.parts[1].reason == "7 independent providers: Paper0, Paper1, Paper2, Paper3, Paper4 and 2 more"


def test_heat_of_one_report_is_its_quality() -> None:
    assert heat(joined("Dam bursts", quality=63), []).value == 63
    assert heat(joined("A"), [joined("A", outlet="b.example")]).parts[1].reason == "1 independent provider: B"


def test_expired_is_minus_one_and_the_parts_add_up() -> None:
    score = heat(joined("Dam bursts", quality=63), [joined("A", outlet="b.example")], expired=True)
    assert score.value == -1
    assert sum(part.points for part in score.parts) == -1


def test_outlets_of_one_owner_are_one_voice() -> None:
    others = [joined("A", outlet=f"{name}.example") for name in ("b", "c", "d", "e")]
    score = heat(
        joined("Dam bursts", outlet="a.example", quality=60), others, a="Harbour Press", d="Harbour Press", b="X", c="X"
    )
    assert score.value == 80
    assert [(part.name, part.points) for part in score.parts] == [("lead", 60.0), ("coverage", 20.0), ("same owner", 0.0)]
    assert score.parts[1].reason == "2 independent providers: B, E"
    assert score.parts[2].reason == "C, D not counted: owned by Harbour Press, X, heard already"


def test_independent_says_who_is_counted() -> None:
    providers = [Provider(name="", domain=f"{name}.example") for name in "abc"]
    assert independent(providers[0], providers[1:], {}) == [True, True]
    assert independent(providers[0], providers[1:], {"a.example": "X", "c.example": "X"}) == [True, False]


HOUR = timedelta(hours=1)


def burst(value: int, *hours: float) -> list[Report]:
    return [Report(NOON, value), *(Report(NOON + hour * HOUR, 10) for hour in hours)]


def test_the_rate_of_coverage_counts() -> None:
    quick, slow = burst(60, 47, 47.5, 48), burst(60, 10, 20, 48)
    assert rank(quick, 24) > rank(slow, 24)
    now = NOON + 48 * HOUR
    assert heat_now(quick[0], quick[1:], now, 24).value > heat_now(slow[0], slow[1:], now, 24).value


def test_heat_now_tells_its_decay_and_rate() -> None:
    lead, *others = burst(80, 12, 23)
    score = heat_now(lead, others, NOON + 24 * HOUR, 24)
    assert score.value == 57
    assert [(part.name, part.points) for part in score.parts] == [("lead", 40.0), ("coverage", 16.8)]
    assert score.parts[0].reason == "80 points, 24.0 hours old, halved every 24"
    assert score.parts[1].reason == "2 of 2 independent reports in the last 24 hours, the latest 1.0 ago"
    later = heat_now(lead, others, NOON + 48 * HOUR, 24)
    assert later.value == 28
    assert later.parts[1].reason == "0 of 2 independent reports in the last 24 hours, the latest 25.0 ago"
    assert heat_now(lead, [], NOON - HOUR, 24).value == 80


STORIES = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2000)), min_size=2, max_size=6)


@given(STORIES, st.integers(0, 5000), st.sampled_from([6.0, 24.0, 72.0]))
def test_rank_orders_as_decayed_heat_does(stories: list[tuple[int, int]], now: int, half_life: float) -> None:
    def decayed(value: int, hours: int) -> float:
        return value * 0.5 ** ((2000 + now - hours) / half_life)

    def ranked(value: int, hours: int) -> float:
        return rank([Report(NOON + timedelta(hours=hours), value)], half_life)

    ordered = sorted(stories, key=lambda story: ranked(*story))
    for lower, higher in pairwise(ordered):
        assert decayed(*lower) <= decayed(*higher) * 1.0001


def test_a_heat_that_halved_equals_half_the_heat() -> None:
    day = NOON + 24 * HOUR
    assert rank([Report(NOON, 100)], 24) == rank([Report(day, 50)], 24) == rank([Report(NOON, 50), Report(day, 25)], 24)
    assert rank([Report(NOON, -1)], 24) == rank([Report(NOON, 1)], 24) == rank([Report(NOON, 0)], 24)
