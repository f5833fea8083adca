"""Reading pages in several processes: reading is the part of an edition that keeps a processor busy."""

from __future__ import annotations

import os
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from broadsheet.edition.workers import Workers
from broadsheet.errors import ReadError
from broadsheet.models import Article, Entry, Page
from broadsheet.read.article import read_article
from broadsheet.settings import ReadSettings

FEW = 24  # pages that are read before processes would have started


class ReaderLostError(ReadError):
    """A reading process ended; the page may be read another time."""


class Readers(Workers):
    """Reads about so many ``pages`` off the event loop; use as a context manager."""

    def __init__(self, settings: ReadSettings, pages: int) -> None:
        self._read = partial(read_article, fast=settings.fast)
        workers = min(settings.workers or os.cpu_count() or 1, max(1, pages // FEW))
        super().__init__(0 if workers == 1 else workers, "reader")

    async def read(self, page: Page, entry: Entry | None) -> Article:
        """The article of a page. Raises ReadError; ReaderLostError when the process ended."""
        try:
            return await self.run(self._read, page, entry)
        except BrokenProcessPool:
            raise ReaderLostError("the process that read it, or a page beside it, ended") from None
