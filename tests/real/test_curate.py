"""The accuracy reached on real articles, as a floor: a change that costs accuracy fails here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.related import article as related_article
from benchmarks.related import kinships, pairs, precision_recall
from benchmarks.stories import article, grouped, rows, score
from broadsheet.curate.topics import TopicIndex
from broadsheet.models import Topic
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
def test_related_articles_report_the_leads_event(shared: Path) -> None:
    found = pairs(shared / "data" / "reference" / "records.jsonl")
    near = [value >= CurateSettings().related_threshold for value in kinships(found)]
    precision, recall = precision_recall(near, [pair.same for pair in found])
    assert precision >= 0.93
    assert recall >= 0.80


TOPICS = (
    Topic(name="AI", slug="ai", keywords=("AI", "A.I.", "artificial intelligence", "machine intelligence")),
    Topic(
        name="Computer Vision",
        slug="computer-vision",
        parent="AI",
        keywords=("computer vision", "facial recognition", "face recognition", "image recognition", "deepfake"),
    ),
    Topic(
        name="Natural Language Processing",
        slug="nlp",
        parent="AI",
        keywords=("natural language", "NLP", "GPT-3", "language model", "chatbot", "speech recognition"),
    ),
    Topic(
        name="AI in Autos",
        slug="autos",
        parent="AI",
        keywords=("self-driving", "driverless", "autonomous vehicle", "autopilot"),
    ),
    Topic(name="Machine Learning", slug="ml", parent="AI", keywords=("machine learning", "deep learning", "neural network")),
)


@pytest.mark.real
def test_topics_are_those_that_were_given(shared: Path) -> None:
    """For five of the topics, with keywords anyone would write, from headline and the beginning of the standfirst alone."""
    index = TopicIndex(TOPICS)
    known = {topic.name for topic in TOPICS}
    hits = found = wanted = 0
    for line in (shared / "data" / "reference" / "records.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        given = set(record["topics"]) & known
        got = {match.topic for match in index.match(related_article(record, "k"))}
        hits, found, wanted = hits + len(given & got), found + len(got), wanted + len(given)
    assert hits / found >= 0.9
    assert hits / wanted >= 0.8
