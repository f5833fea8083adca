"""One archive in one edition: its pages become articles, and how far it was read is kept with each batch of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from msgspec.structs import replace

from broadsheet.edition.readers import ReaderLostError, Readers
from broadsheet.edition.reading import Outcome, dated, tell
from broadsheet.edition.run import Run
from broadsheet.errors import BroadsheetError, ReadError
from broadsheet.gather.schedule import after_failure
from broadsheet.gather.values import ArchivedPage
from broadsheet.models import Problem, SourceState
from broadsheet.store import articles, sources
from broadsheet.store.articles import ReadArticle
from broadsheet.urls import url_key

BATCH = 200  # pages read and kept together


class Rest:
    """What one edition may still take of a source. It runs out at the same page however often the edition is interrupted."""

    def __init__(self, pages: int | None = None, size: int | None = None) -> None:
        self.pages = pages
        self.size = size
        self.error: OSError | BroadsheetError | None = None

    @property
    def used_up(self) -> bool:
        return (self.pages is not None and self.pages <= 0) or (self.size is not None and self.size <= 0)

    def of(self, items: Iterator[ArchivedPage], cursor: int) -> Iterator[ArchivedPage]:
        """The items up to the end, until this is used up, or up to an error: that is set aside, so that they are kept first."""
        self.error = None
        try:
            while not self.used_up and (item := next(items, None)) is not None:
                if self.pages is not None:
                    self.pages -= item.page is not None
                if self.size is not None:
                    self.size -= item.cursor - cursor
                cursor = item.cursor
                yield item
        except (OSError, BroadsheetError) as error:
            self.error = error


class Archive:
    """One file in one edition: its state, kept with each batch of its pages. ``listed``: named by a list that is the source."""

    def __init__(self, run: Run, name: str, state: SourceState, *, listed: bool = False) -> None:
        self.run = run
        self.name = name
        self.listed = listed
        archive = state.archive if state.polled_at == run.at else replace(state.archive, pages=0, bytes=0)
        self.state = replace(state, archive=archive)

    @property
    def is_done(self) -> bool:
        """Whether it was read to its end in this edition, before that was interrupted."""
        return self.state.archive.finished and self.state.polled_at == self.run.at

    def save(self) -> None:
        with self.run.database.transaction() as connection:
            sources.save_source(connection, self.state, self.run.number, listed=self.listed)

    def rest(self) -> None:
        """It is read to its end: a timer has no cause to look at the file again before the least interval."""
        interval = timedelta(seconds=self.run.settings.gather.min_interval)
        self.state = replace(self.state, polled_at=self.run.at, next_at=self.run.at + interval)
        self.save()

    def begin(self, length: int, *, changed: bool) -> None:
        """To be called before its pages are read; from its start if it is another file than it was."""
        if changed:
            self.run.note(f"{self.name} has changed since it was read last, and is read anew from its start")
        before = self.state.archive
        archive = replace(before, cursor=0 if changed else before.cursor, length=length, finished=False)
        self.state = replace(self.state, archive=archive)

    async def read(self, pages: Iterator[ArchivedPage], rest: Rest) -> None:
        """Read them into the store. Raises what their iteration raises, after those that came before it were kept."""
        run = self.run
        run.progress("read", self.state.archive.cursor, self.state.archive.length)
        portion = rest.of(pages, self.state.archive.cursor)
        with Readers(run.settings.read, BATCH) as readers:
            while batch := await asyncio.to_thread(_take, portion, BATCH):
                outcomes = await asyncio.gather(*(_read_archived(run, readers, item) for item in batch))
                self._keep(batch, [outcome for outcome in outcomes if outcome is not None])
        if rest.error is not None:
            raise rest.error
        archive = replace(self.state.archive, finished=not rest.used_up)
        if rest.used_up:
            run.note(
                f"{self.name} was read up to byte {archive.cursor:,} of {archive.length:,}; the next edition goes on there"
            )
        self.state = replace(self.state, archive=archive, polled_at=run.at, failures=0, problem="")
        self.save()

    def _keep(self, batch: list[ArchivedPage], outcomes: list[Outcome]) -> None:
        run, before = self.run, self.state.archive
        archive = replace(
            before,
            cursor=batch[-1].cursor,
            pages=before.pages + sum(item.page is not None for item in batch),
            bytes=before.bytes + batch[-1].cursor - before.cursor,
        )
        self.state = replace(self.state, archive=archive, polled_at=run.at, failures=0, problem="")
        found = [ReadArticle(outcome.key, outcome.article) for outcome in outcomes if outcome.article is not None]
        with run.database.transaction() as connection:
            articles.save_articles(connection, found, run.at)
            sources.save_source(connection, self.state, run.number, listed=self.listed)
        tell(run, outcomes, self.name)
        run.progress("read", archive.cursor, archive.length)

    def fail(self, error: BroadsheetError, *, final: bool = False) -> None:
        """Note the failure beside what was read before it: it is left alone for longer with each one in a row.

        A ``final`` one retires it.
        """
        failed = after_failure(self.state, error, self.run.at, self.run.settings.gather)
        self.state = replace(failed, retired=failed.retired or final)
        self.run.counts["sources failed"] += 1
        self.run.problem(Problem(room="gather", where=self.name, reason=self.state.problem))
        self.save()


def states_of(run: Run, urls: Sequence[str]) -> dict[str, SourceState]:
    with run.database.reading() as connection:
        return sources.states_of(connection, urls)


def _take(items: Iterator[ArchivedPage], count: int) -> list[ArchivedPage]:
    return list(islice(items, count))


async def _read_archived(run: Run, readers: Readers, item: ArchivedPage) -> Outcome | None:
    if item.page is None:
        return Outcome(key="", url=f"byte {item.cursor}", problem=item.problem, room="gather") if item.problem else None
    url = item.page.url
    try:
        try:
            article = await readers.read(item.page, None)
        except ReaderLostError:  # by whichever page: of an archive, none is asked for another time
            article = await readers.read(item.page, None)
    except ReadError as error:
        return Outcome(key=url_key(url), url=url, problem=str(error))
    images = tuple(image for image in article.images if image.width and image.height)
    return Outcome(key=url_key(url), url=url, article=dated(replace(article, images=images), run.at))
