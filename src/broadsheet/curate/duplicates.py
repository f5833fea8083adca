"""Whether an article repeats another's text: exactly, nearly, or as an agency's report under the same headline.

A text's set of word shingles is sketched by MinHash (Broder 1997) and found again through bands of the sketch (locality
sensitive hashing, Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3). Words are hashed by CRC-32 and
mixed by 64-bit multiplication, so sketches are the same on every machine and in every version.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from broadsheet.curate.terms import SPACELESS, terms
from broadsheet.models import Value

SHINGLE = 3  # words
BANDS, ROWS = 24, 5  # texts with 60 % of their shingles in common meet in a band six times in seven, with 80 % always
ADDED = 1.6  # times the length of a text that another may have which only adds to it
CUT = 0.8  # times the length of a text under which another has lost some of it
LEAST_SUBJECT = 0.75  # share of the words of a headline, of those that its text has, that a copy of the text has too
LEAST_WORDS = 25  # shorter texts are compared whole
LEAST_TITLE = 4  # words from which on the same headline tells of the same text
_TOKEN = re.compile(rf"[{SPACELESS}]|[^\W{SPACELESS}]+")
_SAME_HEADLINE = timedelta(hours=36)
_PERMUTATIONS = BANDS * ROWS
_MOST_WORDS = 20_000


class Copy(Value, frozen=True):
    """What is remembered of an article to recognise its text. ``original`` is the key of the first article that had it.

    ``bands`` are the strings by which it is looked up; ``words`` is the length of its text.
    """

    key: str
    story: str
    original: str
    domain: str
    published_at: datetime
    subject: tuple[str, ...] = ()  # the words of the headline that are in the text
    title: str = ""  # digest of the folded headline, empty when too short to tell
    text: str = ""  # digest of the folded text, empty when there is none
    words: int = 0
    signature: bytes = b""
    bands: tuple[str, ...] = ()


def digest(words: Sequence[str]) -> str:
    """A short stable name of a sequence of words."""
    return blake2b(" ".join(words).encode(), digest_size=8).hexdigest()


def _permutations() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    seeds = b"".join(blake2b(b"broadsheet %d" % n, digest_size=16).digest() for n in range(_PERMUTATIONS))
    pairs = np.frombuffer(seeds, dtype="<u8").reshape(_PERMUTATIONS, 2)
    return (pairs[:, :1] | np.uint64(1)).astype(np.uint64), pairs[:, 1:].astype(np.uint64)


_FACTORS, _OFFSETS = _permutations()


def signature(words: Sequence[str]) -> bytes:
    """The MinHash sketch of a text's shingles: 120 numbers of 32 bits. Empty for texts under `LEAST_WORDS`."""
    if len(words) < LEAST_WORDS:
        return b""
    hashes = np.array([zlib.crc32(word.encode()) for word in words[:_MOST_WORDS]], dtype=np.uint64)
    shingles = np.zeros(len(hashes) - SHINGLE + 1, dtype=np.uint64)
    for offset in range(SHINGLE):
        shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : offset + len(shingles)]
    shingles ^= shingles >> np.uint64(29)
    smallest: NDArray[np.uint64] = ((_FACTORS * shingles + _OFFSETS) >> np.uint64(32)).min(axis=1)
    return smallest.astype("<u4").tobytes()


def bands(sketch: bytes, title: str, text: str) -> tuple[str, ...]:
    """The strings by which copies find each other: of the sketch, of the headline, and of the whole text."""
    width = ROWS * 4
    found = [
        f"{n}:{blake2b(sketch[n * width : (n + 1) * width], digest_size=8).hexdigest()}" for n in range(len(sketch) // width)
    ]
    return (*found, *([f"t:{title}"] if title else []), *([f"x:{text}"] if text else []))


def resemblance(one: bytes, other: bytes) -> float:
    """The estimated share of shingles two texts have in common, of all that either has (Jaccard), 0 to 1."""
    if not one or not other:
        return 0.0
    same = np.frombuffer(one, dtype="<u4") == np.frombuffer(other, dtype="<u4")
    return int(np.count_nonzero(same)) / _PERMUTATIONS


def repeated(copy: Copy, earlier: Copy) -> float:
    """The share of ``copy``'s text that is found in ``earlier``'s, 0 to 1: exact, or estimated from the two sketches."""
    if copy.text and copy.text == earlier.text:
        return 1.0
    common = resemblance(copy.signature, earlier.signature)
    return min(1.0, common / (1 + common) * (copy.words + earlier.words) / max(1, copy.words))


def contained(copy: Copy, earlier: Copy) -> float:
    """What tells of a copy: the share of its text that is repeated, or of ``earlier``'s, where ``copy`` only adds to it."""
    share = repeated(copy, earlier)
    adds = earlier.words < copy.words <= ADDED * earlier.words
    return min(1.0, share * copy.words / earlier.words) if adds else share


def same_headline(copy: Copy, earlier: Copy) -> bool:
    """Whether two articles without text carry the same headline within a day and a half."""
    alike = bool(copy.title) and copy.title == earlier.title and not copy.text and not earlier.text
    return alike and abs(copy.published_at - earlier.published_at) <= _SAME_HEADLINE


def on_subject(copy: Copy, words: Collection[str], earlier: Copy) -> bool:
    """Whether a text of these words is about what ``earlier``'s headline names, as far as nothing was cut from it.

    A reprint may have any headline, but its text still has the words that the first one took from it. Where a market report or
    a quake bulletin fills in a template, the words that name its subject are the ones that are missing.
    """
    if copy.words < CUT * earlier.words:
        return True
    return sum(word in words for word in earlier.subject) >= LEAST_SUBJECT * len(earlier.subject)


def _says(word: str) -> bool:
    """Whether a word of a headline is none of the short ones that every text has."""
    return len(word) > 3 or word.isdigit() or not word.isascii()


class CopyIndex:
    """The articles known so far by their bands."""

    def __init__(self, known: Mapping[str, Copy]) -> None:
        self.by_key: dict[str, Copy] = {}
        self._by_band: dict[str, list[str]] = {}
        for key in sorted(known):
            self.add(known[key])

    def add(self, copy: Copy) -> None:
        self.by_key[copy.key] = copy
        for band in copy.bands:
            self._by_band.setdefault(band, []).append(copy.key)

    def original(self, copy: Copy, text: str, threshold: float) -> tuple[Copy, float] | None:
        """The article whose text ``copy`` repeats most, the earliest of equals, and the share repeated; None when it is new.

        ``text`` is the text of ``copy``. One that fills the same template on another subject is new.
        """
        words: set[str] = set()
        best: tuple[float, datetime, str] | None = None
        for key in self._candidates(copy):
            other = self.by_key[key]
            same = same_headline(copy, other)
            share = 1.0 if same else repeated(copy, other)
            if not same and contained(copy, other) >= threshold:
                words = words or set(_TOKEN.findall(text.casefold()))
                same = on_subject(copy, words, other)
            if same:
                ranked = (-round(share, 2), other.published_at, key)
                best = ranked if best is None else min(best, ranked)
        return None if best is None else (self.by_key[best[2]], -best[0])

    def _candidates(self, copy: Copy) -> Iterable[str]:
        found = {key for band in copy.bands for key in self._by_band.get(band, ())[:50]}
        found.discard(copy.key)
        return sorted(found)


def sketch(key: str, domain: str, published_at: datetime, title: str, text: str) -> Copy:
    """What to remember of an article's text; ``story`` and ``original`` are filled in once they are decided."""
    title_words, text_words = terms([title]), _TOKEN.findall(text.casefold())
    found = set(text_words)
    headline = digest(title_words) if len(title_words) >= LEAST_TITLE else ""
    body = digest(text_words) if text_words else ""
    minhash = signature(text_words)
    return Copy(
        key=key,
        story="",
        original="",
        domain=domain,
        published_at=published_at,
        subject=tuple(dict.fromkeys(word for word in _TOKEN.findall(title.casefold()) if word in found and _says(word))),
        title=headline,
        text=body,
        words=len(text_words),
        signature=minhash,
        bands=bands(minhash, headline, body if not minhash else ""),
    )
