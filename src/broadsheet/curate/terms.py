"""Words of a text as they are compared: cut, folded, counted. Pure; the same on every machine."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from stop_words import LANGUAGE_MAPPING, get_stop_words

from broadsheet.text import SIGNS

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_POSSESSIVE = ("'s", "’s", "'S", "’S")
_SPACELESS = re.compile(rf"[{SPACELESS}]")
_LETTERS = rf"[^\W_]+(?:[{SIGNS}]+[^\W_]*)*"
_SPACED = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")  # a word, where no script is without spaces
_MIXED = _LETTERS.replace(r"\W_", rf"\W_{SPACELESS}")
_WORD = re.compile(rf"([{SPACELESS}]+)|({_MIXED}(?:['’]{_MIXED})*)")


def words(text: str) -> Iterator[str]:
    """The words of ``text`` in order, as written, without possessive 's; a run of a spaceless script gives its letter pairs."""
    if not _SPACELESS.search(text):
        for word in _SPACED.findall(text):
            yield word[:-2] if word[-2:] in _POSSESSIVE else word
        return
    for run, word in _WORD.findall(text):
        if word:
            yield word[:-2] if word[-2:] in _POSSESSIVE else word
        elif len(run) == 1:
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))


def count(text: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in words(text)) if _SPACELESS.search(text) else len(_SPACED.findall(text))


@functools.lru_cache(maxsize=50_000)
def term(word: str) -> str:
    """A word folded for comparison: case, accents, and the plural s of English (the "s-stemmer", Harman 1991)."""
    folded = word.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    if len(folded) > 4 and folded.endswith("ies"):
        return folded[:-3] + "y"
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith(("ss", "us", "is")):
        return folded[:-1]
    return folded


def terms(texts: Iterable[str]) -> list[str]:
    """The terms of several texts, one after the other."""
    return [term(word) for text in texts for word in words(text)]


@functools.cache
def idle_terms(language: str) -> frozenset[str]:
    """The terms of a language's stop words; none of English, whose idle words the table of meaning knows, or of one unknown."""
    if language == "en" or language not in LANGUAGE_MAPPING:
        return frozenset()
    return frozenset(term(part) for word in get_stop_words(language) for part in words(word))
