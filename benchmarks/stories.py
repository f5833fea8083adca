"""How well and how fast articles are grouped into stories: `python -m benchmarks.stories [--grow] FILE…`.

A file holds a JSON line an article, in order of arrival: `id`, `title`, `text`, `url`, `provider`, `published`, `lang` and
`story`, the gold group (gzip by its name). Prints one JSON line a file with BCubed (Bagga and Baldwin 1998), pairwise and
V-measure (Rosenberg and Hirschberg 2007) of all articles in one batch, BCubed F1 when they come in batches of 100 and 1,000,
as an edition takes them, with stories merged and split as they grow, and `articles_per_second` of CPU time on one core for
`prepare` and `curate`. The same setting for every file: the default one. With `--grow`, also how many times longer an article
takes with 10 and 100 times as many stories remembered (5,000 and 50,000, of mixed words of the file, found by their keys as in
the store): 1 is flat.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from broadsheet.curate import (
    POSTINGS,
    Cluster,
    Copy,
    Curated,
    Prepared,
    Stream,
    alone,
    curate,
    divide,
    is_due,
    nearest,
    prepare,
    story_id,
    story_keys,
)
from broadsheet.curate.vectors import word_vectors
from broadsheet.models import Article, Provider
from broadsheet.settings import CurateSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = CurateSettings(only_topics=False)
WINDOW = timedelta(days=SETTINGS.window_days)
BATCH = 500  # articles judged, and stories remembered to begin with, when growth is measured
BATCHES = (100, 1000)  # articles in a batch, when they come in many


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf8") if path.suffix == ".gz" else path.open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def article(row: Mapping[str, Any], number: int) -> Article:
    """An article of a row; rows without a date get one by their place in the file, a minute apart."""
    published = row.get("published")
    return Article(
        key=str(row["id"]),
        original_url=row.get("url") or f"https://example.org/{number}",
        web_url=row.get("url") or f"https://example.org/{number}",
        title=row["title"],
        text=row.get("text", ""),
        excerpt=row.get("excerpt", ""),
        language=row.get("lang", ""),
        provider=Provider(name=row.get("provider", ""), domain=row.get("provider", "")),
        published_at=datetime.fromisoformat(published) if published else START + timedelta(minutes=number),
    )


def grouped(articles: Sequence[Article]) -> tuple[Curated, float]:
    """All articles in one batch, and the seconds it took to prepare and judge them once the table of words is loaded."""
    word_vectors()
    start = time.process_time()
    curated = judge([prepare(a) for a in articles])
    return curated, time.process_time() - start


def judge(batch: Sequence[Prepared], stream: Stream | None = None, stories: Mapping[str, Cluster] | None = None) -> Curated:
    return curate(batch, stream=stream or Stream(), stories=dict(stories or {}), copies={}, topics=(), settings=SETTINGS)


class Desk:
    """What the store remembers between batches, and what the edition does with it."""

    def __init__(self) -> None:
        self.story: dict[str, str] = {}
        self._stream = Stream()
        self._clusters: dict[str, Cluster] = {}
        self._by_key: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._copies: dict[str, Copy] = {}
        self._by_band: defaultdict[str, list[str]] = defaultdict(list)
        self._members: defaultdict[str, dict[str, Prepared]] = defaultdict(dict)
        self._copy_of: dict[str, str] = {}

    def add(self, articles: Sequence[Article]) -> None:
        batch = {a.key: prepare(a) for a in articles}
        lookups = [story_keys(p, self._stream) for p in batch.values()]
        postings = {key: list(self._by_key[key]) for keys in lookups for key in keys if len(self._by_key[key]) <= POSTINGS}
        known = {name: self._clusters[name] for name in nearest(lookups, postings)}
        copies = {key: self._copies[key] for p in batch.values() for band in p.bands for key in self._by_band[band]}
        curated = curate(list(batch.values()), stream=self._stream, stories=known, copies=copies, topics=(), settings=SETTINGS)
        for judgement in curated.judgements:
            self._copy_of[judgement.key] = judgement.copy_of
            self._put(batch[judgement.key], judgement.story)
        for copy in curated.copies:
            self._copies[copy.key] = copy
            for band in copy.bands:
                self._by_band[band].append(copy.key)
        counts = Counter(self._stream.counts)
        counts.update(curated.counts)
        self._stream = Stream(total=self._stream.total + curated.total, counts=counts)
        self._regroup(curated)

    def _regroup(self, curated: Curated) -> None:
        for merge in curated.merges:
            for article in list(self._members[merge.other].values()):
                self._put(article, merge.story)
            self._forget(merge.other)
        for cluster in curated.clusters:
            for part in self._divided(cluster) if is_due(cluster) else [cluster]:
                self._remember(part)

    def _divided(self, cluster: Cluster) -> list[Cluster]:
        group = dict(self._members[cluster.id])
        points = [p for p in group.values() if self._copy_of[p.key] not in group]
        (_, stays), *others = divide(cluster.id, points, self._stream, SETTINGS.story_threshold, WINDOW).parts
        parts = [stays]
        for keys, part in others:
            name = story_id(keys[0])
            while name in self._members:
                name = story_id(name)
            for article in group.values():
                if article.key in keys or self._copy_of[article.key] in keys:
                    self._put(article, name)
            parts.append(structs.replace(part, id=name))
        return parts

    def _put(self, article: Prepared, story: str) -> None:
        self._members[self.story.get(article.key, story)].pop(article.key, None)
        self._members[story][article.key] = article
        self.story[article.key] = story
        if article.key in self._copies:
            self._copies[article.key] = structs.replace(self._copies[article.key], story=story)

    def _forget(self, name: str) -> None:
        if name in self._clusters:
            for key in self._clusters.pop(name).keys:
                self._by_key[key].pop(name, None)

    def _remember(self, cluster: Cluster) -> None:
        self._forget(cluster.id)
        self._clusters[cluster.id] = cluster
        for key in cluster.keys:
            self._by_key[key][cluster.id] = None


def in_batches(articles: Sequence[Article], size: int) -> dict[str, str]:
    """Each article's story when they come in batches."""
    desk = Desk()
    for start in range(0, len(articles), size):
        desk.add(articles[start : start + size])
    return desk.story


def _bands(articles: Sequence[Article]) -> list[list[str]]:
    """The words of articles in lists, each of words that as many articles have, up to a factor of two."""
    count = Counter(word for a in articles for word in set(f"{a.title} {a.text}".split()))
    bands: defaultdict[int, list[str]] = defaultdict(list)
    for word in sorted(count):
        bands[count[word].bit_length()].append(word)
    return list(bands.values())


def _told(article: Article, words: Mapping[str, str], key: str) -> Article:
    title, text = (" ".join(words[word] for word in part.split()) for part in (article.title, article.text))
    return structs.replace(article, key=key, title=title, text=text)


class Memory:
    """Remembered articles on other events, found by their keys.

    They are the file's own with every word exchanged for another that is about as frequent, otherwise each time round: so each
    tells of one thing, in words that the file has, and as many have a word as would in a larger stream.
    """

    def __init__(self, articles: Sequence[Article], count: int) -> None:
        draw = random.Random(count)
        bands = _bands(articles)
        batch: list[Prepared] = []
        while len(batch) < count:
            words = {word: other for band in bands for word, other in zip(band, draw.sample(band, len(band)), strict=True)}
            batch += [prepare(_told(a, words, f"m{len(batch) + n}")) for n, a in enumerate(articles[: count - len(batch)])]
        self.stream = Stream(total=count, counts=Counter(term for p in batch for term in p.terms))
        self.stories = {cluster.id: cluster for cluster in (alone(p, self.stream) for p in batch)}
        self.by_key: dict[str, list[str]] = {}
        for name, cluster in self.stories.items():
            for key in cluster.keys:
                self.by_key.setdefault(key, []).append(name)

    def seconds(self, articles: Sequence[Article]) -> float:
        """The best of three times to prepare, look up and judge articles."""
        times = []
        for _ in range(3):
            start = time.process_time()
            batch = [prepare(a) for a in articles]
            lookups = [story_keys(p, self.stream) for p in batch]
            few = {
                key: self.by_key[key]
                for keys in lookups
                for key in keys
                if len(self.by_key.get(key, ())) <= POSTINGS and key in self.by_key
            }
            judge(batch, self.stream, {name: self.stories[name] for name in nearest(lookups, few)})
            times.append(time.process_time() - start)
        return min(times)


def growth(articles: Sequence[Article]) -> dict[str, float]:
    """How many times longer the first articles take with 10 and 100 times the memory."""
    base, ten, hundred = (Memory(articles, BATCH * times).seconds(articles[:BATCH]) for times in (1, 10, 100))
    return {"growth_10x": round(ten / base, 2), "growth_100x": round(hundred / base, 2)}


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score(gold: Mapping[str, str], found: Mapping[str, str]) -> dict[str, float]:
    """BCubed and pairwise precision, recall and F1, V-measure, and the counts."""
    n = len(gold)
    g, p = Counter(gold.values()), Counter(found[key] for key in gold)
    both = Counter((gold[key], found[key]) for key in gold)
    precision = sum(c * c / p[k] for (_, k), c in both.items()) / n
    recall = sum(c * c / g[k] for (k, _), c in both.items()) / n
    hit, predicted, true = _pairs(both.values()), _pairs(p.values()), _pairs(g.values())
    pair_p, pair_r = hit / predicted if predicted else 1.0, hit / true if true else 1.0
    hg, hp, hb = _entropy(g.values(), n), _entropy(p.values(), n), _entropy(both.values(), n)
    figures = {
        "bcubed_f1": f1(precision, recall),
        "bcubed_precision": precision,
        "bcubed_recall": recall,
        "pairwise_f1": f1(pair_p, pair_r),
        "pairwise_precision": pair_p,
        "pairwise_recall": pair_r,
        "v_measure": f1(1 - (hb - hp) / hg if hg else 1.0, 1 - (hb - hg) / hp if hp else 1.0),
    }
    return {k: round(v, 4) for k, v in figures.items()} | {"articles": n, "gold_stories": len(g), "predicted_stories": len(p)}


def _pairs(counts: Iterable[int]) -> int:
    return sum(c * (c - 1) // 2 for c in counts)


def _entropy(counts: Iterable[int], n: int) -> float:
    return -sum(c / n * math.log(c / n) for c in counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--grow", action="store_true", help="also measure growth with the number of stories remembered")
    options = parser.parse_args()
    for path in options.files:
        lines = rows(path)
        articles = [article(row, number) for number, row in enumerate(lines)]
        curated, seconds = grouped(articles)
        found = {j.key: j.story for j in curated.judgements}
        gold = {str(row["id"]): str(row["story"]) for row in lines}
        figures = score(gold, found)
        figures |= {f"bcubed_f1_batch_{n}": score(gold, in_batches(articles, n))["bcubed_f1"] for n in BATCHES}
        figures |= {"articles_per_second": round(len(articles) / seconds)} | (growth(articles) if options.grow else {})
        print(json.dumps({"file": path.name, **figures}))


if __name__ == "__main__":
    main()
