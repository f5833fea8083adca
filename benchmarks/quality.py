"""How well quality tells reporting from advertised market reports: `python -m benchmarks.quality RECORDS.jsonl`.

A line a record: `title`, `excerpt`, `publishedDateTime`, `provider.domain`, `quality` as the first system gave it, `has_image`,
and `related` with the same fields. Which headlines are market reports was judged by one reader (`data/market_reports.txt`, by
hash). Counted is the share of pairs, one market report and one other article each, in which the other scores higher; half for
equal scores. The peer is the first system's own figure, over the pairs for which it gave both. There are no texts here:
headline, standfirst and picture are all that either is judged by. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec

from benchmarks.related import article
from broadsheet.curate.quality import quality
from broadsheet.models import Image
from broadsheet.settings import QualityWeights

JUDGED = Path(__file__).parent / "data" / "market_reports.txt"


class Scored(NamedTuple):
    title: str
    sold: bool
    ours: int
    theirs: int | None


def scored(path: Path) -> list[Scored]:
    """Every article of the records once, by headline and outlet."""
    sold = set(JUDGED.read_text(encoding="utf-8").split("\n"))
    found: dict[tuple[str, str], Scored] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        for row in _rows(json.loads(line)):
            mark = blake2b(row["title"].encode(), digest_size=8).hexdigest()
            one = Scored(row["title"], mark in sold, _ours(row), row.get("quality"))
            found.setdefault((row["title"], row["provider"]["domain"]), one)
    return list(found.values())


def _rows(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield record
    yield from record.get("related") or ()


def _ours(row: Mapping[str, Any]) -> int:
    images = (Image(url="https://images.example/1"),) if row.get("has_image") else ()
    return quality(msgspec.structs.replace(article(row, "k"), images=images), QualityWeights()).value


def rightly_ordered(good: Sequence[int], bad: Sequence[int]) -> float:
    """The share of pairs in which the good one scores higher: the area under the ROC curve (Hanley and McNeil 1982)."""
    wins = sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
    return wins / (len(good) * len(bad))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    found = scored(parser.parse_args().file)
    both = [one for one in found if one.theirs is not None]
    reports, rest = [one for one in found if one.sold], [one for one in found if not one.sold]
    figures = {
        "articles": len(found),
        "market_reports": len(reports),
        "auc": rightly_ordered([one.ours for one in rest], [one.ours for one in reports]),
        "auc_where_both_scored": rightly_ordered(
            [one.ours for one in both if not one.sold], [one.ours for one in both if one.sold]
        ),
        "peer_auc": rightly_ordered(
            [one.theirs or 0 for one in both if not one.sold], [one.theirs or 0 for one in both if one.sold]
        ),
        "median_reporting": median(one.ours for one in rest),
        "median_market_reports": median(one.ours for one in reports),
        "peer_median_reporting": median(one.theirs or 0 for one in both if not one.sold),
        "peer_median_market_reports": median(one.theirs or 0 for one in both if one.sold),
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
