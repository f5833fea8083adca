"""Heat counts independent providers; rank orders stories by heat now, whenever now is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.curate.heat import heat, rank
from tests.curate.conftest import NOON, joined


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


STORIES = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2000)), min_size=2, max_size=6)


@given(STORIES, st.integers(0, 5000), st.sampled_from([6.0, 24.0, 72.0]))
def test_rank_orders_as_decayed_heat_does(stories: list[tuple[int, int]], now: int, half_life: float) -> None:
    def decayed(value: int, hours: int) -> float:
        return value * 0.5 ** ((2000 + now - hours) / half_life)

    def ranked(value: int, hours: int) -> float:
        return rank(value, NOON + timedelta(hours=hours), half_life)

    ordered = sorted(stories, key=lambda story: ranked(*story))
    for lower, higher in pairwise(ordered):
        assert decayed(*lower) <= decayed(*higher) * 1.0001


def test_a_heat_that_halved_equals_half_the_heat() -> None:
    assert rank(100, NOON, 24) == rank(50, NOON + timedelta(hours=24), 24)
    assert rank(-1, NOON, 24) == rank(1, NOON, 24) == rank(0, NOON, 24)
