"""Which articles report the same event.

Articles are taken in blocks, in the order they were published. Those of a block are grouped with each other and with the
remembered stories that share keys with them, the most alike first (`broadsheet.curate.linking`). Two articles are as alike as
their words, weighed by how rare these are in the newsroom's own stream (tf-idf), and as the meaning of their words, which sees
"quake" in "tremor"; without a word in common they are not alike at all, and the further apart in time the less.

A remembered story is the sum of its articles, so comparing with it costs no more than comparing with one article, and only so
many are looked at however many are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from broadsheet.curate.clusters import Cluster, alone, story_id, total, vector
from broadsheet.curate.features import Prepared, Stream
from broadsheet.curate.likeness import WHOLE, likeness, overlap
from broadsheet.curate.linking import Groups, Link, Matrix, link

BLOCK = 1024  # articles grouped at once
CANDIDATES = 3  # remembered stories an article brings into its block


class Placed(NamedTuple):
    """Where an article went: its story, how alike it was when first joined to others, and the words it shares with them."""

    story: str
    likeness: float
    shared: tuple[str, ...]


class StoryIndex:
    """The live stories by their keys, and what became of them in this batch.

    Remembered stories are not joined with one another: they may have been published. Stories begun in the batch may be.
    """

    def __init__(self, known: Mapping[str, Cluster], stream: Stream, threshold: float, window: timedelta) -> None:
        self.clusters: dict[str, Cluster] = {}
        self.changed: set[str] = set()
        self._given = frozenset(known)
        self._merged: dict[str, str] = {}
        self._stream, self._threshold, self._window = stream, threshold, window
        self._by_key: dict[str, dict[str, None]] = {}
        for name in sorted(known):
            self._remember(known[name])

    def place(self, articles: Sequence[Prepared]) -> dict[str, Placed]:
        """Groups articles that are in order, with each other and with remembered stories; where each went, by its key."""
        placed: dict[str, tuple[str, float]] = {}
        points: dict[str, Cluster] = {}
        for start in range(0, len(articles), BLOCK):
            block = articles[start : start + BLOCK]
            points |= {article.key: alone(article, self._stream) for article in block}
            placed |= self._place(block, points)
        return {key: self._placed(points[key], *where) for key, where in placed.items()}

    def touch(self, name: str, at: datetime) -> None:
        """Notes that a copy of one of its articles appeared: the story is still alive."""
        cluster = self.clusters[name]
        self.clusters[name] = structs.replace(cluster, first_at=min(cluster.first_at, at), last_at=max(cluster.last_at, at))
        self.changed.add(name)

    def _place(self, block: Sequence[Prepared], points: Mapping[str, Cluster]) -> dict[str, tuple[str, float]]:
        singles = [points[article.key] for article in block]
        nodes = [*self._candidates(singles), *singles]
        offset = len(nodes) - len(block)
        fixed = np.array([number < offset and node.id in self._given for number, node in enumerate(nodes)])
        links = link(_groups(nodes, fixed, self._window), self._threshold)
        first = _first_likeness(links)
        placed: dict[str, tuple[str, float]] = {}
        for members in _members(len(nodes), links):
            name = self._unite([nodes[i] for i in members if i < offset], [nodes[i] for i in members if i >= offset])
            placed |= {block[i - offset].key: (name, first.get(i, 0.0)) for i in members if i >= offset}
        return placed

    def _placed(self, article: Cluster, story: str, found: float) -> Placed:
        while story in self._merged:
            story = self._merged[story]
        return Placed(story, found, _shared(article, self.clusters[story]))

    def _candidates(self, singles: Sequence[Cluster]) -> list[Cluster]:
        found: set[str] = set()
        for single in singles:
            shared: dict[str, int] = {}
            for key in single.keys:
                weight = sum(single.terms[term] for term in key.split())
                for name in self._by_key.get(key, ()):
                    shared[name] = shared.get(name, 0) + weight
            found.update(sorted(shared, key=lambda name: (-shared[name], name))[:CANDIDATES])
        return [self.clusters[name] for name in sorted(found)]

    def _unite(self, known: Sequence[Cluster], new: Sequence[Cluster]) -> str:
        """One story of several, by the name of the remembered one, else of the oldest, else of its first article."""
        if len(known) == 1 and not new:
            return known[0].id
        name = self._name(known, new)
        for part in known:
            self._forget(part)
            if part.id != name:
                self._merged[part.id] = name
                self.changed.discard(part.id)
        self._remember(total(name, [*known, *new], self._stream))
        self.changed.add(name)
        return name

    def _name(self, known: Sequence[Cluster], new: Sequence[Cluster]) -> str:
        if known:
            return min(known, key=lambda part: (part.id not in self._given, part.first_at, part.id)).id
        name = new[0].id
        while name in self.clusters or name in self._merged:
            name = story_id(name)
        return name

    def _remember(self, cluster: Cluster) -> None:
        self.clusters[cluster.id] = cluster
        for key in cluster.keys:
            self._by_key.setdefault(key, {})[cluster.id] = None

    def _forget(self, cluster: Cluster) -> None:
        del self.clusters[cluster.id]
        for key in cluster.keys:
            self._by_key[key].pop(cluster.id, None)


def _first_likeness(links: Iterable[Link]) -> dict[int, float]:
    """How alike each node was to what it was joined with first."""
    first: dict[int, float] = {}
    for joined in links:
        first.setdefault(joined.first, joined.likeness)
        first.setdefault(joined.second, joined.likeness)
    return first


def _members(count: int, links: Iterable[Link]) -> list[list[int]]:
    groups: dict[int, list[int]] = {i: [i] for i in range(count)}
    for joined in links:
        groups[joined.first] += groups.pop(joined.second)
    return [sorted(members) for members in groups.values()]


def _groups(nodes: Sequence[Cluster], fixed: NDArray[np.bool_], window: timedelta) -> Groups:
    sizes = np.array([node.size for node in nodes], dtype=np.float64)
    gaps = _gaps(nodes) / window.total_seconds()
    alike = likeness(overlap([node.terms for node in nodes]), np.stack([vector(node) for node in nodes]))
    return Groups(
        sums=np.rint(alike * (1 - np.clip(gaps, 0, 1))) / WHOLE,
        within=np.array([node.within for node in nodes], dtype=np.float64) / WHOLE,
        sizes=sizes,
        lengths=np.array([node.length for node in nodes], dtype=np.float64) / sizes,
        allowed=(gaps <= 1) & _one_language(nodes) & ~(fixed[:, None] & fixed[None, :]),
    )


def _gaps(nodes: Sequence[Cluster]) -> Matrix:
    """The seconds between the last article of the one node and the first of the other; 0 or less where they overlap."""
    first = np.array([node.first_at.timestamp() for node in nodes])
    last = np.array([node.last_at.timestamp() for node in nodes])
    after: Matrix = first[:, None] - last[None, :]
    return np.maximum(after, after.T)


def _one_language(nodes: Sequence[Cluster]) -> NDArray[np.bool_]:
    """Which nodes are of one language, as far as it is known."""
    languages = np.array([node.language for node in nodes])
    unknown = languages == ""
    same: NDArray[np.bool_] = (languages[:, None] == languages[None, :]) | unknown[:, None] | unknown[None, :]
    return same


def _shared(article: Cluster, story: Cluster) -> tuple[str, ...]:
    """The words an article has in common with the rest of its story, the weightiest first."""
    rest = {t: story.terms[t] - w for t, w in article.terms.items() if story.terms.get(t, 0) > w}
    return tuple(sorted(rest, key=lambda term: (-rest[term] * article.terms[term], term))[:5])
