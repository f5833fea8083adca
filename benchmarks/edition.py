"""A whole edition over N generated articles, from feeds on loopback to committed files.

    python -m benchmarks.edition [--articles N] [--grow K] [--store URL]

Prints one JSON line: `articles`, `seconds_by_stage`, `seconds_per_article`; with `--grow K` also `growth`, the cost an article
at K x N over that at N in the same run (the limit to compare with is 1: cost in proportion), and `growth_by_stage`.
`unchanged_share` is the time of a second edition with nothing new over that of the first; `added_per_article` the cost of each
of N further articles in a third edition on top of those; with `--grow K`, `growth_added` is that on top of K x N over on N.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.farm import NOW, Farm, Resolver, running
from broadsheet.edition import run_edition
from broadsheet.gather.client import Client
from broadsheet.models import Report
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key

CONFIG = """\
[newsroom]
name = "The Benchmark"
url = "https://paper.example/"
[store]
url = "{store}"
[gather]
gap = 0.0
connections_per_host = 4
[curate]
only_topics = false
"""


class Clock:
    """Wall seconds by stage: what passes until a stage tells of itself is that stage's."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()
        self.stage = "gather"

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.perf_counter()
        self.stage = stage
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now

    def end(self) -> dict[str, float]:
        self("publish", 0, 0)
        return {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}


def paper(folder: Path, farm: Farm, store: str, feeds: int) -> Newsroom:
    """A newsroom with the first so many of the farm's feeds as its sources."""
    sources = "".join(f'[[sources]]\nurl = "http://{farm.host(n)}/feed/{n}"\n' for n in range(feeds))
    folder.mkdir(exist_ok=True)
    (folder / "broadsheet.toml").write_text(CONFIG.format(store=store) + sources, encoding="utf-8")
    make_newsroom(folder, new_key())
    return open_newsroom(folder)


def edition(newsroom: Newsroom, port: int, at: datetime) -> tuple[Report, dict[str, float]]:
    def client(newsroom: Newsroom, at: datetime) -> Client:
        settings = newsroom.settings.gather
        return Client(settings, user_agent="benchmark/1", clock=lambda: at, resolver=Resolver(port), allow_private=True)

    clock = Clock()
    report = run_edition(newsroom, at=at, client=client, progress=clock)
    return report, clock.end()


def measure(articles: int, added: int, store: str) -> dict[str, object]:
    """Editions over ``articles``, over nothing new, and over ``added`` more."""
    farm = Farm(articles + added)
    feeds = farm.feeds * articles // (articles + added)
    first = sum(len(farm.members(feed)) for feed in range(feeds))
    with running(articles + added) as port, tempfile.TemporaryDirectory() as folder:
        newsroom = paper(Path(folder) / "paper", farm, store, feeds)
        report, stages = edition(newsroom, port, NOW)
        _check(report, first)
        again, unchanged = edition(newsroom, port, NOW + timedelta(hours=2))
        if again.commit or again.counts.get("files written"):
            raise SystemExit("edition: nothing was new, but something was written")
        newsroom = paper(Path(folder) / "paper", farm, store, farm.feeds)
        late, later = edition(newsroom, port, NOW + timedelta(hours=4))
        _check(late, farm.articles - first)
        return {
            "articles": first,
            "stories": report.counts["stories new"],
            "seconds_by_stage": stages,
            "seconds_per_article": round(sum(stages.values()) / first, 5),
            "unchanged_share": round(sum(unchanged.values()) / sum(stages.values()), 4),
            "added": farm.articles - first,
            "added_by_stage": later,
            "added_per_article": round(sum(later.values()) / (farm.articles - first), 5),
        }


def _check(report: Report, articles: int) -> None:
    read = report.counts["pages read"]
    if read != articles or report.problems:
        raise SystemExit(f"edition: {read} of {articles} pages read; {report.problems[:3]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--grow", type=int, default=0, help="measure that many times as many articles too")
    parser.add_argument("--store", default="", help="address of an empty database; SQLite by default")
    options = parser.parse_args()
    result = measure(options.articles, options.articles, options.store)
    if options.grow:
        larger = measure(options.articles * options.grow, options.articles, options.store)
        result["growth"] = round(_number(larger["seconds_per_article"]) / _number(result["seconds_per_article"]), 3)
        result["growth_added"] = round(_number(larger["added_per_article"]) / _number(result["added_per_article"]), 3)
        result["growth_by_stage"] = _growth(result, larger, options.grow)
        result["grown"] = larger
    print(json.dumps(result))


def _growth(small: dict[str, object], large: dict[str, object], times: int) -> dict[str, float]:
    before, after = small["seconds_by_stage"], large["seconds_by_stage"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    return {stage: round(after[stage] / before[stage] / times, 2) for stage in before if before[stage]}


def _number(value: object) -> float:
    assert isinstance(value, float)
    return value


if __name__ == "__main__":
    main()
