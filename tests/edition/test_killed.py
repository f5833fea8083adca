"""An edition killed at any instant: the next one ends in the same published state as one that was never disturbed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from broadsheet.demo.press import FIRST_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import run_edition
from broadsheet.newsroom import open_newsroom
from tests.edition.papers import Asking, git, paper, published

KILLS = 50
TRIALS = 5  # tests, so that they can be shared between processors
OUTLETS = ("anselpost.example", "kelmouth-mercury.example", "oystwick-echo.example")

stage = multiprocessing.get_context("forkserver")
stage.set_forkserver_preload(["broadsheet.edition", "tests.edition.papers", "trafilatura", "sqlalchemy.dialects.sqlite"])


def one_edition(folder: Path, asking: Asking) -> None:
    run_edition(open_newsroom(folder), at=FIRST_EDITION, client=asking)


def whole_edition(folder: Path, asking: Asking) -> float:
    """Run an edition to its end in a process of its own; the seconds it took."""
    process = stage.Process(target=one_edition, args=(folder, asking))
    started = time.monotonic()
    process.start()
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - started


def killed_edition(folder: Path, asking: Asking, after: float) -> bool:
    """Start an edition and kill it after so many seconds; whether it was still at work."""
    process = stage.Process(target=one_edition, args=(folder, asking))
    process.start()
    process.join(after)
    alive = process.exitcode is None
    if alive and process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return alive


@pytest.mark.parametrize("trial", range(TRIALS))
def test_killed_at_random_instants_it_ends_the_same(trial: int, press: Press, tmp_path: Path) -> None:
    asking = Asking(press)
    paper(tmp_path / "calm", OUTLETS)
    whole_edition(tmp_path / "calm", asking)  # the first one in a process warms the caches
    paper(tmp_path / "timed", OUTLETS)
    seconds = whole_edition(tmp_path / "timed", asking)
    wanted = published(tmp_path / "calm")
    head = git(tmp_path / "calm", "rev-parse", "HEAD")
    assert wanted
    seed = random.SystemRandom().getrandbits(32)
    instants = random.Random(seed)
    disturbed = 0
    for number in range(KILLS // TRIALS):
        folder = tmp_path / f"killed-{number}"
        paper(folder, OUTLETS)
        after = instants.uniform(0, seconds)
        disturbed += killed_edition(folder, asking, after)
        whole_edition(folder, asking)
        assert published(folder) == wanted, f"seed {seed}, killed after {after:.3f} of {seconds:.3f} s"
        assert git(folder, "rev-parse", "HEAD") == head, f"seed {seed}, killed after {after:.3f} of {seconds:.3f} s"
        assert git(folder, "status", "--porcelain", "_news", "public") == ""
    assert disturbed > 0, "no edition was killed while at work"


def test_killed_again_and_again_it_ends_the_same(press: Press, tmp_path: Path) -> None:
    asking = Asking(press)
    paper(tmp_path / "calm", OUTLETS)
    seconds = whole_edition(tmp_path / "calm", asking)
    folder = tmp_path / "killed"
    paper(folder, OUTLETS)
    for share in (0.3, 0.45, 0.5, 0.4, 0.3):
        killed_edition(folder, asking, share * seconds)
    whole_edition(folder, asking)
    assert published(folder) == published(tmp_path / "calm")
    assert git(folder, "rev-parse", "HEAD") == git(tmp_path / "calm", "rev-parse", "HEAD")
