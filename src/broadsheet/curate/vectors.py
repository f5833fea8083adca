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
from collections.abc import Mapping
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
        self.word = functools.lru_cache(maxsize=_REMEMBERED)(self._word)
        self.length = functools.lru_cache(maxsize=_REMEMBERED)(self._length)

    def text(self, weights: Mapping[str, int], length: int) -> Vector:
        """The vector of a text, of this length, from its terms and how often they occur; all zero where none is known."""
        total = np.zeros(DIMENSIONS, dtype=np.int64)
        for word, weight in weights.items():
            total += round(100 * (1 + math.log(weight))) * self.word(word)
        size = math.sqrt(int(total @ total))
        return np.rint(total * (length / size)).astype(np.int64) if size else total

    def _length(self, word: str) -> int:
        """How much a word says, as the length of its vector: near 100 for "the", 1600 for "earthquake"."""
        vector = self.word(word)
        return round(math.sqrt(int(vector @ vector)))

    def _word(self, word: str) -> Vector:
        """The sum of the vectors of a word's pieces."""
        pieces = self._tokenizer.encode(word[:64], add_special_tokens=False).ids
        total: Vector = self._table[pieces].sum(axis=0, dtype=np.int64)
        return total


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
