"""What an article is about by the meaning of its words, where no keyword says it.

A topic's meaning is the mean of its keywords', its name's and its description's (`broadsheet.curate.vectors`), less what all
topics of the newsroom have in common; no other training. The desk's corrections move it as in Rocchio's relevance feedback
(1971), and an article much like one that the desk corrected is filed as that one was.

Vectors are whole numbers of length `UNIT`, so that products are exact and the same on every machine.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broadsheet.curate.terms import words
from broadsheet.curate.vectors import DIMENSIONS, UNIT, Vector, word_vectors
from broadsheet.models import Article, Topic, Value

FEWEST = 4  # topics below which nothing can be said of what they have in common
SELF = 5  # times that a topic's name and description count, where each keyword counts once
MOST_WORDS = 80  # of an article
RIGHT, WRONG = 0.75, 0.25  # what the mean of right and of wrong examples moves a topic's meaning by
ALIKE = 0.8  # likeness from which an article is filed as a corrected one was


class Correction(Value, frozen=True):
    """The desk's word on one article: that it is, or is not, about a topic. ``text`` is its headline and standfirst."""

    topic: str
    text: str
    right: bool


class Likeness(NamedTuple):
    """How much an article means what a topic means, at most 1, and what the desk said of one much like it (None: nothing)."""

    value: float
    desk: bool | None = None


class Meanings:
    """The meanings of a newsroom's topics, compiled."""

    def __init__(self, topics: Sequence[Topic], corrections: Sequence[Correction]) -> None:
        self.matrix = _matrix(topics, corrections)
        number = {topic.name: place for place, topic in enumerate(topics)}
        self.corrected = [
            (number[one.topic], one.right, vector)
            for one in corrections
            if one.topic in number and (vector := meaning(one.text)).any()
        ]

    def of(self, article: Article) -> Mapping[int, Likeness]:
        """The likeness of an article to each topic, by its number."""
        if not len(self.matrix) and not self.corrected:
            return {}
        vector = meaning(f"{article.title} {article.excerpt or article.text}")
        if not vector.any():
            return {}
        values = (self.matrix @ vector.astype(np.float64)) / (UNIT * UNIT)
        found = {number: Likeness(round(float(value), 3)) for number, value in enumerate(values)}
        nearest: dict[int, float] = {}
        for number, right, example in self.corrected:
            near = int(example @ vector) / (UNIT * UNIT)
            if near >= ALIKE and near > nearest.get(number, 0.0):
                nearest[number] = near
                found[number] = Likeness(found[number].value if number in found else 0.0, right)
        return found


@functools.lru_cache(maxsize=4)
def meanings(topics: tuple[Topic, ...], corrections: tuple[Correction, ...]) -> Meanings:
    """The compiled meanings, kept, since an edition asks for the same ones with every batch."""
    return Meanings(topics, corrections)


def meaning(text: str) -> Vector:
    """The vector of a text's first words, of length `UNIT`; all zero when none is known."""
    return word_vectors().text(Counter(word.casefold() for word in islice(words(text), MOST_WORDS)), UNIT)


def _matrix(topics: Sequence[Topic], corrections: Sequence[Correction]) -> NDArray[np.float64]:
    """One row a topic; none where there are too few topics."""
    if len(topics) < FEWEST:
        return np.zeros((0, DIMENSIONS))
    rows = np.array([_topic(topic, [one for one in corrections if one.topic == topic.name]) for topic in topics])
    common = np.rint(rows.sum(axis=0) / len(topics)).astype(np.int64)
    return np.array([_scaled(row - common) for row in rows], dtype=np.float64)


def _topic(topic: Topic, corrections: Sequence[Correction]) -> Vector:
    total = SELF * (meaning(topic.name) + meaning(topic.description))
    for word in topic.keywords:
        total = total + meaning(word)
    total = _scaled(total)
    for share, right in ((RIGHT, True), (-WRONG, False)):
        examples = [meaning(one.text) for one in corrections if one.right is right]
        if examples:
            total = total + np.rint(sum(examples) * (share / len(examples))).astype(np.int64)
    return _scaled(total)


def _scaled(vector: Vector) -> Vector:
    size = math.sqrt(int(vector @ vector))
    return np.rint(vector * (UNIT / size)).astype(np.int64) if size else vector
