"""``broadsheet serve`` as a process: it answers, makes editions, ends in order when told to."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from broadsheet.newsroom import make_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_newsroom(tmp_path, new_key())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "broadsheet", "serve", "-C", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_told_to_stop(folder: Path, stop: signal.Signals) -> None:
    with start(folder, "--port", "0", "--no-editions") as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found
        with urlopen(f"{found[0]}healthz", timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert all("message" in json.loads(line) for line in errors.splitlines())


def test_once_makes_one_edition_and_ends(folder: Path) -> None:
    with start(folder, "--once") as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert (folder / "public" / "index.html").exists()


def test_a_port_that_is_taken_is_one_clear_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(folder, "--port", str(port), "--no-editions") as process:
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "choose another with --port" in " ".join(errors.split())


def test_the_end_of_an_answer_does_not_wait_for_its_beginning_to_be_acknowledged() -> None:
    with (
        closing(run._listen(run.Door(port=0))) as listening,
        closing(socket.create_connection(listening.getsockname())),
        closing(listening.accept()[0]) as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
