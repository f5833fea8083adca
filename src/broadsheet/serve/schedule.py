"""Editions by themselves: when the next one comes, and running it in a process of its own.

An edition is another process, so that reading pages takes no time from answering requests and a fault of it costs one edition.
It works on what the store says waits, so that one that is stopped is taken up by the next.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from broadsheet.config import CONFIG_FILE, load_settings
from broadsheet.serve.metrics import EDITIONS, LAST_EDITION
from broadsheet.serve.office import Office
from broadsheet.store import articles, decisions, editions, memory, search_filling, sources

LOOK = 15.0  # seconds between two looks at the clock: after the machine slept, the next look catches up
GRACE = 30.0  # seconds an edition that is told to stop may take; what it had not kept is done again later
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
REST = timedelta(minutes=1)  # between the end of an edition and the start of the next

log = logging.getLogger("broadsheet.schedule")


def command(folder: Path) -> list[str]:
    """How an edition of the sources whose time has come is started."""
    return [sys.executable, "-m", "broadsheet", "run", "--due", "--quiet", "-C", str(folder)]


class Schedule:
    """Runs editions, one after the other, until it is cancelled. ``start`` gives the command of one."""

    def __init__(self, office: Office, start: Callable[[Path], Sequence[str]] = command, look: float = LOOK) -> None:
        self._office, self._start, self._look = office, start, look
        self._ended: datetime | None = None
        self._config = 0  # when the configuration was changed, as it was when the next edition was reckoned
        self._due_at = ALWAYS
        self._woken = False

    def wake(self) -> None:
        """Something waits to be read that no source's time tells of."""
        self._woken = True

    async def run(self) -> None:
        while True:
            if await asyncio.to_thread(self.is_due):
                await self.edition()
            await asyncio.sleep(self._look)

    def is_due(self) -> bool:
        """Whether an edition was left unfinished, the time of a source has come, or an editor changed what is published."""
        at = self._office.clock()
        if self._ended is not None and self._ended <= at < self._ended + REST:
            return False
        if self._woken:
            return True
        config = (self._office.newsroom.folder / CONFIG_FILE).stat().st_mtime_ns
        if config != self._config:
            self._config, self._due_at = config, self._next()
        return self._due_at <= at or self._waits()

    def _waits(self) -> bool:
        with self._office.database.reading() as connection:
            return bool(memory.touched(connection, 1)) or articles.wait(connection) or bool(decisions.waiting(connection))

    def _next(self) -> datetime:
        """When the next edition is due: at once when the sources were edited, or while not all can be searched."""
        urls = [source.url for source in load_settings(self._office.newsroom.folder).sources]
        with self._office.database.reading() as connection:
            is_whole = sources.are_set(connection, urls) and search_filling.is_whole(connection)
            if editions.under_way(connection) or not is_whole:
                return ALWAYS
            return sources.next_time(connection) or NEVER

    async def edition(self) -> int:
        """Run one edition and give its exit status. Cancelled: it is told to stop, and then killed."""
        self._woken = False
        process = await asyncio.create_subprocess_exec(*self._start(self._office.newsroom.folder))
        log.info("edition started", extra={"pid": process.pid})
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        self._ended, self._config = self._office.clock(), 0
        EDITIONS.labels("ended" if status == 0 else "failed").inc()
        if status == 0:
            LAST_EDITION.set(self._ended.timestamp())
        log.log(logging.INFO if status == 0 else logging.ERROR, "edition ended", extra={"status": status})
        return status


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), GRACE)
        except TimeoutError:
            process.kill()
            await process.wait()
