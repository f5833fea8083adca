"""Finding all keywords of all topics in a text at once.

Keywords are compiled into one table from first word to the phrases it opens, so the cost is one lookup for each word of the
text, however many topics there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadsheet.curate.terms import SPACELESS
from broadsheet.text import SIGNS

_LETTERS = rf"[^\W_{SPACELESS}]+(?:[{SIGNS}]+[^\W_{SPACELESS}]*)*"
_TOKEN = re.compile(
    rf"#[^\W_][\w{SIGNS}]*|(?:[^\W\d_]\.){{2,}}|[{SPACELESS}]|{_LETTERS}(?:[&'’]{_LETTERS})*(?:\+\+|\+(?!\w)|#)?"
)
_POSSESSIVE = ("'s", "’s", "'S", "’S")
# French and Italian words that lean on the next: l'intelligence, d'énergie, dell'acqua
_ELIDED = re.compile(r"^(?:[ldjmnstc]|qu|un|all|dall|dell|nell|sull|quell)['’](?=\w{2})", re.I)
_SHORT = 3  # letters up to which a capitalised word means nothing in a headline that capitalises all words


class Keyword(NamedTuple):
    """A keyword of a topic: its words folded, to find it, and the form in which alone each counts ("" where case is free)."""

    topic: int
    text: str
    folded: tuple[str, ...]
    exact: tuple[str, ...]
    excludes: bool = False


class _Text(NamedTuple):
    written: Sequence[str]
    folded: Sequence[str]
    shouted: bool  # in capitals throughout: capitals mean nothing
    titled: bool  # all words begin with a capital: such a capital means nothing


def tokens(text: str) -> list[str]:
    """Words, hashtags and dotted abbreviations (without the dots) as written; spaceless scripts letter by letter."""
    return [_bare(token) for token in _TOKEN.findall(text)]


def _bare(token: str) -> str:
    if token.endswith("."):
        return token.replace(".", "")
    if "'" not in token and "’" not in token:
        return token
    return _ELIDED.sub("", token[:-2] if token.endswith(_POSSESSIVE) else token, count=1)


def keyword(topic: int, text: str, *, excludes: bool = False) -> Keyword | None:
    """A keyword as it is looked for; None when it has no word.

    A word in capitals (AI, US) counts in capitals only; a keyword that is one capitalised word (Go, Apple) counts capitalised.
    """
    words = tokens(text)
    if not words:
        return None
    if len(words) == 1 and words[0][0].isupper():
        exact: tuple[str, ...] = (words[0],)
    else:
        exact = tuple(word if len(word) > 1 and word.isupper() else "" for word in words)
    return Keyword(topic, text, tuple(word.casefold() for word in words), exact, excludes)


def hashtag(topic: int, tag: str) -> Keyword:
    """A hashtag as it is looked for, with or without its sign."""
    bare = "#" + tag.lstrip("#")
    return Keyword(topic, bare, (bare.casefold(),), ("",))


class KeywordTable:
    """The compiled keywords of all topics. One of several words is found as a hashtag too: #openscience."""

    def __init__(self, keywords: Iterable[Keyword]) -> None:
        self._by_first: dict[str, list[Keyword]] = {}
        keywords = list(keywords)
        listed = {(found.topic, found.folded[0]) for found in keywords}
        for found in keywords:
            first = found.folded[0]
            for form in (first, plural(first)) if len(found.folded) == 1 and plural(first) != first else (first,):
                self._by_first.setdefault(form, []).append(found)
            tag = "#" + "".join(found.folded)
            if len(found.folded) > 1 and (found.topic, tag) not in listed:
                self._by_first.setdefault(tag, []).append(found._replace(folded=(tag,), exact=("",)))

    def find(self, text: str) -> list[Keyword]:
        """Every keyword found in ``text``, once for each place."""
        if not self._by_first:
            return []
        written = tokens(text)
        titled = _titled(written)
        tags = _spread(written) if "#" in text else {}
        where = _Text(written, [word.casefold() for word in written], text.isupper(), titled)
        hits = [
            (start, found)
            for start, first in enumerate(where.folded)
            for found in self._by_first.get(first, ())
            if _matches(found, where, start)
        ]
        if tags:  # what a hashtag says as a whole it does not say again by its words
            said = {(start, found.topic) for start, found in hits}
            hits = [(start, found) for start, found in hits if (tags.get(start), found.topic) not in said]
        return [found for _, found in hits]


def _spread(written: list[str]) -> dict[int, int]:
    """Put the words of each hashtag behind it; where they stand, and where it does."""
    tags: dict[int, int] = {}
    spread: list[str] = []
    for token in written:
        spread.append(token)
        if token[0] == "#":
            place = len(spread) - 1
            spread += words_of_tag(token[1:])
            tags |= dict.fromkeys(range(place + 1, len(spread)), place)
    written[:] = spread
    return tags


def words_of_tag(tag: str) -> list[str]:
    """The words of a hashtag by its capitals and underscores: ``AIForHealth``, ``open_science``, ``LLMs``."""
    parts, start = [], 0
    for place in range(1, len(tag)):
        before, here, behind = tag[place - 1], tag[place], tag[place + 1 :]
        begins = here.isupper() and (before.islower() or (before.isupper() and behind[:1].islower() and behind != "s"))
        if begins or "_" in (here, before):
            parts.append(tag[start:place])
            start = place
    return [part for part in (*parts, tag[start:]) if part.strip("_")]


def plural(word: str) -> str:
    """The plural of an English word in s; other words as they are."""
    return word + "s" if word.isalpha() and word.isascii() and not word.endswith(("s", "S")) else word


def _titled(written: Sequence[str]) -> bool:
    long = [word for word in written if len(word) > _SHORT]
    return len(long) > 1 and sum(word[0].isupper() for word in long) > 0.7 * len(long)


def _matches(found: Keyword, text: _Text, start: int) -> bool:
    end = start + len(found.folded)
    if end > len(text.folded) or tuple(text.folded[start : end - 1]) != found.folded[:-1]:
        return False
    if text.folded[end - 1] not in (found.folded[-1], plural(found.folded[-1])):
        return False
    return all(
        _as_written(exact, word, text) for exact, word in zip(found.exact, text.written[start:end], strict=True) if exact
    )


def _as_written(exact: str, word: str, text: _Text) -> bool:
    if len(exact) > 1 and exact.isupper():
        return not text.shouted and word in (exact, plural(exact))
    if len(exact) <= _SHORT:
        return not text.titled and word in (exact, plural(exact))
    return word[0].isupper()
