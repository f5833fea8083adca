"""Several processes read the pages of one edition on one PostgreSQL: any of them may be killed, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from broadsheet.demo.press import FIRST_EDITION
from broadsheet.demo.server import Press
from broadsheet.edition import helping, reading, run_edition, sharing
from broadsheet.edition.run import quiet
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import open_newsroom
from broadsheet.reports import last_report
from broadsheet.store import Database
from broadsheet.store.claims import Claims, leading
from tests.edition.papers import Asking, git, paper, published

stage = multiprocessing.get_context("spawn")


def _in_small_shares(diary: Path) -> None:
    """Make this process claim few pages at once, and write down how many it read."""
    sharing.SHARE, reading.BATCH, reading.PAUSE, helping.LOOK = 1, 1, 0.02, 0.02
    keep = reading._keep

    def noting(run: reading.Run, outcomes: list[reading.Outcome]) -> None:
        keep(run, outcomes)
        with diary.open("a") as file:
            file.writelines(f"{outcome.key}\n" for outcome in outcomes)

    reading._keep = noting


def leader(folder: Path, asking: Asking, diary: Path) -> None:
    _in_small_shares(diary)
    run_edition(open_newsroom(folder), at=FIRST_EDITION, client=asking)


def helper(folder: Path, asking: Asking, diary: Path) -> None:
    _in_small_shares(diary)
    diary.touch()
    asyncio.run(helping.help_reading(open_newsroom(folder), quiet, client=asking))


@contextmanager
def helpers(folder: Path, asking: Asking, diaries: list[Path]) -> Iterator[list[BaseProcess]]:
    processes: list[BaseProcess] = [stage.Process(target=helper, args=(folder, asking, diary)) for diary in diaries]
    for process in processes:
        process.start()
    try:
        until(lambda: all(diary.exists() for diary in diaries))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.join()


def until(true: object, seconds: float = 60) -> None:
    """Wait for something that will surely come; the bound is for a test that hangs."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def run_leader(folder: Path, asking: Asking, diary: Path) -> BaseProcess:
    process = stage.Process(target=leader, args=(folder, asking, diary))
    process.start()
    return process


def told(folder: Path) -> dict[str, str]:
    """All that is published, without the settings: they name the database."""
    return {name: digest for name, digest in published(folder).items() if name != "broadsheet.toml"}


def lines(*diaries: Path) -> list[str]:
    return sorted(line for diary in diaries if diary.exists() for line in diary.read_text().splitlines())


def test_three_share_an_edition_and_one_is_killed(postgres_url: str, press: Press, tmp_path: Path) -> None:
    asking = Asking(press)
    alone = paper(tmp_path / "alone")
    wanted = run_edition(alone, at=FIRST_EDITION, client=asking)
    shared = paper(tmp_path / "shared", store=postgres_url)
    diaries = [tmp_path / f"diary-{number}" for number in range(3)]
    with helpers(shared.folder, asking, diaries[1:]) as others:
        first = run_leader(shared.folder, asking, diaries[0])
        until(lambda: lines(diaries[1]))
        os.kill(others[0].pid or 0, signal.SIGKILL)
        first.join()
        assert first.exitcode == 0
    assert told(shared.folder) == told(alone.folder)
    assert git(shared.folder, "rev-parse", "HEAD") == git(alone.folder, "rev-parse", "HEAD")
    assert last_report(shared).counts == wanted.counts
    assert lines(diaries[1])
    read = lines(*diaries)
    assert len(read) == len(set(read)), "a page was read twice"


def test_the_maker_of_the_edition_is_killed_and_another_takes_it_up(postgres_url: str, press: Press, tmp_path: Path) -> None:
    asking = Asking(press)
    alone = paper(tmp_path / "alone")
    run_edition(alone, at=FIRST_EDITION, client=asking)
    shared = paper(tmp_path / "shared", store=postgres_url)
    diaries = [tmp_path / f"diary-{number}" for number in range(3)]
    with helpers(shared.folder, asking, diaries[2:]):
        first = run_leader(shared.folder, asking, diaries[0])
        until(lambda: lines(diaries[2]))
        first.kill()
        first.join()
        second = run_leader(shared.folder, asking, diaries[1])
        second.join()
        assert second.exitcode == 0
    assert told(shared.folder) == told(alone.folder)
    assert git(shared.folder, "rev-parse", "HEAD") == git(alone.folder, "rev-parse", "HEAD")


def test_a_claim_is_one_process_alone_and_ends_with_its_connection(postgres_url: str) -> None:
    database = Database(postgres_url)
    with Claims(database) as first, Claims(database) as second:
        assert first.claim("harbour.example")
        assert not second.claim("harbour.example")
        assert second.claim("mill.example")
        first.release()
        assert second.claim("harbour.example")
    with Claims(database) as third:
        assert third.claim("harbour.example")
    with leading(database), pytest.raises(BroadsheetError, match="another process makes an edition"), leading(database):
        pass
    database.close()


def test_on_sqlite_there_is_nothing_to_share(tmp_path: Path) -> None:
    newsroom = paper(tmp_path / "alone")
    with pytest.raises(BroadsheetError, match="PostgreSQL"):
        asyncio.run(helping.help_reading(newsroom, quiet))
