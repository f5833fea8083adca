"""Groups the most alike first: average-link agglomeration with likeness measured against each group's own coherence.

Two groups are as alike as an article of the one is to an article of the other on average, divided by how alike the articles
within each are on average (the geometric mean of both): 1 when they look like one group, near 0 when they have nothing in
common. Measured so, a handful of headlines and fifty long reports are held to the same standard, while an event that shares its
protagonists with another is kept apart, because the reports of each resemble one another far more.

Average link is Sokal and Michener's UPGMA (1958). The division is Spearman's correction for attenuation (1904) applied to
groups of texts; the coherence of a small group is drawn towards `COHERENCE`, as if `BELIEF` further pairs had that likeness.
Short texts have few words to agree on, so what is asked of them is less, in proportion to their mean length up to
`FULL_TERMS`. An article that differs in its words from all others of a large group is no surprise, so the smaller group is
given `BENEFIT` over the square root of its size; but a likeness to few articles may be chance, so `DOUBT` over the square root
of the larger's size is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COHERENCE = 0.15  # likeness of two reports of one event, before anything is known of the event
BELIEF = 10  # pairs
FULL_TERMS = 21  # terms from which on a text is held to the full standard
BENEFIT = 0.4  # likeness given to a single article
DOUBT = 0.8  # likeness taken when even the larger group is a single article

Matrix = NDArray[np.float64]


class Groups(NamedTuple):
    """What is to be grouped: articles and stories, by number.

    ``sums[i, j]`` is the likeness of all articles of i to all of j added up, ``within[i]`` that of all pairs inside i,
    ``sizes[i]`` its articles, ``lengths[i]`` their mean number of terms; ``allowed[i, j]`` says whether they may be joined.
    """

    sums: Matrix
    within: Matrix
    sizes: Matrix
    lengths: Matrix
    allowed: NDArray[np.bool_]


class Link(NamedTuple):
    """Group ``second`` was joined to group ``first`` at this likeness."""

    first: int
    second: int
    likeness: float


class _State:
    def __init__(self, groups: Groups) -> None:
        self.sums = groups.sums.copy()
        np.fill_diagonal(self.sums, 0.0)
        self.within, self.sizes, self.lengths = groups.within.copy(), groups.sizes.copy(), groups.lengths.copy()
        self.allowed = groups.allowed.copy()
        np.fill_diagonal(self.allowed, False)
        self.standard = self._standard(np.arange(len(self.sizes)))
        self.likeness = self._likeness(np.arange(len(self.sizes)))
        self.best = self.likeness.argmax(axis=1)
        self.value = self.likeness.max(axis=1)

    def _standard(self, i: NDArray[np.int64] | int) -> Matrix:
        """What the sum of likenesses to a group is divided by: its size, coherence and length."""
        sizes = self.sizes[i]
        pairs = sizes * (sizes - 1) / 2
        coherence = np.maximum(self.within[i] + BELIEF * COHERENCE, 0.0) / (pairs + BELIEF)
        length = np.minimum(self.lengths[i], FULL_TERMS) / FULL_TERMS
        standard: Matrix = np.maximum(1e-9, sizes * np.sqrt(coherence * length))
        return standard

    def _likeness(self, i: NDArray[np.int64]) -> Matrix:
        """How alike these groups are to all: -1 where they may not be joined."""
        root = np.sqrt(self.sizes)
        benefit, doubt = BENEFIT / root, DOUBT / root
        likeness: Matrix = self.sums[i] / (self.standard[i, None] * self.standard)
        likeness += np.maximum(benefit[i, None], benefit)
        likeness -= np.minimum(doubt[i, None], doubt)
        likeness[~self.allowed[i] | (self.sums[i] <= 0)] = -1.0
        return likeness

    def join(self, i: int, j: int) -> None:
        both = self.sizes[i] + self.sizes[j]
        self.within[i] += self.within[j] + self.sums[i, j]
        self.lengths[i] = (self.lengths[i] * self.sizes[i] + self.lengths[j] * self.sizes[j]) / both
        self.sizes[i] = both
        self.sums[i] += self.sums[j]
        self.sums[:, i] = self.sums[i]
        self.sums[i, i] = 0.0
        self.allowed[i] &= self.allowed[j]
        self.allowed[:, i] = self.allowed[i]
        self.allowed[j] = self.allowed[:, j] = False
        self.standard[i] = self._standard(i)
        self._renew(i, j)

    def _renew(self, i: int, j: int) -> None:
        """The likenesses after j went into i: only theirs have changed, and the best of those that had one of them for it."""
        row = self._likeness(np.array([i]))[0]
        self.likeness[i] = self.likeness[:, i] = row
        self.likeness[j] = self.likeness[:, j] = -1.0
        stale = np.flatnonzero(((self.best == i) | (self.best == j)) & (self.value > -1))
        nearer = row > self.value
        self.best[nearer], self.value[nearer] = i, row[nearer]
        rows = self.likeness[stale]
        self.best[stale], self.value[stale] = rows.argmax(axis=1), rows.max(axis=1)
        self.best[i], self.value[i] = row.argmax(), row.max()
        self.value[j] = -1.0


def link(groups: Groups, threshold: float) -> Sequence[Link]:
    """Joins the two most alike groups, the first of equals, until none are alike by ``threshold``; the joins in order."""
    if len(groups.sizes) < 2:
        return ()
    state = _State(groups)
    links: list[Link] = []
    while True:
        i = int(state.value.argmax())
        likeness = float(state.value[i])
        if likeness < threshold:
            return links
        i, j = sorted((i, int(state.best[i])))
        links.append(Link(i, j, likeness))
        state.join(i, j)
