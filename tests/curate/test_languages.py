"""Stories in languages that the table of meanings does not know: found by what is reported, not by how it is said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from broadsheet.curate import Stream, prepare
from broadsheet.curate.clusters import alone, vector
from broadsheet.curate.terms import idle_terms
from broadsheet.models import Article
from tests.curate.conftest import made
from tests.curate.test_stories import place

PRESS = yaml.safe_load(Path(__file__).with_name("languages.yaml").read_text(encoding="utf-8"))


def report(language: str, number: int, spoken: str | None = None) -> Article:
    told = PRESS[language][number]
    return made(told["headline"], told["text"], outlet=f"o{number}.example", language=language if spoken is None else spoken)


@pytest.mark.parametrize("language", PRESS)
def test_one_event_one_story_and_others_apart(language: str) -> None:
    articles = [report(language, number) for number in range(4)]
    counts = Counter(term for article in articles for term in prepare(article).terms)
    _, stories = place(articles, stream=Stream(total=400, counts=dict(counts)))  # the rest of the stream is English
    assert stories[0] == stories[1]
    assert len(set(stories)) == 3


@pytest.mark.parametrize("language", PRESS)
def test_words_that_say_nothing_are_left_out(language: str) -> None:
    assert idle_terms(language).isdisjoint(prepare(report(language, 0)).weights)


def test_of_english_and_of_unknown_languages_no_word_is_left_out() -> None:
    assert not idle_terms("en")
    assert not idle_terms("")
    assert not idle_terms("xx")


@pytest.mark.parametrize(("language", "has"), [("en", True), ("en-GB", True), ("", True), ("de", False), ("de-AT", False)])
def test_meaning_is_evidence_only_where_it_is_known(language: str, has: bool) -> None:
    assert vector(alone(prepare(report("de", 0, language)), Stream(total=9))).any() == has
