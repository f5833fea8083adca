from __future__ import annotations

import stat
from pathlib import Path

import pytest

from broadsheet.config import load_settings
from broadsheet.errors import BroadsheetError, ConfigError
from broadsheet.newsroom import locked, make_newsroom, open_newsroom


def test_a_new_newsroom_can_be_opened_at_once(tmp_path: Path) -> None:
    written = make_newsroom(tmp_path / "harbour-news", "the key\n")
    assert {path.name for path in written} == {"broadsheet.toml", "key", "01-technology.yaml"}
    newsroom = open_newsroom(tmp_path / "harbour-news")
    assert newsroom.settings.newsroom.name == "Harbour News"
    assert newsroom.store_url.endswith("/harbour-news/.broadsheet/broadsheet.db")


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    make_newsroom(tmp_path, "first")
    (tmp_path / "broadsheet.toml").write_text('[newsroom]\nname = "Mine"\n')
    (tmp_path / "_data/topics/01-technology.yaml").rename(tmp_path / "_data/topics/mine.yaml")
    assert make_newsroom(tmp_path, "second") == []
    assert load_settings(tmp_path).newsroom.name == "Mine"
    assert (tmp_path / ".broadsheet/key").read_text() == "first"


def test_the_key_is_for_its_owner_alone_and_never_in_git(tmp_path: Path) -> None:
    make_newsroom(tmp_path, "secret")
    key = tmp_path / ".broadsheet/key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert (tmp_path / ".broadsheet/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("name", ['odd "name"', "back\\slash", "new\nline", "...", "ünïcode"])
def test_any_folder_name_gives_a_readable_file(name: str, tmp_path: Path) -> None:
    make_newsroom(tmp_path / name, "key")
    assert load_settings(tmp_path / name).newsroom.name


def test_a_lock_is_held_by_one_and_freed_at_the_end(tmp_path: Path) -> None:
    make_newsroom(tmp_path, "key")
    newsroom = open_newsroom(tmp_path)
    with locked(newsroom), pytest.raises(BroadsheetError, match=r"an edition is under way \(process \d+\)"), locked(newsroom):
        pass
    with locked(newsroom):
        pass


def test_a_folder_without_settings_is_no_newsroom(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="broadsheet init"):
        open_newsroom(tmp_path)
    assert not (tmp_path / ".broadsheet").exists()
