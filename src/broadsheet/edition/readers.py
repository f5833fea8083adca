"""Reading pages in several processes: reading is the part of an edition that keeps a processor busy."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from broadsheet.errors import ReadError
from broadsheet.models import Article, Entry, Page
from broadsheet.read.article import read_article
from broadsheet.settings import ReadSettings

FEW = 24  # pages that are read before processes would have started


class ReaderLostError(ReadError):
    """A reading process ended; the page may be read another time."""


class Readers:
    """Reads about so many ``pages`` off the event loop; use as a context manager."""

    def __init__(self, settings: ReadSettings, pages: int) -> None:
        self._read = partial(read_article, fast=settings.fast)
        self._workers = min(settings.workers or os.cpu_count() or 1, max(1, pages // FEW))
        self._executor = self._start()

    def _start(self) -> Executor:
        if self._workers == 1:
            return ThreadPoolExecutor(1, thread_name_prefix="reader")
        # not fork: this process has threads and an event loop
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=end_with_parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._executor.shutdown(cancel_futures=True)

    async def read(self, page: Page, entry: Entry | None) -> Article:
        """The article of a page. Raises ReadError; ReaderLostError when the process ended."""
        executor = self._executor
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, self._read, page, entry)
        except BrokenProcessPool:
            if executor is self._executor:  # several pages see the same end; the first to see it starts anew
                self._executor = self._start()
            raise ReaderLostError("the process that read it, or a page beside it, ended") from None


def end_with_parent() -> None:
    """A killed edition leaves no processes behind: they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        threading.Thread(target=lambda: (wait([sentinel]), os._exit(1)), daemon=True).start()
