"""The gather room on real feeds and a real archive; what was reached is the floor."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.feeds import expectations
from broadsheet.errors import FeedError
from broadsheet.gather.archives import read_archive
from broadsheet.gather.feeds import read_feed
from broadsheet.models import Location

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.real


def folder(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"REAL DATA ABSENT: {DATA / name} is not there, so nothing was tested on real input")
    return DATA / name


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder("feeds") / "index.jsonl").read_text().splitlines()]


def test_expectations_of_real_feeds_are_met() -> None:
    met, total, misses = expectations(folder("feeds"), cases())
    assert met / total >= 0.9986, misses


def test_places_in_real_feeds() -> None:
    """Two of them name one in an entry; the twenty boxes of another are no points."""
    found = {}
    for case in cases():
        with suppress(FeedError):  # some are no feeds
            feed = read_feed((folder("feeds") / case["file"]).read_bytes(), "https://harbour.example/feed")
            if places := [entry.location for entry in feed.entries if entry.location]:
                found[case["file"]] = places
    assert found == {
        "feed-rs/atom_example_5.xml": [Location(latitude=40.3465004, longitude=-124.4599991)],
        "rss-parser/feedburner.xml": [Location(latitude=37.3860517, longitude=-122.0838511)],
    }


def test_real_feeds_cut_anywhere_are_read_or_refused() -> None:
    for case in cases():
        content = (folder("feeds") / case["file"]).read_bytes()[:20_000]
        for share in (3, 2):
            try:
                read_feed(content[: len(content) * share // 4], "https://harbour.example/feed")
            except FeedError:
                continue


def test_real_archive_is_read_and_resumed() -> None:
    path = folder("pages") / "pages.warc.gz"
    found = list(read_archive(path))
    assert len(found) == 118
    assert not any(item.problem for item in found)
    assert list(read_archive(path, found[100].cursor)) == found[101:]
