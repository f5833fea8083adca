"""The accuracy reached on real articles, as a floor: a change that costs accuracy fails here."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from benchmarks.quality import rightly_ordered, scored
from benchmarks.related import kinships, pairs, precision_recall
from benchmarks.stories import article, grouped, rows, score
from benchmarks.topics import ours, recorded
from benchmarks.topics import score as score_topics
from broadsheet.packs import load_pack
from broadsheet.settings import CurateSettings

FLOORS = [("headlines.jsonl.gz", 0.875), ("fulltext.jsonl.gz", 0.92)]


@pytest.mark.real
@pytest.mark.parametrize(("name", "floor"), FLOORS)
def test_articles_are_grouped_as_people_group_them(shared: Path, name: str, floor: float) -> None:
    lines = rows(shared / "data" / "stories" / name)
    curated, _ = grouped([article(row, number) for number, row in enumerate(lines)])
    found = {judgement.key: judgement.story for judgement in curated.judgements}
    assert score({row["id"]: row["story"] for row in lines}, found)["bcubed_f1"] >= floor


@pytest.mark.real
@pytest.mark.parametrize("name", [name for name, _ in FLOORS])
def test_the_order_of_arrival_changes_nothing(shared: Path, name: str) -> None:
    articles = [article(row, number) for number, row in enumerate(rows(shared / "data" / "stories" / name)[:600])]
    expected, _ = grouped(articles)
    for seed in range(2):
        draw = random.Random(seed)
        shuffled = draw.sample(articles, len(articles))
        assert msgspec.json.encode(grouped(shuffled)[0]) == msgspec.json.encode(expected)


@pytest.mark.real
def test_related_articles_report_the_leads_event(shared: Path) -> None:
    found = pairs(shared / "data" / "reference" / "records.jsonl")
    near = [value >= CurateSettings().related_threshold for value in kinships(found)]
    precision, recall = precision_recall(near, [pair.same for pair in found])
    assert precision >= 0.93
    assert recall >= 0.80


@pytest.mark.real
def test_topics_are_those_that_were_given(shared: Path) -> None:
    """From headline and the beginning of the standfirst alone, with the keywords of the shipped pack."""
    records = recorded(shared / "data" / "reference" / "records.jsonl")
    reached = score_topics(records, ours(records, [topic.topic for topic in load_pack("ai").topics], CurateSettings().meaning))
    assert reached.precision >= 0.95
    assert reached.recall >= 0.85


@pytest.mark.real
def test_market_reports_rank_below_reporting(shared: Path) -> None:
    found = scored(shared / "data" / "reference" / "records.jsonl")
    assert sum(one.sold for one in found) == 18
    assert rightly_ordered([one.ours for one in found if not one.sold], [one.ours for one in found if one.sold]) >= 0.95
