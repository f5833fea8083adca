"""Answers become what the store keeps, in a thread or in a process, and a process that is lost costs one source."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.edition import harvest
from broadsheet.edition.harvest import Harvest, Harvester, Kept
from broadsheet.edition.run import Run, quiet
from broadsheet.gather.values import Asked
from broadsheet.models import Page, Source, SourceState
from broadsheet.newsroom import make_newsroom, open_newsroom
from broadsheet.publish.seal import new_key
from broadsheet.settings import GatherSettings
from broadsheet.store import Database, frontier, sources

NOW = datetime(2031, 5, 12, 7, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    make_newsroom(tmp_path, new_key())
    newsroom = open_newsroom(tmp_path)
    database = Database(newsroom.store_url)
    yield Run(newsroom, database, NOW, quiet)
    database.close()


def asked(name: str, content: str = "") -> Asked:
    url = f"http://{name}.example/feed"
    text = content or f"<rss><channel><title>{name}</title><item><title>One</title><link>/1</link></item></channel></rss>"
    page = Page(url=url, final_url=url, status=200, headers={}, content=text.encode(), fetched_at=NOW)
    return Asked(source=Source(url=url), state=SourceState(url=url), page=page)


def unchanged(name: str) -> Harvest:
    return Harvest(state=SourceState(url=f"http://{name}.example/feed", etag="x"), unchanged=True)


def keep_all(run: Run, *batches: Sequence[Asked | Harvest], in_process: bool) -> list[Kept]:
    async def test() -> list[Kept]:
        with Harvester(run, harvest.LAST + 10) as harvester:
            kept = []
            for batch in batches:
                kept += await harvester.keep(batch)
                if harvester.processes is not None:
                    await harvester.processes.ready()
            assert (harvester.processes is not None) == in_process
            return kept

    return asyncio.run(test())


def remembered(run: Run, *names: str) -> tuple[dict[str, SourceState], list[str]]:
    with run.database.reading() as connection:
        return sources.states_of(connection, [f"http://{name}.example/feed" for name in names]), frontier.waiting(
            connection, 9, 9
        )


BATCHES: list[list[Asked | Harvest]] = [
    [asked("harbour")],
    [asked("mill"), unchanged("quay")],
    [unchanged("pier")],
    [asked("tide", "no feed"), asked("lock")],
]


@pytest.mark.parametrize("in_process", [False, True])
def test_a_process_keeps_what_a_thread_would(run: Run, in_process: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    if in_process:
        monkeypatch.setattr(harvest, "FEW", 0)
    kept = keep_all(run, *BATCHES, in_process=in_process)
    assert [(one.sources, one.unchanged, one.new, len(one.problems)) for one in kept] == [
        (1, 0, 1, 0),
        (2, 1, 1, 0),
        (1, 1, 0, 0),
        (2, 0, 1, 1),
    ]
    states, waiting = remembered(run, "harbour", "tide", "pier")
    assert [state.title for state in states.values()] == ["harbour", "", ""]
    assert [state.problem for state in states.values()] == ["", "is not XML that can be read", ""]
    assert waiting == ["harbour.example/1", "lock.example/1", "mill.example/1"]


def test_feeds_are_read_where_they_are_asked_for_while_no_process_would_soon(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(harvest, "FEW", 0)
    monkeypatch.setattr(harvest, "ENOUGH", 2)
    monkeypatch.setattr(harvest, "LAST", 1)
    here: list[str] = []
    original = harvest.read

    def read(answer: Asked, settings: GatherSettings, at: datetime) -> Harvest:
        here.append(answer.page.url)
        return original(answer, settings, at)

    monkeypatch.setattr(harvest, "read", read)
    long = asked("long", f"<rss><channel>{' ' * harvest.LARGE}</channel></rss>")

    async def test() -> None:
        with Harvester(run, 12) as harvester:
            await asyncio.gather(harvester.keep([asked("first"), asked("second")]), harvester.keep([asked("third")]))
            assert harvester.processes is not None
            assert len(here) == 3  # as the process has only begun to start
            await harvester.processes.ready()
            here.clear()
            # two are given to the process, and one more than it has enough of is read here
            await asyncio.gather(*(harvester.keep([asked(name)]) for name in ("mill", "lock", "weir")), harvester.keep([long]))
            assert here == [asked("weir").page.url]
            here.clear()
            await harvester.keep([asked("quay"), asked("pier"), asked("tide")])
            assert not here
            await harvester.keep([asked("last")])
            assert here == [asked("last").page.url]

    asyncio.run(test())
    states, waiting = remembered(run, "long")
    assert len(waiting) == 9
    assert [state.polled_at for state in states.values()] == [NOW]
    assert "long.example/" not in str(waiting)


def keep_or_end(store_url: str, batch: bytes) -> bytes:
    """What a reader process does when a feed brings down its parser."""
    if b"deadly" in batch:
        os._exit(1)
    return harvest._keep_packed(store_url, batch)


def test_a_feed_that_ends_its_reader_costs_its_source_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(harvest, "FEW", 0)
    monkeypatch.setattr(harvest, "_keep_packed", keep_or_end)
    kept = keep_all(
        run, [asked("harbour")], [asked("mill"), asked("deadly"), unchanged("quay"), asked("lock")], in_process=True
    )
    [problem] = [problem for one in kept for problem in one.problems]
    assert (problem.where, problem.reason) == ("http://deadly.example/feed", "the process that read it ended")
    assert sum(one.sources for one in kept) == 5
    states, waiting = remembered(run, "deadly", "lock")
    assert [state.failures for state in states.values()] == [1, 0]
    assert waiting == ["harbour.example/1", "lock.example/1", "mill.example/1"]


@pytest.mark.parametrize(("sources", "cores", "processes"), [(9, 8, False), (10, 8, True), (10, 1, False)])
def test_of_many_sources_a_process_keeps_what_is_unchanged_too(
    run: Run, sources: int, cores: int, processes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(harvest, "MANY", 9)
    with Harvester(run, sources) as harvester:
        assert (harvester.processes is not None) == processes
