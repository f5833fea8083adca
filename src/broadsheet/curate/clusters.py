"""A story as it is remembered: the sum of its articles, of bounded size, and the keys by which it is found again."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import combinations

import numpy as np
from msgspec import structs

from broadsheet.curate.features import Prepared, Stream
from broadsheet.curate.likeness import Matrix, likeness, overlap
from broadsheet.curate.vectors import UNIT, Vector, knows, word_vectors
from broadsheet.models import Value

CENTROID_TERMS = 120
KEY_TERMS = 12  # weightiest terms that can be keys by themselves
PAIR_TERMS = 8  # weightiest terms that can be keys in pairs
TRIPLE_TERMS = 4  # weightiest terms that are keys in threes
RARE = 10  # articles of the stream in which a key may be expected
OUTLETS = 50  # outlets that a story remembers
EMPTY = 300  # length of a word's vector under which it says nothing
NUMBER = 1.5  # weight of a number, a word's being 1


class Cluster(Value, frozen=True):
    """What is remembered of a story to recognise further articles on it. ``keys`` are the strings by which it is looked up.

    ``size`` and ``length`` count articles and their terms (copies left out), ``within`` is the likeness of all pairs of them
    added up, ``terms`` and ``vector`` (256 little-endian integers of 32 bits) are the sums of the articles' weights.
    ``outlets`` are the domains of the articles, the first `OUTLETS` by name; ``checked`` is the size at which it was last seen
    to be one story (`broadsheet.curate.dividing`).
    """

    id: str
    size: int
    length: int
    within: int
    first_at: datetime
    last_at: datetime
    language: str
    terms: dict[str, int]
    vector: bytes
    keys: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    checked: int = 1


def story_id(key: str) -> str:
    """The name of a story: 16 hexadecimal digits from the key of the article that founded it."""
    return blake2b(key.encode(), digest_size=8).hexdigest()


def weigh(prepared: Prepared, stream: Stream) -> dict[str, int]:
    """The article's terms weighed by rarity and substance, as a vector of length 1000.

    Rarity is the logarithm of the stream's articles to those with the term; substance is the square root of the length of the
    term's vector beyond `EMPTY`: words that say little in any stream have short ones ("the" 100, "says" 300, "earthquake"
    1600). Numbers count half as much again: they tell one result, sum or date from another.
    """
    articles, counts = stream.total + 2, stream.counts
    raw = {
        term: _rarity(articles, counts.get(term, 0)) * _repeated(count) * _substance(term)
        for term, count in prepared.weights.items()
    }
    size = math.sqrt(sum(weight * weight for weight in raw.values()))
    weights = {term: round(UNIT * weight / size) for term, weight in raw.items()} if size else {}
    return {term: weight for term, weight in weights.items() if weight}


@functools.lru_cache(maxsize=10_000)
def _rarity(articles: int, count: int) -> float:
    return max(math.log(articles / (count + 1)), 0.01)


@functools.cache
def _repeated(count: int) -> float:
    return 1 + math.log(count)


@functools.lru_cache(maxsize=50_000)
def _substance(term: str) -> float:
    length = word_vectors().length(term)
    return math.sqrt(length) * (NUMBER if term.isdigit() else 1) if length >= EMPTY else 0.0


def story_keys(prepared: Prepared, stream: Stream) -> dict[str, int]:
    """The keys by which remembered stories like this article are found: at most 44 rare terms, pairs and triples.

    Each with its weight, the sum of its terms'.
    """
    weights = weigh(prepared, stream)
    return weighed(_keys(weights, stream), weights)


def weighed(keys: Iterable[str], weights: Mapping[str, int]) -> dict[str, int]:
    """Keys with their weights, the sums of their terms'."""
    return {key: sum(weights[term] for term in key.split()) for key in keys}


def weightiest(prepared: Prepared, stream: Stream) -> dict[str, int]:
    """The article's weightiest terms, as parts of a vector of length 1000."""
    weights = weigh(prepared, stream)
    return {term: weights[term] for term in heaviest(weights, KEY_TERMS)}


def _keys(weights: Mapping[str, int], stream: Stream) -> tuple[str, ...]:
    """Its weightiest terms, alone and in pairs, as far as by chance few articles of the stream have them; triples always.

    So the number of stories found by a key does not grow with the number remembered.
    """
    chosen = heaviest(weights, KEY_TERMS)
    counts = {term: stream.counts.get(term, 0) for term in chosen}
    pairs = combinations(sorted(chosen[:PAIR_TERMS]), 2)
    return (
        *(term for term in chosen if counts[term] <= RARE),
        *(f"{a} {b}" for a, b in pairs if counts[a] * counts[b] <= RARE * stream.total),
        *(" ".join(three) for three in combinations(sorted(chosen[:TRIPLE_TERMS]), 3)),
    )


def heaviest(weights: Mapping[str, int], most: int) -> list[str]:
    return sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:most]


def alone(prepared: Prepared, stream: Stream) -> Cluster:
    """The story of one article. The meaning of a language that the table does not know is left out."""
    terms, language = weigh(prepared, stream), prepared.article.language.partition("-")[0]
    meaning = word_vectors().text(prepared.weights if knows(language) else {}, UNIT)
    return Cluster(
        id=story_id(prepared.key),
        size=1,
        length=len(terms),
        within=0,
        first_at=prepared.at,
        last_at=prepared.at,
        language=language,
        terms=terms,
        vector=meaning.astype("<i4").tobytes(),
        keys=_keys(terms, stream),
        outlets=(prepared.article.provider.domain,),
    )


def alike(parts: Sequence[Cluster]) -> Matrix:
    """How alike all articles of each part are to all of each other, added up."""
    return likeness(overlap([part.terms for part in parts]), np.stack([vector(part) for part in parts]))


def total(name: str, parts: Sequence[Cluster], stream: Stream, between: Matrix | None = None) -> Cluster:
    """The sum of its parts. ``between`` is their likeness, two by two, where it is known already."""
    terms: dict[str, int] = {}
    for part in parts:
        for term, weight in part.terms.items():
            terms[term] = terms.get(term, 0) + weight
    kept = {term: terms[term] for term in heaviest(terms, CENTROID_TERMS)}
    between = alike(parts) if between is None else between
    return Cluster(
        id=name,
        size=sum(part.size for part in parts),
        length=sum(part.length for part in parts),
        within=sum(part.within for part in parts) + int(np.triu(between, 1).sum()),
        first_at=min(part.first_at for part in parts),
        last_at=max(part.last_at for part in parts),
        language=next((part.language for part in parts if part.language), ""),
        terms=kept,
        vector=np.sum([vector(part) for part in parts], axis=0).astype("<i4").tobytes(),
        keys=_keys(kept, stream),
        outlets=tuple(sorted({outlet for part in parts for outlet in part.outlets})[:OUTLETS]),
        checked=max(part.checked for part in parts),
    )


def one_story(name: str, parts: Sequence[Cluster], stream: Stream, between: Matrix | None = None) -> Cluster:
    """Parts that were seen to be one story, all their articles compared with each other."""
    whole = total(name, parts, stream, between)
    return structs.replace(whole, checked=whole.size)


def vector(cluster: Cluster) -> Vector:
    return np.frombuffer(cluster.vector, dtype="<i4").astype(np.int64)
