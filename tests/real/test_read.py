"""Real news pages: how well they are read, pinned as a floor below which no change may fall."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.pages import broadsheet, load, main, run, scorer

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "pages"

pytestmark = pytest.mark.real

# Reached on the development sets; see docs/reading.md. A floor is the figure reached less one page's worth.
FLOORS = {
    (".", False): {"title": 0.90, "date_day": 0.99, "date_minute": 0.97, "authors_f1": 0.91, "image": 0.87, "body_f1": 0.97},
    (".", True): {"body_f1": 0.97},
    ("more/trafilatura", False): {"title": 0.87, "date_day": 0.82, "authors_f1": 0.69, "segments_f1": 0.95},
    ("more/trafilatura", True): {"segments_f1": 0.93},
}


@pytest.mark.parametrize(("folder", "fast"), FLOORS, ids=[f"{folder}{' fast' if fast else ''}" for folder, fast in FLOORS])
def test_accuracy_does_not_fall(folder: str, fast: bool) -> None:
    if not DATA.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {DATA} is not there, so no real page was read")
    pages, score = load(DATA / folder), scorer(DATA)
    predicted = run(pages, {"": broadsheet(fast=fast)})[""].predicted
    reached = score([truth for truth, _ in pages], predicted)
    fallen = {name: reached[name] for name, floor in FLOORS[folder, fast].items() if reached[name] < floor}
    assert not fallen


def test_the_benchmark_prints_one_json_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not DATA.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {DATA} is not there, so the benchmark was not run")
    (tmp_path / "pages").mkdir()
    (tmp_path / "bench").symlink_to(DATA.parents[1] / "bench")
    (tmp_path / "pages" / "html").symlink_to(DATA / "html")
    lines = (DATA / "truth.jsonl").read_text("utf-8").splitlines()[:3]
    (tmp_path / "pages" / "truth.jsonl").write_text("\n".join(lines), "utf-8")
    main([str(tmp_path / "pages"), "--peer", "trafilatura", "--misses"])
    said = capsys.readouterr()
    result = json.loads(said.out.splitlines()[-1])
    assert result["pages"] == 3
    assert all(line.count(": ") >= 2 and " <- " in line for line in said.err.splitlines())
    assert {"body_f1", "fast_body_f1", "pages_per_second", "fast_pages_per_second", "ratio_trafilatura"} <= set(result)
