"""Topics are found by whole words, in the case that matters, in headline, standfirst and text; ancestors follow."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.curate import keywords
from broadsheet.curate.keywords import tokens
from broadsheet.curate.topics import TopicIndex
from broadsheet.models import Topic, TopicMatch
from tests.curate.conftest import made


def matches(topics: list[Topic], title: str = "", **rest: Any) -> tuple[TopicMatch, ...]:
    return TopicIndex(topics).match(made(title or "Nothing at all", **rest))


def topic(name: str, *keywords: str, **rest: Any) -> Topic:
    return Topic(name=name, slug=name.lower().replace(" ", "-"), keywords=keywords, **rest)


TOKENS = [
    ("The U.S. and A.I.", ["The", "US", "and", "AI"]),
    ("AT&T's C++ and C# code", ["AT&T", "C++", "and", "C#", "code"]),
    ("#OpenData now", ["#OpenData", "now"]),
    ("self-driving", ["self", "driving"]),
    ("東京", ["東", "京"]),
    ("L’intelligence dell'acqua, d'IA", ["intelligence", "acqua", "IA"]),
    ("हिन्दी समाचार #हिन्दी", ["हिन्दी", "समाचार", "#हिन्दी"]),
    ("Rock 'n' roll, O'Brien, don't", ["Rock", "n", "roll", "O'Brien", "don't"]),
]


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


FOUND = [
    # keyword, headline, whether it is found
    ("flood", "Flood hits the valley", True),
    ("flood", "Floods hit the valley", True),
    ("flood", "Floodlights on", False),
    ("ai", "He said so again", False),
    ("AI", "New AI for farms", True),
    ("AI", "AIs for farms", True),
    ("AI", "The ai of Ai", False),
    ("AI", "A.I. for farms", True),
    ("AI", "ALL CAPITALS ABOUT AI", False),
    ("IT", "It is raining", False),
    ("IT", "IT staff strike", True),
    ("US", "Let us go", False),
    ("US", "U.S. votes", True),
    ("Go", "Where to go", False),
    ("Go", "Where To Go This Summer", False),
    ("Go", "A release of Go for gardeners", True),
    ("Apple", "An apple a day", False),
    ("Apple", "Apple opens a shop", True),
    ("C++", "The C++ committee meets", True),
    ("C", "The C++ committee meets", False),
    ("machine learning", "Machine-learning for farms", True),
    ("machine learning", "The machine is learning", False),
    ("machine learning", "machine", False),
    ("facial recognition", "Facial Recognition banned", True),
    ("AI chip", "New AI chips", True),
    ("AI chip", "new ai chips", False),
    ("地震", "東京で地震", True),
    ("地震", "地面", False),
    ("ข่าว", "อ่านข่าววันนี้", True),
    ("राम", "राम का मंदिर", True),
    ("राम", "रोम में बाढ़", False),
    ("café", "The Café opens", True),
    ("выборы", "Выборы в городе", True),
    ("intelligence artificielle", "Le port essaie l'intelligence artificielle", True),
    ("IA", "Le règlement sur l’IA", True),
    ("!!!", "Anything !!!", False),
]


@pytest.mark.parametrize(("keyword", "title", "expected"), FOUND)
def test_keywords(keyword: str, title: str, expected: bool) -> None:
    assert bool(matches([topic("T", keyword)], title)) is expected


def test_hashtags() -> None:
    tagged = Topic(name="T", slug="t", hashtags=("OpenData", "#maps"))
    assert matches([tagged], "Read this #opendata")
    assert matches([tagged], "Read this #Maps")
    assert not matches([tagged], "Open data and maps")


@pytest.mark.parametrize(
    ("keyword", "title", "expected"),
    [
        ("open data", "Read this #opendata", True),
        ("open data", "Read this #OpenData", True),
        ("open data", "Read this #OpenDataDay", True),
        ("open data", "Read this #open_data", True),
        ("open data", "Read this #reopendata", False),
        ("robotics", "Read this #robotics", True),
        ("robot", "Read this #RobotsAtWork", True),
        ("AI", "Read this #GenerativeAI", True),
        ("AI", "Read this #AIForHealth", True),
        ("AI", "Read this #ai", False),
        ("Go", "Read this #go", False),
        ("LLM", "Read this #LLMs", True),
        ("5G", "Read this #5G", True),
        ("künstliche Intelligenz", "Lies das #KünstlicheIntelligenz", True),
        ("C#", "Write it in C#", True),
    ],
)
def test_keywords_in_hashtags(keyword: str, title: str, expected: bool) -> None:
    assert bool(matches([topic("T", keyword)], title)) is expected


def test_a_hashtag_says_a_thing_once() -> None:
    found = matches([Topic(name="T", slug="t", keywords=("open data", "data"), hashtags=("opendata",))], "Read this #OpenData")
    assert found[0].reason == "“#opendata” in the headline"


def test_evidence_adds_up_and_is_told() -> None:
    found = matches([topic("Floods", "flood", "dam")], "Flood after dam bursts", excerpt="The dam was old.", text="dam dam")
    assert found[0].relevance == round(1 - 0.3 * 0.3 * 0.6 * 0.9 * 0.9, 3)
    assert found[0].reason == "“dam”, “flood” in the headline; “dam” in the standfirst; “dam” 2 times in the text"


def test_one_mention_in_the_text_is_not_enough_but_four_are() -> None:
    assert not matches([topic("T", "dam")], text="A dam.")
    assert matches([topic("T", "dam")], text="dam " * 4)[0].relevance == 0.344


def test_mentions_beyond_some_say_no_more() -> None:
    assert (
        matches([topic("T", "dam")], text="dam " * 6)[0].relevance
        == matches([topic("T", "dam")], text="dam " * 900)[0].relevance
    )


def test_a_topic_sets_its_own_threshold() -> None:
    assert not matches([topic("T", "dam", threshold=0.71)], "The dam")
    assert matches([topic("T", "dam", threshold=0.7)], "The dam")


EXCLUDED = [
    ("Python bites keeper", "", "", True),
    ("Python snake bites keeper", "", "", False),
    ("Python released", "No snake was harmed.", "", False),
    ("Python released", "", "snake", False),
    ("Python released", "", "python python python python snake", True),
]


@pytest.mark.parametrize(("title", "excerpt", "text", "expected"), EXCLUDED)
def test_exclusions(title: str, excerpt: str, text: str, expected: bool) -> None:
    assert bool(matches([topic("T", "python", exclude=("snake",))], title, excerpt=excerpt, text=text)) is expected


TREE = [
    topic("Science", "science"),
    topic("AI", "AI", parent="Science"),
    topic("Computer Vision", "facial recognition", parent="ai"),
    topic("Robots", "robot", parent="AI"),
]


def test_the_most_specific_comes_first_its_ancestors_after_it() -> None:
    found = matches(TREE, "Facial recognition banned")
    assert [match.topic for match in found] == ["Computer Vision", "AI", "Science"]
    assert [match.inherited for match in found] == [False, True, True]
    assert found[1].reason == "above Computer Vision"
    assert found[1].relevance == found[0].relevance


def test_an_ancestor_found_by_itself_is_not_inherited() -> None:
    found = matches(TREE, "AI facial recognition banned", excerpt="robots too")
    assert [match.topic for match in found] == ["Computer Vision", "AI", "Science", "Robots"]
    assert [match.inherited for match in found] == [False, False, True, False]


def test_loops_and_unknown_parents_are_harmless() -> None:
    looped = [topic("A", "flood", parent="B"), topic("B", "dam", parent="A"), topic("C", "flood", parent="Nowhere")]
    assert {match.topic for match in matches(looped, "Flood")} == {"A", "B", "C"}


def test_equal_topics_come_in_the_order_of_their_names() -> None:
    assert [m.topic for m in matches([topic("Z", "dam"), topic("B", "dam"), topic("M", "dam")], "Dam")] == ["B", "M", "Z"]


def test_the_cost_does_not_grow_with_the_number_of_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in keywords that are looked at closely: those whose first word is in the text, however many there are."""
    looked = []
    close = keywords._matches
    monkeypatch.setattr(keywords, "_matches", lambda *given: looked.append(given[0].text) or close(*given))
    article = made("Flood hits the valley", text="The water rose through the night and the dam held.")
    TopicIndex([topic(f"T{n}", f"word{n}", f"two words{n}") for n in range(5000)] + [topic("Floods", "flood")]).match(article)
    assert looked == ["flood"]
