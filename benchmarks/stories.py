"""How well and how fast articles are grouped into stories: `python -m benchmarks.stories [--grow] FILE…`.

A file holds a JSON line an article, in order of arrival: `id`, `title`, `text`, `url`, `provider`, `published`, `lang` and
`story`, the gold group (gzip by its name). Prints one JSON line a file with BCubed (Bagga and Baldwin 1998), pairwise and
V-measure (Rosenberg and Hirschberg 2007), and `articles_per_second` of `prepare` and `curate` on one core. The same setting
for every file: the default one. With `--grow`, also how many times longer an article takes with 10 and 100 times as many
stories remembered (5,000 and 50,000, of mixed words of the file, found by their keys as in the store): 1 is flat.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from broadsheet.curate import Cluster, Curated, Prepared, Stream, curate, prepare, story_keys
from broadsheet.curate.clusters import alone
from broadsheet.curate.vectors import word_vectors
from broadsheet.models import Article, Provider
from broadsheet.settings import CurateSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = CurateSettings(only_topics=False)
BATCH = 500  # articles judged, and stories remembered to begin with, when growth is measured


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
    start = time.perf_counter()
    curated = judge([prepare(a) for a in articles])
    return curated, time.perf_counter() - start


def judge(batch: Sequence[Prepared], stream: Stream | None = None, stories: Mapping[str, Cluster] | None = None) -> Curated:
    return curate(batch, stream=stream or Stream(), stories=dict(stories or {}), copies={}, topics=(), settings=SETTINGS)


class Memory:
    """Remembered stories of words drawn from a file as often as they are there, found by their keys."""

    def __init__(self, articles: Sequence[Article], count: int) -> None:
        draw = random.Random(count)
        pool = [word for a in articles for word in f"{a.title} {a.text}".split()]
        titles = [" ".join(draw.choices(pool, k=12)) for _ in range(count)]
        mixed = [structs.replace(articles[0], key=f"m{n}", title=title, text="") for n, title in enumerate(titles)]
        batch = [prepare(a) for a in mixed]
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
            start = time.perf_counter()
            batch = [prepare(a) for a in articles]
            keys = {key for p in batch for key in story_keys(p, self.stream)}
            found = {name: self.stories[name] for key in sorted(keys) for name in self.by_key.get(key, ())}
            judge(batch, self.stream, found)
            times.append(time.perf_counter() - start)
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
        figures = score({str(row["id"]): str(row["story"]) for row in lines}, found)
        figures |= {"articles_per_second": round(len(articles) / seconds)} | (growth(articles) if options.grow else {})
        print(json.dumps({"file": path.name, **figures}))


if __name__ == "__main__":
    main()
