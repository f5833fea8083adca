"""Which articles report the same event.

Articles are taken in blocks, in the order they were published. Those of a block that are surely on one event are joined; then
what they make is grouped with the remembered stories that share keys with it, and with each other, the most alike first
(`broadsheet.curate.linking`): so few are compared with what is remembered. Two articles are as alike as
their words, weighed by how rare these are in the newsroom's own stream (tf-idf), and as the meaning of their words, which sees
"quake" in "tremor"; without a word in common they are not alike at all, and the further apart in time the less.

A remembered story is the sum of its articles, so comparing with it costs no more than comparing with one article, and only so
many are looked at however many are remembered. Stream clustering by sums of sparse and dense vectors, with time, is that of
Miranda and others (2018) and Saravanakumar and others (2021).

Remembered stories stand in a block like articles, so two that an article shows to have grown together are joined at the same
standard, as Staykovski and others (2019) and Linger and Hajaiej (2020) join the clusters of one time window with those before
it: what came in ten small batches ends as what comes in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

import numpy as np
from msgspec import structs

from broadsheet.curate.clusters import KEY_TERMS, Cluster, alike, alone, heaviest, one_story, story_id, total, weighed
from broadsheet.curate.features import Prepared, Stream
from broadsheet.curate.grouping import LEAST, MOST, SLACK, groups, joined
from broadsheet.curate.likeness import Matrix
from broadsheet.curate.linking import Link, link

BLOCK = 768  # articles grouped at once
CANDIDATES = 2  # remembered stories that each group of a block is compared with
SURE = 3  # times the threshold at which the articles of a block are joined before remembered stories are looked at
POSTINGS = 20  # live stories with a key from which on it tells them apart no more


class Placed(NamedTuple):
    """Where an article went: its story, how alike it was when first joined to others, and the words it shares with them.

    ``words`` are the article's weightiest.
    """

    story: str
    likeness: float
    shared: tuple[str, ...]
    words: dict[str, int]


class Merge(NamedTuple):
    """Two remembered stories that have grown together: ``other`` went into ``story``. ``shared`` are words of both."""

    story: str
    other: str
    likeness: float
    shared: tuple[str, ...]


class Settled(NamedTuple):
    """What is settled about remembered stories: when they were first shown, and which must stay apart."""

    shown: Mapping[str, int] = {}
    apart: Collection[tuple[str, str]] = ()


NOTHING = Settled()


class StoryIndex:
    """The live stories by their keys, and what became of them in this batch.

    Of two that are joined the one that was shown first stays, else the one with more outlets, else the older.
    """

    def __init__(
        self,
        known: Mapping[str, Cluster],
        stream: Stream,
        threshold: float,
        window: timedelta,
        settled: Settled = NOTHING,
    ) -> None:
        self.clusters: dict[str, Cluster] = {}
        self.changed: set[str] = set()
        self._given = frozenset(known)
        self._merged: dict[str, str] = {}
        self._grown: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._shown = settled.shown
        self._apart: defaultdict[str, set[str]] = defaultdict(set)
        for one, other in settled.apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
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
        self._look_again(placed, points)
        return {key: self._placed(points[key], *where) for key, where in placed.items()}

    def merges(self) -> tuple[Merge, ...]:
        """The remembered stories that went into others, by name."""
        gone = sorted(self._given & self._merged.keys())
        return tuple(Merge(self.resolve(other), other, *self._grown[other]) for other in gone)

    def resolve(self, name: str) -> str:
        """The story that a story went into, or itself."""
        while name in self._merged:
            name = self._merged[name]
        return name

    def touch(self, name: str, at: datetime) -> None:
        """Notes that a copy of one of its articles appeared: the story is still alive."""
        cluster = self.clusters[name]
        self.clusters[name] = structs.replace(cluster, first_at=min(cluster.first_at, at), last_at=max(cluster.last_at, at))
        self.changed.add(name)

    def _place(self, block: Sequence[Prepared], points: Mapping[str, Cluster]) -> dict[str, tuple[str, float]]:
        """Groups a block's articles with each other, then these groups with remembered stories and each other."""
        singles = [points[article.key] for article in block]
        between, links = self._linked(singles, SURE * self._threshold)
        near = _first_likeness(links)
        sets = joined(len(singles), links)
        heads = [
            one_story(singles[of[0]].id, [singles[i] for i in of], self._stream, between[np.ix_(of, of)])
            if len(of) > 1
            else singles[of[0]]
            for of in sets
        ]
        known = self._candidates(heads)
        nodes = [*known, *heads]
        between, links = self._linked(nodes, self._threshold)
        far = _first_likeness(links)
        self._note(known, links)
        placed: dict[str, tuple[str, float]] = {}
        for members in joined(len(nodes), links):
            old = sum(i < len(known) for i in members)
            name = self._unite([nodes[i] for i in members], old, between[np.ix_(members, members)])
            for i in members[old:]:
                placed |= {block[k].key: (name, near.get(k, far.get(i, 0.0))) for k in sets[i - len(known)]}
        return placed

    def _look_again(self, placed: dict[str, tuple[str, float]], points: Mapping[str, Cluster]) -> None:
        """Groups the articles of each story that began here anew, by themselves: what was joined first was joined by little.

        So it hardly matters where a block ended. A story of remembered articles is looked at where these are known
        (`broadsheet.curate.dividing`).
        """
        members: defaultdict[str, list[str]] = defaultdict(list)
        for key, (name, _) in placed.items():
            members[self.resolve(name)].append(key)
        for name, keys in members.items():
            story = self.clusters[name]
            if story.checked < story.size == len(keys) and LEAST <= story.size <= MOST:
                for part, of in self._parts(story, [points[key] for key in keys]):
                    placed |= {keys[i]: (part, placed[keys[i]][1]) for i in of}

    def _parts(self, story: Cluster, singles: Sequence[Cluster]) -> list[tuple[str, list[int]]]:
        """Puts the parts into which a story's articles fall in its place: their names, the largest's its own, and articles."""
        between, links = self._linked(singles, SLACK * self._threshold)
        self._forget(story)
        self.changed.discard(story.id)
        parts: list[tuple[str, list[int]]] = []
        for of in sorted(joined(len(singles), links), key=lambda of: (-len(of), of)):
            chosen = [singles[i] for i in of]
            name = self._name((), chosen) if parts else story.id
            self._remember(one_story(name, chosen, self._stream, between[np.ix_(of, of)]))
            self.changed.add(name)
            parts.append((name, of))
        return parts

    def _linked(self, nodes: Sequence[Cluster], threshold: float) -> tuple[Matrix, Sequence[Link]]:
        """How alike stories are, two by two, and how they are joined."""
        between = alike(nodes)
        return between, link(groups(nodes, between, self._window, self._apart), threshold)

    def _note(self, known: Sequence[Cluster], links: Iterable[Link]) -> None:
        """How alike the remembered stories were when they were joined with another, and the words they share with it."""
        holds = {number: [node] for number, node in enumerate(known) if node.id in self._given}
        for joint in links:
            one, other = holds.get(joint.first, []), holds.pop(joint.second, [])
            if one and other:
                figures = joint.likeness, _common(one[0], other[0])
                self._grown |= {node.id: figures for node in (*one, *other) if node.id not in self._grown}
            if one or other:
                holds[joint.first] = one + other

    def _placed(self, article: Cluster, story: str, found: float) -> Placed:
        story = self.resolve(story)
        words = {term: article.terms[term] for term in heaviest(article.terms, KEY_TERMS)}
        return Placed(story, found, _shared(article, self.clusters[story]), words)

    def _candidates(self, singles: Sequence[Cluster]) -> list[Cluster]:
        lookups = (weighed(single.keys, single.terms) for single in singles)
        return [self.clusters[name] for name in nearest(lookups, self._by_key)]

    def _unite(self, parts: Sequence[Cluster], remembered: int, between: Matrix) -> str:
        """One story of several, by the name of a remembered one, which come first, else of its first article."""
        if len(parts) == remembered == 1:
            return parts[0].id
        name = self._name(parts[:remembered], parts[remembered:])
        for part in parts[:remembered]:
            self._forget(part)
            if part.id != name:
                self._merged[part.id] = name
                self._apart[name] |= self._apart[part.id]
                self.changed.discard(part.id)
        self._remember((total if remembered else one_story)(name, parts, self._stream, between))
        self.changed.add(name)
        return name

    def _name(self, known: Sequence[Cluster], new: Sequence[Cluster]) -> str:
        if known:
            return min(known, key=self._seniority).id
        name = new[0].id
        while name in self.clusters or name in self._merged:
            name = story_id(name)
        return name

    def _seniority(self, part: Cluster) -> tuple[bool, float, int, datetime, str]:
        return part.id not in self._given, self._shown.get(part.id, inf), -len(part.outlets), part.first_at, part.id

    def _remember(self, cluster: Cluster) -> None:
        self.clusters[cluster.id] = cluster
        for key in cluster.keys:
            self._by_key.setdefault(key, {})[cluster.id] = None

    def _forget(self, cluster: Cluster) -> None:
        del self.clusters[cluster.id]
        for key in cluster.keys:
            self._by_key[key].pop(cluster.id, None)


def nearest(lookups: Iterable[Mapping[str, int]], postings: Mapping[str, Collection[str]]) -> list[str]:
    """The remembered stories to compare articles with: for each article those that share the weightiest keys with it.

    ``lookups`` are the articles' `story_keys`, ``postings`` the live stories of each key. A key of too many is none.
    """
    found: set[str] = set()
    for keys in lookups:
        shared: dict[str, int] = {}
        for key, weight in keys.items():
            names = postings.get(key, ())
            if len(names) <= POSTINGS:
                for name in names:
                    shared[name] = shared.get(name, 0) + weight
        found.update(_best(shared))
    return sorted(found)


def _best(shared: Mapping[str, int]) -> list[str]:
    if len(shared) <= CANDIDATES:
        return list(shared)
    return sorted(shared, key=lambda name: (-shared[name], name))[:CANDIDATES]


def _first_likeness(links: Iterable[Link]) -> dict[int, float]:
    """How alike each node was to what it was joined with first."""
    first: dict[int, float] = {}
    for joint in links:
        first.setdefault(joint.first, joint.likeness)
        first.setdefault(joint.second, joint.likeness)
    return first


def _shared(article: Cluster, story: Cluster) -> tuple[str, ...]:
    """The words an article has in common with the rest of its story, the weightiest first."""
    return _weightiest({t: w * (story.terms[t] - w) for t, w in article.terms.items() if story.terms.get(t, 0) > w})


def _common(one: Cluster, other: Cluster) -> tuple[str, ...]:
    """The words two stories have in common, the weightiest first."""
    return _weightiest({t: w * other.terms[t] for t, w in one.terms.items() if t in other.terms})


def _weightiest(weights: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(heaviest(weights, 5))
