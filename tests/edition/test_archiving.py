"""Archives on web servers and on this machine, read over several editions: nothing lost, nothing twice."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from broadsheet.demo.run import DEMO_KEY
from broadsheet.edition import archive, archiving, run_edition
from broadsheet.gather import ranges
from broadsheet.models import Article, Report, SourceState
from broadsheet.newsroom import Newsroom, make_newsroom, open_newsroom
from broadsheet.reports import source_states
from broadsheet.store import Database
from broadsheet.store.tables import articles
from broadsheet.store.values import load
from tests.archives import article, packed, served, wacz
from tests.edition.papers import git, published

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
RECORDS = [article(n) for n in range(24)]
URLS = {f"https://harbour.example/{n}" for n in range(24)}
BLOCK = 6000


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ranges, archiving):
        monkeypatch.setattr(module, "BLOCK", BLOCK)
    monkeypatch.setattr("broadsheet.edition.archive.BATCH", 5)


def paper(folder: Path, url: str, gather: str = "") -> Newsroom:
    folder.mkdir(exist_ok=True)
    (folder / "broadsheet.toml").write_text(
        f"[gather]\ngap = 0.0\n{gather}\n[read]\nworkers = 1\nlogos = false\n[curate]\nonly_topics = false\n"
        f'[[sources]]\nurl = "{url}"\nkind = "archive"\nallow_private = true\n'
    )
    make_newsroom(folder, DEMO_KEY)
    return open_newsroom(folder)


class Editions:
    """Editions of one paper, each a day after the one before; what is in the store then."""

    def __init__(self, folder: Path, url: str, gather: str = "") -> None:
        self.newsroom = paper(folder, url, gather)
        self.at = NOW

    def next(self, *, due_only: bool = False, after: timedelta = timedelta(days=2)) -> Report:
        self.at += after
        return run_edition(self.newsroom, at=self.at, due_only=due_only)

    @property
    def state(self) -> SourceState:
        return source_states(self.newsroom)[0]

    @property
    def read(self) -> list[str]:
        database = Database(self.newsroom.store_url)
        with database.transaction() as connection:
            found = sorted(load(row, Article).web_url for row in connection.scalars(select(articles.c.article)))
        database.close()
        return found


def reasons(report: Report) -> list[str]:
    return [problem.reason for problem in report.problems]


FORMS = {
    "by record": packed(RECORDS),
    "plain": b"".join(RECORDS),
    "as a whole": gzip.compress(b"".join(RECORDS), mtime=0),
    "wacz": wacz(packed(RECORDS[:9]), packed(RECORDS[9:])),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_read_once_and_then_unchanged(content: bytes, tmp_path: Path) -> None:
    with served({"/a.warc.gz": content}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a.warc.gz")
        report = editions.next()
        assert (report.counts["pages read"], reasons(report)) == (24, [])
        assert set(editions.read) == URLS
        asked = len(shelf.asked)
        report = editions.next()
    assert report.counts["sources unchanged"] == 1
    assert report.counts.get("pages read", 0) == 0
    assert shelf.asked[asked:] == [("/a.warc.gz", 0)]
    assert editions.state.next_at == editions.at + timedelta(days=1)


def test_only_a_due_archive_is_asked(tmp_path: Path) -> None:
    with served({"/a": packed(RECORDS[:2])}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        editions.next(due_only=True)
        asked = len(shelf.asked)
        report = editions.next(due_only=True, after=timedelta(hours=2))
        assert report.counts.get("sources asked", 0) == 0
        assert len(shelf.asked) == asked


@pytest.mark.parametrize("form", ["by record", "plain", "wacz"])
def test_connection_dropped_in_a_record(form: str, tmp_path: Path) -> None:
    """What was read before is kept, and reading goes on at the record, without asking for what was read."""
    with served({"/a": FORMS[form]}) as shelf:
        Editions(tmp_path / "calm", f"{shelf.home}/a").next()
        shelf.drops_from = len(shelf.asked) - 2
        shelf.asked.clear()
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        report = editions.next()
        [reason] = reasons(report)
        assert reason.startswith("cannot be reached")
        first, cursor = report.counts["pages read"], editions.state.archive.cursor
        assert 0 < first < 24
        assert cursor > 0
        assert (editions.state.failures, editions.state.problem) == (1, reason)
        again = editions.next(after=timedelta(minutes=5))
        assert any("left alone" in note for note in again.notes) or again.counts.get("sources asked", 0) == 0
        shelf.drops_from = None
        shelf.asked.clear()
        report = editions.next()
    assert reasons(report) == []
    assert first + report.counts["pages read"] == 24
    assert set(editions.read) == URLS
    if form == "plain":
        between = [start for _, start in shelf.asked if 0 < start < cursor // BLOCK * BLOCK]
        assert len(between) <= 1  # where the records begin is looked at in the first two


def test_bounded_by_pages_an_edition(tmp_path: Path) -> None:
    with served({"/a": FORMS["by record"]}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a", "pages_per_edition = 11")
        counts = [editions.next().counts.get("pages read", 0) for _ in range(4)]
    assert counts == [11, 11, 2, 0]
    assert set(editions.read) == URLS


def test_bounded_by_bytes_an_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "EDITION_BYTES", 20_000)
    with served({"/a": FORMS["plain"]}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        report = editions.next()
        assert 1 <= report.counts["pages read"] <= 3
        assert "the next edition goes on" in report.notes[0]
        assert editions.next().counts["pages read"] >= 1


def in_small_steps(folder: Path) -> None:
    ranges.BLOCK = archiving.BLOCK = BLOCK
    archive.BATCH = 2
    run_edition(open_newsroom(folder), at=NOW)


def killed(folder: Path, after: float | None) -> float:
    """An edition in a process of its own, killed after so many seconds; how long it took."""
    process = multiprocessing.get_context("forkserver").Process(target=in_small_steps, args=(folder,))
    started = time.monotonic()
    process.start()
    process.join(after)
    if process.exitcode is None and process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return time.monotonic() - started


def test_killed_at_random_instants_it_ends_the_same(tmp_path: Path) -> None:
    with served(crawl()) as shelf:
        calm = paper(tmp_path / "calm", shelf.home + LIST, "pages_per_edition = 19")
        killed(calm.folder, None)
        seconds = killed(paper(tmp_path / "timed", shelf.home + LIST, "pages_per_edition = 19").folder, None)
        seed = random.SystemRandom().getrandbits(32)
        instants = random.Random(seed)
        for number in range(4):
            other = paper(tmp_path / f"killed-{number}", shelf.home + LIST, "pages_per_edition = 19")
            for _ in range(2):
                killed(other.folder, instants.uniform(seconds / 3, seconds))
            killed(other.folder, None)
            assert published(other.folder) == published(calm.folder), f"seed {seed}"
            assert git(other.folder, "rev-parse", "HEAD") == git(calm.folder, "rev-parse", "HEAD"), f"seed {seed}"


@pytest.mark.parametrize("at", ["etag", "length"])
def test_changed_archive_is_read_anew(at: str, tmp_path: Path) -> None:
    with served({"/a": FORMS["by record"]}) as shelf:
        if at == "length":
            shelf.etag = ""
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a", "pages_per_edition = 10")
        editions.next()
        shelf.files["/a"] = packed([article(n, "lighthouse") for n in range(9)] + RECORDS[:1])
        shelf.etag = '"2"' if at == "etag" else ""
        report = editions.next()
    assert [note for note in report.notes if "has changed since it was read last" in note]
    assert report.counts["pages read"] == 10
    assert len(editions.read) == 10 + 9


def test_changed_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served({"/a": FORMS["by record"]}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        keep = archiving.Archive._keep

        def change(*arguments: object) -> None:
            keep(*arguments)
            shelf.etag = '"2"'

        monkeypatch.setattr(archiving.Archive, "_keep", change)
        assert reasons(editions.next()) == ["was changed while it was read"]
        assert [note for note in editions.next().notes if "is read anew" in note]
    assert set(editions.read) == URLS


REFUSED = {
    "no ranges": "is on a server that sends no parts of files (Range): download it and name its path",
    "other part": "is on a server that sent bytes 1-6000/",
    "short": "is on a server that sent bytes 0-5999/",
    "no length": "is on a server that does not say which part of a file it sends",
}


@pytest.mark.parametrize(("mode", "reason"), REFUSED.items(), ids=REFUSED)
def test_servers_that_lie_about_ranges(mode: str, reason: str, tmp_path: Path) -> None:
    with served({"/a": FORMS["by record"]}, mode=mode) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        report = editions.next()
        assert report.problems[0].where == f"{shelf.home}/a"
    assert len(reasons(report)) == 1
    assert reasons(report)[0].startswith(reason)
    assert editions.read == []


@pytest.mark.parametrize("mode", ["whole as part", "coded"])
def test_servers_that_can_be_borne(mode: str, tmp_path: Path) -> None:
    """One that says it sends a part and sends all that follows, and one that calls the file's own packing a coding."""
    content = FORMS["by record"] if mode == "coded" else packed(RECORDS[:1])
    with served({"/a": content}, mode=mode) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        assert reasons(editions.next()) == []
    assert len(editions.read) == (24 if mode == "coded" else 1)


def test_small_archive_needs_no_ranges(tmp_path: Path) -> None:
    with served({"/a": packed(RECORDS[:1])}, mode="no ranges") as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        assert reasons(editions.next()) == []
    assert len(editions.read) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "answered 404"), (b"", "answered 416"), (b"<html>no archive</html>" * 9, "damaged after byte 0: ")],
)
def test_what_is_no_archive_is_reported(content: bytes | None, reason: str, tmp_path: Path) -> None:
    with served({} if content is None else {"/a": content}) as shelf:
        report = Editions(tmp_path / "paper", f"{shelf.home}/a").next()
    assert reasons(report)[0].startswith(reason)


def test_private_address_is_refused(tmp_path: Path) -> None:
    with served({"/a": FORMS["by record"]}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/a")
        config = editions.newsroom.folder / "broadsheet.toml"
        config.write_text(config.read_text().replace("allow_private = true", ""))
        editions.newsroom = open_newsroom(editions.newsroom.folder)
        assert reasons(editions.next()) == ["the address is private"]
        assert shelf.asked == []


# --- lists of archives ---------------------------------------------------------------------------------------------------

LIST = "/crawl-data/CC-NEWS/2026/01/warc.paths.gz"
NAMES = [f"crawl-data/CC-NEWS/2026/01/CC-NEWS-{n:05}.warc.gz" for n in range(3)]


def crawl() -> dict[str, bytes]:
    listed = gzip.compress("".join(f"{name}\n" for name in NAMES).encode(), mtime=0)
    return {LIST: listed, **{f"/{name}": packed(RECORDS[n * 8 : n * 8 + 8]) for n, name in enumerate(NAMES)}}


def test_list_is_read_file_by_file(tmp_path: Path) -> None:
    with served(crawl()) as shelf:
        editions = Editions(tmp_path / "paper", shelf.home + LIST, "pages_per_edition = 10")
        counts = [editions.next().counts.get("pages read", 0) for _ in range(3)]
        assert counts == [10, 10, 4]
        shelf.asked.clear()
        report = editions.next()
        assert shelf.asked == [(LIST, 0)]
        assert report.counts["sources unchanged"] == 1
        shelf.files["/later.warc.gz"] = packed([article(99)])
        shelf.files[LIST] = gzip.compress("\n".join([*NAMES, "later.warc.gz"]).encode(), mtime=0)
        shelf.etag = '"2"'
        assert editions.next().counts["pages read"] == 1
    assert set(editions.read) == URLS | {"https://harbour.example/99"}


def test_list_goes_on_past_what_is_not_there(tmp_path: Path) -> None:
    files = crawl()
    del files[f"/{NAMES[0]}"]
    with served(files) as shelf:
        editions = Editions(tmp_path / "paper", shelf.home + LIST)
        report = editions.next()
        assert [(problem.where, problem.reason) for problem in report.problems] == [
            (f"{shelf.home}/{NAMES[0]}", "answered 404")
        ]
        assert len(editions.read) == 16
        assert editions.next().counts["sources unchanged"] == 1


def test_list_gives_up_for_this_edition_after_three_failures(tmp_path: Path) -> None:
    names = "".join(f"{n}.warc.gz\n" for n in range(9))
    with served({"/warc.paths": names.encode()}) as shelf:
        editions = Editions(tmp_path / "paper", f"{shelf.home}/warc.paths")
        assert len(reasons(editions.next())) == 3
        assert len(reasons(editions.next())) == 3
        assert [path for path, _ in shelf.asked].count("/0.warc.gz") == 1


# --- archives on this machine --------------------------------------------------------------------------------------------


def test_local_archive_that_fails_half_way_goes_on_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.warc.gz").write_bytes(FORMS["by record"])
    editions = Editions(tmp_path / "paper", "../a.warc.gz")
    whole = archiving.read_archive

    def broken(path: Path, cursor: int) -> object:
        for number, item in enumerate(whole(path, cursor)):
            if number == 12:
                raise OSError(5, "Input/output error")
            yield item

    monkeypatch.setattr(archiving, "read_archive", broken)
    report = editions.next()
    assert (report.counts["pages read"], reasons(report)) == (12, ["Input/output error"])
    cursor = editions.state.archive.cursor
    assert cursor > 0
    monkeypatch.setattr(archiving, "read_archive", whole)
    report = editions.next()
    assert report.counts["pages read"] == 12
    assert set(editions.read) == URLS
    assert (editions.state.problem, editions.state.failures) == ("", 0)


@pytest.mark.parametrize("form", FORMS)
def test_local_archive_that_grows_and_shrinks(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(FORMS[form])
    editions = Editions(tmp_path / "paper", "../a.warc")
    assert editions.next().counts["pages read"] == 24
    assert editions.next().counts["sources unchanged"] == 1
    if form in ("plain", "by record"):
        path.write_bytes(FORMS[form] + (article(50) if form == "plain" else packed([article(50)])))
        assert editions.next().counts["pages read"] == 1
    path.write_bytes(packed(RECORDS[:3]))
    report = editions.next()
    assert report.counts["pages read"] == 3
    assert "is read anew from its start" in report.notes[0]
