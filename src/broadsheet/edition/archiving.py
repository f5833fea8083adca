"""From archives, on this machine or on a web server, to articles in the store."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, cast

from msgspec.structs import replace

from broadsheet.edition.archive import Archive, Rest, states_of
from broadsheet.edition.run import Run
from broadsheet.errors import FeedError, FetchError
from broadsheet.gather.archives import read_archive, read_opened
from broadsheet.gather.client import Client
from broadsheet.gather.listing import LONGEST_HEAD, is_listing, read_listing
from broadsheet.gather.ranges import BLOCK, RemoteFile, Version, open_remote
from broadsheet.gather.schedule import is_due
from broadsheet.gather.values import ArchivedPage
from broadsheet.models import ArchiveState, Source, SourceState

EDITION_BYTES = 1 << 30  # of a source on a web server that one edition reads; the rest waits for the next
FAILED_FILES = 3  # of a list, in one edition; the rest waits for the next


async def read_archives(run: Run, client: Client, *, due_only: bool) -> None:
    """Read the archives from where the last edition left off. Their pictures are not fetched: an archive is read as it is."""
    for source in run.settings.sources:
        if source.is_local:
            await _read_local(run, source)
        elif source.kind == "archive":
            await _RemoteSource(run, client, source).read(due_only=due_only)
    run.save_report()


async def _read_local(run: Run, source: Source) -> None:
    archive = Archive(run, source.url, states_of(run, [source.url])[source.url])
    path = run.newsroom.folder / source.url
    run.counts["sources asked"] += 1
    try:
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        before = archive.state.archive
        if before.finished and before.length == size:
            run.counts["sources unchanged"] += 1
            archive.rest()
            return
        archive.begin(size, changed=size < before.length)
        await archive.read(read_archive(path, archive.state.archive.cursor), Rest())
        archive.rest()
    except OSError as error:
        archive.fail(FeedError(str(error.strerror or error)))
    except FeedError as error:
        archive.fail(error)


class _RemoteSource:
    """An archive on a web server, or a list of archives there, each of which has a state of its own."""

    def __init__(self, run: Run, client: Client, source: Source) -> None:
        self.run = run
        self.client = client
        self.source = source
        self.own = Archive(run, source.url, states_of(run, [source.url])[source.url])

    async def read(self, *, due_only: bool) -> None:
        if self.own.state.retired:
            self.run.note_retired(self.source.url)
        if self.own.is_done or not is_due(self.own.state, self.run.at, due_only=due_only):
            return
        self.run.counts["sources asked"] += 1
        try:
            file = await self._open(self.own)
            if file is None:
                self.run.counts["sources unchanged"] += 1
                self._finish()
            elif is_listing(file.read(LONGEST_HEAD)):
                await self._read_list(file)
            else:
                await self._read_file(self.own, file, self._rest([self.own.state]))
                self._finish()
        except (FeedError, FetchError) as error:
            self.own.fail(error)

    async def _open(self, archive: Archive) -> RemoteFile | None:
        """The file, or None when it was read to its end and is unchanged. What it was is noted for `_read_file`."""
        state = archive.state
        known = _version(state)
        unless = known if state.archive.finished else None
        url = state.moved_to or state.url
        file, page = await open_remote(self.client, url, unless=unless, allow_private=self.source.allow_private)
        archive.state = replace(state, moved_to=page.moved_to or state.moved_to)
        return None if file is None or (unless and file.version.same_file(unless)) else file

    async def _read_file(self, archive: Archive, file: RemoteFile, rest: Rest) -> None:
        known, now = _version(archive.state), file.version
        archive.begin(now.length, changed=known.length > 0 and not now.same_file(known))
        archive.state = replace(archive.state, etag=now.etag, last_modified=now.last_modified)
        await archive.read(_pages(file, archive.name, archive.state.archive.cursor), rest)

    def _finish(self) -> None:
        """When it is read to its end, it is asked whether it has changed as seldom as may be."""
        interval = self.run.settings.gather.max_interval
        next_at = self.run.at + timedelta(seconds=interval) if self.own.state.archive.finished else None
        self.own.state = replace(
            self.own.state, polled_at=self.run.at, next_at=next_at, interval=interval, failures=0, problem=""
        )
        self.own.save()

    def _rest(self, states: Iterable[SourceState]) -> Rest:
        taken = [state.archive for state in states if state.polled_at == self.run.at]
        pages = self.run.settings.gather.pages_per_edition - sum(archive.pages for archive in taken)
        return Rest(pages, EDITION_BYTES - sum(archive.bytes for archive in taken))

    async def _read_list(self, file: RemoteFile) -> None:
        """Read its archives in their order. Only when all that it named were read it is asked whether it has changed."""
        if file.version.length > BLOCK:
            raise FeedError(f"is a list of archives longer than {BLOCK:,} bytes")
        file.seek(0)
        urls = read_listing(file.read(BLOCK), self.source.url)
        states = states_of(self.run, urls)
        rest = self._rest(states.values())
        waiting = [state for state in states.values() if not _is_settled(state)]
        left, failed = len(waiting), 0
        for state in waiting:
            if rest.used_up or failed == FAILED_FILES:
                break
            if is_due(state, self.run.at, due_only=True):
                after = await self._read_listed(state, rest)
                left -= _is_settled(after)
                failed += bool(after.problem)
        if left:
            self.run.note(f"{self.source.url} names {left} archives that are still to be read, in the next editions")
        self.own.state = replace(
            self.own.state,
            etag=file.version.etag,
            last_modified=file.version.last_modified,
            archive=ArchiveState(length=file.version.length, finished=not left),
        )
        self._finish()

    async def _read_listed(self, state: SourceState, rest: Rest) -> SourceState:
        """Read one archive of the list; its state then. One that fails for good is not tried again."""
        archive = Archive(self.run, state.url, state, listed=True)
        try:
            file = await self._open(archive)
            if file is not None:
                await self._read_file(archive, file, rest)
        except (FeedError, FetchError) as error:
            archive.fail(error, final=isinstance(error, FetchError) and error.permanent)
        return archive.state


def _is_settled(state: SourceState) -> bool:
    return state.archive.finished or state.retired


def _version(state: SourceState) -> Version:
    return Version(etag=state.etag, last_modified=state.last_modified, length=state.archive.length)


def _pages(file: RemoteFile, name: str, cursor: int) -> Iterator[ArchivedPage]:
    with cast("IO[bytes]", io.BufferedReader(file)) as buffered:
        for item in read_opened(buffered, Path(name).name, cursor):
            file.found()
            yield item
