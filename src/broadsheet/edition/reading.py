"""From new entries and archives to articles in the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

import msgspec

from broadsheet.edition import sharing
from broadsheet.edition.flow import flow, spread
from broadsheet.edition.readers import ReaderLostError, Readers
from broadsheet.edition.run import Run
from broadsheet.errors import FetchError, ReadError
from broadsheet.gather.client import Client
from broadsheet.models import Article, Entry, Image, Problem, Source, SourceState
from broadsheet.read.article import read_entry
from broadsheet.read.pictures import measure
from broadsheet.store import articles, frontier, sources
from broadsheet.store.articles import ReadArticle
from broadsheet.store.claims import Claims
from broadsheet.store.frontier import Pending
from broadsheet.text import shorten
from broadsheet.urls import host, registrable_domain

BATCH = 50  # articles kept together
PAUSE = 0.2  # seconds until a process that finds all claimed by others looks again
ARCHIVE_BATCH = 200
HEAD = 65_536  # bytes of a picture that are asked for to measure it
TRIED_PICTURES = 2
LEAST_PICTURE = 80  # pixels; smaller ones are icons and counters

WHOLE = 150  # words of an entry that are no teaser
_GONE = frozenset({404, 410})
LONGEST_NAME = 60  # characters of an outlet's name

T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True):
    """What came of one entry. ``final`` says that a failed one is not worth another try."""

    key: str
    url: str
    article: Article | None = None
    problem: str = ""
    final: bool = False
    room: Literal["gather", "read"] = "read"


async def read(run: Run, client: Client) -> None:
    """Fetch and read the pages of entries that wait for it. A page that fails is reported and tried again, or not.

    On a shared database other processes (`help_reading`) read of them too; it ends when all are read, by whomever.
    """
    with run.database.transaction() as connection:
        sharing.open_reading(connection, run)
    await read_share(run, client)
    with run.database.transaction() as connection:
        sharing.close_reading(connection, run)


async def read_share(run: Run, client: Client) -> None:
    """Read what no other process reads, until nothing waits any more."""
    done = total = 0
    with Claims(run.database) as claims:
        while True:
            with run.database.transaction() as connection:
                keys = sharing.waiting(connection, run)
            total = max(total, done + len(keys))
            mine = sharing.take(claims, keys, whole=not run.database.is_shared)
            if not keys:
                break
            if not mine:
                await asyncio.sleep(PAUSE)
                continue
            done += await _read_all(run, client, mine, partial(_progress, run, done, total))
            claims.release()


def _progress(run: Run, before: int, total: int, done: int) -> None:
    run.progress("read", before + done, total)


async def _read_all(run: Run, client: Client, keys: Sequence[str], progress: Callable[[int], None]) -> int:
    with run.database.transaction() as connection:
        waiting = frontier.pending(connection, run.number, keys)
        named = {item.entry.source for item in waiting}
        states = sources.source_states(connection, named)
    known = {source.url: _titled(source, states.get(source.url)) for source in run.settings.sources if source.url in named}
    done = 0
    progress(0)

    with Readers(run.settings.read, len(waiting)) as readers:

        async def work(item: Pending) -> Outcome:
            return await _read_one(run, client, readers, item, known.get(item.entry.source))

        def keep(outcomes: list[Outcome]) -> None:
            nonlocal done
            _keep(run, outcomes)
            done += len(outcomes)
            progress(done)

        ordered = spread(waiting, lambda item: host(item.entry.url))
        await flow(ordered, work, keep, workers=2 * run.settings.gather.connections, batch=BATCH)
    return done


async def _read_one(run: Run, client: Client, readers: Readers, item: Pending, source: Source | None) -> Outcome:
    entry, settings = item.entry, run.settings
    private = source is not None and source.allow_private
    last_try = item.attempts + 1 >= settings.gather.retries
    try:
        if source is not None and source.full_text and entry.html:
            article = read_entry(entry)
        else:
            page = await client.fetch(entry.url, allow_private=private, robots=True)
            article = await readers.read(page, entry)
    except FetchError as error:
        final = error.permanent or last_try
        instead = _from_feed(entry) if final and error.status not in _GONE else None
        if instead is not None:
            return Outcome(key=item.key, url=entry.url, article=named(dated(instead, run.at), source))
        return Outcome(key=item.key, url=entry.url, problem=str(error), final=final, room="gather")
    except ReadError as error:
        final = last_try or not isinstance(error, ReaderLostError)
        return Outcome(key=item.key, url=entry.url, problem=str(error), final=final)
    if settings.read.measure_images:
        article = msgspec.structs.replace(article, images=await _measured(client, article.images, private))
    return Outcome(key=item.key, url=entry.url, article=named(dated(article, run.at), source))


def _from_feed(entry: Entry) -> Article | None:
    """The article as the feed has it, where that is more than a teaser: for a page that programs are refused."""
    try:
        article = read_entry(entry)
    except ReadError:
        return None
    return article if article.word_count >= WHOLE else None


def _titled(source: Source, state: SourceState | None) -> Source:
    return source if source.title or state is None else msgspec.structs.replace(source, title=state.title)


def named(article: Article, source: Source | None) -> Article:
    """The article with its outlet's name: where the page does not say it, the title of the outlet's own feed."""
    provider = article.provider
    nameless = provider.name in ("", provider.domain)
    if not nameless or source is None or not source.title or registrable_domain(source.url) != provider.domain:
        return article
    origins = {**article.origins, "provider": "source title"}
    named = msgspec.structs.replace(provider, name=shorten(source.title, LONGEST_NAME))
    return msgspec.structs.replace(article, provider=named, origins=origins)


def dated(article: Article, at: datetime) -> Article:
    """The article with a date: one without, or from the future, is of the instant it was first seen."""
    said = article.published_at
    if said is not None and said <= at + timedelta(days=1):
        return article
    origins = {**article.origins, "published_at": "first seen"}
    return msgspec.structs.replace(article, published_at=at, origins=origins)


async def _measured(client: Client, images: tuple[Image, ...], private: bool) -> tuple[Image, ...]:
    """The first picture that is there and is one, with its true measures.

    If there is none, the first whose host could not be asked now: it may be there the next time.
    """
    silent: tuple[Image, ...] = ()
    for image in images[:TRIED_PICTURES]:
        try:
            page = await client.fetch(image.url, head_bytes=HEAD, allow_private=private, robots=True)
        except FetchError as error:
            silent = silent or (() if error.permanent else (image,))
            continue
        size = measure(page.content)
        if size is not None and min(size) >= LEAST_PICTURE:
            return (msgspec.structs.replace(image, width=size[0], height=size[1]),)
    return silent


def _keep(run: Run, outcomes: list[Outcome]) -> None:
    read_ones = [ReadArticle(outcome.key, outcome.article) for outcome in outcomes if outcome.article is not None]
    failed = [outcome for outcome in outcomes if outcome.article is None]
    tell(run, outcomes)
    with run.database.transaction() as connection:
        articles.save_articles(connection, read_ones, run.at)
        frontier.mark_read(connection, [item.entry for item in read_ones])
        for outcome in failed:
            frontier.mark_failed(connection, {outcome.key: outcome.problem}, run.number, final=outcome.final)
        run.save_share(connection)


def tell(run: Run, outcomes: Iterable[Outcome], archive: str = "") -> None:
    """Count what was read, and report what was set aside."""
    for outcome in outcomes:
        if outcome.article is not None:
            run.counts["pages read"] += 1
            continue
        run.counts["pages failed"] += 1
        run.problem(Problem(room=outcome.room, where=f"{archive} {outcome.url}".lstrip(), reason=outcome.problem))
