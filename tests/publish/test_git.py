"""Commits in real repositories, beside what people do in them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from broadsheet.errors import PublishError
from broadsheet.publish import git_lock
from broadsheet.publish.git import Changes, commit, describe
from broadsheet.publish.git_command import GitFailed, open_repository
from broadsheet.publish.git_lock import OURS, clear, index_lock
from tests.publish.repository import AUTHOR, FOLDERS, WHEN, git, publish, put

pytestmark = pytest.mark.usefixtures("plain_git")


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    folder = tmp_path / "newsroom"
    folder.mkdir()
    return folder


def test_a_folder_gets_a_repository_and_a_commit(newsroom: Path) -> None:
    put(newsroom, news_a="A", public_a="<p>A", notes="not ours")
    made = publish(newsroom)
    assert git(newsroom, "rev-parse", "main").strip() == made
    assert git(newsroom, "ls-tree", "-r", "--name-only", "HEAD").split() == ["_news/a.md", "public/a.html"]
    assert git(newsroom, "log", "-1", "--format=%an %ae %cn %ce %at %ct").split() == [
        *("The", "Lantern", "desk@lantern.example") * 2,
        *("1767323045", "1767323045"),
    ]
    assert git(newsroom, "status", "--porcelain") == "?? notes\n"


def test_the_same_files_give_the_same_commit(tmp_path: Path) -> None:
    made = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        put(tmp_path / name, news_a="A", public_a="<p>A")
        first = publish(tmp_path / name)
        put(tmp_path / name, news_b="B")
        made.add((first, publish(tmp_path / name)))
    assert len(made) == 1


def test_nothing_changed_makes_no_commit(newsroom: Path) -> None:
    assert publish(newsroom) == ""
    put(newsroom, news_a="A")
    made = publish(newsroom)
    (newsroom / "_news/a.md").touch()
    assert publish(newsroom) == ""
    assert publish(newsroom, ("_news/a.md", "_news/never.md")) == ""
    assert git(newsroom, "rev-parse", "HEAD").strip() == made


def test_only_named_files_are_committed(newsroom: Path) -> None:
    put(newsroom, news_a="A", news_b="B")
    publish(newsroom, ("_news/a.md",))
    assert git(newsroom, "ls-files").split() == ["_news/a.md"]


def test_the_message_is_asked_with_the_changes(newsroom: Path) -> None:
    put(newsroom, news_a="A", news_b="B", news_c="C", public_a="a", public_b="b")
    asked: list[Changes] = []
    remember: Callable[[Changes], str] = lambda changes: asked.append(changes) or describe(changes)  # noqa: E731
    commit(newsroom, FOLDERS, remember, WHEN, AUTHOR)
    put(newsroom, news_a="A2", news_d="D", public_a="a2")
    (newsroom / "_news/b.md").unlink()
    commit(newsroom, FOLDERS, remember, WHEN, AUTHOR)
    assert asked == [
        Changes(added=("_news/a.md", "_news/b.md", "_news/c.md"), others=2),
        Changes(added=("_news/d.md",), modified=("_news/a.md",), deleted=("_news/b.md",), others=1),
    ]
    assert git(newsroom, "log", "-1", "--format=%B") == (
        "Publish 1 story, update 1 story, remove 1 story\n\n+ _news/d.md\n~ _news/a.md\n- _news/b.md\n\n"
    )


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        (Changes(others=7), "Update pages"),
        (Changes(added=("_news/a.md", "_news/b.md")), "Publish 2 stories"),
        (Changes(modified=("_news/a.md",), others=2), "Update 1 story"),
        (Changes(modified=("_news/a.md",), deleted=("_news/b.md",)), "Update 1 story, remove 1 story"),
    ],
)
def test_describe(changes: Changes, subject: str) -> None:
    assert describe(changes).splitlines()[0] == subject


def test_describe_is_bounded() -> None:
    lines = describe(Changes(added=tuple(f"_news/{number}.md" for number in range(5000)))).splitlines()
    assert len(lines) == 103
    assert lines[-1] == "and 4900 more"


def test_peoples_staged_and_unstaged_work_stays(newsroom: Path) -> None:
    put(newsroom, news_a="A", settings="1", topics="1", removed="1")
    git(newsroom, "init", "-q")
    git(newsroom, "add", ".")
    git(newsroom, "commit", "-qm", "start")
    put(newsroom, settings="staged", staged="new")
    git(newsroom, "add", "settings", "staged")
    git(newsroom, "rm", "-q", "removed")
    put(newsroom, settings="changed again", topics="unstaged", news_a="A2", news_b="B")
    before = git(newsroom, "diff", "--cached", "--", ":(exclude)_news") + git(newsroom, "diff", "--", ":(exclude)_news")
    publish(newsroom)
    assert git(newsroom, "diff", "--cached", "--", ":(exclude)_news") + git(newsroom, "diff", "--", ":(exclude)_news") == before
    assert git(newsroom, "show", "--name-status", "--format=", "HEAD").split() == ["M", "_news/a.md", "A", "_news/b.md"]
    assert git(newsroom, "status", "--porcelain", "_news") == ""


def test_hooks_signing_and_line_ends_of_the_user_take_no_part(newsroom: Path) -> None:
    git(newsroom, "init", "-q")
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "prepare-commit-msg"):
        hook = newsroom / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    for key, value in (("commit.gpgsign", "true"), ("core.autocrlf", "true"), ("user.signingkey", "none")):
        git(newsroom, "config", key, value)
    put(newsroom, news_a="a\r\nb\r\n")
    assert publish(newsroom)
    assert git(newsroom, "cat-file", "-s", "HEAD:_news/a.md").strip() == "6"


def test_a_repository_around_the_newsroom_is_left_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    folder = tmp_path / "newsroom"
    put(folder, news_a="A")
    publish(folder)
    assert (folder / ".git").is_dir()
    assert git(tmp_path, "ls-files") == ""


def test_ignored_and_temporary_files_are_left_out(newsroom: Path) -> None:
    put(newsroom, news_a="A", public_a="a")
    (newsroom / ".gitignore").write_text("public/\n")
    (newsroom / "_news/.b.md.broadsheet-tmp").write_text("half")
    publish(newsroom)
    publish(newsroom, ("public/a.html", "_news/a.md"))
    assert git(newsroom, "ls-files").split() == ["_news/a.md"]


def test_odd_names(newsroom: Path) -> None:
    names = ["_news/a\nb.md", "_news/*.md", "_news/:(top).md", "_news/日本.md", "_news/-x.md", '_news/"q".md']
    (newsroom / "_news").mkdir()
    for name in names:
        (newsroom / name).write_text(name)
    publish(newsroom, tuple(names))
    assert set(git(newsroom, "ls-files", "-z").split("\0")) == {*names, ""}
    assert publish(newsroom) == ""


def test_a_file_that_became_a_folder_and_back(newsroom: Path) -> None:
    put(newsroom, public_a="a")
    publish(newsroom)
    (newsroom / "public/a.html").unlink()
    (newsroom / "public/a.html").mkdir()
    (newsroom / "public/a.html/b").write_text("b")
    publish(newsroom, ("public/a.html", "public/a.html/b"))
    assert git(newsroom, "ls-files").split() == ["public/a.html/b"]
    (newsroom / "public/a.html/b").unlink()
    (newsroom / "public/a.html").rmdir()
    put(newsroom, public_a="a")
    publish(newsroom)
    assert git(newsroom, "ls-files").split() == ["public/a.html"]


def test_the_branch_is_kept_and_checked(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom, branch="press")
    assert git(newsroom, "symbolic-ref", "--short", "HEAD").strip() == "press"
    put(newsroom, news_a="B")
    with pytest.raises(PublishError, match="on branch press, not on main"):
        publish(newsroom, branch="main")
    git(newsroom, "checkout", "-q", "--detach")
    with pytest.raises(PublishError, match="on no branch"):
        publish(newsroom)


def test_a_repository_without_commits_takes_the_branch_of_the_settings(newsroom: Path) -> None:
    git(newsroom, "init", "-q")
    put(newsroom, news_a="A")
    publish(newsroom, branch="press")
    assert git(newsroom, "branch", "--list").split() == ["*", "press"]


@pytest.mark.parametrize("state", ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"])
def test_nothing_is_committed_while_people_merge(newsroom: Path, state: str) -> None:
    put(newsroom, news_a="A")
    first = publish(newsroom)
    (newsroom / ".git" / state).write_text(first)
    put(newsroom, news_a="B")
    with pytest.raises(PublishError, match="is under way"):
        publish(newsroom)


def test_a_lock_of_a_killed_run_of_ours_is_taken_away(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    put(newsroom, news_a="B")
    (newsroom / ".git/index.lock").write_bytes(OURS)
    (newsroom / ".git/broadsheet-index").write_bytes(b"half")
    (newsroom / ".git/broadsheet-index.lock").write_bytes(b"")
    (newsroom / ".git/broadsheet-tree.lock").write_bytes(b"")
    (newsroom / ".git/broadsheet-tree").write_bytes(b"half")
    assert publish(newsroom)
    assert not (newsroom / ".git/index.lock").exists()
    assert git(newsroom, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_an_old_lock_that_no_process_holds_is_taken_away(newsroom: Path, name: str) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    put(newsroom, news_a="B")
    lock = newsroom / ".git" / name
    lock.write_bytes(b"")
    os.utime(lock, (time.time() - 60, time.time() - 60))
    assert publish(newsroom)


def test_a_held_lock_is_left(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    lock = newsroom / ".git/index.lock"
    lock.write_bytes(b"")
    os.utime(lock, (0, 0))
    with lock.open("rb") as opened, subprocess.Popen(["sleep", "60"], stdin=opened) as holder:
        try:
            assert not clear(lock, newsroom)
            with pytest.raises(PublishError, match="held by another git process"), index_lock(open_repository(newsroom), 0.0):
                pass
        finally:
            holder.kill()
    assert clear(lock, newsroom)


def test_a_lock_is_left_while_git_works_there(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    lock = newsroom / ".git/index.lock"
    lock.write_bytes(b"")
    os.utime(lock, (0, 0))
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=newsroom, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdin
        assert worker.stdout
        worker.stdin.write(b"HEAD\n")
        worker.stdin.flush()
        worker.stdout.readline()  # it runs now
        assert not clear(lock, newsroom)
        worker.stdin.close()
    assert clear(lock, newsroom)


def test_a_lock_is_waited_for(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    put(newsroom, news_a="B")
    lock = newsroom / ".git/index.lock"
    lock.write_bytes(b"")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            lock.unlink()

    monkeypatch.setattr(git_lock, "time", SimpleNamespace(sleep=wait, monotonic=time.monotonic, time=time.time))
    assert publish(newsroom)
    assert waits == [git_lock.PAUSE] * 3


@pytest.mark.parametrize(("age", "left"), [(60, False), (3700, True)])
def test_where_processes_cannot_be_seen_only_an_old_lock_is_taken_away(
    newsroom: Path, monkeypatch: pytest.MonkeyPatch, age: int, left: bool
) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    lock = newsroom / ".git/index.lock"
    lock.write_bytes(b"")
    os.utime(lock, (time.time() - age, time.time() - age))
    monkeypatch.setattr(git_lock, "PROCESSES", newsroom)
    assert clear(lock, newsroom) == left


def test_a_link_in_place_of_a_lock_is_an_error(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    (newsroom / ".git/index.lock").symlink_to(newsroom / "_news/a.md")
    with pytest.raises(PublishError, match="cannot be read"):
        publish(newsroom)


def test_our_own_lock_excludes_us(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    repository = open_repository(newsroom)
    with (
        index_lock(repository),
        pytest.raises(PublishError, match="held by another git process"),
        index_lock(repository, 0.0),
    ):
        pass
    with pytest.raises(subprocess.CalledProcessError), index_lock(repository):
        git(newsroom, "add", ".")
    assert not (newsroom / ".git/index.lock").exists()


def test_a_failure_leaves_no_lock_and_no_commit(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    first = publish(newsroom)
    put(newsroom, news_a="B")

    def fail(changes: Changes) -> str:
        raise PublishError("no message")

    with pytest.raises(PublishError, match="no message"):
        commit(newsroom, FOLDERS, fail, WHEN, AUTHOR)
    assert not (newsroom / ".git/index.lock").exists()
    assert git(newsroom, "rev-parse", "HEAD").strip() == first
    assert publish(newsroom)


def test_without_git_the_error_says_so(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PublishError, match="the git command is missing"):
        publish(newsroom)


def test_errors_of_git_are_one_line(newsroom: Path) -> None:
    (newsroom / ".git").mkdir()
    with pytest.raises(GitFailed, match=r"^git rev-parse: fatal: not a git repository[^\n]*$"):
        publish(newsroom)


@pytest.mark.parametrize("author", ["Broadsheet", "a <b", "<x@y.example>", "a\nb <c>"])
def test_an_author_without_an_address_is_refused(newsroom: Path, author: str) -> None:
    with pytest.raises(PublishError, match=r"publish\.author"):
        commit(newsroom, FOLDERS, describe, WHEN, author)


def test_it_works_inside_a_hook_of_another_repository(newsroom: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    put(newsroom, news_a="A")
    assert publish(newsroom)


def test_loose_objects_are_packed_when_git_says_so(newsroom: Path) -> None:
    put(newsroom, news_a="A")
    publish(newsroom)
    assert not list((newsroom / ".git/objects/pack").glob("*.pack"))
    git(newsroom, "config", "gc.auto", "1")
    put(newsroom, **{f"news_{number}": f"{number}" for number in range(600)})
    made = publish(newsroom)
    assert list((newsroom / ".git/objects/pack").glob("*.pack"))
    assert git(newsroom, "rev-parse", "HEAD").strip() == made
    assert not (newsroom / ".git/gc.pid").exists()


KILLED = """
import os, signal, subprocess, sys
from datetime import UTC, datetime
from pathlib import Path
from broadsheet.publish import git_command
from broadsheet.publish.git import commit, describe

left = int(sys.argv[2])
real = subprocess.run

def run(*arguments, **more):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **more)

git_command.subprocess.run = run
when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
commit(Path(sys.argv[1]), ("_news/", "public/", "assets/"), describe, when, "The Lantern <desk@lantern.example>")
print("whole")
"""


def test_killed_between_any_two_steps_the_next_run_ends_as_if_nothing_had_been(newsroom: Path) -> None:
    put(newsroom, news_a="A", settings="staged")
    publish(newsroom)
    git(newsroom, "add", "settings")
    for step in range(40):
        put(newsroom, **{"news_a": f"A{step}", f"news_{step}": "new"})
        done = subprocess.run([sys.executable, "-c", KILLED, str(newsroom), str(step)], check=False, capture_output=True)
        publish(newsroom)
        assert git(newsroom, "status", "--porcelain") == "A  settings\n", step
        assert git(newsroom, "show", f"HEAD:_news/{step}.md") == "new"
        assert int(git(newsroom, "rev-list", "--count", "HEAD")) == step + 2
        if b"whole" in done.stdout:
            break
    assert 8 < step < 39  # every step was the last one once, and at last none
