"""Stories: found again by keys, of bounded size, apart where languages and time are."""

from __future__ import annotations

from datetime import timedelta
from math import comb

import msgspec
import pytest

from broadsheet.curate import Cluster, Stream, prepare, story_id, story_keys
from broadsheet.curate.clusters import (
    CENTROID_TERMS,
    KEY_TERMS,
    PAIR_TERMS,
    RARE,
    TRIPLE_TERMS,
    alone,
    total,
    vector,
    weigh,
    weightiest,
)
from broadsheet.curate.stories import StoryIndex
from broadsheet.models import Article
from tests.curate.conftest import NOON, made

EMPTY = Stream()
MOST_KEYS = KEY_TERMS + comb(PAIR_TERMS, 2) + comb(TRIPLE_TERMS, 3)
WINDOW = timedelta(days=5)
DAM = [
    "Dam bursts above Lowfield, hundreds flee the valley",
    "Hundreds flee as Lowfield dam bursts",
    "Lowfield dam burst: village evacuated",
]
VOTE = ["Council votes to close the old harbour", "Old harbour to close after council vote", "Harbour closure: council decides"]


def place(
    articles: list[Article], known: dict[str, Cluster] | None = None, stream: Stream = EMPTY
) -> tuple[StoryIndex, list[str]]:
    index = StoryIndex(known or {}, stream, 0.8, WINDOW)
    placed = index.place([prepare(article) for article in articles])
    return index, [placed[article.key].story for article in articles]


def reports(titles: list[str], **rest: object) -> list[Article]:
    return [made(title, outlet=f"o{n}.example", **rest) for n, title in enumerate(titles)]  # type: ignore[arg-type]


def test_two_events_two_stories() -> None:
    _, stories = place(reports(DAM + VOTE))
    assert len(set(stories[:3])) == 1
    assert len(set(stories[3:])) == 1
    assert stories[0] != stories[3]


def test_a_story_is_named_after_its_first_article() -> None:
    articles = reports(DAM)
    _, stories = place(articles)
    assert stories == [story_id(articles[0].key)] * 3
    assert len(stories[0]) == 16


def test_it_says_what_is_shared() -> None:
    index = StoryIndex({}, EMPTY, 0.8, WINDOW)
    placed = index.place([prepare(article) for article in reports(DAM)])
    first = placed["o0.example/dam-bursts-above-lowfield,-hundreds-flee-the-valley"]
    assert first.likeness > 0.8
    assert {"lowfield", "dam"} <= set(first.shared)


def test_later_reports_find_the_remembered_story() -> None:
    index, stories = place(reports(DAM[:2]))
    _, later = place(reports([DAM[2]], hours=20), dict(index.clusters))
    assert later[0] == stories[0]


APART = [
    ("another language", {"language": "de"}),
    ("long after", {"hours": 24 * 6}),
    ("long before", {"hours": -24 * 6}),
]


@pytest.mark.parametrize(("name", "rest"), APART, ids=[case[0] for case in APART])
def test_what_keeps_apart(name: str, rest: dict[str, object]) -> None:
    _, stories = place([made(DAM[0], outlet="a.example"), made(DAM[0], outlet="b.example", **rest)])  # type: ignore[arg-type]
    assert stories[0] != stories[1]


@pytest.mark.parametrize("language", ["", "en-GB"])
def test_unknown_and_regional_languages_do_not(language: str) -> None:
    _, stories = place([made(DAM[0], outlet="a.example"), made(DAM[1], outlet="b.example", language=language)])
    assert stories[0] == stories[1]


def test_remembered_stories_are_not_joined_with_one_another() -> None:
    one, _ = place(reports(DAM[:1]))
    two, _ = place([made(DAM[1], outlet="x.example")])
    known = {**one.clusters, **two.clusters}
    index, stories = place([made(DAM[2], outlet="y.example")], known)
    assert set(index.clusters) == set(known)
    assert stories[0] in known
    assert index.changed == {stories[0]}


def test_a_story_whose_name_is_taken_gets_another() -> None:
    article = made(DAM[0])
    known = alone(prepare(article), EMPTY)
    old = msgspec.structs.replace(known, last_at=NOON - timedelta(days=30), first_at=NOON - timedelta(days=30))
    index, stories = place([article], {old.id: old})
    assert stories[0] != old.id
    assert index.clusters[old.id] == old


def test_blocks_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadsheet.curate.stories.BLOCK", 2)
    _, stories = place(reports(DAM + VOTE))
    assert len(set(stories)) == 2


def test_a_story_is_of_bounded_size_and_can_be_kept() -> None:
    articles = [
        made(f"Dam bursts above Lowfield {n}", f"harvest{n} river{n} wall{n} " * 3, outlet=f"o{n}.example") for n in range(80)
    ]
    story = total("s", [alone(prepare(article), EMPTY) for article in articles], EMPTY)
    assert len(story.terms) == CENTROID_TERMS
    assert len(story.keys) <= MOST_KEYS
    assert len(msgspec.msgpack.encode(story)) < 6000
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(story), type=Cluster) == story
    assert story.size == 80


def test_a_sum_is_the_same_in_any_order() -> None:
    parts = [alone(prepare(article), EMPTY) for article in reports(DAM + VOTE)]
    one, other = total("s", parts, EMPTY), total("s", parts[::-1], EMPTY)
    assert (one.within, one.terms, one.vector, one.keys) == (other.within, other.terms, other.vector, other.keys)
    nested = total("s", [total("a", parts[:2], EMPTY), total("b", parts[2:], EMPTY)], EMPTY)
    assert (nested.size, nested.length, nested.terms) == (one.size, one.length, one.terms)
    assert (vector(nested) == vector(one)).all()


def test_rare_words_weigh_more_and_empty_ones_nothing() -> None:
    stream = Stream(total=1000, counts={"dam": 500, "lowfield": 1})
    weights = weigh(prepare(made("The dam at Lowfield")), stream)
    assert weights["lowfield"] > 3 * weights["dam"]
    assert "the" not in weights
    assert "at" not in weights


def test_keys_are_those_that_few_articles_have_by_chance() -> None:
    stream = Stream(total=1000, counts={"dam": 900, "burst": 90, "lowfield": RARE})
    assert story_keys(prepare(made("Dam bursts, Lowfield")), stream) == (
        "lowfield",
        "burst lowfield",
        "dam lowfield",
        "burst dam lowfield",
    )


def test_keys_do_not_multiply() -> None:
    prepared = prepare(made("Dam bursts", " ".join(f"harvest{n}" for n in range(500))))
    assert len(story_keys(prepared, EMPTY)) == MOST_KEYS
    assert len(weightiest(prepared, EMPTY)) == KEY_TERMS


def test_an_article_without_words_is_a_story_by_itself() -> None:
    _, stories = place([made("…", key="a"), made("!!!", key="b"), made(DAM[0])])
    assert len(set(stories)) == 3


def test_touching_keeps_a_story_alive() -> None:
    index, stories = place(reports(DAM))
    index.touch(stories[0], NOON + timedelta(hours=9))
    assert index.clusters[stories[0]].last_at == NOON + timedelta(hours=9)
