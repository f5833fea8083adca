"""A process that reads pages for editions that another process makes, on one shared database."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import closing, suppress

from broadsheet.edition import sharing
from broadsheet.edition.pipeline import ClientMaker, polite_client
from broadsheet.edition.reading import read_share
from broadsheet.edition.run import Progress, Run
from broadsheet.errors import BroadsheetError
from broadsheet.newsroom import Newsroom
from broadsheet.store import Database, hosts
from broadsheet.store.values import instant

LOOK = 1.0  # seconds until it looks again whether there are pages to read


async def work(newsroom: Newsroom, progress: Progress) -> None:
    """Help until told to stop (SIGTERM, SIGINT). Pages that were being read are read by others, or later."""
    task = asyncio.create_task(help_reading(newsroom, progress))
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


async def help_reading(newsroom: Newsroom, progress: Progress, *, client: ClientMaker = polite_client) -> None:
    """Read pages of every edition that comes, until cancelled. Raises BroadsheetError on a database that is not shared."""
    with closing(Database(newsroom.store_url)) as database:
        if not database.is_shared:
            raise BroadsheetError(
                "workers share a PostgreSQL database: set store.url; on SQLite one process reads with all cores"
            )
        while True:
            with database.reading() as connection:
                number = sharing.under_way(connection)
            if number:
                await _help(newsroom, database, progress, client)
            await asyncio.sleep(LOOK)


async def _help(newsroom: Newsroom, database: Database, progress: Progress, client: ClientMaker) -> None:
    try:
        run = Run(newsroom, database, instant(0), progress, helps=f"{socket.gethostname()} {os.getpid()}")
    except BroadsheetError:
        return  # it ended just now
    async with client(newsroom, run.at) as asking:
        with database.reading() as connection:
            asking.remember(hosts.host_states(connection))
        await read_share(run, asking)
