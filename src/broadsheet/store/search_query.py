"""The language of search: words, "phrases", prefix*, -without, and filters such as ``topic:ai``. Pure; no text is an error.

What cannot be understood, such as ``after:yesterday``, is named in `Query.problems` and otherwise left out.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal, get_args

from broadsheet.models import Value
from broadsheet.store.search_words import words
from broadsheet.store.values import seconds

LONGEST = 500  # characters of a query
MOST = 20  # words, phrases and filters
SHORTEST_PREFIX = 3  # letters; a shorter one would find a great part of everything

FilterKind = Literal["topic", "outlet", "lang", "source"]
FILTERS: tuple[FilterKind, ...] = get_args(FilterKind)
BOUNDS = ("after", "before", "minheat", "quality")
ALSO = {"language": "lang", "heat": "minheat"}  # other names of filters

_PART = re.compile(
    r'(?P<not>-?)(?:(?P<key>[A-Za-z]+):(?:"(?P<long>[^"]*)"?|(?P<short>[^\s"]*))|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
)


class Term(Value, frozen=True):
    """Words that must follow each other; ``prefix``: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False
    negated: bool = False


class Filter(Value, frozen=True):
    """What a document must be of, or must not. Of several filters of one kind any is enough."""

    kind: FilterKind
    value: str
    negated: bool = False


class Query(Value, frozen=True):
    """What is searched for. ``after`` and ``before`` are seconds since 1970: from the first on, and less than the second."""

    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    after: int | None = None
    before: int | None = None
    minheat: int | None = None
    quality: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing in particular."""
        return not any(not term.negated for term in self.terms) and not any(not filter.negated for filter in self.filters)


class _Parts:
    """What was found so far."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.filters: list[Filter] = []
        self.bounds: dict[str, int] = {}
        self.problems: list[str] = []


def parse(text: str) -> Query:
    """The query that a text says, at most `LONGEST` characters and `MOST` parts of it."""
    found = _Parts()
    if len(text) > LONGEST:
        found.problems.append(f"a query has at most {LONGEST} characters")
    parts = list(_PART.finditer(text[:LONGEST]))
    if len(parts) > MOST:
        found.problems.append(f"a query has at most {MOST} words and filters")
    for part in parts[:MOST]:
        _take(found, part)
    return Query(
        terms=tuple(dict.fromkeys(found.terms)),
        filters=tuple(dict.fromkeys(found.filters)),
        problems=tuple(found.problems),
        **found.bounds,
    )


def _take(found: _Parts, part: re.Match[str]) -> None:
    negated, key = bool(part["not"]), (part["key"] or "").lower()
    key = ALSO.get(key, key)
    value = part["long"] if part["long"] is not None else part["short"] or ""
    kind = next((kind for kind in FILTERS if kind == key), None)
    if kind is not None:
        if value.strip():
            found.filters.append(Filter(kind=kind, value=value.strip(), negated=negated))
        else:
            found.problems.append(f"{key}: of what?")
    elif key in BOUNDS and negated:
        found.problems.append(f"-{key}: has no opposite")
    elif key in BOUNDS:
        _bound(found, key, value)
    else:
        _words(found, part, negated)


def _words(found: _Parts, part: re.Match[str], negated: bool) -> None:
    text = part["phrase"] if part["phrase"] is not None else part[0].removeprefix("-") if part["key"] else part["word"]
    term = tuple(words(text, MOST))
    if not term:
        return
    prefix = part["phrase"] is None and text.endswith("*")
    if prefix and len(term[-1]) < SHORTEST_PREFIX:
        found.problems.append(f"{term[-1]}*: before the star there are at least {SHORTEST_PREFIX} letters")
        return
    found.terms.append(Term(words=term, prefix=prefix, negated=negated))


def _bound(found: _Parts, key: str, value: str) -> None:
    if key in ("after", "before"):
        day = _day(value)
        if day is None:
            found.problems.append(f"{key}:{value}: is no day such as 2026-01-31")
        else:
            found.bounds[key] = day
    elif value.isascii() and value.isdigit() and len(value) <= 4:
        found.bounds[key] = int(value)
    else:
        found.problems.append(f"{key}:{value}: is no number")


def _day(text: str) -> int | None:
    """The first second of a day, in UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return seconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
