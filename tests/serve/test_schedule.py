"""When editions come by themselves, and what becomes of one that is stopped."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.edition import run_edition
from broadsheet.models import SourceState
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.serve.office import Office
from broadsheet.serve.schedule import REST, Schedule
from broadsheet.store import Database, editions, memory, sources
from tests.archives import article, packed

NOW = datetime(2031, 5, 12, 7, 0, tzinfo=UTC)
SOURCE = "https://harbour.example/feed"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    make_newsroom(tmp_path, new_key())
    with (tmp_path / "broadsheet.toml").open("a") as file:
        file.write(f'[[sources]]\nurl = "{SOURCE}"\n')
    newsroom = open_newsroom(tmp_path)
    database = Database(newsroom.store_url)
    yield Office(newsroom, database, clock)
    database.close()


def remember(office: Office, **state: object) -> None:
    with office.database.transaction() as connection:
        sources.set_sources(connection, [SOURCE])
        sources.save_source(connection, SourceState(url=SOURCE, **state), 1)  # type: ignore[arg-type]


def test_a_source_is_asked_when_its_time_has_come_also_after_a_sleep(office: Office, clock: Clock) -> None:
    assert Schedule(office).is_due(), "it was never asked"
    remember(office, next_at=NOW + timedelta(hours=1))
    schedule = Schedule(office)
    assert not schedule.is_due()
    clock.at = NOW + timedelta(hours=9)
    assert schedule.is_due()


def test_one_that_is_gone_is_not_waited_for(office: Office) -> None:
    remember(office, retired=True)
    assert not Schedule(office).is_due()


def test_an_edition_left_unfinished_is_due_at_once(office: Office) -> None:
    remember(office, next_at=NOW + timedelta(hours=1))
    with office.database.transaction() as connection:
        editions.begin(connection, NOW)
    assert Schedule(office).is_due()


def test_a_source_added_while_it_serves_is_noticed(office: Office) -> None:
    remember(office, next_at=NOW + timedelta(hours=1))
    schedule = Schedule(office)
    assert not schedule.is_due()
    config = office.newsroom.folder / "broadsheet.toml"
    config.write_text(config.read_text() + '[[sources]]\nurl = "https://mill.example/feed"\n')
    assert schedule.is_due()


def test_what_an_editor_changed_is_due_at_once(office: Office) -> None:
    remember(office, next_at=NOW + timedelta(hours=1))
    schedule = Schedule(office)
    assert not schedule.is_due()
    with office.database.transaction() as connection:
        memory.save_stories(connection, [memory.Remembered("s1", b"", (), 1)], NOW)
    assert schedule.is_due()
    with office.database.transaction() as connection:
        memory.clear_touched(connection, ["s1"])
    assert not schedule.is_due()


def test_what_a_hub_delivered_calls_for_an_edition(office: Office, clock: Clock) -> None:
    remember(office, next_at=NOW + timedelta(hours=1))
    schedule = Schedule(office, lambda folder: [sys.executable, "-c", ""])
    assert not schedule.is_due()
    schedule.wake()
    assert schedule.is_due()
    asyncio.run(schedule.edition())
    clock.at += REST
    assert not schedule.is_due()


def test_after_an_edition_it_rests(office: Office, clock: Clock) -> None:
    schedule = Schedule(office, lambda folder: [sys.executable, "-c", "raise SystemExit(3)"])
    assert asyncio.run(schedule.edition()) == 3
    assert not schedule.is_due(), "one that fails at once is not started again and again"
    clock.at += REST
    assert schedule.is_due()


@pytest.mark.parametrize("there", [True, False], ids=["read", "missing"])
def test_an_archive_on_this_machine_is_not_due_every_minute(there: bool, tmp_path: Path, clock: Clock) -> None:
    """After an edition has read it to its end, or could not read it, it is left alone for the least interval."""
    if there:
        (tmp_path / "pages.warc.gz").write_bytes(packed([article(1), article(2)]))
    make_newsroom(tmp_path, new_key())
    with (tmp_path / "broadsheet.toml").open("a") as file:
        file.write('[read]\nworkers = 1\n[[sources]]\nurl = "pages.warc.gz"\nkind = "archive"\n')
    newsroom = open_newsroom(tmp_path)
    least = timedelta(seconds=newsroom.settings.gather.min_interval)
    for _ in range(3):  # read, then found as it was
        report = run_edition(newsroom, at=clock.at, due_only=True)
        assert bool(report.problems) is not there
        database = Database(newsroom.store_url)
        schedule = Schedule(Office(newsroom, database, clock))
        ended = clock.at
        for moment in (REST, least / 2, least - timedelta(seconds=1)):
            clock.at = ended + moment
            assert not schedule.is_due()
        clock.at = ended + 8 * least
        assert schedule.is_due()
        database.close()


def test_stopped_it_lets_the_edition_end_in_order(office: Office, tmp_path: Path) -> None:
    script = f"""
import signal, sys, time
def stop(*_):
    open({str(tmp_path / "ended")!r}, "w").close(); sys.exit(130)
signal.signal(signal.SIGINT, stop)
open({str(tmp_path / "started")!r}, "w").close()
time.sleep(600)
"""

    async def start_and_stop() -> None:
        schedule = Schedule(office, lambda folder: [sys.executable, "-c", script], look=0.01)
        task = asyncio.create_task(schedule.run())
        while not (tmp_path / "started").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(start_and_stop())
    assert (tmp_path / "ended").exists()
