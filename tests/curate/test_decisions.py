"""What editors decided, laid over judgements: which words and outlets are meant, which of two decisions counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from broadsheet.curate.decisions import PIN, Mark, corrections, decided, marks, muting
from broadsheet.models import Article, Decision, Judgement, Member, Provider, Story

NOON = datetime(2031, 5, 12, 12, tzinfo=UTC)


def article(title: str, excerpt: str = "", source: str = "https://post.example/feed") -> Article:
    url = "https://post.example/1"
    outlet = Provider(name="Post", domain="post.example")
    return Article(key="k", original_url=url, web_url=url, title=title, excerpt=excerpt, provider=outlet, source=source)


def decision(action: Any, target: str = "s", value: str = "", **more: Any) -> Decision:
    return Decision(action=action, target=target, value=value, who="ida", at=NOON, **more)


WORDS = [
    ("gale", "A gale at sea", True),
    ("GALE", "a Gale at sea", True),
    ("gale", "Nightingales sing", False),
    ("gale", "Force-9 gale-watch", True),
    ("black friday", "The Black Friday sales", True),
    ("c++", "C++ turns fifty", True),
    ("c++", "Class C turns fifty", False),
    (".*", "Anything at all", False),
    ("straße", "In der STRASSE", True),
]


@pytest.mark.parametrize(("word", "title", "meant"), WORDS)
def test_whole_words_are_muted_in_headline_and_standfirst(word: str, title: str, meant: bool) -> None:
    rule = decision("mute word", word)
    assert muting(article(title), [rule]) == (rule if meant else None)
    assert muting(article("Something else", title), [rule]) == (rule if meant else None)


@pytest.mark.parametrize(
    ("target", "meant"), [("post.example", True), ("https://post.example/feed", True), ("ost.example", False), ("Post", False)]
)
def test_a_source_is_muted_by_its_address_or_outlet(target: str, meant: bool) -> None:
    rule = decision("mute source", target)
    assert muting(article("News"), [decision("trust", "post.example"), rule]) == (rule if meant else None)


def test_of_two_words_on_an_outlet_the_last_counts() -> None:
    rules = [decision("trust", "a"), decision("distrust", "a", reason="it invents"), decision("trust", "b")]
    assert marks(rules) == {"a": Mark(0.0, "distrusted by ida: it invents"), "b": Mark(1.0, "trusted by ida")}


def test_a_retag_teaches_what_is_right_and_what_was_wrong() -> None:
    learnt = corrections([decision("retag", value="Sea\nFerries", before="Sea\nMills", about="A ferry")])
    assert [(one.topic, one.text, one.right) for one in learnt] == [
        ("Sea", "A ferry", True),
        ("Ferries", "A ferry", True),
        ("Mills", "A ferry", False),
    ]


def test_the_last_decision_of_a_kind_counts_and_withheld_is_stronger_than_pinned() -> None:
    lead = Member(article=article("One"), judgement=Judgement(key="k"))
    story = Story(id="s", lead=lead, rank=7.0, published=True)
    said = [decision("rename", value="Two"), decision("withhold"), decision("rename", value="Three"), decision("pin")]
    found = decided(story, said, ())
    assert (found.lead.article.title, found.published, found.rank) == ("Three", False, 7.0 + PIN)
    expired = Story(id="s", lead=lead, rank=7.0, expired=True)
    assert decided(expired, [decision("pin")], ()) == expired
    assert decided(story, [], ()) is story
