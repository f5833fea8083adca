"""Whether a report of a story is about the very event its lead reports.

A story may hold all that is written around an event; under its lead only reports of that event are listed and counted as
coverage. Kinship is the mean of two cosines, of the weightiest words and of the words' meaning, less `PER_DAY` for each day
between the two. Of a language that the table of meanings does not know, words speak for both.
"""

from __future__ import annotations

import math

from broadsheet.curate.features import weights
from broadsheet.curate.vectors import UNIT, knows, word_vectors
from broadsheet.models import Member

PER_DAY = 0.05
BRIEF = 60  # words up to which an article says no more than its headline and standfirst
WHOLE = 180  # words from which it is a whole report


def kinship(one: Member, other: Member) -> float:
    """How much two articles are about the same event, at most 1, to three decimals."""
    words = _cosine(one.judgement.words, other.judgement.words)
    if not (knows(one.article.language) and knows(other.article.language)):
        return round(words - PER_DAY * _days(one, other), 3)
    table = word_vectors()
    a, b = table.text(weights(one.article), UNIT), table.text(weights(other.article), UNIT)
    product = int(a @ a) * int(b @ b)
    meaning = int(a @ b) / math.sqrt(product) if product else 0.0
    return round((words + meaning) / 2 - PER_DAY * _days(one, other), 3)


def asked(one: Member, other: Member, threshold: float) -> float:
    """The kinship to ask of two articles, given that to ask of two headlines.

    Articles with whole texts were put into one story by far more words than these few, which long texts also share less of: of
    them less is asked, down to a third. Measured in `benchmarks.related` for headlines, and on the demo's press for texts.
    """
    words = min(one.article.word_count, other.article.word_count)
    length = min(1.0, max(0.0, (words - BRIEF) / (WHOLE - BRIEF)))
    return threshold * (1 - length * 2 / 3)


def _cosine(one: dict[str, int], other: dict[str, int]) -> float:
    """Of two articles' weightiest words, as parts of vectors of length 1000."""
    return sum(weight * other.get(word, 0) for word, weight in one.items()) / (UNIT * UNIT)


def _days(one: Member, other: Member) -> float:
    if one.article.published_at is None or other.article.published_at is None:
        return 0.0
    return abs((one.article.published_at - other.article.published_at).total_seconds()) / 86_400
