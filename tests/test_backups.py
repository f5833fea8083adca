"""A newsroom saved in one file, restored elsewhere, goes on as if nothing had happened."""

from __future__ import annotations

import stat
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from broadsheet.backups import backup, restore
from broadsheet.demo.press import FIRST_EDITION, SECOND_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition.run import quiet
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import open_newsroom
from broadsheet.searching import search
from broadsheet.store.search_tables import KINDS
from tests.edition.papers import edition, git, paper, published

AT = FIRST_EDITION + timedelta(hours=1)


@pytest.mark.parametrize("way", ["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite"])
def test_restored_elsewhere_it_goes_on(way: str, press: Press, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source, _, target = way.partition(" to ")
    urls = {"sqlite": "", "postgresql": request.getfixturevalue("postgres_url") if "postgresql" in way else ""}
    before = paper(tmp_path / "before", store=urls[source])
    press.now = FIRST_EDITION
    edition(before, press)
    file = tmp_path / "backup" / "paper.tar.gz"
    backup(before, file, AT, quiet)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    other = f"sqlite:///{tmp_path / 'other.db'}" if target == "sqlite" and source != "sqlite" else urls[target]
    after = restore(file, tmp_path / "after", quiet, other)
    assert published(after.folder) == published(before.folder)
    assert after.key_file.read_text() == before.key_file.read_text()
    assert stat.S_IMODE(after.key_file.stat().st_mode) == 0o600
    if other:
        config = after.folder / "broadsheet.toml"
        text = config.read_text()
        config.write_text(text.replace(urls[source], other) if urls[source] else f'{text}\n[store]\nurl = "{other}"\n')

    report = edition(open_newsroom(after.folder), press, SECOND_EDITION)
    wanted = edition(before, press, SECOND_EDITION)
    assert report.counts == wanted.counts
    assert report.edition == 2
    assert git(after.folder, "rev-parse", "HEAD") == git(before.folder, "rev-parse", "HEAD")
    for kind in KINDS:
        found, is_whole = search(open_newsroom(after.folder), "lang:en", kind, 1000)
        assert is_whole
        assert found.hits
        assert found == search(before, "lang:en", kind, 1000)[0]


def test_what_cannot_be_saved_or_restored_is_one_clear_line(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path / "paper")
    press.now = FIRST_EDITION
    edition(newsroom, press)
    file = tmp_path / "paper.tar.gz"
    backup(newsroom, file, AT, quiet)
    with pytest.raises(BroadsheetError, match="is there already"):
        backup(newsroom, file, AT, quiet)
    with pytest.raises(BroadsheetError, match=r"below\.gz cannot be written: File exists"):
        backup(newsroom, file / "below.gz", AT, quiet)
    with pytest.raises(BroadsheetError, match="is not empty"):
        restore(file, newsroom.folder, quiet)
    with pytest.raises(BroadsheetError, match="holds a newsroom already"):
        restore(file, tmp_path / "second", quiet, newsroom.store_url)
    whole = file.read_bytes()
    for name, content in {"cut": whole[: len(whole) // 2], "text": b"no archive", "empty": b""}.items():
        damaged = tmp_path / name
        damaged.write_bytes(content)
        with pytest.raises(BroadsheetError, match=r"cannot be restored|no backup"):
            restore(damaged, tmp_path / f"from-{name}", quiet)
    with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as tar:
        tar.add(newsroom.folder / "broadsheet.toml", "broadsheet.toml")
    with pytest.raises(BroadsheetError, match="is no backup"):
        restore(tmp_path / "other.tar.gz", tmp_path / "other", quiet)


def test_a_backup_inside_the_newsroom_does_not_hold_itself(press: Press, tmp_path: Path) -> None:
    newsroom = paper(tmp_path / "paper")
    press.now = FIRST_EDITION
    edition(newsroom, press)
    backup(newsroom, newsroom.folder / "paper.tar.gz", AT, quiet)
    with tarfile.open(newsroom.folder / "paper.tar.gz") as tar:
        names = tar.getnames()
    assert not [name for name in names if "paper.tar.gz" in name or name.endswith((".db", "/lock"))]
    assert "newsroom/.broadsheet/key" in names
