"""`broadsheet newsletter`, on a newsroom with stories and a real SMTP server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.errors import BroadsheetError
from broadsheet.letters import span
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.store import Database, shelf
from tests.publish import sample
from tests.sink import sink

AT = "2031-05-12T07:00Z"
PEOPLE = [f"reader{number}@reader.example" for number in range(6)]


def newsroom(folder: Path, port: int = 25) -> Path:
    folder.mkdir()
    (folder / "broadsheet.toml").write_text(
        '[newsroom]\nname = "The Sound"\nurl = "https://paper.example/"\n[newsletter]\n'
        'sender = "The Sound <news@paper.example>"\n'
        f'host = "127.0.0.1"\nport = {port}\nstories = 5\nunsubscribe = "mailto:leave@paper.example"\n',
        encoding="utf-8",
    )
    make_newsroom(folder, new_key())
    (folder / ".broadsheet/subscribers.txt").write_text("\n".join(PEOPLE), encoding="utf-8")
    database = Database(open_newsroom(folder).store_url)
    with database.transaction() as connection:
        for story in sample.stories():
            shelf.save(connection, story, sample.START)
    database.close()
    return folder


@pytest.fixture
def plain_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git without the settings of the user or machine that runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def said(folder: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["newsletter", "-C", str(folder), *arguments])
    assert done.exit_code == code, done.output
    return done.output


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_it_is_printed_or_written(tmp_path: Path) -> None:
    folder = newsroom(tmp_path / "paper")
    text = said(folder, "--at", AT)
    assert text == said(folder, "--at", AT)
    assert "5. " in text
    assert "6. " not in text
    said(folder, "--at", AT, "--since", "12h", "--to", str(tmp_path / "letter.html"))
    assert "<html" in (tmp_path / "letter.html").read_text(encoding="utf-8")
    assert not (folder / "_newsletters").exists()
    assert "nothing to send" in said(folder, "--at", "2032-01-01T00:00Z", code=1)
    assert "do not go together" in said(folder, "--send", "--to", "x", code=2)


def test_it_is_sent_once_and_kept(tmp_path: Path, plain_git: None) -> None:
    with sink() as server:
        folder = newsroom(tmp_path / "paper", server.port)
        assert "6 sent, 0 refused" in said(folder, "--send", "--at", AT)
        assert "all have the letter of today" in said(folder, "--send", "--at", "2031-05-12T20:00Z")
        assert server.readers == PEOPLE
        assert "6 sent" in said(folder, "--send", "--at", "2031-05-13T07:00Z")
    assert git(folder, "ls-files", "_newsletters").split() == [
        f"_newsletters/2031-05-{day}.{form}" for day in (12, 13) for form in ("html", "txt")
    ]
    assert git(folder, "log", "--format=%s").splitlines() == ["Newsletter of 2031-05-13", "Newsletter of 2031-05-12"]
    assert "@reader.example" not in git(folder, "log", "--patch")


def test_who_cannot_be_served_now_is_served_by_the_next_run(tmp_path: Path, plain_git: None) -> None:
    with sink() as server:
        folder = newsroom(tmp_path / "paper", server.port)
        server.answers = {PEOPLE[0]: "550 gone", PEOPLE[1]: "450 full"}
        text = said(folder, "--send", "--at", AT, code=1)
        assert "4 sent, 1 refused, 1 to be tried again" in text
        server.answers = {}
        # the day after, first the letter that one still waits for, then the new one
        text = said(folder, "--send", "--at", "2031-05-13T07:00Z")
        assert text.index("2031-05-12: 1 sent") < text.index("2031-05-13: 6 sent")
        assert server.readers.count(PEOPLE[1]) == 2
        assert server.readers.count(PEOPLE[0]) == 1


@pytest.mark.parametrize("number", [1, 4])
def test_killed_half_way_it_goes_on(number: int, tmp_path: Path, plain_git: None) -> None:
    with sink() as server:
        folder = newsroom(tmp_path / "paper", server.port)
        command = [sys.executable, "-m", "broadsheet", "newsletter", "-C", str(folder), "--send", "--at", AT]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        server.on_mail = lambda count: os.kill(process.pid, signal.SIGKILL) if count == number else None
        assert process.wait() == -signal.SIGKILL
        server.on_mail = lambda count: None
        kept = (folder / "_newsletters/2031-05-12.html").read_bytes()
        said(folder, "--send", "--at", "2031-05-12T09:00Z")
    assert sorted(set(server.readers)) == PEOPLE
    # the mail under way when it was killed may come twice, and is then known by its id
    assert len(server.mails) <= len(PEOPLE) + 1
    assert len({mail["Message-ID"] for mail in server.mails}) == len(PEOPLE)
    assert (folder / "_newsletters/2031-05-12.html").read_bytes() == kept
    assert git(folder, "rev-list", "--count", "HEAD").strip() == "1"


def test_what_is_missing_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    folder = newsroom(tmp_path / "paper")
    subscribers = folder / ".broadsheet/subscribers.txt"
    subscribers.write_text("# nobody yet\n", encoding="utf-8")
    assert "names nobody" in said(folder, "--send", "--at", AT, code=1)
    subscribers.write_text("nobody\n", encoding="utf-8")
    assert "subscribers.txt:1: 'nobody' is no mail address" in said(folder, "--send", "--at", AT, code=1).replace("\n", "")
    subscribers.unlink()
    assert "cannot be read" in said(folder, "--send", "--at", AT, code=1)
    assert not (folder / "_newsletters").exists()


@pytest.mark.parametrize(("text", "wanted"), [("12h", 12), ("7d", 168), ("2w", 336)])
def test_spans(text: str, wanted: int) -> None:
    assert span(text) == timedelta(hours=wanted)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1 d", "1.5d", "99999d", "7D"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(BroadsheetError, match="--since"):
        span(text)
