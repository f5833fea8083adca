"""An archive on a web server takes no more memory when it is longer."""

from __future__ import annotations

import json
import subprocess
import sys


def test_memory_stays_flat() -> None:
    command = [sys.executable, "-m", "benchmarks.archives", "--megabytes", "96"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["pages"] == 6144
    assert result["rss_growth"] < 1.15
