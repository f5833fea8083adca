"""Stories: found again by keys, of bounded size, apart where languages and time are."""

from __future__ import annotations

import random
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
from broadsheet.curate.stories import NOTHING, POSTINGS, Settled, StoryIndex, nearest
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


def grown() -> tuple[str, str, dict[str, Cluster]]:
    """Two stories on one event that were begun apart: the one of the first headline, the one of the second, both."""
    one, (first,) = place(reports(DAM[:1]))
    two, (second,) = place([made(DAM[1], outlet="x.example", hours=1)])
    return first, second, {**one.clusters, **two.clusters}


def merged(known: dict[str, Cluster], settled: Settled = NOTHING) -> tuple[StoryIndex, str]:
    index = StoryIndex(known, EMPTY, 0.8, WINDOW, settled)
    article = prepare(made(DAM[2], outlet="y.example", hours=2))
    return index, index.place([article])[article.key].story


def test_remembered_stories_that_have_grown_together_are_merged_into_the_older() -> None:
    first, second, known = grown()
    index, story = merged(known)
    assert (story, set(index.clusters), index.changed) == (first, {first}, {first})
    (merge,) = index.merges()
    assert (merge.story, merge.other) == (first, second)
    assert merge.likeness >= 0.8
    assert "lowfield" in merge.shared
    assert index.resolve(second) == first
    assert index.clusters[first].size == 3
    assert index.clusters[first].outlets == ("o0.example", "x.example", "y.example")


def test_the_one_shown_first_stays_else_the_one_with_more_outlets() -> None:
    first, second, known = grown()
    assert merged(known, Settled(shown={second: 9}))[1] == second
    assert merged(known, Settled(shown={second: 9, first: 5}))[1] == first
    known[second] = msgspec.structs.replace(known[second], outlets=("v.example", "w.example"))
    assert merged(known)[1] == second


def test_what_must_stay_apart_is_not_merged() -> None:
    first, second, known = grown()
    index, story = merged(known, Settled(apart=[(second, first)]))
    assert set(index.clusters) == {first, second}
    assert story in known
    assert index.merges() == ()


def test_the_nearest_share_the_weightiest_keys_and_a_key_of_many_is_none() -> None:
    many = [f"s{n:02}" for n in range(POSTINGS + 1)]
    postings = {"dam": ["a", "b"], "dam lowfield": ["b", "c", "d"], "burst": many}
    assert nearest([{"dam": 5, "dam lowfield": 9, "burst": 4}], postings) == ["b", "c"]
    assert nearest([{"dam": 5}, {"burst": 4}], postings) == ["a", "b"]
    assert nearest([], postings) == []


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


CUP = "cup final united beat goal referee stadium crowd penalty match team league coach season".split()  # noqa: SIM905
NORTH = "rovers northgate harris rain record header captain harbour bridge storm".split()  # noqa: SIM905
SOUTH = "city southgate keane youth extra academy whistle museum garden lantern".split()  # noqa: SIM905


def two_finals(seed: int) -> list[Article]:
    """Reports of one match and, from the fifth on, in turn with them of another, in words that both have and words of each."""
    draw = random.Random(seed)
    found = []
    for number in range(14):
        own = NORTH if number < 4 or number % 2 else SOUTH
        title, text = (" ".join(draw.sample(CUP, n) + draw.sample(own, m)) for n, m in ((3, 4), (6, 8)))
        found.append(made(title, text, outlet=f"o{number}.example"))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_what_was_joined_by_little_is_looked_at_again_when_all_is_known(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of one article the first report of the second match goes to the first match's, and others after it."""
    articles = two_finals(seed)
    stream = Stream(total=200, counts=dict.fromkeys(CUP, 10))
    _, whole = place(articles, stream=stream)
    monkeypatch.setattr("broadsheet.curate.stories.BLOCK", 1)
    index, stories = place(articles, stream=stream)
    assert len(set(whole)) == 2
    assert _grouped(stories) == _grouped(whole)
    assert set(stories) == index.changed == index.clusters.keys()
    assert {cluster.size for cluster in index.clusters.values()} == {cluster.checked for cluster in index.clusters.values()}
    monkeypatch.setattr("broadsheet.curate.stories.LEAST", len(articles) + 1)
    _, joined = place(articles, stream=stream)
    assert len(set(joined)) == 1


def _grouped(stories: list[str]) -> list[int]:
    return [stories.index(name) for name in stories]


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
    keys = story_keys(prepare(made("Dam bursts, Lowfield")), stream)
    assert tuple(keys) == (
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
