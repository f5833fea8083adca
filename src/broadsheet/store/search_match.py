"""A query in the languages of the databases: FTS5's, and PostgreSQL's ``tsquery``. Pure.

Folded words have letters and digits alone, and filters are hashed, so that nothing that is asked for can be more than a word.
"""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.store.search_documents import HIGHEST, LEVELS, STEP, degree, facet, instant_of, span
from broadsheet.store.search_query import FILTERS, Filter, Query, Term
from broadsheet.store.search_tables import Kind

SPANS = 12  # words for a span of time, at most


def fts(query: Query, kind: Kind, *, heading: bool) -> str:
    """The query for FTS5; ``heading``: with all of its words in the headline."""
    place = "{heading}" if heading else "{heading body}"
    wanted = " AND ".join(_phrase(term) for term in query.terms if not term.negated)
    parts = [f"{place} : ({wanted})"] if wanted else []
    parts += ["{facets} : (" + " OR ".join(f'"{name}"' for name in names) + ")" for names in _facets(query, kind)]
    without = ["{heading body} : (" + _phrase(term) + ")" for term in query.terms if term.negated]
    without += [f'{{facets}} : ("{facet(item.kind, item.value)}")' for item in query.filters if item.negated]
    asked = " AND ".join(f"({part})" for part in parts)
    return f"({asked}) NOT ({' OR '.join(f'({part})' for part in without)})" if without else asked


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.prefix else ""}'


def tsquery(query: Query, kind: Kind, start: int, end: int, *, loose: bool = False) -> str:
    """All of the query for PostgreSQL, of documents with ids from one to another; ``loose``: words may stand apart."""
    parts = [headline(query.terms, loose=loose)]
    parts += ["(" + " | ".join(f"'{name}'" for name in names) + ")" for names in _facets(query, kind)]
    parts += [f"!({_follow(term)})" for term in query.terms if term.negated]
    parts += [f"!'{facet(item.kind, item.value)}'" for item in query.filters if item.negated]
    return " & ".join(filter(None, [*parts, _during(start, end)]))


def headline(terms: Sequence[Term], *, loose: bool = False) -> str:
    """The words of a query for PostgreSQL, as its headline must have them."""
    return " & ".join(f"({_follow(term, '&' if loose else '<->')})" for term in terms if not term.negated)


def _follow(term: Term, how: str = "<->") -> str:
    return f" {how} ".join(f"'{word}'" for word in term.words) + (":*" if term.prefix else "")


def _facets(query: Query, kind: Kind) -> list[list[str]]:
    """The words of filters: of each list one must be there. A query of nothing in particular asks for any quality."""

    def of(name: str) -> list[Filter]:
        return [item for item in query.filters if item.kind == name and not item.negated]

    found = [[facet(item.kind, item.value) for item in of(name)] for name in FILTERS if of(name)]
    least = {"quality": query.quality, "heat": query.minheat if kind == "story" else None}
    if query.is_empty and query.quality is None:
        least["quality"] = 0
    for name, value in least.items():
        if value is not None:
            steps = range(min(value // STEP, HIGHEST[name]), HIGHEST[name] + 1)
            found.append([degree(name, step * STEP) for step in steps])
    return found


def _during(start: int, end: int) -> str:
    """The words for the spans of time from one id to another, as few as there need to be; empty: from the first id on."""
    if start <= 0:
        return ""
    first, last = instant_of(start), instant_of(max(start, end))
    level = next(level for level in LEVELS if (last >> level) - (first >> level) < SPANS or level == LEVELS[-1])
    return "(" + " | ".join(f"'{span(level, number)}'" for number in range(first >> level, (last >> level) + 1)) + ")"
