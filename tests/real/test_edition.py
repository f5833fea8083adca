"""An edition over real input: the archive of real pages and the real feeds, these served from loopback."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from broadsheet.edition import run_edition
from broadsheet.gather.client import Client
from broadsheet.models import Report
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.publish.record import parse_record, render_record
from broadsheet.publish.seal import new_key
from tests.edition.papers import git, published
from tests.site import serving

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("real edition")]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

CONFIG = """\
[gather]
gap = 0.0
connections_per_host = 8
max_age_days = 20000
[curate]
only_topics = false
window_days = 3.0
"""


class NoNames(AbstractResolver):
    """Knows no name, so nothing leaves the machine; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        self.asked.add(host)
        raise OSError(f"{host}: no names here")

    async def close(self) -> None:
        """Nothing is held."""


class Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def edition(newsroom: Newsroom, at: datetime = NOW) -> Report:
    def client(newsroom: Newsroom, at: datetime) -> Client:
        settings = newsroom.settings.gather
        return Client(settings, user_agent="Broadsheet-test/1", clock=lambda: at, resolver=NoNames())

    return run_edition(newsroom, at=at, client=client)


def paper(folder: Path, sources: str) -> Newsroom:
    folder.mkdir()
    (folder / "broadsheet.toml").write_text(CONFIG + sources, encoding="utf-8")
    make_newsroom(folder, new_key())
    return open_newsroom(folder)


def check_published(folder: Path, report: Report) -> None:
    """What every finished edition must have: readable records that keep their bytes, and a whole site, API and feeds."""
    records = sorted((folder / "_news").glob("*.md"))
    assert len(records) == report.counts["stories new"]
    for path in records:
        content = path.read_bytes()
        assert render_record(parse_record(f"_news/{path.name}", content).record) == content
    shown = json.loads((folder / "public/api/news/index.json").read_bytes())
    assert shown["page"] == 1
    assert shown["value"]
    for name in ("index.html", "feed.xml", "atom.xml", "feed.json", "sitemap.xml", "about/index.html"):
        assert (folder / "public" / name).stat().st_size > 200
    assert git(folder, "status", "--porcelain", "_news", "public") == ""
    assert git(folder, "rev-parse", "HEAD") == report.commit
    assert all(problem.where and problem.reason and "\n" not in problem.reason for problem in report.problems)


def test_the_real_archive(shared: Path, tmp_path: Path) -> None:
    archive = shared / "data/pages/pages.warc.gz"
    newsroom = paper(tmp_path / "paper", f'[[sources]]\nurl = "{archive}"\nkind = "archive"\n')
    report = edition(newsroom)
    assert report.counts["pages read"] >= 115  # of 118 real articles
    assert report.counts["pages read"] + report.counts.get("pages failed", 0) == 118
    check_published(newsroom.folder, report)
    before = published(newsroom.folder)
    again = edition(newsroom, NOW + timedelta(hours=2))
    assert again.counts.get("pages read", 0) == 0
    assert again.commit == ""
    assert published(newsroom.folder) == before


def test_the_real_feeds(shared: Path, tmp_path: Path) -> None:
    index = [json.loads(line) for line in (shared / "data/feeds/index.jsonl").read_text(encoding="utf-8").splitlines()]
    with serving(partial(Files, directory=str(shared / "data/feeds"))) as home:
        sources = "".join(
            f'[[sources]]\nurl = "{home}/{feed["file"]}"\nallow_private = true\nfull_text = true\n' for feed in index
        )
        newsroom = paper(tmp_path / "paper", sources)
        report = edition(newsroom)
        assert report.counts["sources asked"] == len(index)
        not_feeds = sum(1 for feed in index if feed["format"] == "other")
        assert report.counts["sources failed"] <= not_feeds + 2
        assert report.counts["pages read"] > 500  # entries that carry the whole article
        assert report.counts["pages failed"] > 500  # pages that are on the web, which is not to be had here
        assert {problem.reason for problem in report.problems if problem.where.startswith("https://")}
        check_published(newsroom.folder, report)
