"""The command line as a user meets it: real processes, a real site on loopback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import running

BROADSHEET = [sys.executable, "-m", "broadsheet"]
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "BROADSHEET_KEY"},
    "COLUMNS": "120",
    "NO_COLOR": "1",
}


def heed_interrupts() -> None:
    """Undo what a shell does to what it runs behind itself: such processes, and all they start, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def broadsheet(*arguments: str, folder: Path, status: int = 0) -> str:
    """Run a command in ``folder``; what it printed. Fails when it ends otherwise than told, or shows a traceback."""
    done = subprocess.run([*BROADSHEET, *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def hasty(folder: Path) -> None:
    """Make a newsroom that leaves no gap between requests to a host."""
    broadsheet("init", ".", folder=folder)
    with (folder / "broadsheet.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[gather]\ngap = 0.0\n")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def newsroom(site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newsroom with one source and one edition made."""
    folder = tmp_path_factory.mktemp("newsroom")
    hasty(folder)
    broadsheet("add", "--allow-private", site, folder=folder)
    broadsheet("run", folder=folder)
    return folder


def record(newsroom: Path) -> Path:
    return sorted((newsroom / "_news").glob("*.md"))[0]


def test_init_says_what_it_wrote_and_what_comes_next(tmp_path: Path) -> None:
    said = broadsheet("init", "harbour", folder=tmp_path)
    assert "wrote harbour/broadsheet.toml" in said
    assert "broadsheet add URL -C harbour" in said
    assert "all a newsroom needs is there already" in broadsheet("init", "harbour", folder=tmp_path)


def test_add_finds_the_feed_and_adds_it_once(site: str, newsroom: Path) -> None:
    assert f'url = "{site}/feed.xml"' in (newsroom / "broadsheet.toml").read_text()
    assert "is a source already" in broadsheet("add", "--allow-private", site, folder=newsroom)


def test_sources_prints_health_and_times(site: str, newsroom: Path) -> None:
    said = broadsheet("sources", folder=newsroom)
    assert "Skerry News" in said
    assert "good" in said


def test_import_adds_the_feeds_of_an_opml_file_once(tmp_path: Path) -> None:
    broadsheet("init", ".", folder=tmp_path)
    outlines = "".join(f'<outline text="Feed {n}" xmlUrl="https://feed{n}.example/"/>' for n in range(3))
    (tmp_path / "mine.opml").write_text(f'<opml version="2.0"><body><outline text="All">{outlines}</outline></body></opml>')
    assert "added 3 feeds; 0 were" in broadsheet("import", "mine.opml", folder=tmp_path)
    assert "added 0 feeds; 3 were" in broadsheet("import", "mine.opml", folder=tmp_path)
    assert "never asked" in broadsheet("sources", folder=tmp_path)
    (tmp_path / "not.opml").write_text("<html></html>")
    assert "not.opml: is not OPML" in broadsheet("import", "not.opml", folder=tmp_path, status=1)


def test_add_refuses_this_machine_unless_told(site: str, tmp_path: Path) -> None:
    hasty(tmp_path)
    said = broadsheet("add", site, folder=tmp_path, status=1)
    assert "the address is private; --allow-private permits it" in said
    assert "[[sources]]\nurl" not in (tmp_path / "broadsheet.toml").read_text()


def test_run_prints_the_front_page_and_what_it_did(newsroom: Path) -> None:
    said = broadsheet("run", folder=newsroom)
    assert "Harbour bridge software counts every gull" in said
    assert re.search(r"Edition \d+ of .* UTC: 1 sources asked, 0 pages read, 0 new stories, 0 changed, 0 files written", said)
    assert broadsheet("run", "--quiet", folder=newsroom) == ""


def test_run_due_asks_nothing_before_its_time(newsroom: Path) -> None:
    assert "0 sources asked" in broadsheet("run", "--due", folder=newsroom)


def test_why_explains_an_article_and_a_record(site: str, newsroom: Path) -> None:
    by_address = broadsheet("why", f"{site}/2031/harbour-bridge", folder=newsroom)
    for word in ("Topics", "Technology", "Quality", "length", "Heat", "Heat now", "Joined because"):
        assert word in by_address
    for name in (str(record(newsroom)), record(newsroom).name, record(newsroom).stem):
        assert "Heat" in broadsheet("why", name, folder=newsroom)


def test_why_of_something_unknown_is_one_line(newsroom: Path) -> None:
    said = broadsheet("why", "https://elsewhere.example/x", folder=newsroom, status=1)
    assert said.startswith("broadsheet: https://elsewhere.example/x: is neither")
    assert said.count("\n") == 1


def test_search_finds_stories_and_articles(newsroom: Path) -> None:
    said = broadsheet("search", "gull", "brid* -unicorn", folder=newsroom).splitlines()
    assert said[0] == "Harbour bridge software counts every gull"
    assert re.fullmatch(r"  \d{4}-\d\d-\d\d, Skerry News, heat \d+", said[1])
    assert said[2].strip()
    assert "<mark>" not in "".join(said)
    assert "quality" in broadsheet("search", "--articles", "--limit", "1", "bridge", folder=newsroom)
    assert broadsheet("search", "unheard", folder=newsroom) == "Nothing was found.\n"


def test_a_search_that_cannot_be_understood_is_one_line(newsroom: Path) -> None:
    said = broadsheet("search", "after:yesterday", folder=newsroom, status=1)
    assert said == "broadsheet: the search was not understood: after:yesterday: is no day such as 2026-01-31\n"


def test_doctor_tells_of_a_saved_search_that_is_none(tmp_path: Path) -> None:
    broadsheet("init", ".", folder=tmp_path)
    with (tmp_path / "broadsheet.toml").open("a") as file:
        file.write('\n[search.saved]\ngood = "bridge topic:technology"\nbad = "heat:much"\n')
    said = broadsheet("doctor", folder=tmp_path, status=1)
    assert "search.saved.bad" in said
    assert "heat:much: is no number" in said
    assert "search.saved.good" not in said


def test_doctor_finds_nothing_wrong_in_a_new_newsroom(newsroom: Path) -> None:
    said = broadsheet("doctor", folder=newsroom)
    assert "All is well." in said
    assert "hosts are not told how to reach you" in said


def test_doctor_says_what_to_mend(tmp_path: Path) -> None:
    broadsheet("init", ".", folder=tmp_path)
    assert "there are no sources" in broadsheet("doctor", folder=tmp_path, status=1)
    (tmp_path / "broadsheet.toml").write_text("[gather]\ngap = 'slow'\n")
    assert "broadsheet.toml:2: gather.gap" in broadsheet("doctor", folder=tmp_path, status=1)


def test_doctor_sees_spoiled_records_and_foreign_seals(site: str, tmp_path: Path) -> None:
    hasty(tmp_path)
    broadsheet("add", "--allow-private", site, folder=tmp_path)
    broadsheet("run", folder=tmp_path)
    first, second, third = sorted((tmp_path / "_news").glob("*.md"))[:3]
    first.write_text("---\ntitle: [\n")
    second.write_text(re.sub(r'secured: ".*"', third.read_text().splitlines()[-3].strip(), second.read_text()))
    (tmp_path / "_news/2031-01-01-by-hand.md").write_text('---\ncategory: news\ntitle: "By hand"\n---\n\n')
    (tmp_path / ".broadsheet/key").chmod(0o644)
    said = broadsheet("doctor", folder=tmp_path, status=1)
    assert f"wrong _news/{first.name}" in said
    assert "can be read by others" in said
    assert "is not of this newsroom's making" in said
    (tmp_path / ".broadsheet/broadsheet.db").write_bytes(b"no database" * 100)
    said = broadsheet("doctor", folder=tmp_path, status=1)
    assert "wrong database" in said
    assert f"wrong _news/{first.name}" in said


def test_report_is_printed_again_also_as_json(newsroom: Path) -> None:
    assert "Edition" in broadsheet("report", folder=newsroom)
    report = json.loads(broadsheet("report", "--json", folder=newsroom))
    assert report["edition"] >= 1


def test_report_before_the_first_edition_is_one_line(tmp_path: Path) -> None:
    broadsheet("init", ".", folder=tmp_path)
    assert "there was no edition yet" in broadsheet("report", folder=tmp_path, status=1)


def test_unseal_shows_the_notes_and_refuses_a_moved_seal(newsroom: Path, tmp_path: Path) -> None:
    notes = json.loads(broadsheet("unseal", str(record(newsroom)), folder=newsroom))
    assert {part["name"] for part in notes["quality"]} >= {"length", "headline"}
    moved = tmp_path / "2031-01-01-moved.md"
    moved.write_bytes(record(newsroom).read_bytes())
    assert "none of our keys opens the seal" in broadsheet("unseal", str(moved), folder=newsroom, status=1)


def test_rotate_seals_all_records_with_a_new_key(site: str, tmp_path: Path) -> None:
    hasty(tmp_path)
    broadsheet("add", "--allow-private", site, folder=tmp_path)
    broadsheet("run", folder=tmp_path)
    before = record(tmp_path).read_text()
    assert "3 records are sealed" in broadsheet("rotate", folder=tmp_path)
    key = tmp_path / ".broadsheet/key"
    new, old = key.read_text().split()
    assert record(tmp_path).read_text() != before
    key.write_text(old)
    assert "none of our keys" in broadsheet("unseal", str(record(tmp_path)), folder=tmp_path, status=1)
    key.write_text(new)
    broadsheet("unseal", str(record(tmp_path)), folder=tmp_path)


def test_publish_rebuild_mends_the_published_folder(newsroom: Path) -> None:
    (newsroom / "public/index.html").write_text("spoiled")
    assert "1 files written" in broadsheet("publish", "--rebuild", folder=newsroom)
    assert "Harbour bridge" in (newsroom / "public/index.html").read_text()


@pytest.mark.parametrize(
    "command", ["run", "doctor", "report", "add https://x.example", "why x", "rotate", "publish --rebuild"]
)
def test_a_folder_that_is_no_newsroom_is_one_line(command: str, tmp_path: Path) -> None:
    said = broadsheet(*command.split(), folder=tmp_path, status=1)
    assert "broadsheet init" in said


def test_an_instant_that_is_none_is_refused(newsroom: Path) -> None:
    assert "is no instant" in broadsheet("run", "--at", "yesterday-ish", folder=newsroom, status=1)


def test_the_demo_refuses_a_folder_with_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose me")
    assert "choose an empty folder" in broadsheet("demo", ".", folder=tmp_path, status=1)
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.xdist_group("demo")
def test_the_demo_is_the_same_twice_and_serves_itself(tmp_path: Path) -> None:
    from tests.edition.papers import git, published

    said = broadsheet("demo", "one", folder=tmp_path)
    assert "The Verrow Courant" in said
    assert "The site lies in one/public/" in said
    command = [*BROADSHEET, "demo", "two", "--serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        assert process.stdout is not None
        address = next(line for line in process.stdout if "Serving at" in line).split()[2]
        with urllib.request.urlopen(address) as page:
            assert b"The Verrow Courant" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert published(tmp_path / "one") == published(tmp_path / "two")
    assert git(tmp_path / "one", "rev-parse", "HEAD") == git(tmp_path / "two", "rev-parse", "HEAD")


def test_hooks_are_managed_at_the_command_line(tmp_path: Path) -> None:
    broadsheet("init", ".", folder=tmp_path)
    assert "no hooks yet" in broadsheet("hooks", "list", folder=tmp_path)
    said = broadsheet("hooks", "add", "https://hooks.example/in", "--topic", "technology", folder=tmp_path)
    id = said.split()[0]
    assert "secret: whsec_" in said
    assert broadsheet("hooks", "list", folder=tmp_path).split() == [id, "https://hooks.example/in", "well"]
    assert "goes on" in broadsheet("hooks", "resume", id, folder=tmp_path)
    assert "is removed" in broadsheet("hooks", "remove", id, folder=tmp_path)
    assert "there is no such hook" in broadsheet("hooks", "remove", id, folder=tmp_path, status=1)
    assert "there is no such hook" in broadsheet("hooks", "resume", id, folder=tmp_path, status=1)
    assert "the address is private" in broadsheet("hooks", "add", "http://127.0.0.1/", folder=tmp_path, status=1)
