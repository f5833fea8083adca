"""The most alike are joined first, measured against each group's own coherence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from broadsheet.curate.linking import COHERENCE, FULL_TERMS, Groups, link


def groups(sums: list[list[float]], *, sizes: list[int] | None = None, lengths: float = FULL_TERMS) -> Groups:
    matrix: NDArray[np.float64] = np.array(sums, dtype=np.float64)
    count = len(matrix)
    return Groups(
        sums=matrix,
        within=np.zeros(count),
        sizes=np.array(sizes or [1] * count, dtype=np.float64),
        lengths=np.full(count, float(lengths)),
        allowed=np.ones((count, count), dtype=bool),
    )


def joins(given: Groups, threshold: float = 0.8) -> list[tuple[int, int]]:
    return [(found.first, found.second) for found in link(given, threshold)]


def test_nothing_and_one_have_no_links() -> None:
    assert joins(groups([[0.0]])) == []
    assert link(groups([[0.0]])._replace(sizes=np.zeros(0)), 0.5) == ()


def test_the_most_alike_first() -> None:
    assert joins(groups([[0, 0.5, 0.3], [0.5, 0, 0.3], [0.3, 0.3, 0]])) == [(0, 1), (0, 2)]


def test_those_with_nothing_in_common_stay_apart() -> None:
    assert joins(groups([[0, 0, 0], [0, 0, 0.9], [0, 0.9, 0]])) == [(1, 2)]


def test_two_pairs_that_share_little_stay_two() -> None:
    sums = [[0, 0.8, 0.1, 0.1], [0.8, 0, 0.1, 0.1], [0.1, 0.1, 0, 0.8], [0.1, 0.1, 0.8, 0]]
    assert joins(groups(sums)) == [(0, 1), (2, 3)]


def test_what_is_not_allowed_is_not_joined_even_through_another() -> None:
    given = groups([[0, 0.9, 0.9], [0.9, 0, 0.9], [0.9, 0.9, 0]])
    given.allowed[0, 2] = given.allowed[2, 0] = False
    assert joins(given) == [(0, 1)]


def test_short_texts_are_asked_for_less() -> None:
    sums = [[0, 0.1], [0.1, 0]]
    assert joins(groups(sums, lengths=FULL_TERMS)) == []
    assert joins(groups(sums, lengths=FULL_TERMS / 3)) == [(0, 1)]


def test_a_likeness_to_one_may_be_chance_but_not_to_many() -> None:
    weak = 0.1
    assert joins(groups([[0, weak], [weak, 0]])) == []
    many = groups([[0, 20 * weak], [20 * weak, 0]], sizes=[1, 20])
    assert joins(many._replace(within=np.array([0.0, 190 * COHERENCE]))) == [(0, 1)]


def test_a_coherent_group_takes_less_than_a_loose_one() -> None:
    def given(coherence: float) -> Groups:
        return groups([[0, 1.2], [1.2, 0]], sizes=[1, 10])._replace(within=np.array([0.0, 45 * coherence]))

    assert joins(given(0.1)) == [(0, 1)]
    assert joins(given(0.9)) == []


def test_the_order_of_equals_is_settled() -> None:
    same = [[0.0 if i == j else 0.4 for j in range(5)] for i in range(5)]
    assert joins(groups(same)) == joins(groups(same)) == [(0, 1), (0, 2), (3, 4), (0, 3)]


def test_what_is_given_is_left_as_it_was() -> None:
    given = groups([[0, 0.5], [0.5, 0]])
    before = given.sums.copy()
    link(given, 0.1)
    assert (given.sums == before).all()
