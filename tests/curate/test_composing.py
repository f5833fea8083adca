"""A story: the best report leads, independent reports of its event are related, copies are not coverage."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from broadsheet.curate import compose
from broadsheet.models import Member, Story, TopicMatch
from broadsheet.settings import CurateSettings
from tests.curate.conftest import NOON, joined

TITLE = "Dam bursts above Lowfield village"


def story(*members: Member, hours: float = 24, **settings: float) -> Story:
    return compose("s", members, now=NOON + timedelta(hours=hours), settings=CurateSettings(**settings))  # type: ignore[arg-type]


def report(outlet: str, quality: int = 60, words: int = 200, title: str = TITLE, **rest: object) -> Member:
    return joined(title, outlet=f"{outlet}.example", quality=quality, word_count=words, **rest)  # type: ignore[arg-type]


def outlets(composed: Story) -> list[str]:
    return [member.article.provider.domain.partition(".")[0] for member in (composed.lead, *composed.related)]


def test_the_best_leads_and_the_others_follow_best_first() -> None:
    composed = story(report("a", 50), report("b", 70), report("c", 60))
    assert outlets(composed) == ["b", "c", "a"]
    assert composed.heat.value == 90
    assert (composed.articles, composed.published, composed.expired) == (3, True, False)


def test_of_equals_the_earlier_leads() -> None:
    assert outlets(story(report("a", hours=2), report("b", hours=1), report("c", hours=3)))[0] == "b"


def test_the_order_given_does_not_matter() -> None:
    members = [report(name, 50 + n % 3, hours=n) for n, name in enumerate("abcdef")]
    assert story(*members) == story(*members[::-1])


NOT_COVERAGE = [
    ("the lead's own provider", [report("a", 70), report("a", 60, key="a.example/second")], 70),
    ("a copy of the lead", [report("a", 70, key="a.example/x"), report("b", 60, copy_of="a.example/x")], 70),
    (
        "copies of one text by two providers",
        [report("a", 70), report("b", 60, key="b.example/x"), report("c", 60, copy_of="b.example/x")],
        80,
    ),
    (
        "copies of a text that is not in the story",
        [report("a", 70), report("b", 60, copy_of="wire.example/x"), report("c", 50, copy_of="wire.example/x")],
        80,
    ),
    ("the same address twice", [report("a", 70), report("b", web_url="https://w"), report("c", web_url="https://w")], 80),
    ("another event", [report("a", 70), joined("Council votes on the harbour", outlet="b.example")], 70),
]


@pytest.mark.parametrize(("name", "members", "heat"), NOT_COVERAGE, ids=[case[0] for case in NOT_COVERAGE])
def test_what_is_not_independent_coverage(name: str, members: list[Member], heat: int) -> None:
    composed = story(*members)
    assert composed.heat.value == heat
    assert len(composed.related) == (heat - 70) // 10
    assert composed.articles == len(members)


VERBATIM = [
    ("whole texts of their own", [report("a", 70), report("b")], ["a", "b"]),
    ("too short to compare", [report("a", 70), report("b", words=60)], ["a"]),
    ("beside a lead too short to compare", [report("a", 70, words=60), report("b")], ["a"]),
    ("in capitals", [report("a", 70), report("b", words=60, title=TITLE.upper())], ["a"]),
    (
        "of two others",
        [report("a", 70, title="Lowfield dam broke"), report("b", words=9), report("c", 50, words=9)],
        ["a", "b"],
    ),
    ("a headline that is anybody's", [report(name, 70, words=9, title="Dam bursts") for name in "ab"], ["a", "b"]),
]


@pytest.mark.parametrize(("name", "members", "expected"), VERBATIM, ids=[case[0] for case in VERBATIM])
def test_a_headline_is_listed_once_word_for_word(name: str, members: list[Member], expected: list[str]) -> None:
    assert outlets(story(*members)) == expected


def test_a_copy_does_not_lead_while_an_original_is_there() -> None:
    assert outlets(story(report("a", 90, copy_of="b.example/x"), report("b", 60, key="b.example/x"))) == ["b"]


def test_only_copies_still_make_a_story() -> None:
    assert outlets(story(report("a", 60, copy_of="wire.example/x"))) == ["a"]


def test_it_expires() -> None:
    old = story(report("a"), report("b"), hours=24 * 14 + 1)
    assert (old.heat.value, old.expired, old.published, old.rank) == (
        -1,
        True,
        False,
        story(report("a", 1), hours=24 * 15).rank,
    )
    assert not story(report("a"), hours=24 * 14).expired


def test_cold_stories_are_kept_but_not_shown() -> None:
    assert not story(report("a", 29)).published
    assert story(report("a", 29), minimum_heat=29).published


def test_dates_are_those_of_its_articles() -> None:
    composed = story(report("a", hours=1), report("b", hours=5), report("c", hours=3))
    assert (composed.first_at, composed.last_at) == (NOON + timedelta(hours=1), NOON + timedelta(hours=5))


def tagged(outlet: str, quality: int, *topics: str) -> Member:
    member = report(outlet, quality)
    found = tuple(TopicMatch(topic=name, relevance=0.7) for name in topics)
    return msgspec.structs.replace(member, judgement=msgspec.structs.replace(member.judgement, topics=found))


TOPICS = [
    ("the lead's", [["Dams", "Water"]], ["Dams", "Water"]),
    ("not one other's", [["Water"], ["Floods"], []], ["Water"]),
    ("most others'", [["Water"], ["Dams", "Water"], ["Dams", "Water"]], ["Dams", "Water"]),
    ("most others', unrelated", [["Water"], ["Floods"], ["Floods"]], ["Water", "Floods"]),
    ("none", [[], []], []),
]


@pytest.mark.parametrize(("name", "topics", "expected"), TOPICS, ids=[case[0] for case in TOPICS])
def test_topics(name: str, topics: list[list[str]], expected: list[str]) -> None:
    members = [tagged(f"o{n}", 70 - n, *names) for n, names in enumerate(topics)]
    assert [match.topic for match in story(*members).topics] == expected


def test_no_articles_no_story() -> None:
    with pytest.raises(ValueError, match="needs an article"):
        story()
    with pytest.raises(ValueError, match="needs a date"):
        story(report("a", published_at=None))
