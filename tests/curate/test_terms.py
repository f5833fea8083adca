"""Words are cut and folded the same way everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.curate.terms import term, terms, words

CASES = [
    ("The mayor's plan", ["The", "mayor", "plan"]),
    ("O’Reilly’s book", ["O’Reilly", "book"]),
    ("self-driving car", ["self", "driving", "car"]),
    ("20-13 win", ["20", "13", "win"]),
    ("東京で地震", ["東京", "京で", "で地", "地震"]),
    ("雪", ["雪"]),
    ("AI在东京 wins", ["AI", "在东", "东京", "wins"]),
    ("राम और रोम", ["राम", "और", "रोम"]),
    ("עִבְרִית", ["עִבְרִית"]),
    ("हिन्दी 東京", ["हिन्दी", "東京"]),
    ("snake_case", ["snake", "case"]),
    ("", []),
    ("…—!", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_words(text: str, expected: list[str]) -> None:
    assert list(words(text)) == expected


FOLDED = [
    ("Cities", "city"),
    ("floods", "flood"),
    ("Glass", "glass"),
    ("virus", "virus"),
    ("crisis", "crisis"),
    ("Gas", "gas"),
    ("ties", "tie"),
    ("ÉLAN", "elan"),
    ("Straße", "strasse"),
    ("Ελλάδα", "ελλαδα"),
]


@pytest.mark.parametrize(("word", "expected"), FOLDED)
def test_term(word: str, expected: str) -> None:
    assert term(word) == expected


@given(st.text(max_size=200))
def test_any_text_gives_words_without_white_space(text: str) -> None:
    assert all(word and not any(c.isspace() for c in word) for word in terms([text]))
