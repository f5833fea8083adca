"""A batch is judged whole: topics, copies, stories, quality; the order in which articles come does not matter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from broadsheet.curate import Cluster, Copy, Curated, Stream, curate, prepare
from broadsheet.models import Article, Judgement, Topic
from broadsheet.settings import CurateSettings
from tests.curate.conftest import made

WIRE = (
    "The dam above Lowfield gave way on Monday night after three days of rain, and water ran through the village. "
    "Nobody was hurt, said mayor Ida Brook, because the bells were rung in time and the school bus waited on the hill. "
    "Engineers had asked for repairs since spring; the council will meet on Thursday to hear why none were made."
)
FLOODS = Topic(name="Floods", slug="floods", keywords=("dam", "flood"))
OPEN = CurateSettings(only_topics=False)


def judged(
    articles: Sequence[Article], *, before: Curated | None = None, topics: Sequence[Topic] = (), settings: CurateSettings = OPEN
) -> Curated:
    stories: dict[str, Cluster] = {cluster.id: cluster for cluster in before.clusters} if before else {}
    copies: dict[str, Copy] = {copy.key: copy for copy in before.copies} if before else {}
    batch = [prepare(article) for article in articles]
    return curate(batch, stream=Stream(), stories=stories, copies=copies, topics=topics, settings=settings)


def by_outlet(result: Curated) -> dict[str, Judgement]:
    return {judgement.key.partition(".")[0]: judgement for judgement in result.judgements}


def report(outlet: str, title: str = "Dam bursts above Lowfield", text: str = WIRE, **rest: Any) -> Article:
    return made(title, text, outlet=f"{outlet}.example", **rest)


def test_nothing_gives_nothing() -> None:
    assert judged([]) == Curated()


def test_a_copy_stands_beside_its_original_and_is_not_counted() -> None:
    result = judged([report("wire"), report("late", "Village saved by bells", hours=2), report("other", text="", hours=1)])
    found = by_outlet(result)
    assert found["late"].copy_of == found["wire"].key
    assert found["late"].story == found["wire"].story
    assert found["late"].story_reason == "repeats an article of this story: 100% of its text"
    assert found["late"].quality.value < found["wire"].quality.value
    assert found["wire"].copy_of == ""
    assert (result.total, result.counts["lowfield"]) == (2, 2)
    assert result.clusters[0].size == 2


def test_a_copy_of_a_copy_names_the_first() -> None:
    first = judged([report("wire")])
    second = judged([report("b", hours=1)], before=first)
    both = Curated(clusters=first.clusters, copies=second.copies)
    third = by_outlet(judged([report("c", hours=2)], before=both))["c"]
    assert third.copy_of == report("wire").key
    assert third.story == first.clusters[0].id


def test_a_copy_keeps_its_story_alive() -> None:
    first = judged([report("wire")])
    second = judged([report("b", hours=30)], before=first)
    assert second.clusters[0].last_at > first.clusters[0].last_at
    assert second.clusters[0].size == 1
    assert second.total == 0


def test_a_text_repeated_long_after_is_a_copy_in_a_story_of_its_own() -> None:
    found = by_outlet(judged([report("wire"), report("late", hours=24 * 20)]))
    assert found["late"].copy_of == found["wire"].key
    assert found["late"].story != found["wire"].story


def test_an_update_by_the_same_provider_is_a_copy() -> None:
    found = judged([report("wire"), report("wire", "Dam bursts above Lowfield, council to meet", hours=3)])
    assert [judgement.copy_of for judgement in found.judgements] == ["", report("wire").key]


def test_what_was_judged_before_stays_where_it_is() -> None:
    first = judged([report("wire")])
    again = judged([report("wire", text=WIRE + " More was found.")], before=first)
    assert again.judgements[0].story == first.judgements[0].story
    assert again.judgements[0].copy_of == ""
    assert again.judgements[0].story_reason == "read again"
    assert (again.total, again.clusters) == (0, ())


def test_off_topic_articles_get_no_story_when_so_set() -> None:
    articles = [report("wire"), report("sport", "Harbour club wins the cup", "A late goal. " * 20)]
    found = by_outlet(judged(articles, topics=[FLOODS], settings=CurateSettings()))
    assert found["wire"].topics[0].topic == "Floods"
    assert found["wire"].story
    assert found["sport"].story == ""
    assert found["sport"].topics == ()
    assert found["sport"].quality.value > 0
    assert by_outlet(judged(articles, topics=[FLOODS]))["sport"].story
    assert by_outlet(judged(articles, settings=CurateSettings()))["sport"].story


def test_off_topic_articles_are_not_remembered() -> None:
    result = judged([report("sport", "Harbour club wins the cup", "A late goal.")], topics=[FLOODS], settings=CurateSettings())
    assert (result.clusters, result.copies, result.counts, result.total) == ((), (), {}, 0)


def test_every_judgement_says_why() -> None:
    articles = [
        report("a", "Dam bursts above Lowfield, hundreds flee", ""),
        report("b", "Hundreds flee as Lowfield dam bursts", "", hours=1),
        report("c", "Council votes on the harbour", ""),
    ]
    found = by_outlet(judged(articles))
    assert found["b"].story_reason.startswith("likeness ")
    assert "0.80 is asked, shares " in found["b"].story_reason
    assert "lowfield" in found["b"].story_reason
    assert found["c"].story_reason == "the first report: none is like it"
    assert 0 < found["b"].similarity <= 1
    assert found["c"].similarity == 0
    assert found["a"].words["lowfield"] > 0
    assert all(judgement.quality.parts for judgement in found.values())


def test_the_order_of_arrival_does_not_matter() -> None:
    titles = [
        "Dam bursts above Lowfield",
        "Lowfield dam bursts",
        "Council votes on harbour",
        "Harbour vote by council",
        "Dam bursts",
    ]
    articles = [report(f"o{n}", title, WIRE if n % 3 == 0 else "", hours=n // 2) for n, title in enumerate(titles * 3)]
    expected = judged(articles)
    for seed in range(5):
        shuffled = articles[:]
        random.Random(seed).shuffle(shuffled)
        assert judged(shuffled) == expected


def test_an_article_that_is_there_twice_counts_once() -> None:
    assert judged([report("wire"), report("wire")]) == judged([report("wire")])
