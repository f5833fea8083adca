"""How many expectations `broadsheet.gather.feeds` meets on a folder of feeds, and how fast it is beside its peers.

    python -m benchmarks.feeds DIR [--no-peers]

DIR holds ``index.jsonl`` and the files it names. Prints one JSON line; the expectations missed go to standard error.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from broadsheet.errors import FeedError
from broadsheet.gather.feeds import Feed, read_feed
from broadsheet.models import Entry

_TAG = re.compile(r"<[^>]*>")
_Case = dict[str, Any]


def comparable_title(text: str) -> str:
    """A title without tags, entities and spare white space, as both sides are compared."""
    return " ".join(html.unescape(_TAG.sub("", html.unescape(text))).split())


def comparable_link(text: str) -> str:
    """A link unescaped and without one last slash."""
    return html.unescape(text).strip().removesuffix("/")


def checks(case: _Case, content: bytes) -> Iterator[tuple[str, bool, str]]:
    """Each expectation of a case: its name, whether it is met, and what was read in its place."""
    try:
        feed = read_feed(content, case.get("url") or "")
    except FeedError as error:
        feed = Feed()
        if case.get("entries"):
            print(f"{case['file']}: {error}", file=sys.stderr)
    if "title" in case and case["title"] is not None:
        yield "title", comparable_title(feed.title) == comparable_title(case["title"]), feed.title
    if "entries" in case:
        yield "entries", len(feed.entries) == case["entries"], str(len(feed.entries))
    for expected in case.get("expect", []):
        index = expected["i"]
        entry = feed.entries[index] if index < len(feed.entries) else Entry(url="")
        yield from _entry_checks(expected, entry)


def _entry_checks(expected: _Case, entry: Entry) -> Iterator[tuple[str, bool, str]]:
    where = f"entry {expected['i']} "
    if "title" in expected:
        yield where + "title", comparable_title(entry.title) == comparable_title(expected["title"]), entry.title
    if "link" in expected:
        yield where + "link", comparable_link(entry.url) == comparable_link(expected["link"]), entry.url
    if "id" in expected:
        yield where + "id", entry.id == expected["id"], entry.id
    if "date" in expected:
        moment = entry.published_at or entry.updated_at
        read = moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
        yield where + "date", read == expected["date"], read


def expectations(folder: Path, cases: list[_Case]) -> tuple[int, int, list[str]]:
    """Expectations met, expectations, and one line for each that was missed."""
    met = total = 0
    misses = []
    for case in cases:
        for name, right, read in checks(case, (folder / case["file"]).read_bytes()):
            met, total = met + right, total + 1
            if not right:
                misses.append(f"{case['file']}: {name}: {read[:200]!r}")
    return met, total, misses


def seconds(read: Callable[[bytes], object], contents: list[bytes], repeats: int) -> float:
    """The least processor time of ``repeats`` rounds over all contents; what a reader cannot read counts as read."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        for content in contents:
            try:
                read(content)
            except Exception:  # noqa: BLE001 - peers raise what they like
                continue
        best = min(best, time.process_time() - start)
    return best


def peers(contents: list[bytes], ours: float) -> dict[str, float]:
    """How many times as long feedparser (sanitising off) and fastfeedparser take for the same feeds."""
    import fastfeedparser
    import feedparser

    slow = seconds(lambda content: feedparser.parse(content, sanitize_html=False), contents, 2)
    fast = seconds(fastfeedparser.parse, contents, 9)
    return {"ratio_feedparser": round(slow / ours, 2), "ratio_fastfeedparser": round(fast / ours, 2)}


def main() -> None:
    """Run on the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-peers", action="store_true", help="do not run feedparser and fastfeedparser beside it")
    arguments = parser.parse_args()
    lines = (arguments.folder / "index.jsonl").read_text().splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    met, total, misses = expectations(arguments.folder, cases)
    print(*misses, sep="\n", file=sys.stderr)
    contents = [(arguments.folder / case["file"]).read_bytes() for case in cases]
    ours = seconds(lambda content: read_feed(content, ""), contents, 9)
    result = {
        "benchmark": "feeds",
        "feeds": len(cases),
        "expectations": total,
        "expectations_met": round(met / total, 4) if total else 0.0,
        "feeds_per_second": round(len(contents) / ours, 1),
        "megabytes_per_second": round(sum(map(len, contents)) / ours / 1e6, 1),
    }
    if not arguments.no_peers:
        result |= peers(contents, ours)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
