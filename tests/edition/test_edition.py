"""Whole editions against the invented press: a real server, a real repository, both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import rebuild
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import locked, open_newsroom
from broadsheet.publish.record import parse_record
from tests.edition.papers import BROKEN, FEW, edition, git, paper, published

pytestmark = pytest.mark.xdist_group("editions")


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as started:
        yield started


def test_an_edition_publishes_records_site_api_and_feeds_in_one_commit(press: Press, tmp_path: Path) -> None:
    report = edition(paper(tmp_path), press)
    files = published(tmp_path)
    assert report.counts["pages read"] > 10
    assert report.problems == ()
    assert len([name for name in files if name.startswith("_news/")]) == report.counts["stories new"] > 4
    for name in (
        "index.html",
        "about/index.html",
        "404.html",
        "feed.xml",
        "atom.xml",
        "feed.json",
        "sitemap.xml",
        "news-sitemap.xml",
        "api/news/index.json",
        "api/news/page/1/index.json",
        "api/topics/index.json",
        "topics/energy/index.html",
        "topics/energy/feed.xml",
        "api/news/energy/index.json",
    ):
        assert f"public/{name}" in files, name
    assert git(tmp_path, "rev-list", "--count", "HEAD") == "1"
    assert git(tmp_path, "rev-parse", "HEAD") == report.commit
    assert git(tmp_path, "status", "--porcelain", "_news", "public") == ""


def test_nothing_new_asks_conditionally_writes_nothing_and_commits_nothing(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    first = edition(newsroom, press)
    stamps = {
        path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file() and ".broadsheet" not in path.parts
    }
    asked = len(press.requests)
    second = edition(newsroom, press, FIRST_EDITION + timedelta(hours=3))
    later = [request for request in press.requests[asked:] if request.path != "/robots.txt"]
    assert {request.status for request in later} == {304}
    assert len(later) == len(newsroom.settings.sources)
    assert second.commit == ""
    assert second.counts.get("files written", 0) == 0
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert git(tmp_path, "rev-parse", "HEAD") == first.commit


def test_the_second_edition_adds_and_corrects_and_keeps_every_path(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    before = {name for name in published(tmp_path) if name.startswith("_news/")}
    press.advance()
    report = edition(newsroom, press, SECOND_EDITION)
    after = {name for name in published(tmp_path) if name.startswith("_news/")}
    assert report.counts["new entries"] > 0
    assert before <= after
    assert report.counts.get("stories new", 0) == len(after - before)
    assert git(tmp_path, "rev-list", "--count", "HEAD") == "2"


def test_the_same_input_gives_the_same_bytes_and_the_same_commit(press: Press, tmp_path: Path) -> None:
    reports = [edition(paper(tmp_path / name), press) for name in ("one", "two")]
    assert published(tmp_path / "one") == published(tmp_path / "two")
    assert reports[0].commit == reports[1].commit


def test_postgresql_publishes_the_same_as_sqlite(press: Press, tmp_path: Path, postgres_url: str) -> None:
    """Two editions, so that all that is remembered is used. The settings differ in the store's address alone."""
    newsrooms = [paper(tmp_path / "one"), paper(tmp_path / "two", store=postgres_url)]
    for at in (FIRST_EDITION, SECOND_EDITION):
        commits = [edition(newsroom, press, at).commit for newsroom in newsrooms]
        assert commits[0] == commits[1] != ""
        press.advance()


def test_a_broken_source_hurts_itself_alone(press: Press, tmp_path: Path) -> None:
    report = edition(paper(tmp_path, (*FEW, *BROKEN)), press)
    failed = {problem.where: problem.reason for problem in report.problems}
    assert failed["https://eveningbuoy.example/rss.xml"] == "answered 404"
    assert report.counts["sources failed"] == len(failed)
    assert report.counts["stories new"] > 4


def test_a_source_that_failed_is_left_alone_for_a_while(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path, ("eveningbuoy.example",))
    edition(newsroom, press)
    asked = len(press.requests)
    report = edition(newsroom, press, FIRST_EDITION + timedelta(minutes=1))
    assert press.requests[asked:] == []
    assert any("left alone until" in note for note in report.notes)


def test_two_editions_at_once_are_refused(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    with locked(newsroom), pytest.raises(BroadsheetError, match="an edition is under way"):
        edition(newsroom, press)


def test_what_people_add_to_a_record_stays(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    record = max((tmp_path / "_news").iterdir(), key=lambda path: len(path.read_bytes()))
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("category: news\n", "category: news\neditor: Wren Calloway  # on duty\n"), encoding="utf-8")
    (tmp_path / "broadsheet.toml").write_text((tmp_path / "broadsheet.toml").read_text() + "\n[curate]\nminimum_heat = 99\n")
    edition(open_newsroom(tmp_path), press, FIRST_EDITION + timedelta(hours=1))
    assert "editor: Wren Calloway  # on duty\n" in record.read_text(encoding="utf-8")


def test_a_record_that_people_made_unreadable_is_left_to_them(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    record = sorted((tmp_path / "_news").iterdir())[0]
    record.write_text("---\ntitle: [broken\n")
    report = rebuild(newsroom, at=FIRST_EDITION + timedelta(hours=1))
    assert [problem.where for problem in report.problems] == [f"_news/{record.name}"]
    assert record.read_text() == "---\ntitle: [broken\n"


def test_changed_settings_make_the_pages_anew(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    config = tmp_path / "broadsheet.toml"
    config.write_text(config.read_text().replace("The Verrow Courant", "The Skerry Star"))
    report = edition(open_newsroom(tmp_path), press, FIRST_EDITION + timedelta(hours=1))
    assert "The Skerry Star" in (tmp_path / "public/index.html").read_text(encoding="utf-8")
    assert report.commit


def test_rebuilding_changes_nothing_that_is_right_and_mends_what_is_not(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    before = published(tmp_path)
    (tmp_path / "public/index.html").write_text("spoiled")
    (tmp_path / "public/feed.xml").unlink()
    report = rebuild(newsroom, at=FIRST_EDITION + timedelta(hours=1))
    assert report.counts["files written"] == 2
    assert published(tmp_path) == before


def test_a_story_expires_without_new_articles(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path)
    edition(newsroom, press)
    edition(newsroom, press, FIRST_EDITION + timedelta(days=30))
    records = [parse_record(path.name, path.read_bytes()).record for path in (tmp_path / "_news").iterdir()]
    assert {record.heat for record in records} == {-1}
    assert {record.published for record in records} == {False}
    assert not list((tmp_path / "public/stories").glob("*/index.html"))


def test_without_a_key_nothing_is_sealed_and_the_report_says_so(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROADSHEET_KEY", raising=False)
    newsroom = paper(tmp_path)
    newsroom.key_file.unlink()
    report = edition(newsroom, press)
    assert any("no key" in note for note in report.notes)
    assert not any("secured" in path.read_text(encoding="utf-8") for path in (tmp_path / "_news").iterdir())


def test_a_newsroom_without_git_is_only_written(press: Press, tmp_path: Path) -> None:
    report = edition(paper(tmp_path, extra="[publish]\ngit = false"), press)
    assert report.commit == ""
    assert not (tmp_path / ".git").exists()
    assert (tmp_path / "public/index.html").exists()
