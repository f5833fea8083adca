"""Stories and articles as what is linked: how alike, how long, how large, and which may not be joined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from broadsheet.curate.clusters import Cluster
from broadsheet.curate.likeness import WHOLE, Matrix
from broadsheet.curate.linking import Groups, Link

LEAST, MOST = 3, 256  # articles of a story that is looked at again; a larger one is settled
SLACK = 0.9  # of the threshold, under which what was joined comes apart


def joined(count: int, links: Iterable[Link]) -> list[list[int]]:
    """The groups that links make of ``count`` nodes."""
    groups: dict[int, list[int]] = {i: [i] for i in range(count)}
    for joint in links:
        groups[joint.first] += groups.pop(joint.second)
    return [sorted(members) for members in groups.values()]


def groups(nodes: Sequence[Cluster], between: Matrix, window: timedelta, apart: Mapping[str, Collection[str]]) -> Groups:
    """Stories as groups to be linked, given their likeness; those that ``apart`` names together are not."""
    sizes = np.array([node.size for node in nodes], dtype=np.float64)
    gaps = _gaps(nodes) / window.total_seconds()
    return Groups(
        sums=np.rint(between * (1 - np.clip(gaps, 0, 1))) / WHOLE,
        within=np.array([node.within for node in nodes], dtype=np.float64) / WHOLE,
        sizes=sizes,
        lengths=np.array([node.length for node in nodes], dtype=np.float64) / sizes,
        allowed=(gaps <= 1) & _one_language(nodes) & ~_kept_apart(nodes, apart),
    )


def _kept_apart(nodes: Sequence[Cluster], apart: Mapping[str, Collection[str]]) -> NDArray[np.bool_]:
    kept = np.zeros((len(nodes), len(nodes)), dtype=bool)
    places = {node.id: number for number, node in enumerate(nodes)}
    for one, others in apart.items():
        for other in others:
            if one in places and other in places:
                kept[places[one], places[other]] = kept[places[other], places[one]] = True
    return kept


def _gaps(nodes: Sequence[Cluster]) -> Matrix:
    """The seconds between the last article of the one node and the first of the other; 0 or less where they overlap."""
    first = np.array([node.first_at.timestamp() for node in nodes])
    last = np.array([node.last_at.timestamp() for node in nodes])
    after: Matrix = first[:, None] - last[None, :]
    return np.maximum(after, after.T)


def _one_language(nodes: Sequence[Cluster]) -> NDArray[np.bool_]:
    """Which nodes are of one language, as far as it is known."""
    numbers = {"": 0}
    languages = np.array([numbers.setdefault(node.language, len(numbers)) for node in nodes])
    unknown = languages == 0
    same: NDArray[np.bool_] = (languages[:, None] == languages[None, :]) | unknown[:, None] | unknown[None, :]
    return same
