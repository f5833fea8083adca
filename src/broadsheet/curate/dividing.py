"""Whether a story is still one event, or has drifted into several.

Articles that came in small batches were joined by what was known then: a chain (A like B, B like C) holds what would have come
apart had all arrived together. So a story that has doubled since it was last looked at is grouped anew from its articles by
themselves, as Yoon and others (USTORY, 2023) find the stories of a sliding window again from its articles. However long a story
grows, each of its articles is looked at twice on average.

What is grouped anew must fall short of the threshold by a tenth to come apart, so that no story is divided and merged in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import NamedTuple

from broadsheet.curate.clusters import Cluster, alike, alone, one_story
from broadsheet.curate.features import Prepared, Stream
from broadsheet.curate.grouping import LEAST, MOST, SLACK, groups, joined
from broadsheet.curate.linking import link

GROWTH = 2  # times as many articles as when last looked at
NEVER = 1e-9  # likeness under which nothing is joined


class Division(NamedTuple):
    """The parts of a story, each with the keys of its articles and what to remember of it, the largest first.

    ``likeness`` is that of the two parts most alike, ``asked`` what would have kept them together.
    """

    parts: list[tuple[tuple[str, ...], Cluster]]
    likeness: float
    asked: float


def is_due(cluster: Cluster) -> bool:
    """Whether a story has grown so much that it is to be looked at again."""
    return LEAST <= cluster.size <= MOST and cluster.size >= GROWTH * cluster.checked


def divide(
    story: str,
    members: Sequence[Prepared],
    stream: Stream,
    threshold: float,
    window: timedelta,
    together: Collection[Collection[str]] = (),
) -> Division:
    """The parts into which a story's articles fall, a single one when it is one event.

    ``members`` are its articles, copies left out, in any order. Those that a group of ``together`` names are of one part
    whatever they say. All parts' clusters bear the story's name.
    """
    ordered = sorted(members, key=lambda article: (article.at, article.key))
    bundles = _bundles([article.key for article in ordered], together)
    points = {article.key: alone(article, stream) for article in ordered}
    nodes = [one_story(story, [points[key] for key in keys], stream) for keys in bundles]
    links = link(groups(nodes, alike(nodes), window, {}), NEVER)
    asked = SLACK * threshold
    kept = list(takewhile(lambda joint: joint.likeness >= asked, links))
    parts = []
    for numbers in sorted(joined(len(nodes), kept), key=lambda numbers: (-sum(len(bundles[i]) for i in numbers), numbers)):
        keys = tuple(key for i in numbers for key in bundles[i])
        parts.append((keys, one_story(story, [points[key] for key in keys], stream)))
    return Division(parts, links[len(kept)].likeness if len(kept) < len(links) else 0.0, asked)


def _bundles(keys: Sequence[str], together: Collection[Collection[str]]) -> list[list[str]]:
    """The keys in order, those that stay together in one list at the place of the first."""
    group = {key: number for number, bound in enumerate(together) for key in bound}
    bundles: dict[int | str, list[str]] = {}
    for key in keys:
        bundles.setdefault(group.get(key, key), []).append(key)
    return list(bundles.values())
