"""The gather room on real feeds and a real archive; what was reached is the floor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.feeds import expectations
from broadsheet.errors import FeedError
from broadsheet.gather.archives import read_archive
from broadsheet.gather.feeds import read_feed

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
