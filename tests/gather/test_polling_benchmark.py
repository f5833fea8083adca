"""The benchmark of polling runs, counts rightly, and prints its line."""

from __future__ import annotations

import json
import subprocess
import sys


def test_benchmark() -> None:
    command = [sys.executable, "-m", "benchmarks.polling", "--feeds", "40", "--known", "90"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["feeds"], result["known"]) == (40, 90)
    assert result["ratio_full"] > 0
    assert result["ratio_unchanged"] > 0
    assert 0 < result["rss_growth"] < 1.5
