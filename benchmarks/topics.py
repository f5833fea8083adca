"""How well topics are found: `python -m benchmarks.topics [RECORDS.jsonl]`.

By the shipped packs with their own keywords and thresholds, on `benchmarks/data/topics.txt`, invented articles in eight
languages that a reader has filed, a third of them traps; and, where a file of records is given (`title`, `excerpt`, `topics`),
on those, for the topics that the pack on artificial intelligence has under another name (`SAME`). Counted are pairs of article
and topic, ancestors included. The peer in the same run finds the same keywords as substrings, whatever their case, as the first
system did. Prints one JSON line: precision, recall and F1 on the own set, of the peer, of the packs
with every other keyword taken away (``half``), which meaning has to make up for, of those without meaning, and on the records.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from broadsheet.curate.topics import TopicIndex
from broadsheet.models import Article, Provider, Topic
from broadsheet.packs import load_pack, pack_names
from broadsheet.settings import CurateSettings

LABELLED = Path(__file__).parent / "data" / "topics.txt"
# topics of the records → those of the pack
SAME = {
    "AI": "Artificial Intelligence",
    "Computer Vision": "Computer Vision",
    "AI in Autos": "Self-Driving",
    "Natural Language Processing": "Language Models",
    "Machine Learning": "Machine Learning",
    "AI Hardware": "AI Chips",
    "AI in Robotics": "Robotics",
    "AI Ethics": "AI Policy",
    "AI in Healthcare": "AI in Health",
}


class Filed(NamedTuple):
    article: Article
    topics: frozenset[str]


class Found(NamedTuple):
    precision: float
    recall: float
    f1: float


def article(title: str, excerpt: str, language: str) -> Article:
    provider = Provider(name="Courier", domain="courier.example")
    address = "https://courier.example/"
    return Article(
        key=title, original_url=address, web_url=address, title=title, excerpt=excerpt, language=language, provider=provider
    )


def all_topics() -> list[Topic]:
    return [topic.topic for name in pack_names() for topic in load_pack(name).topics]


def labelled(topics: Sequence[Topic], path: Path = LABELLED) -> list[Filed]:
    """The invented articles, each with the names of its topics and their ancestors."""
    by_slug = {topic.slug: topic for topic in topics}
    parents = {topic.name: topic.parent for topic in topics}
    filed = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        language, title, excerpt, slugs = (part.strip() for part in line.split(" | "))
        names = {by_slug[slug.strip()].name for slug in slugs.split(",") if slug.strip() != "-"}
        names |= {parents[name] for name in names if parents[name]}
        filed.append(Filed(article(title, excerpt, language), frozenset(names)))
    return filed


def recorded(path: Path) -> list[Filed]:
    """The records, with the pack's names of those of their topics that it has."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Filed(article(r["title"], r.get("excerpt", ""), "en"), frozenset(SAME[name] for name in r["topics"] if name in SAME))
        for r in records
    ]


def ours(filed: Iterable[Filed], topics: Sequence[Topic], meaning: float) -> list[frozenset[str]]:
    index = TopicIndex(topics, meaning=meaning)
    return [frozenset(match.topic for match in index.match(one.article)) for one in filed]


def peer(filed: Iterable[Filed], topics: Sequence[Topic]) -> list[frozenset[str]]:
    """Keywords as substrings of headline and standfirst; ancestors follow."""
    parents = {topic.name: topic.parent for topic in topics}
    results = []
    for one in filed:
        text = f"{one.article.title} {one.article.excerpt}".casefold()
        names = {topic.name for topic in topics if any(word.casefold() in text for word in topic.keywords)}
        results.append(frozenset(names | {parents[name] for name in names if parents[name]}))
    return results


def score(filed: Sequence[Filed], found: Sequence[frozenset[str]]) -> Found:
    hits = sum(len(one.topics & got) for one, got in zip(filed, found, strict=True))
    said, wanted = sum(map(len, found)), sum(len(one.topics) for one in filed)
    precision, recall = hits / said if said else 1.0, hits / wanted
    return Found(precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0)


def _figures(prefix: str, found: Found) -> dict[str, float]:
    return {f"{prefix}{name}": round(value, 4) for name, value in found._asdict().items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", help="records, one JSON object a line")
    file = parser.parse_args().file
    topics = all_topics()
    filed = labelled(topics)
    figures: dict[str, float] = {"articles": len(filed)}
    meaning = CurateSettings().meaning
    figures |= _figures("", score(filed, ours(filed, topics, meaning))) | _figures("peer_", score(filed, peer(filed, topics)))
    few = [msgspec.structs.replace(topic, keywords=topic.keywords[1::2], hashtags=()) for topic in topics]
    figures |= _figures("half_", score(filed, ours(filed, few, meaning)))
    figures |= _figures("half_keywords_alone_", score(filed, ours(filed, few, 1.0)))
    if file is not None:
        known = [topic.topic for topic in load_pack("ai").topics]
        records = recorded(file)
        figures |= {"records": len(records)} | _figures("records_", score(records, ours(records, known, meaning)))
        figures |= _figures("records_peer_", score(records, peer(records, known)))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
