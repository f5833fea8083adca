"""How alike texts are, two by two: by the words they share and by what their words mean.

The numbers are whole, so that sums of them are exact in whatever order a machine adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from broadsheet.curate.vectors import UNIT

WORDS, MEANING = 1, 1  # shares of likeness
WHOLE = (WORDS + MEANING) * UNIT * UNIT  # likeness of an article to itself

Matrix = NDArray[np.float64]


def overlap(weights: Sequence[Mapping[str, int]]) -> Matrix:
    """The products of the texts' term weights, two by two."""
    postings: dict[str, list[int]] = {}
    for number, one in enumerate(weights):
        for term in one:
            postings.setdefault(term, []).append(number)
    products = np.zeros((len(weights), len(weights)))
    shared: dict[int, list[str]] = {}
    for term, numbers in postings.items():
        if len(numbers) > 1:
            shared.setdefault(len(numbers), []).append(term)
    for terms in shared.values():
        where = np.array([postings[term] for term in terms])
        values = np.array([[weights[number][term] for number in postings[term]] for term in terms], dtype=np.float64)
        np.add.at(products, (where[:, :, None], where[:, None, :]), values[:, :, None] * values[:, None, :])
    return products


def likeness(shared: Matrix, vectors: NDArray[np.int64]) -> Matrix:
    """The overlap of words and that of meaning in their shares; nothing where no word is shared.

    Of two texts without a meaning, as those of a language that the table does not know, words speak for that too.
    """
    exact = vectors.astype(np.float64)
    dumb: NDArray[np.bool_] = ~np.any(exact, axis=1)
    meaning = np.where(np.outer(dumb, dumb), shared, exact @ exact.T)
    alike: Matrix = np.where(shared > 0, WORDS * shared + MEANING * meaning, 0.0)
    return alike
