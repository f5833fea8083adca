"""Real Newsboat from Debian against a running server: it fetches, counts and marks as its users do."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from broadsheet.store import reading_marks
from broadsheet.store.reading_marks import Stream
from tests.serve.readers import STORIES, Paper, paper

NEWSBOAT = shutil.which("newsboat")
pytestmark = pytest.mark.skipif(
    NEWSBOAT is None, reason="NEWSBOAT ABSENT: no real reader was tried; `make newsboat` installs it"
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Paper]:
    with paper(tmp_path / "paper") as made:
        yield made


@pytest.fixture
def newsboat(served: Paper, tmp_path: Path) -> list[str]:
    """Its command line, with settings for the newsroom and an empty cache."""
    (tmp_path / "config").write_text(
        f'urls-source "feedhq"\nfeedhq-url "{served.home.rstrip("/")}"\nfeedhq-login "maud"\nfeedhq-password "{served.token}"\n'
        'feedhq-show-special-feeds "no"\nfeedhq-flag-star "s"\n'
    )
    (tmp_path / "urls").write_text("")
    files = (f"-C{tmp_path / 'config'}", f"-u{tmp_path / 'urls'}", f"-c{tmp_path / 'cache.db'}")
    return [str(NEWSBOAT), *files]


def run(command: list[str], folder: Path, *does: str) -> str:
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}
    done = subprocess.run([*command, "-x", *does], capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def on_screen(command: list[str], folder: Path, *keys: str) -> None:
    """Run it in a terminal of its own, where it does at once what those keys would do, and quits."""
    with (folder / "config").open("a") as config:
        config.write(f"run-on-startup {' ; '.join(keys)}\n")
    ours, its = pty.openpty()
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"}
    with subprocess.Popen([*command, "-q"], stdin=its, stdout=its, stderr=its, env=environment) as process:
        os.close(its)
        reader = threading.Thread(target=_drain, args=(ours,))
        reader.start()
        try:
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
        reader.join()
    os.close(ours)


def _drain(terminal: int) -> None:
    """Take what it shows, and say yes to what it asks."""
    shown = b""
    with suppress(OSError):
        while new := os.read(terminal, 65536):
            shown += new
            if b"y:Yes" in shown:
                shown = b""
                os.write(terminal, b"y")


def found(served: Paper, stream: Stream) -> set[int]:
    with served.database.reading() as connection:
        return {number for number, _ in reading_marks.numbers(connection, "maud", stream, 99)}


def unread(served: Paper) -> set[int]:
    return found(served, Stream(read=False))


def test_it_fetches_and_counts(newsboat: list[str], served: Paper, tmp_path: Path) -> None:
    assert f"{len(STORIES)} unread articles" in run(newsboat, tmp_path, "reload", "print-unread")
    with served.database.transaction() as connection:
        reading_marks.mark(connection, "maud", [1, 4], read=True)
    assert f"{len(STORIES) - 2} unread articles" in run(newsboat, tmp_path, "reload", "print-unread")
    with served.database.transaction() as connection:
        reading_marks.mark(connection, "maud", [4], read=False)
    assert f"{len(STORIES) - 1} unread articles" in run(newsboat, tmp_path, "reload", "print-unread")


def test_what_it_marks_the_store_knows(newsboat: list[str], served: Paper, tmp_path: Path) -> None:
    run(newsboat, tmp_path, "reload")
    on_screen(newsboat, tmp_path, "mark-all-feeds-read", "hard-quit")
    assert unread(served) == set()
    assert "0 unread articles" in run(newsboat, tmp_path, "reload", "print-unread")


def test_a_story_that_it_flags_is_starred(newsboat: list[str], served: Paper, tmp_path: Path) -> None:
    run(newsboat, tmp_path, "reload")
    on_screen(newsboat, tmp_path, "open", 'edit-flags "s"', "hard-quit")
    assert len(found(served, Stream(starred=True))) == 1


def test_a_story_that_is_opened_is_read(newsboat: list[str], served: Paper, tmp_path: Path) -> None:
    run(newsboat, tmp_path, "reload")
    on_screen(newsboat, tmp_path, "open", "open", "hard-quit")
    assert len(unread(served)) == len(STORIES) - 1
