"""Pushes to real repositories, with and without others' commits in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.errors import PublishError
from broadsheet.publish.git_command import git_dir
from broadsheet.publish.git_push import MARK, finish_rebase, push
from tests.publish.repository import git, publish, put

pytestmark = pytest.mark.usefixtures("plain_git")

RECORD = "\n".join(["---", 'title: "A"', "x: 1", "y: 1", "z: 1", "heat: {}", "---", ""])


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "main")
    return folder


@pytest.fixture
def newsroom(tmp_path: Path, remote: Path) -> Path:
    """A newsroom whose first commit is on the remote."""
    folder = tmp_path / "newsroom"
    put(folder, news_a=RECORD.format(1), settings="1")
    publish(folder)
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "add", "settings")
    git(folder, "commit", "-qm", "settings")
    push(folder, "origin")
    return folder


@pytest.fixture
def editor(tmp_path: Path, newsroom: Path, remote: Path) -> Path:
    """Somebody else's clone, made when the first commit was there."""
    git(tmp_path, "clone", "-q", str(remote), "editor")
    return tmp_path / "editor"


def edit(editor: Path, **files: str) -> None:
    put(editor, **files)
    git(editor, "add", "-A")
    git(editor, "commit", "-qm", "edited")
    git(editor, "push", "-q", "origin", "HEAD:main")


def subjects(remote: Path) -> list[str]:
    return git(remote, "log", "--format=%s", "main").splitlines()


def test_commits_reach_the_remote(newsroom: Path, remote: Path) -> None:
    put(newsroom, news_b="B")
    made = publish(newsroom)
    push(newsroom, "origin", "main")
    push(newsroom, "origin")
    assert git(remote, "rev-parse", "main").strip() == made


def test_others_commits_go_below_ours(newsroom: Path, remote: Path, editor: Path) -> None:
    edit(editor, notes="theirs")
    put(newsroom, news_b="B", settings="not committed")
    publish(newsroom)
    push(newsroom, "origin")
    assert subjects(remote) == ["Publish 1 story", "edited", "settings", "Publish 1 story"]
    assert (newsroom / "notes").read_text() == "theirs"
    assert (newsroom / "settings").read_text() == "not committed"
    assert git(newsroom, "status", "--porcelain") == " M settings\n"
    assert git(newsroom, "log", "-1", "--format=%cn %ct").strip() == "The Lantern 1767323045"


def test_edits_of_different_lines_are_joined_and_theirs_stay_on_the_same(newsroom: Path, remote: Path, editor: Path) -> None:
    edit(editor, news_a=RECORD.format(7).replace("A", "Edited"))
    put(newsroom, news_a=RECORD.format(2).replace("y: 1", "y: 2"))
    publish(newsroom)
    push(newsroom, "origin")
    assert git(remote, "show", "main:_news/a.md") == RECORD.format(7).replace("A", "Edited").replace("y: 1", "y: 2")


def test_what_cannot_be_joined_leaves_everything_as_it_was(newsroom: Path, editor: Path) -> None:
    git(editor, "rm", "-q", "_news/a.md")
    edit(editor, notes="gone")
    put(newsroom, news_a=RECORD.format(3), settings="not committed")
    made = publish(newsroom)
    with pytest.raises(PublishError, match="git rebase: error: could not apply"):
        push(newsroom, "origin")
    assert git(newsroom, "rev-parse", "main").strip() == made
    assert git(newsroom, "symbolic-ref", "--short", "HEAD").strip() == "main"
    assert git(newsroom, "status", "--porcelain") == " M settings\n"
    assert not (git_dir(newsroom) / MARK).exists()


def test_staged_changes_are_not_unstaged(newsroom: Path, editor: Path) -> None:
    edit(editor, notes="theirs")
    put(newsroom, news_b="B", settings="staged")
    git(newsroom, "add", "settings")
    publish(newsroom)
    with pytest.raises(PublishError, match="changes are staged here"):
        push(newsroom, "origin")
    assert git(newsroom, "status", "--porcelain") == "M  settings\n"


def test_a_killed_rebase_of_ours_is_undone(newsroom: Path, editor: Path, remote: Path) -> None:
    git(editor, "rm", "-q", "_news/a.md")
    edit(editor, notes="gone")
    put(newsroom, news_a=RECORD.format(3))
    publish(newsroom)
    (git_dir(newsroom) / MARK).touch()
    git(newsroom, "fetch", "-q", "origin")
    with pytest.raises(Exception, match="returned non-zero"):
        git(newsroom, "rebase", "origin/main")
    put(newsroom, news_b="B")
    made = publish(newsroom)
    assert git(newsroom, "log", "--format=%s", "-2", "main").splitlines() == ["Publish 1 story", "Update 1 story"]
    assert git(newsroom, "rev-parse", "HEAD").strip() == made


def test_a_rebase_of_people_is_left(newsroom: Path) -> None:
    (git_dir(newsroom) / "rebase-merge").mkdir()
    finish_rebase(newsroom)
    assert (git_dir(newsroom) / "rebase-merge").is_dir()


def test_a_remote_that_is_not_there_is_tried_again_and_named(newsroom: Path) -> None:
    with pytest.raises(PublishError, match="git push: fatal: 'nowhere' does not appear to be a git repository"):
        push(newsroom, "nowhere", pause=0.0)


def test_a_failing_network_is_tried_again(newsroom: Path, remote: Path, tmp_path: Path) -> None:
    script = tmp_path / "receive"
    asked = tmp_path / "asked"
    script.write_text(f'#!/bin/sh\necho x >> {asked}\n[ $(wc -l < {asked}) -gt 2 ] && exec git receive-pack "$@"\nexit 1\n')
    script.chmod(0o755)
    git(newsroom, "config", "remote.origin.receivepack", str(script))
    put(newsroom, news_b="B")
    made = publish(newsroom)
    push(newsroom, "origin", pause=0.0)
    assert git(remote, "rev-parse", "main").strip() == made
    assert asked.read_text() == "x\n" * 3


def test_a_refusal_of_the_remote_is_final(newsroom: Path, remote: Path) -> None:
    (remote / "hooks").mkdir(exist_ok=True)
    hook = remote / "hooks/update"
    hook.write_text(f'#!/bin/sh\necho x >> "{remote}/asked"\nexit 1\n')
    hook.chmod(0o755)
    put(newsroom, news_b="B")
    publish(newsroom)
    with pytest.raises(PublishError, match="git push"):
        push(newsroom, "origin", pause=0.0)
    assert (remote / "asked").read_text() == "x\n"


def test_options_in_place_of_a_remote_are_not_obeyed(newsroom: Path) -> None:
    with pytest.raises(PublishError):
        push(newsroom, "--receive-pack=touch /tmp/x", pause=0.0)
