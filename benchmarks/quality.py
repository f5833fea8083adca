"""How well quality tells reporting from advertised market reports: `python -m benchmarks.quality RECORDS.jsonl`.

A line a record: `title`, `excerpt`, `publishedDateTime`, `provider.domain`, `quality` as the first system gave it, `has_image`,
and `related` with the same fields. Which headlines are market reports was judged by one reader (`data/market_reports.txt`, by
hash). Counted is the share of pairs, one market report and one other article each, in which the other scores higher; half for
equal scores. The peer is the first system's own figure, over the pairs for which it gave both. There are no texts here:
headline, standfirst and picture are all that either is judged by. Prints one JSON line.

The signs of market reports were written with such headlines at hand, so two figures ask what they are worth elsewhere:
`auc_left_out` scores each outlet's market reports by those signs alone that another outlet's show, and
`auc_least_without_a_sign` is the least when any one sign is taken away. With `--others FILE…` (as for `benchmarks.stories`),
`others_called_spam` counts those taken for spam among articles that were not looked at when the signs were written.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch

import msgspec

from benchmarks.related import article
from benchmarks.stories import article as story
from benchmarks.stories import rows
from broadsheet.curate import advertising
from broadsheet.curate.quality import quality
from broadsheet.models import Image
from broadsheet.settings import QualityWeights

JUDGED = Path(__file__).parent / "data" / "market_reports.txt"


class Scored(NamedTuple):
    title: str
    sold: bool
    domain: str
    ours: int
    theirs: int | None


def scored(path: Path) -> list[Scored]:
    """Every article of the records once, by headline and outlet."""
    sold = set(JUDGED.read_text(encoding="utf-8").split("\n"))
    found: dict[tuple[str, str], Scored] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        for row in _rows(json.loads(line)):
            mark = blake2b(row["title"].encode(), digest_size=8).hexdigest()
            one = Scored(row["title"], mark in sold, row["provider"]["domain"], _ours(row), row.get("quality"))
            found.setdefault((one.title, one.domain), one)
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


def auc(found: Sequence[Scored], domain: str | None = None) -> float:
    """How rightly market reports, all or those of one outlet, are ordered below the others."""
    sold = [one.ours for one in found if one.sold and domain in (None, one.domain)]
    return rightly_ordered([one.ours for one in found if not one.sold], sold)


def left_out(path: Path, found: Sequence[Scored]) -> float:
    """The area when no outlet's market reports are scored by a sign that only they show."""
    sold = [one for one in found if one.sold]
    total = 0.0
    for domain in sorted({one.domain for one in sold}):
        others = [one.title.lower() for one in sold if one.domain != domain]
        signs = tuple(sign for sign in advertising.MARKET if any(sign.search(title) for title in others))
        with patch.object(advertising, "MARKET", signs):
            total += auc(scored(path), domain) * sum(one.domain == domain for one in sold)
    return total / len(sold)


def without_a_sign(path: Path) -> list[float]:
    """The area without each of the signs."""
    signs = advertising.MARKET
    areas = []
    for number in range(len(signs)):
        with patch.object(advertising, "MARKET", signs[:number] + signs[number + 1 :]):
            areas.append(auc(scored(path)))
    return areas


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--others", nargs="*", default=[], type=Path, help="files of articles that are no market reports")
    options = parser.parse_args()
    found = scored(options.file)
    both = [one for one in found if one.theirs is not None]
    reports, rest = [one for one in found if one.sold], [one for one in found if not one.sold]
    figures = {
        "articles": len(found),
        "market_reports": len(reports),
        "auc": auc(found),
        "auc_left_out": left_out(options.file, found),
        "auc_least_without_a_sign": min(without_a_sign(options.file)),
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
    others = [story(row, number) for path in options.others for number, row in enumerate(rows(path))]
    if others:
        figures |= {"others": len(others), "others_called_spam": sum(advertising.spam(one)[0] > 0 for one in others)}
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
