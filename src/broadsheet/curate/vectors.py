"""The meaning of words as 256 numbers each, from the table that the wordllama package ships. Nothing is downloaded.

The table (`l2_supercat_256`, MIT licence) holds a vector for each piece of the tokenizer's vocabulary; the vector of a text is
the sum of its pieces', as in wordllama's own mean pooling. Its files are read here directly: importing the package would
configure the root logger and load an HTTP client.

Numbers are rounded to integers once, at loading, and all sums and products of them stay below 2**53: so results are the same
on every machine whatever order its linear algebra adds in.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 256
UNIT = 1000  # length of an article's vectors, of words and of their meaning
_REMEMBERED = 50_000  # words
_SCALE = 64.0  # the table's numbers are within -8..8; a step of 1/64 loses nothing that matters

Vector = NDArray[np.int64]


class WordVectors:
    """Looks up words; remembers what it has looked up, up to a bound."""

    def __init__(self, table: NDArray[np.int16], tokenizer: Any) -> None:
        self._table = table
        self._tokenizer = tokenizer
        self._number: dict[str, int] = {}
        self._known = np.zeros((_REMEMBERED, DIMENSIONS), dtype=np.int32)
        self.length = functools.lru_cache(maxsize=_REMEMBERED)(self._length)

    def text(self, weights: Mapping[str, int], length: int) -> Vector:
        """The vector of a text, of this length, from its terms and how often they occur; all zero where none is known."""
        numbers = self._numbers(weights)
        factors = np.array([_factor(count) for count in weights.values()], dtype=np.float64)
        total: Vector = (factors @ self._known[numbers].astype(np.float64)).astype(np.int64)
        size = math.sqrt(int(total @ total))
        return np.rint(total * (length / size)).astype(np.int64) if size else total

    def word(self, word: str) -> Vector:
        """The sum of the vectors of a word's pieces."""
        found: Vector = self._known[self._numbers([word])[0]].astype(np.int64)
        return found

    def _length(self, word: str) -> int:
        """How much a word says, as the length of its vector: near 100 for "the", 1600 for "earthquake"."""
        vector = self.word(word)
        return round(math.sqrt(int(vector @ vector)))

    def _numbers(self, words: Collection[str]) -> list[int]:
        """The rows in which these words' vectors lie."""
        if len(self._number) + len(words) > _REMEMBERED:
            self._number.clear()
        for word in words:
            if word not in self._number:
                pieces = self._tokenizer.encode(word[:64], add_special_tokens=False).ids
                number = self._number[word] = len(self._number)
                self._known[number] = self._table.take(pieces, axis=0).sum(axis=0, dtype=np.int32)
        return [self._number[word] for word in words]


def knows(language: str) -> bool:
    """Whether the table tells the texts of a language apart: of others than English all are alike to it, whatever they say."""
    return language.partition("-")[0] in ("", "en")


@functools.cache
def _factor(count: int) -> int:
    return round(100 * (1 + math.log(count)))


@functools.cache
def word_vectors() -> WordVectors:
    """The shipped table, loaded once a process (about 0.2 s, 17 MB)."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    spec = find_spec("wordllama")
    folder = Path(str(spec and spec.origin)).parent
    (table,) = load_file(folder / "weights" / "l2_supercat_256.safetensors").values()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    return WordVectors(np.rint(table.astype(np.float64) * _SCALE).astype(np.int16), tokenizer)
