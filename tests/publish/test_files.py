"""Files written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from broadsheet.errors import PublishError
from broadsheet.publish.files import BATCH, TEMPORARY, inside, put, remove, write


def test_write_makes_folders_and_says_whether_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a/b/c.txt"
    assert write(path, b"one")
    assert path.read_bytes() == b"one"
    assert not write(path, b"one")
    assert write(path, b"two")
    assert write(tmp_path / "empty", b"")
    assert not write(tmp_path / "empty", b"")
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["c.txt"]


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, b"one")
    os.utime(path, (1, 1))
    before = path.stat()
    write(path, b"one")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    left = tmp_path / ".index.html.broadsheet-tmp"
    left.write_bytes(b"half")
    assert write(path, b"whole")
    assert [entry.name for entry in tmp_path.iterdir()] == ["index.html"]
    assert TEMPORARY.fullmatch(left.name)
    assert not TEMPORARY.fullmatch(path.name)


def test_a_link_in_place_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"kept")
    (tmp_path / ".a.broadsheet-tmp").symlink_to(outside)
    assert write(tmp_path / "a", b"new")
    assert outside.read_bytes() == b"kept"


KILLED = """
import os, signal, sys
from pathlib import Path
from broadsheet.publish import files
real = getattr(os, sys.argv[2])
def kill(*arguments):
    if sys.argv[3] == "after":
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[2], kill)
files.write(Path(sys.argv[1]), b"new" * 100_000)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_killed_at_any_instant_the_file_is_whole(tmp_path: Path, call: str, moment: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), call, moment], check=False)
    assert done.returncode == -9
    assert path.read_bytes() in (b"old", b"new" * 100_000)
    write(path, b"next")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_failures_are_named_and_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "folder", tmp_path / "file/below", tmp_path / ("x" * 300)):
        with pytest.raises(PublishError, match="cannot be written"):
            write(path, b"x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]
    with pytest.raises(PublishError, match="cannot be removed"):
        remove(tmp_path / "folder")


def test_remove_takes_the_empty_folder_too(tmp_path: Path) -> None:
    write(tmp_path / "stories/a/index.html", b"a")
    write(tmp_path / "stories/b/index.html", b"b")
    write(tmp_path / "stories/b/more", b"b")
    assert remove(tmp_path / "stories/a/index.html")
    assert remove(tmp_path / "stories/b/index.html")
    assert not remove(tmp_path / "stories/b/index.html")
    assert not remove(tmp_path / "never/there")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "stories",
        "stories/b",
        "stories/b/more",
    ]


@pytest.mark.parametrize("relative", ["", ".", "..", "/etc/passwd", "../x", "a/../../x", "a/..", "a\0b", "a\\b", "//x"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(PublishError, match="not a path inside"):
        inside(tmp_path, relative)


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    home.mkdir()
    outside.mkdir()
    (home / "out").symlink_to(outside)
    (home / "in").symlink_to(home)
    (home / "file").symlink_to(outside / "file")
    (home / "dangling").symlink_to(tmp_path / "nowhere")
    for relative in ("out/x", "out/a/b", "file", "dangling/x"):
        with pytest.raises(PublishError, match="symbolic link"):
            inside(home, relative)
    assert inside(home, "a/b/c") == home.resolve() / "a/b/c"
    assert inside(home, "in/x") == home.resolve() / "in/x"


def test_the_newsroom_itself_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    assert inside(tmp_path / "link", "a") == tmp_path / "home/a"


def test_put_writes_and_removes_and_says_what_changed(tmp_path: Path) -> None:
    files: list[tuple[str, bytes | None]] = [
        (f"stories/{number}/index.html", b"%d" % number) for number in range(2 * BATCH + 3)
    ]
    assert list(put(tmp_path, files)) == [(name, True) for name, _ in files]
    assert list(put(tmp_path, files)) == [(name, False) for name, _ in files]
    assert list(
        put(tmp_path, [("stories/1/index.html", None), ("never", None), ("stories/2/index.html", b"new"), files[3]])
    ) == [
        ("stories/1/index.html", True),
        ("never", False),
        ("stories/2/index.html", True),
        ("stories/3/index.html", False),
    ]
    assert not (tmp_path / "stories/1").exists()
    assert (tmp_path / "stories/2/index.html").read_bytes() == b"new"
    assert not [path for path in tmp_path.rglob("*") if TEMPORARY.fullmatch(path.name)]


def test_put_keeps_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files may be flushed before large ones, but none appears before those ahead of it."""
    seen: list[str] = []
    real = os.replace
    monkeypatch.setattr(os, "replace", lambda aside, path: (seen.append(Path(path).name), real(aside, path))[1])
    names = [f"{number:03}" for number in range(100)]
    assert (
        len(list(put(tmp_path, [(name, b"x" * (100_000 if number % 10 == 0 else 1)) for number, name in enumerate(names)])))
        == 100
    )
    assert seen == names


def test_put_refuses_paths_that_lead_out(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="not a path inside"):
        list(put(tmp_path / "home", [("a", b"a"), ("../b", b"b")]))
    assert not (tmp_path / "b").exists()


def test_a_failure_in_a_batch_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PublishError, match="file/below cannot be written"):
        list(put(tmp_path, [("a", b"a"), ("file/below", b"x")]))
    assert list(put(tmp_path, [("a", b"a")])) == [("a", True)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "file"]
