"""An edition that merges two stories and splits one, killed in the midst of that: the next one ends in the same bytes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from contextlib import closing
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Row, select

from broadsheet.edition import curating, run_edition
from broadsheet.edition.composing import compose_stories
from broadsheet.edition.publishing import publish
from broadsheet.edition.regrouping import CURATION, merge_stories, split_story
from broadsheet.models import Report
from broadsheet.newsroom import open_newsroom
from broadsheet.store import Database, changes
from broadsheet.store.tables import story_changes
from tests.edition.by_hand import NOON, Paper
from tests.edition.papers import git, published
from tests.edition.test_regrouping import DAM, LATER, VOTE

SHOW = ["Museum shows the whale that stranded in Oystwick", "Stranded whale of Oystwick in the museum"]
AGAIN = "Council votes: old harbour is to close"
NEXT = NOON + timedelta(hours=1)
# where an edition is killed: when it calls a step of merging or splitting for the first or second time
STEPS: list[tuple[ModuleType, str, int]] = [
    (changes, "move", 2),
    (changes, "supersede", 1),
    (changes, "note", 1),
    (changes, "note", 2),
    (curating, "divide_grown", 1),
    (curating, "save_clusters", 1),
]

stage = multiprocessing.get_context("forkserver")
stage.set_forkserver_preload(["tests.edition.test_killed_regrouping", "sqlalchemy.dialects.sqlite"])


def before(folder: Path) -> None:
    """A newsroom in which one event is two stories and two events are one, and in which further reports of both wait."""
    (folder / ".broadsheet").mkdir(parents=True)
    with closing(Database(f"sqlite:///{folder / '.broadsheet' / 'broadsheet.db'}")) as database:
        paper = Paper(folder, database)
        dam = [paper.comes([title], hours)[0] for hours, title in enumerate(DAM)]
        vote, show = paper.comes(VOTE), paper.comes(SHOW)
        story, other, into, shown = (paper.story(keys) for keys in (dam[0], dam[1], vote[0], show[0]))
        with database.transaction() as connection:
            if story == other:
                split_story(connection, story, [dam[1]], NOON, CURATION, "for this test")
            merge_stories(connection, into, shown, NOON, CURATION, "for this test")
        compose_stories(paper.run)
        publish(paper.run)
        paper.waits([LATER, AGAIN], 2)


def next_edition(folder: Path) -> Report:
    return run_edition(open_newsroom(folder), at=NEXT)


def fatal_edition(folder: Path, owner: str, step: str, call: int) -> None:
    """Run an edition that is killed when it calls a step for that time."""
    module = import_module(owner)
    does, calls = getattr(module, step), []

    def die(*arguments: Any, **named: Any) -> Any:
        calls.append(step)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*arguments, **named)

    setattr(module, step, die)
    next_edition(folder)


def told(folder: Path) -> list[Row[Any]]:
    with closing(Database(open_newsroom(folder).store_url)) as database, database.reading() as connection:
        return list(connection.execute(select(story_changes).order_by(story_changes.c.id)))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A newsroom before its edition, and the same after one that nobody disturbed."""
    folder = tmp_path_factory.mktemp("calm")
    before(folder / "before")
    shutil.copytree(folder / "before", folder / "after")
    report = next_edition(folder / "after")
    assert (report.counts["stories merged"], report.counts["stories split off"]) == (1, 1)
    return folder / "before", folder / "after"


@pytest.mark.parametrize(("module", "step", "call"), STEPS, ids=[f"{step}-{call}" for _, step, call in STEPS])
def test_killed_while_regrouping_it_ends_the_same(
    module: ModuleType, step: str, call: int, calm: tuple[Path, Path], tmp_path: Path
) -> None:
    start, end = calm
    folder = tmp_path / "killed"
    shutil.copytree(start, folder)
    process = stage.Process(target=fatal_edition, args=(folder, module.__name__, step, call))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    next_edition(folder)
    assert published(folder) == published(end)
    assert git(folder, "rev-parse", "HEAD") == git(end, "rev-parse", "HEAD")
    assert told(folder) == told(end)
