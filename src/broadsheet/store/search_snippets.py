"""Snippets: the part of a text that has what was searched for, marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape, unescape

from broadsheet.store.search_query import Term
from broadsheet.store.search_words import LONGEST, WORD, folded

SNIPPET = 200  # characters around what was found
NEVER = "(?!)"  # matches nothing
LOOKED_AT = 50_000  # characters of a text in which a place to show is looked for


class Snippets:
    """Makes the snippets of one query."""

    def __init__(self, terms: Iterable[Term]) -> None:
        said = [term for term in terms if not term.negated]
        self._wanted = {word for term in said for word in term.words}
        self._starts = tuple(term.words[-1] for term in said if term.prefix)
        self._terms = [(term.words[0], _plain([term])) for term in said if all(map(str.isascii, term.words))]
        self._each = _plain(Term(words=(word,), prefix=word in self._starts) for word in sorted(self._wanted))

    def of(self, texts: Sequence[str]) -> str:
        """A part of the first of the texts that has a wanted word, as HTML: escaped, wanted words within ``<mark>``.

        Without any such word it is the start of the first.
        """
        for text in texts:
            place = self._place(text[:LOOKED_AT])
            if place is not None:
                return self._html(*_around(text, place))
        return self._html(*_around(texts[0], 0))

    def _place(self, text: str) -> int | None:
        """Where something wanted stands. Most often it is there as it was asked for: to fold each word is slow."""
        low = text.lower()
        if len(low) == len(text):
            found = None
            for word, whole in self._terms:
                place = _first(low, word, whole) if word in low else -1
                if place >= 0 and (found is None or place < found):
                    found = place
            if found is not None or text.isascii():
                return found
        same = folded(text) if self._wanted else ""
        if not any(word in same for word in self._wanted):
            return None
        return next(iter(self._marked(text)), (None, 0))[0]

    def _marked(self, text: str) -> list[tuple[int, int]]:
        """Where wanted words begin and end."""
        if text.isascii():
            low = text.lower()
            found = [span for word in self._wanted for span in _all(low, word, self._each)]
            return found if len(self._wanted) == 1 else sorted(dict(found).items())
        marked = []
        for match in WORD.finditer(text):
            word = folded(match[0])[:LONGEST]
            if word in self._wanted or (self._starts and word.startswith(self._starts)):
                marked.append(match.span())
        return marked

    def _html(self, before: str, text: str, behind: str) -> str:
        mend = escape if escape(text) != text else str  # not each part by itself where it is in vain
        parts, end = [before], 0
        for start, stop in self._marked(text):
            parts += [mend(text[end:start]), "<mark>", mend(text[start:stop]), "</mark>"]
            end = stop
        return "".join([*parts, mend(text[end:]), behind])


def plain(snippet: str) -> str:
    """The text of a snippet, without its marks."""
    return unescape(snippet.replace("<mark>", "").replace("</mark>", ""))


def _plain(terms: Iterable[Term]) -> re.Pattern[str]:
    """Finds those terms that are of ASCII alone, in any case."""
    found = [
        r"[\W_]+".join(term.words) + (r"[^\W_]*" if term.prefix else "") for term in terms if all(map(str.isascii, term.words))
    ]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(found) or NEVER})(?![^\W_])", re.IGNORECASE)


def _first(text: str, word: str, whole: re.Pattern[str]) -> int:
    """Where the first of `_all` begins; -1 for none."""
    place = text.find(word)
    while place >= 0 and not whole.match(text, place):
        place = text.find(word, place + 1)
    return place


def _all(text: str, word: str, whole: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where what begins with a word begins and ends: to look for the word first is much faster."""
    found, place = [], text.find(word)
    while place >= 0:
        if match := whole.match(text, place):
            found.append(match.span())
        place = text.find(word, place + 1)
    return found


def _around(text: str, place: int) -> tuple[str, str, str]:
    """The part of a text around a place in it, cut between words, and what is put before and behind it where it is cut."""
    if len(text) <= SNIPPET:
        return "", text, ""
    start = max(0, min(place - SNIPPET // 3, len(text) - SNIPPET))
    if start:
        start = max(text.find(" ", start, place) + 1, start)
    part = text[start : start + SNIPPET]
    is_cut = start + SNIPPET < len(text)
    if is_cut:
        head, space, _ = part.rpartition(" ")
        part = head if space and len(head) > SNIPPET // 2 else part
    return "…" if start else "", part, "…" if is_cut else ""
