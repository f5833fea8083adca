"""The benchmarks of topics and quality run, and the invented set keeps what was reached."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.quality import rightly_ordered, scored
from benchmarks.topics import all_topics, labelled, ours, peer, score
from broadsheet.settings import CurateSettings

ROOT = Path(__file__).parents[2]
RECORD = {
    "title": "River rises after the dam above Lowfield bursts",
    "excerpt": "Hundreds flee.",
    "publishedDateTime": "2031-05-12T12:00:00Z",
    "provider": {"domain": "courier.example"},
    "quality": 40,
    "topics": ["AI"],
    "has_image": True,
    "related": [],
}


def test_the_packs_find_what_a_reader_filed() -> None:
    topics = all_topics()
    filed = labelled(topics)
    reached = score(filed, ours(filed, topics, CurateSettings().meaning))
    assert len(filed) >= 150
    assert reached.precision >= 0.96
    assert reached.recall >= 0.97
    assert score(filed, peer(filed, topics)).precision < reached.precision - 0.1


def test_pairs_rightly_ordered() -> None:
    assert rightly_ordered([3, 2], [1, 2]) == 0.875
    assert rightly_ordered([1], [2]) == 0.0


def test_records_are_scored_once(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n", encoding="utf-8")
    assert [(one.sold, one.theirs) for one in scored(file)] == [(False, 40)]


def test_the_topics_benchmark_prints_one_line_last(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(f"{json.dumps(RECORD)}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.topics", str(file)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1])["records"] == 1
