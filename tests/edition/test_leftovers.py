"""What a change of settings leaves behind goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from broadsheet.demo.press import FIRST_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import leftovers
from broadsheet.newsroom import open_newsroom
from tests.edition.papers import edition, git, paper, published

LATER = FIRST_EDITION + timedelta(hours=3)
OUTLETS = ("anselpost.example", "kelmouth-mercury.example")


def ours(folder: Path) -> dict[str, str]:
    return {name: digest for name, digest in published(folder).items() if name.startswith(("public/", "docs/site/"))}


def test_the_pages_of_a_topic_that_is_no_more_go(press: Press, tmp_path: Path) -> None:
    edition(paper(tmp_path, OUTLETS), press)
    own = tmp_path / "public/topics/health/mine.html"
    own.write_text("mine", encoding="utf-8")
    assert (tmp_path / "public/topics/health/feed.xml").exists()
    [topic] = [path for path in (tmp_path / "_data/topics").iterdir() if "name: Health" in path.read_text(encoding="utf-8")]
    topic.unlink()
    report = edition(open_newsroom(tmp_path), press, LATER)
    assert [path.name for path in (tmp_path / "public/topics/health").iterdir()] == ["mine.html"]
    assert not (tmp_path / "public/api/news/health").exists()
    assert git(tmp_path, "rev-parse", "HEAD") == report.commit
    assert git(tmp_path, "status", "--porcelain", "public") == "?? public/topics/health/"


def test_a_published_folder_of_another_name_has_all_and_the_old_one_only_what_is_not_ours(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition(paper(tmp_path, OUTLETS), press)
    before = {name.removeprefix("public/"): digest for name, digest in ours(tmp_path).items()}
    assert [name for name in before if name.startswith("assets/images/organizations/")]
    (tmp_path / "public/CNAME").write_text("paper.example", encoding="utf-8")
    with (tmp_path / "broadsheet.toml").open("a", encoding="utf-8") as config:
        config.write('\n[publish]\nfolder = "docs/site"\n')
    real = leftovers.take_away
    monkeypatch.setattr(leftovers, "take_away", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # as if killed before the last step
        edition(open_newsroom(tmp_path), press, LATER)
    monkeypatch.setattr(leftovers, "take_away", real)
    report = edition(open_newsroom(tmp_path), press, LATER)
    after = ours(tmp_path)
    assert after.pop("public/CNAME")
    assert {name.removeprefix("docs/site/"): digest for name, digest in after.items()} == before
    assert [path.name for path in (tmp_path / "public").iterdir()] == ["CNAME"]
    assert git(tmp_path, "rev-parse", "HEAD") == report.commit
    assert git(tmp_path, "status", "--porcelain", "public", "docs") == "?? public/"
