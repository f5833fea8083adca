"""The steps of an edition, in their order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from broadsheet import __version__
from broadsheet.edition import loop
from broadsheet.edition.archiving import read_archives
from broadsheet.edition.composing import compose_stories
from broadsheet.edition.curating import judge
from broadsheet.edition.gathering import gather, keep_hosts
from broadsheet.edition.logos import keep_logos
from broadsheet.edition.pictures import keep_pictures
from broadsheet.edition.publishing import OVERRIDES, publish
from broadsheet.edition.reading import read
from broadsheet.edition.run import Progress, Run, quiet
from broadsheet.edition.summarising import summarise
from broadsheet.gather.client import Client
from broadsheet.models import Report
from broadsheet.newsroom import Newsroom, locked
from broadsheet.store import Database, claims, editions, forgetting, hosts, memory, search_filling, shelf
from broadsheet.store.claims import leading
from broadsheet.store.values import seconds

ClientMaker = Callable[[Newsroom, datetime], Client]


def polite_client(newsroom: Newsroom, at: datetime) -> Client:
    """The client that asks the web, under the newsroom's own name and contact."""
    about = newsroom.settings.newsroom
    agent = f"Broadsheet/{__version__} (+{'; '.join(filter(None, (about.url, about.contact)))})"
    return Client(newsroom.settings.gather, user_agent=agent, clock=lambda: at)


def run_edition(
    newsroom: Newsroom,
    *,
    at: datetime,
    due_only: bool = False,
    client: ClientMaker = polite_client,
    progress: Progress = quiet,
) -> Report:
    """Run one edition as of ``at`` and give its report.

    An edition that was killed is taken up where it stood, with its own instant, and ended; if that lies before ``at``, the
    edition of ``at`` follows. ``due_only`` asks only the sources whose time has come. Raises BroadsheetError when the newsroom
    cannot be worked on at all: locked, no database, no repository.
    """
    with locked(newsroom), closing(Database(newsroom.store_url)) as database, leading(database):
        report = _edition(newsroom, database, at, due_only, client, progress)
        if report.at < at.replace(microsecond=0):
            report = _edition(newsroom, database, at, due_only, client, progress)
        return report


def _edition(
    newsroom: Newsroom, database: Database, at: datetime, due_only: bool, client: ClientMaker, progress: Progress
) -> Report:
    run = Run(newsroom, database, at, progress)
    _note_settings(run)
    with database.transaction() as connection:
        search_filling.begin(connection)
    loop.run(_gather_and_read(run, client, due_only))
    judge(run)
    compose_stories(run)
    if run.settings.read.keep_images:
        loop.run(_keep_pictures(run, client))
    loop.run(summarise(run))
    with database.transaction() as connection:
        memory.forget(connection, _window(run))
    report = publish(run)
    _fill_search(run)
    _forget_texts(run)
    return report


def rebuild(newsroom: Newsroom, *, at: datetime, progress: Progress = quiet) -> Report:
    """Compose every story and write every file again from the store, asking no source. Raises BroadsheetError."""
    with locked(newsroom), closing(Database(newsroom.store_url)) as database, leading(database):
        run = Run(newsroom, database, at, progress)
        with database.transaction() as connection:
            memory.touch_all(connection)
            shelf.mark_all_dirty(connection)
        compose_stories(run)
        return publish(run)


def _note_settings(run: Run) -> None:
    """When what decides the look of stories changed since the last edition, all of them are to be made again."""
    theme = run.newsroom.folder / OVERRIDES
    files = sorted(path for path in theme.rglob("*") if path.is_file()) if theme.is_dir() else []
    settings = run.settings
    said = (
        __version__,
        (settings.newsroom, settings.curate, settings.publish, settings.topics, settings.read.keep_images, settings.model),
        [(path.relative_to(theme).as_posix(), path.read_bytes()) for path in files],
    )
    fingerprint = blake2b(msgspec.msgpack.encode(said), digest_size=16).hexdigest()
    with run.database.transaction() as connection:
        before = editions.fact(connection, "settings")
        if before == fingerprint:
            return
        editions.save_fact(connection, "settings", fingerprint)
        shelf.name_topics(connection, [topic.name for topic in settings.topics], run.at)
        if before:
            memory.touch_all(connection)
            shelf.mark_all_dirty(connection)
            run.note("settings, topics, theme or version changed: all stories were made again")


def _fill_search(run: Run) -> None:
    """Index what was kept before there was an index: in short transactions, once the paper is out."""
    done = 0
    while True:
        with run.database.transaction() as connection:
            count = search_filling.fill(connection)
        if not count:
            break
        done += count
        run.progress("search", done, 0)


def _forget_texts(run: Run) -> None:
    """Forget what need not be kept any more, in short transactions: what is left when it is killed, the next edition does."""
    days = run.settings.store.text_days
    looked = bool(days)
    while looked:
        with run.database.transaction() as connection:
            claims.regroup_alone(connection)
            looked = forgetting.forget_texts(connection, run.at - timedelta(days=days))


def _window(run: Run) -> int:
    """Seconds: what is older than this no article can join. Twice the window, as articles come late."""
    return seconds(run.at - 2 * timedelta(days=run.settings.curate.window_days))


async def _gather_and_read(run: Run, client: ClientMaker, due_only: bool) -> None:
    async with client(run.newsroom, run.at) as asking:
        await gather(run, asking, due_only=due_only)
        await read(run, asking)
        await read_archives(run, asking, due_only=due_only)
        await keep_logos(run, asking)
        keep_hosts(run, asking)


async def _keep_pictures(run: Run, client: ClientMaker) -> None:
    async with client(run.newsroom, run.at) as asking:
        with run.database.transaction() as connection:
            asking.remember(hosts.host_states(connection))
        await keep_pictures(run, asking)
        keep_hosts(run, asking)
