"""A full build of the published folder from N stored stories, and a rebuild after ten of them changed.

    python -m benchmarks.publish [--records N] [--grow] [--peer hugo] [--peer jekyll] [--peer pelican]

Prints one JSON line: `build_seconds`, from the store to files on the disk; `rebuild_seconds` and `rebuild_cpu_seconds` after
ten changed records, half of them among the newest; with `--grow` also `rebuild_growth`, that CPU time at 10 N over that at N.
With `--peer NAME` that generator makes the same stories into pages of the same content, and its lists, feeds and sitemap, in
the same run: `NAME_seconds`, and `ratio_NAME`, its seconds over ours. A peer that is not installed is named in `missing`. Hugo
makes the same pages as we do, with their frame and structured data: stories, topics, outlets, days, and each story as JSON.

Stories come at a steady number a day, so more of them reach further back. Git is left out on both sides. Ours are flushed to
the disk, as in an edition, and have lists as JSON, topics' feeds and search files beside the pages; peers do neither.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from benchmarks import publish_peers
from broadsheet.edition.publishing import write_pages
from broadsheet.models import Image, Part, Provider, PublishedStory, Record, RelatedRecord, Score, Topic, TopicMatch
from broadsheet.settings import NewsroomSettings, Settings
from broadsheet.store import Database, shelf

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)
PER_DAY = 40
CHANGED = 10
TOPICS = tuple(Topic(name=f"Topic {number}", slug=f"topic-{number}", description=f"News of {number}.") for number in range(20))
WORDS = [consonant + vowel + end for consonant in "bdfgklmnprst" for vowel in "aeiou" for end in ("n", "rn", "lo", "mit")]
HOME = "https://paper.example/"
SETTINGS = Settings(newsroom=NewsroomSettings(name="The Benchmark", url=HOME), topics=TOPICS)


def stories(count: int) -> Iterator[PublishedStory]:
    """So many invented stories, the newest first, each a function of its number alone."""
    return (story(number) for number in range(count))


def story(number: int) -> PublishedStory:
    rng = random.Random(number)
    at = NOW - timedelta(days=number // PER_DAY, minutes=number % PER_DAY * 30)
    topics = tuple(sorted({TOPICS[int(len(TOPICS) * rng.random() ** 2)].name for _ in range(2)}))
    related = tuple(_related(rng, at, place) for place in range(rng.choice((0, 0, 1, 2, 3, 6))))
    quality = rng.randrange(40, 95)
    heat = quality + 10 * len(related)
    record = Record(
        path=f"_news/{at:%Y-%m-%d}-{'-'.join(rng.sample(WORDS, 6))}-{number}.md",
        title=_sentence(rng, 9),
        excerpt=_sentence(rng, 28),
        provider=_provider(rng),
        published_at=at,
        updated_at=at + timedelta(minutes=25),
        web_url=f"https://outlet.example/{at:%Y/%m}/{number}",
        original_url=f"https://outlet.example/{number}?from=feed",
        quality=quality,
        heat=heat,
        published=True,
        topics=topics,
        images=(Image(url=f"https://pictures.example/{number}.jpg", width=1280, height=720),),
        related=related,
    )
    return PublishedStory(
        id=f"s{number}",
        record=record,
        rank=heat - number / PER_DAY,
        language="en",
        articles=1 + len(related),
        why_quality=Score(value=quality, parts=_parts(rng, ("completeness", "length", "originality", "headline", "picture"))),
        why_heat=Score(value=heat, parts=_parts(rng, ("quality", *(entry.provider.name for entry in related)))),
        why_topics=tuple(TopicMatch(topic=name, relevance=0.75, reason="“ferry” in the title") for name in topics),
    )


def _related(rng: random.Random, at: datetime, place: int) -> RelatedRecord:
    return RelatedRecord(
        title=_sentence(rng, 9),
        excerpt=_sentence(rng, 20),
        provider=_provider(rng),
        web_url=f"https://other{place}.example/{rng.randrange(10**9)}",
        published_at=at + timedelta(minutes=rng.randrange(2000)),
        quality=rng.randrange(30, 90),
    )


def _provider(rng: random.Random) -> Provider:
    number = rng.randrange(300)
    logo = Image(url=f"{HOME}assets/images/organizations/outlet{number}.example-50x50.png", width=50, height=50)
    return Provider(name=f"Outlet {number}", domain=f"outlet{number}.example", images=(logo,))


def _parts(rng: random.Random, names: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(Part(name=name, points=rng.randrange(40) / 2, reason=_sentence(rng, 5)) for name in names)


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join("".join(rng.choices(WORDS, k=rng.randrange(1, 4))) for _ in range(words)).capitalize()


def fill(folder: Path, count: int) -> Database:
    """A store with so many stories, all of them waiting to be written."""
    database = Database(f"sqlite:///{folder / 'broadsheet.db'}")
    made = stories(count)
    while batch := list(islice(made, 500)):
        with database.transaction() as connection:
            shelf.save_many(connection, batch, NOW)
    return database


def change(database: Database, count: int) -> None:
    """Change ten stories: five of the newest, five anywhere."""
    rng = random.Random(count)
    numbers = [*rng.sample(range(100), CHANGED // 2), *rng.sample(range(count), CHANGED - CHANGED // 2)]
    with database.transaction() as connection:
        for number in numbers:
            old = story(number)
            record = replace(old.record, title=f"{old.record.title} again", heat=(old.record.heat or 0) + 10)
            shelf.save(connection, replace(old, record=record, rank=old.rank + 10), NOW)


def build(database: Database, output: Path) -> tuple[float, float]:
    """Write what waits; wall and CPU seconds, those of helping processes included."""
    wall, cpu = time.perf_counter(), _cpu()
    with database.transaction() as connection:
        for _ in write_pages(connection, SETTINGS, output, None):
            pass
        shelf.clear_dirty(connection)
    return time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measure(folder: Path, count: int) -> dict[str, float]:
    """A full build and a rebuild over so many records."""
    folder.mkdir()
    database = fill(folder, count)
    try:
        build_seconds, _ = build(database, folder / "public")
        change(database, count)
        rebuild_seconds, rebuild_cpu = build(database, folder / "public")
    finally:
        database.close()
    return {"build_seconds": build_seconds, "rebuild_seconds": rebuild_seconds, "rebuild_cpu_seconds": rebuild_cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--peer", action="append", default=[], choices=sorted(publish_peers.PEERS))
    arguments = parser.parse_args()
    count = arguments.records
    said: dict[str, object] = {"records": count}
    with tempfile.TemporaryDirectory() as name:
        ours = measure(Path(name) / "ours", count)
        said |= {key: round(value, 3) for key, value in ours.items()}
        for peer in arguments.peer:
            seconds = publish_peers.build(peer, Path(name) / peer, stories(count), SETTINGS)
            if seconds is None:
                said["missing"] = [*said.get("missing", []), peer]  # type: ignore[misc]
            else:
                said |= {f"{peer}_seconds": round(seconds, 3), f"ratio_{peer}": round(seconds / ours["build_seconds"], 3)}
        if arguments.grow:
            more = measure(Path(name) / "more", 10 * count)
            said["rebuild_growth"] = round(more["rebuild_cpu_seconds"] / ours["rebuild_cpu_seconds"], 3)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
