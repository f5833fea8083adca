"""The benchmark of the served newsroom runs, at a small size, and tells what its page says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import serve


def test_it_tells_how_fast_and_how_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "WARM", 0.05)
    monkeypatch.setattr(serve, "ROUNDS", 1)
    told = serve.one(tmp_path, 400, postgres=False, core=min(os.sched_getaffinity(0)), length=0.05)
    for name in ("bare", "front", "story", "search", "rare", "phrase", "articles"):
        assert told[f"{name}_rps"] > 0
        assert told[f"{name}_p50_ms"] <= told[f"{name}_p99_ms"]
    assert told["memory_mb"] > 0
    assert told["front_ratio"] > 0
