"""The benchmark of publishing works, and compares with what is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEER = "hugo"


def test_it_says_what_it_promises() -> None:
    command = [sys.executable, "-m", "benchmarks.publish", "--records", "120", "--peer", PEER]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    assert {"build_seconds", "rebuild_seconds", "rebuild_cpu_seconds"} <= set(said)
    if shutil.which(PEER):
        assert said["ratio_hugo"] > 0
    else:
        assert said["missing"] == [PEER]
