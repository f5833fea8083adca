"""The benchmark of the feed reader runs, counts rightly, and prints its line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.feeds import main

FEED = """<rss version="2.0"><channel><title>Harbour</title><item><title>One &amp;amp; &lt;b&gt;two&lt;/b&gt;</title>
<link>https://harbour.example/1/</link><guid>g1</guid><pubDate>Fri, 02 Jan 2026 07:30:00 GMT</pubDate></item></channel></rss>"""
RIGHT = {"i": 0, "title": "One & two", "link": "https://harbour.example/1", "id": "g1", "date": "2026-01-02T07:30:00Z"}
WRONG = {"i": 1, "title": "Not there"}


@pytest.mark.parametrize("peers", [True, False])
def test_benchmark(peers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xml").write_text(FEED)
    (tmp_path / "b.xml").write_text("no feed")
    lines = [
        {"file": "a.xml", "title": "Harbour", "entries": 1, "expect": [RIGHT, WRONG]},
        {"file": "b.xml", "title": None, "entries": 0},
    ]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, lines)))
    monkeypatch.setattr(sys, "argv", ["feeds", str(tmp_path), *([] if peers else ["--no-peers"])])
    main()
    out, err = capsys.readouterr()
    result = json.loads(out.splitlines()[-1])
    assert (result["feeds"], result["expectations"], result["expectations_met"]) == (2, 8, 0.875)
    assert result["feeds_per_second"] > 0
    assert ("ratio_feedparser" in result) == peers
    assert err.splitlines() == ["a.xml: entry 1 title: ''"]
